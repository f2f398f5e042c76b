"""Skills, content, agents and contexts on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Anvil

SKILL = "---\nname: triage\ndescription: Sorts mail  # for now\n---\n\n# Do\n"


def test_a_skill_is_saved_shown_changed_removed_and_brought_back(
    desk: Anvil, tmp_path: Path
) -> None:
    folder = tmp_path / "triage"
    folder.mkdir()
    (folder / "SKILL.md").write_text(SKILL)
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)

    saved = desk("skill", "save", "triage", str(folder), "--json").json
    assert saved["changed"]
    shown = desk("skill", "show", "triage", "--json").json
    assert shown["fields"]["instructions"] == "# Do"
    assert [one["executable"] for one in shown["files"]] == [False, True]

    desk("skill", "save", "triage", "--set", "description=Sorts", "--set", 'tags=["a"]', "-m", "x")
    text = desk("skill", "show", "triage", "--file", "SKILL.md").out
    assert text.startswith("---\nname: triage\ndescription: Sorts  # for now\ntags:\n  - a\n---\n")

    conflict = desk("skill", "save", "triage", "--set", "a=1", "--expect", saved["digest"])
    assert conflict.code == 3
    assert "changed since it was read" in conflict.err

    assert desk("skill", "rename", "triage", "sorting").code == 0
    assert desk("skill", "show", "triage").code == 1
    assert desk("skill", "rm", "sorting").code == 0
    assert desk("skill", "ls", "--json").json["items"] == []
    undo = desk("skill", "restore", "sorting", "--to", saved["digest"])
    assert undo.code == 0, undo.err
    assert [one["key"] for one in desk("skill", "ls", "--json").json["items"]] == ["triage"]
    steps = desk("skill", "log", "triage", "--json").json["steps"]
    assert [one["action"] for one in steps][-2:] == ["changed", "created"]


def test_every_kind_is_saved_from_standard_input_and_listed(desk: Anvil) -> None:
    page = '---\ntitle: Hello\nslug: ""\n---\nText\n'
    assert desk("content", "save", "docs/", "-", text=page).code == 0
    assert desk("agent", "save", "a", "-", text="name: a\nsystem_prompt: Be brief.\n").code == 0
    assert desk("context", "save", "c", "-", text="name: c\n").code == 0
    assert desk("skill", "save", "s", "-", text="# Prose\n").code == 0

    found = {
        kind: [one["key"] for one in desk(kind, "ls", "--json").json["items"]]
        for kind in ("content", "agent", "context", "skill")
    }
    assert found == {"content": ["docs/"], "agent": ["a"], "context": ["c"], "skill": ["s"]}
    assert "Be brief." in desk("agent", "show", "a").out


def test_an_agent_is_shown_with_the_prompt_that_it_names(desk: Anvil) -> None:
    desk("save", "desk/agents/plain", "-", text="Be brief.")
    desk("agent", "save", "a", "--set", "system_prompt=anvil:desk/agents/plain@draft")

    assert "anvil:desk/agents/plain@draft" in desk("agent", "show", "a").out
    assert "Be brief." in desk("agent", "show", "a", "--resolved").out


def test_a_save_takes_a_file_or_fields(desk: Anvil) -> None:
    for more in ([], ["-", "--set", "a=1"]):
        refused = desk("context", "save", "c", *more, "--json")
        assert refused.code == 2
        assert "one of the two" in refused.error["message"]


def test_a_name_that_is_not_there_is_answered_with_the_nearest(desk: Anvil) -> None:
    desk("context", "save", "support", "--set", "description=x")

    refused = desk("context", "show", "suport")

    assert refused.code == 1
    assert "Did you mean support?" in refused.err
