"""``anvil mcp install`` shows what it would write, asks, and writes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Anvil


@pytest.fixture
def folder(tmp_path: Path, anvil: Anvil) -> Path:
    """The folder of a workspace."""
    assert anvil("init").code == 0
    return tmp_path


def test_a_change_is_shown_and_not_written_where_nobody_can_be_asked(
    anvil: Anvil, folder: Path
) -> None:
    shown = anvil("mcp", "install", "--client", "claude")
    assert shown.code == 0
    assert '+    "anvil": {' in shown.out
    assert "Nothing was written. With --yes it is." in shown.out
    assert not (folder / ".mcp.json").exists()


def test_yes_writes_it(anvil: Anvil, folder: Path) -> None:
    done = anvil("mcp", "install", "--client", "claude", "--read-only", "--yes", "--json")
    (client,) = done.json["clients"]
    assert client["state"] == "written"
    entry = json.loads((folder / ".mcp.json").read_text())["mcpServers"]["anvil"]
    assert [entry["command"], *entry["args"]] == client["command"]
    assert entry["args"][-4:] == ["--workspace", str(folder), "mcp", "--read-only"]
    again = anvil("mcp", "install", "--client", "claude", "--read-only", "--yes")
    assert "has the server already" in again.out


def test_a_dry_run_never_writes(anvil: Anvil, folder: Path) -> None:
    assert anvil("mcp", "install", "--client", "cursor", "--dry-run").code == 0
    both = anvil("mcp", "install", "--client", "cursor", "--dry-run", "--yes")
    assert both.code == 2
    assert not (folder / ".cursor").exists()


def test_without_a_client_those_that_are_there_are_shown(anvil: Anvil, folder: Path) -> None:
    (folder / ".vscode").mkdir()
    shown = anvil("mcp", "install")
    assert f"VS Code: {folder / '.vscode' / 'mcp.json'} is made" in shown.out
    assert "anvil mcp install --client claude|cursor|vscode|jupyter" in shown.out
    assert list((folder / ".vscode").iterdir()) == []
    refused = anvil("mcp", "install", "--yes")
    assert refused.code == 2
    assert "for one client" in refused.err


def test_another_folder_can_be_the_clients(anvil: Anvil, folder: Path) -> None:
    (folder / "app").mkdir()
    done = anvil("mcp", "install", "--client", "jupyter", "--into", "app", "--yes")
    assert done.code == 0
    made = json.loads((folder / "app" / ".jupyter" / "mcp_settings.json").read_text())
    assert str(folder) in made["mcp_servers"][0]["args"]
    assert anvil("mcp", "install", "--into", "gone").code == 2


def test_an_unknown_toolset_is_refused_before_anything_is_shown(anvil: Anvil, folder: Path) -> None:
    refused = anvil("mcp", "install", "--client", "claude", "--toolsets", "sink", "--yes")
    assert refused.code == 2
    assert "no toolset 'sink'" in refused.err
    assert not (folder / ".mcp.json").exists()


@pytest.mark.parametrize(("typed", "written"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_a_terminal_is_asked(typed: str, written: bool, folder: Path) -> None:  # noqa: FBT001 - a case
    ours, theirs = pty.openpty()
    try:
        os.write(ours, typed.encode())
        done = subprocess.run(
            [sys.executable, "-c", "from anvil_nb.cli import main; main()",
             "mcp", "install", "--client", "claude"],
            cwd=folder,
            stdin=theirs,
            stderr=theirs,
            stdout=subprocess.PIPE,
            check=True,
        )  # fmt: skip
        asked = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert '+    "anvil": {' in asked
    assert "Write it? [y/N]" in asked
    assert ("wrote" in done.stdout.decode()) is written
    assert (folder / ".mcp.json").exists() is written
