"""What starts the server works from anywhere, and says no secret."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

import anvil_nb
from anvil_nb import settings as configuration
from anvil_nb.errors import InvalidInputError, RefusedError, SettingsError
from anvil_nb.installing.starting import program, start_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from anvil_nb.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a folder with an anvil.toml."""
    (tmp_path / "anvil.toml").write_text('actor = "ada"\n')
    return configuration.resolve(tmp_path, environment={})


def test_the_workspace_is_named_by_its_whole_path(settings: Settings, tmp_path: Path) -> None:
    start = start_of(settings, environment={})
    assert start.command == (*program(), "--workspace", str(tmp_path), "mcp")
    assert os.path.isabs(start.command[0])  # noqa: PTH117 - a text
    assert start.environment == {}


def test_what_agents_may_do_is_said(settings: Settings, tmp_path: Path) -> None:
    start = start_of(
        settings, read_only=True, toolsets=("sync", "prompts"), roots=[tmp_path], environment={}
    )
    said = start.command[start.command.index("mcp") + 1 :]
    assert said == ("--read-only", "--toolsets", "sync,prompts", "--root", str(tmp_path))


def test_a_folder_counts_from_here_and_has_to_be_there(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "files").mkdir()
    monkeypatch.chdir(tmp_path)
    start = start_of(settings, roots=["files"], environment={})
    assert start.command[-1] == str(tmp_path / "files")
    with pytest.raises(InvalidInputError, match="no folder gone"):
        start_of(settings, roots=["gone"], environment={})


def test_what_the_file_does_not_say_is_said_by_variables(
    settings: Settings, tmp_path: Path
) -> None:
    said = replace(settings, store=str(tmp_path / "x.duckdb"), actor="bob", organisation="acme")
    start = start_of(said, environment={"ANVIL_KEYS": str(tmp_path / "keys"), "OTHER": "1"})
    assert start.environment == {
        "ANVIL_STORE": str(tmp_path / "x.duckdb"),
        "ANVIL_ORGANISATION": "acme",
        "ANVIL_ACTOR": "bob",
        "ANVIL_KEYS": str(tmp_path / "keys"),
    }
    again = configuration.resolve(tmp_path, environment=start.environment)
    assert (again.store, again.actor, again.organisation) == (said.store, "bob", "acme")


@pytest.mark.parametrize(
    "url", ["postgresql://ada:secret@db/prompts", "postgresql://db/prompts?password=secret"]
)
def test_a_password_is_written_nowhere(settings: Settings, url: str) -> None:
    with pytest.raises(RefusedError, match="password") as refused:
        start_of(replace(settings, store=url), environment={})
    assert "secret" not in str(refused.value)


def test_without_a_folder_there_is_nothing_to_start(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="folder of a workspace"):
        start_of(replace(settings, root=None), environment={})


def version_from(words: Sequence[str], folder: Path) -> str:
    """Run a program in a folder that has modules of the names it imports."""
    for name in ("anvil_nb", "json", "click"):
        (folder / f"{name}.py").write_text("raise SystemExit('the wrong module')\n")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [*words, "--version"],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_program_runs_from_any_folder_and_takes_no_module_from_it(tmp_path: Path) -> None:
    assert anvil_nb.__version__ in version_from(program(), tmp_path)


def test_without_its_script_the_interpreter_runs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", unknown)
    words = program()
    assert "-P" in words
    assert anvil_nb.__version__ in version_from(words, tmp_path)
