"""The Tab key in a terminal: a real bash, a real store, and nothing that could make it wait."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from anvil_nb.cli.completion import script
from anvil_nb.cli.names import Names, without_selector
from anvil_nb.cli.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.cli.conftest import Anvil

ASK = """
PATH={bin}:$PATH
source <(anvil completion bash)
compopt() {{ :; }}
COMP_LINE={line!r}
COMP_POINT=${{#COMP_LINE}}
{function} anvil
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def bash(desk_folder: Path, tmp_path: Path) -> Callable[[str], list[str]]:
    """A bash that has sourced the script; it is given a line, and says what could follow."""
    shutil.copytree(desk_folder, tmp_path / "desk")
    folder = tmp_path / "bin"
    folder.mkdir()
    # The budget is for people; a test on a busy machine has more patience.
    (folder / "anvil").write_text(
        f"#!{sys.executable}\nfrom anvil_nb.cli import shell, main\n"
        "shell.COMPLETION_BUDGET = 60\nmain()\n"
    )
    (folder / "anvil").chmod(0o755)

    def complete(line: str) -> list[str]:
        done = subprocess.run(
            [
                "bash",
                "--norc",
                "-c",
                ASK.format(bin=folder, line=line, function="_anvil_completion"),
            ],
            cwd=tmp_path / "desk",
            check=True,
            capture_output=True,
            text=True,
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    return complete


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("line", "follows"),
    [
        ("anvil pub", ["publish"]),
        ("anvil set ", ["create", "show", "rename", "describe", "delete"]),
        ("anvil publish --b", ["--bump"]),
        ("anvil publish desk/emails --bump m", ["major", "minor"]),
        ("anvil show ", ["desk/"]),
        ("anvil show desk/e", ["desk/emails/"]),
        ("anvil publish desk/e", ["desk/emails"]),
        ("anvil project show d", ["desk"]),
        ("anvil show desk/emails/", ["desk/emails/refund", "desk/emails/welcome"]),
        ("anvil show desk/emails/wel", ["desk/emails/welcome"]),
        # bash has what stands before the @ already
        ("anvil show desk/emails/welcome@", ["latest", "draft", "production", "1.0.0"]),
        ("anvil show desk/emails/welcome@pr", ["production"]),
        ("anvil label desk/emails@1", ["1.0.0"]),
        ("anvil diff desk/emails@1.0.0 dr", ["draft"]),
        ("anvil unlabel desk/emails ", ["production"]),
        ("anvil render desk/emails/welcome --var ", ["customer="]),
        ("anvil render --var cus", [""]),
        ("anvil show nothing/here/", [""]),
        ("anvil --workspace nowhere show ", [""]),
        ("anvil show 'desk/em", ["desk/emails/"]),
    ],
)
def test_bash_completes_what_the_store_knows(
    bash: Callable[[str], list[str]], line: str, follows: list[str]
) -> None:
    assert bash(line) == follows


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_are_answered_in_their_form(
    shell: str, desk_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(desk_folder, tmp_path, dirs_exist_ok=True)
    asked = subprocess.run(
        [sys.executable, "-c", "from anvil_nb.cli import main; main()"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ
        | {
            "_ANVIL_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": "anvil pub",
            "COMP_CWORD": "1" if shell == "zsh" else "pub",
        },
    )
    assert "publish" in asked.stdout
    assert "_ANVIL_COMPLETE" in script(shell)


@pytest.fixture
def workspace(desk: Anvil) -> Iterator[Workspace]:
    del desk
    shell = Shell()
    yield shell.workspace
    shell.close()


def test_names_are_asked_for_again_only_when_the_store_has_changed(workspace: Workspace) -> None:
    names = Names(lambda: workspace, budget=60)
    assert names.selectors("desk/emails") == ["latest", "draft", "production", "1.0.0"]
    asked: list[str] = []
    log = workspace.log
    workspace.log = lambda address: asked.append(address) or log(address)  # type: ignore[method-assign, func-returns-value]  # counts the calls
    assert names.selectors("desk/emails/welcome@1") == names.selectors("desk/emails")
    assert asked == []
    workspace.label("desk/emails@1.0.0", "staging")
    assert "staging" in names.selectors("desk/emails")
    assert asked == ["desk/emails"]


def test_a_busy_store_costs_the_budget_once_and_nothing_after(workspace: Workspace) -> None:
    release = threading.Event()

    def slowly() -> Workspace:
        release.wait(60)
        return workspace

    names = Names(slowly, budget=0.05)
    started = time.monotonic()
    assert names.addresses("", "prompt", selector=True) == []
    assert time.monotonic() - started < 10
    assert names.is_asking
    started = time.monotonic()
    for _ in range(100):
        assert names.addresses("desk/", "prompt", selector=True) == []
    assert time.monotonic() - started < 5, "each question waited"
    release.set()
    assert names._asking is not None
    names._asking.join(60)
    # What came late is there the next time.
    assert names.addresses("", "prompt", selector=True) == ["desk/"]


def test_the_first_answer_waits_for_the_store_to_be_opened_and_the_next_do_not(
    workspace: Workspace,
) -> None:
    release = threading.Event()
    release.set()

    def slowly() -> Workspace:
        release.wait(60)
        return workspace

    names = Names(slowly, budget=0, opening=60)
    assert names.addresses("", "prompt", selector=True) == ["desk/"]
    release.clear()
    started = time.monotonic()
    assert names.addresses("desk/", "prompt", selector=True) == []
    assert time.monotonic() - started < 30
    release.set()


def test_a_store_that_cannot_be_opened_completes_to_nothing() -> None:
    def fail() -> Workspace:
        raise RuntimeError

    names = Names(fail, budget=60)
    assert names.addresses("d", "any", selector=True) == []
    assert names.labels("desk/emails") == []
    assert names.parameters("desk/emails/welcome") == []
    assert names.digests("desk/emails/welcome") == []


@pytest.mark.parametrize(
    ("begin", "kind", "within", "follows"),
    [
        ("", "project", None, ["desk"]),
        ("", "prompt", None, ["desk/"]),
        ("desk/", "set", None, ["desk/emails"]),
        ("desk/", "any", None, ["desk/emails", "desk/emails/"]),
        ("desk/", "project", None, []),
        ("wel", "prompt", "desk/emails", ["welcome"]),
        ("", "prompt", "desk/emails@production", ["refund", "welcome", "desk/"]),
        ("welcome@pro", "prompt", "desk/emails@1.0.0", ["welcome@production"]),
        ("@1", "set", "desk/emails", ["@1.0.0"]),
        ("@1", "set", None, []),
    ],
)
def test_short_addresses_are_completed_in_the_working_set(
    workspace: Workspace, begin: str, kind: str, within: str | None, follows: list[str]
) -> None:
    names = Names(lambda: workspace, budget=60)
    assert names.addresses(begin, kind, selector=True, within=within) == follows  # type: ignore[arg-type]  # a Kind
    if "@" in begin:
        assert names.addresses(begin, kind, selector=False, within=within) == []  # type: ignore[arg-type]  # a Kind


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("a/b@1", "a/b"),
        ("@1.0.0", ""),
        ("@org/a/b@1", "@org/a/b"),
        ("a", "a"),
        ("", ""),
        ("a/b@x@y", "a/b"),
    ],
)
def test_what_stands_before_a_selector_is_found(address: str, place: str) -> None:
    assert without_selector(address) == place
