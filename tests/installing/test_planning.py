"""A change of a file is shown, and then that change is made and no other."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import AnvilError, PlanMovedError, RefusedError, SourceError
from anvil_nb.installing.clients import CLIENTS, client_named
from anvil_nb.installing.planning import carry_out, is_there, plan, plans
from anvil_nb.installing.starting import Start

if TYPE_CHECKING:
    from pathlib import Path

START = Start(("/opt/bin/anvil", "--workspace", "/srv/desk", "mcp"))
VSCODE = client_named("vscode")
CLAUDE = client_named("claude")


def holds(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, with what it holds."""
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*")
            if one.is_file()}  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.name)
def test_a_plan_writes_nothing_and_carrying_it_out_writes_one_file(
    client: object, tmp_path: Path
) -> None:
    change = plan(client, START, tmp_path)  # type: ignore[arg-type]  # one of them
    assert change.shown.state == "planned"
    assert holds(tmp_path) == {}
    done = carry_out(change)
    assert done.state == "written"
    assert list(holds(tmp_path)) == [change.client.file]
    again = plan(change.client, START, tmp_path)
    assert again.shown.state == "unchanged"
    assert carry_out(again).state == "unchanged"


def test_the_rights_and_the_mark_of_a_file_stay(tmp_path: Path) -> None:
    path = tmp_path / ".mcp.json"
    path.write_bytes(b'\xef\xbb\xbf{"mcpServers": {}}')
    path.chmod(0o600)
    carry_out(plan(CLAUDE, START, tmp_path))
    assert path.read_bytes().startswith(b'\xef\xbb\xbf{"mcpServers": {"anvil"')
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_moved_since_is_left_alone(tmp_path: Path) -> None:
    change = plan(CLAUDE, START, tmp_path)
    path = tmp_path / ".mcp.json"
    path.write_text("{}")
    with pytest.raises(PlanMovedError):
        carry_out(change)
    assert path.read_text() == "{}"


@pytest.mark.parametrize("data", [b"{", b"{}}", b'{"mcpServers": []}', b"\xff\xfe{}", b"[" * 5000])
def test_a_file_that_is_not_sound_is_left_alone(data: bytes, tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_bytes(data)
    with pytest.raises(AnvilError):
        plan(CLAUDE, START, tmp_path)
    assert holds(tmp_path) == {".mcp.json": data}


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(SourceError, match="larger"):
        plan(CLAUDE, START, tmp_path)


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    project.mkdir()
    elsewhere.mkdir()
    (elsewhere / "mcp.json").write_text("{}")
    (project / ".vscode").symlink_to(elsewhere)
    (project / ".mcp.json").symlink_to(elsewhere / "mcp.json")
    for client in (VSCODE, CLAUDE):
        with pytest.raises(RefusedError, match="symbolic link"):
            plan(client, START, project)
    change = plan(client_named("cursor"), START, project)
    (tmp_path / "void").mkdir()
    (project / ".cursor").symlink_to(tmp_path / "void")
    with pytest.raises(RefusedError, match="symbolic link"):
        carry_out(change)
    assert holds(elsewhere) == {"mcp.json": b"{}"}
    assert holds(tmp_path / "void") == {}


def test_a_path_that_a_client_would_expand_is_refused(tmp_path: Path) -> None:
    start = Start(("/opt/bin/anvil", "--workspace", "/srv/${HOME}", "mcp"))
    with pytest.raises(RefusedError, match="for a variable"):
        plan(CLAUDE, start, tmp_path)
    assert plan(client_named("jupyter"), start, tmp_path).shown.state == "planned"


def test_clients_are_found_by_their_traces_and_their_programs(tmp_path: Path) -> None:
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    home.mkdir()

    def there(*programs: str) -> list[str]:
        return [
            one.name
            for one in CLIENTS
            if is_there(one, folder, home, lambda name: name if name in programs else None)
        ]

    assert there() == []
    assert there("code", "claude") == ["claude", "vscode"]
    (home / ".cursor").mkdir()
    (folder / ".jupyter").mkdir()
    assert there() == ["cursor", "jupyter"]


def test_a_client_whose_file_is_refused_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor" / "mcp.json").write_text("{")
    (tmp_path / ".vscode").mkdir()
    found = {one.client: one for one in plans(START, tmp_path, home=tmp_path / "nobody")}
    assert found["cursor"].state == "refused"
    assert "line 1, column 2" in found["cursor"].to_text()
    assert found["vscode"].state == "planned"


def test_a_change_shows_itself(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(
        json.dumps({"mcpServers": {"x": {"env": {"KEY": "sk-secret"}}}}, indent=2)
    )
    shown = plan(CLAUDE, START, tmp_path).shown
    assert '+    "anvil": {' in shown.to_text()
    assert "gets a server 'anvil'" in shown.to_text()
    assert "anvil" in str(shown.to_html())
    told = f"{shown.to_text()}{shown.to_html()}{shown.to_json()}{shown!r}"
    assert "sk-secret" not in told
