"""``%anvil`` itself: how it is loaded, helped with, set, and called."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

import anvil_nb
from anvil_nb.errors import AnvilError, DraftConflictError

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.results.prompt import Prompt
    from tests.magics.conftest import Kernel


# Loading


def test_loading_is_silent_and_imports_neither_grammar_nor_store(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "ip = InteractiveShell.instance()\nbefore = set(sys.modules)\n"
        "ip.run_line_magic('load_ext', 'anvil_nb')\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)\n"
    )
    loaded = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert loaded.stdout == ""
    names = loaded.stderr.split()
    assert "anvil_nb.magics.magic" in names
    assert not {"click", "duckdb", "liquid", "yaml"} & set(names)
    assert not [name for name in names if name.startswith(("anvil_nb.store", "anvil_nb.catalog"))]


@pytest.mark.alone
def test_loading_takes_at_most_100_ms(tmp_path: Path) -> None:
    code = (
        "import time\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "ip = InteractiveShell.instance()\nstarted = time.perf_counter()\n"
        "ip.run_line_magic('load_ext', 'anvil_nb')\nprint(time.perf_counter() - started)\n"
    )
    run = [sys.executable, "-c", code]
    times = [
        float(subprocess.run(run, check=True, capture_output=True, cwd=tmp_path).stdout)
        for _ in range(3)
    ]
    assert min(times) <= 0.1


def test_loading_again_and_reloading_leave_one_instance(empty: Kernel) -> None:
    def ours() -> tuple[int, int]:
        configurables = [type(one).__name__ for one in empty.ip.configurables]
        matchers = [
            getattr(one, "matcher_identifier", "") for one in empty.ip.Completer.custom_matchers
        ]
        return configurables.count("AnvilMagics"), matchers.count("anvil_nb.matcher")

    assert ours() == (1, 1)
    empty.value("%reload_ext anvil_nb")
    empty.value("%reload_ext anvil_nb")
    anvil_nb.load_ipython_extension(empty.ip)
    assert ours() == (1, 1)
    assert empty("%anvil --version").error is None
    empty.value("%unload_ext anvil_nb")
    assert ours() == (0, 0)
    assert empty.find("line") is None
    assert empty.find("cell") is None
    assert "AnvilMagics" not in empty.ip.magics_manager.registry


@pytest.mark.parametrize(
    "again", [["%reload_ext anvil_nb"], ["%unload_ext anvil_nb", "%load_ext anvil_nb"]]
)
def test_loading_again_goes_on_with_the_set_in_use_and_what_was_read(
    desk: Kernel, tmp_path: Path, again: list[str]
) -> None:
    desk.value("%anvil show welcome")
    with anvil_nb.open(tmp_path) as ws:
        ws.save("desk/emails/welcome", "Somebody else's")
    for _ in range(2):
        for line in again:
            desk.value(line)
    assert desk.value("%anvil use").facts == {"set": "desk/emails"}
    assert isinstance(desk("%%anvil save welcome\nMine").error, DraftConflictError)
    desk.value("%anvil use --none")
    desk.value("%reload_ext anvil_nb")
    assert desk.value("%anvil use").facts == {"set": None}


# Help and settings


def test_help_is_a_value_at_every_level(desk: Kernel) -> None:
    for line in ("", "-h", "show -h", "set -h", "set create --help", "--version"):
        assert desk.value(f"%anvil {line}").text
    assert desk.value("%anvil show -h").text.startswith("Usage: %anvil show [OPTIONS] ADDRESS")
    assert "%%anvil save desk/emails/welcome" in desk.value("%anvil save -h").text
    assert "--out NAME" in desk.value("%anvil show -h").text


def test_a_question_mark_shows_commands_and_examples(empty: Kernel) -> None:
    found = empty.ip.inspector.info(empty.find("line"), oname="%anvil")["docstring"]
    assert found is not None
    assert "Usage: %anvil [OPTIONS] COMMAND" in found
    assert "%%anvil save desk/emails/welcome" in found
    assert "  %anvil use desk/emails" in found
    assert "completion" not in found
    assert empty("%anvil?").error is None


def test_settings_are_listed_with_help_and_taken_from_the_config(
    bare: Kernel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kernel = bare
    anvil_nb.init(tmp_path / "elsewhere").close()
    kernel.ip.config.AnvilMagics.workspace = str(tmp_path / "elsewhere")
    kernel.ip.config.AnvilMagics.working_set = "a/b"
    kernel.value("%load_ext anvil_nb")
    listed = kernel("%config AnvilMagics").out
    for name in ("debug", "workspace", "working_set"):
        assert f"AnvilMagics.{name}" in listed
    kernel.value("%%anvil save c\nHi")
    with anvil_nb.open(tmp_path / "elsewhere") as ws:
        assert ws.find("a/b/c@draft") is not None
    anvil_nb.init(tmp_path / "other").close()
    kernel.value(f"%config AnvilMagics.workspace = {str(tmp_path / 'other')!r}")
    assert kernel.value("%anvil ls *").items == ()
    kernel("%config AnvilMagics.working_set = 'no set'")
    assert "at column 3 of 'no set'" in caplog.text
    assert kernel.value("%anvil use").facts == {"set": "a/b"}


def test_another_workspace_is_used_for_one_command(desk: Kernel, tmp_path: Path) -> None:
    anvil_nb.init(tmp_path / "other").close()
    assert len(desk.value("%anvil --workspace other ls *")) == 0
    desk.value("%%anvil --workspace other --actor grace save x/y/z\nHi")
    changes = desk.value("%anvil --workspace other log --draft x/y")
    assert changes.changes[0].actor == "grace"
    assert [one.address for one in desk.value("%anvil ls *")] == ["desk"]
    assert isinstance(desk("%anvil --workspace nowhere ls").error, AnvilError)
    made = desk.value("%anvil --workspace third init")
    assert made.facts["folder"] == str(tmp_path / "third")
    assert len(desk.value("%anvil ls *")) == 0


def test_it_can_be_called_from_another_thread(desk: Kernel) -> None:
    found: list[Prompt] = []
    thread = threading.Thread(
        target=lambda: found.append(desk.ip.run_line_magic("anvil", "show welcome"))
    )
    thread.start()
    thread.join()
    assert found[0].address == "desk/emails/welcome@draft"
