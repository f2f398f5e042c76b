"""Skills, content, agents and contexts are found, changed and brought back, on both engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import (
    ExistsError,
    InvalidInputError,
    ItemError,
    MovedSinceError,
    NotFoundError,
    RefusedError,
    SourceError,
)
from tests.items.shelves import DATA, SKILLS, read_folder, with_data

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.services.conftest import Opener, Starter

CONFIG = "id: triage\nname: Triage  # shown\ndescription: Sorts\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A skill's folder with a config, a script that may be executed, and what is no content."""
    made = tmp_path / "triage"
    (made / "scripts").mkdir(parents=True)
    (made / "config.yml").write_text(CONFIG)
    (made / "SKILL.md").write_bytes(b"# Do\r\n---\r\nso")
    (made / "scripts" / "run.sh").write_text("#!/bin/sh\n")
    (made / "scripts" / "run.sh").chmod(0o755)
    (made / ".env").write_text("SECRET=1\n")
    return made


def files_of(ws: Workspace, kind: str, name: str) -> dict[str, bytes]:
    return {
        leaf.path: ws.item_file(kind, name, leaf.path).data for leaf in ws.item(kind, name).files
    }


def test_a_folder_becomes_a_skill_byte_for_byte_without_its_secrets(
    ws: Workspace, folder: Path
) -> None:
    saved = ws.save_skill("triage", folder)
    skill = ws.skill("triage")

    assert (saved.previous, saved.changed, saved.digest) == (None, True, skill.digest)
    assert {leaf.path: leaf.executable for leaf in skill.files} == {
        "SKILL.md": False, "config.yml": False, "scripts/run.sh": True,
    }  # fmt: skip
    assert files_of(ws, "skill", "triage") == {
        path: (folder / path).read_bytes() for path in ("SKILL.md", "config.yml", "scripts/run.sh")
    }
    assert skill["instructions"] == "# Do\n---\nso"
    assert not (folder / ".anvil").exists()
    assert not ws.save_skill("triage", folder).changed
    assert len(ws.item_log("skill", "triage")) == 1


def test_a_changed_field_leaves_every_other_byte(ws: Workspace, folder: Path) -> None:
    ws.save_skill("triage", folder)
    before = files_of(ws, "skill", "triage")

    saved = ws.save_skill("triage", {"name": "Sorting"}, message="clearer")

    assert files_of(ws, "skill", "triage") == {
        **before, "config.yml": CONFIG.replace("Triage", "Sorting").encode(),
    }  # fmt: skip
    assert ws.skill("triage").files[2].executable
    assert saved.changed
    assert not ws.save_skill("triage", {"name": "Sorting"}).changed
    newest = next(iter(ws.item_log("skill", "triage")))
    assert (newest.message, newest.digest) == ("clearer", saved.digest)


def test_a_save_over_what_moved_is_refused_and_changes_nothing(
    ws: Workspace, open_workspace: Opener
) -> None:
    first = ws.save_agent("research", {"system_prompt": "Be brief."}, expect="new")
    theirs = open_workspace("bob").save_agent("research", {"enabled": False})

    with pytest.raises(MovedSinceError, match="changed since it was read"):
        ws.save_agent("research", {"enabled": True}, expect=first.digest)
    with pytest.raises(MovedSinceError, match="none was expected"):
        ws.save_agent("research", {}, expect="new")
    with pytest.raises(MovedSinceError):
        ws.remove_agent("research", expect=first.digest)
    assert ws.agent("research").digest == theirs.digest
    assert ws.agent("research").updated_by == "bob"
    ws.remove_agent("research", expect=theirs.digest[:20])
    with pytest.raises(MovedSinceError, match="there is none"):
        ws.save_agent("research", {}, expect=theirs.digest)
    with pytest.raises(InvalidInputError, match="no digest"):
        ws.save_agent("research", {}, expect="yesterday")


def test_what_was_removed_or_renamed_comes_back(ws: Workspace) -> None:
    first = ws.save_context("support", {"description": "Questions"})
    ws.save_context("support", {"description": "Answers"})
    ws.rename_item("context", "support", "helpdesk")
    done = ws.remove_context("helpdesk")

    assert done.facts["key"] == "helpdesk"
    with pytest.raises(NotFoundError, match="no context 'helpdesk'"):
        ws.context("helpdesk")
    back = ws.restore_item("context", "helpdesk", str(done.facts["digest"]))
    assert back.key == "helpdesk"
    assert ws.context("helpdesk")["description"] == "Answers"

    ws.restore_item("context", "helpdesk", first.digest.removeprefix("sha256:")[:12])
    assert ws.context("support")["description"] == "Questions"
    assert len(ws.contexts()) == 1
    actions = [one.action for one in ws.item_log("context", "support")]
    assert actions == ["renamed", "created", "deleted", "renamed", "changed", "created"]
    with pytest.raises(NotFoundError, match="never was"):
        ws.restore_item("context", "support", "0" * 12)
    with pytest.raises(InvalidInputError, match="no digest"):
        ws.restore_item("context", "support", "then")


def test_a_name_that_is_taken_is_not_given_again(ws: Workspace) -> None:
    ws.save_skill("a", {})
    ws.save_skill("b", {"instructions": "B"})

    with pytest.raises(ExistsError, match="'b' already"):
        ws.rename_item("skill", "a", "b")
    assert sorted(one.key for one in ws.skills()) == ["a", "b"]
    assert ws.rename_item("skill", "a", "a").facts["was"] == "a"


def test_the_main_file_is_saved_and_the_others_stay(ws: Workspace, folder: Path) -> None:
    ws.save_skill("triage", folder)

    ws.save_skill("triage", b"---\nauthor: ada\n---\nNew\n")
    ws.save_skill("triage", b"Only prose\n")

    files = files_of(ws, "skill", "triage")
    assert files["SKILL.md"] == b"---\nauthor: ada\n---\nOnly prose\n"
    assert files["config.yml"] == CONFIG.encode()
    assert ws.skill("triage").files[2].executable


def test_files_that_say_another_name_are_refused(ws: Workspace, folder: Path) -> None:
    with pytest.raises(ItemError, match="are the skill 'triage', not 'other'"):
        ws.save_skill("other", folder)
    assert len(ws.skills()) == 0
    with pytest.raises(SourceError):
        ws.save_agent("x", folder / "nothing.yaml")
    with pytest.raises(InvalidInputError, match="is one file"):
        ws.save_agent("x", folder)


def test_pages_are_listed_in_order_and_by_their_source(ws: Workspace) -> None:
    for name in ("docs/b", "docs/", "blog/z", "docs/a/c"):
        ws.save_content(name, {"title": name})

    assert [one.key for one in ws.contents()] == ["blog/z", "docs/", "docs/a/c", "docs/b"]
    first = ws.contents("docs/", limit=2)
    assert [one.key for one in first] == ["docs/", "docs/a/c"]
    rest = ws.contents("docs/", limit=2, cursor=first.cursor)
    assert ([one.key for one in rest], rest.cursor) == (["docs/b"], None)
    log = ws.item_log("content", "docs/", limit=1)
    assert log.cursor is None
    with pytest.raises(InvalidInputError, match="no kind of item"):
        ws.items("page")


def test_a_history_is_read_a_page_at_a_time(ws: Workspace) -> None:
    for number in range(5):
        ws.save_context("a", {"description": f"{number}"})
    first = ws.item_log("context", "a", limit=2)
    second = ws.item_log("context", "a", limit=2, cursor=first.cursor)
    third = ws.item_log("context", "a", limit=2, cursor=second.cursor)

    digests = [one.digest for page in (first, second, third) for one in page]
    assert len(set(digests)) == 5
    assert third.cursor is None
    assert next(iter(third)).action == "created"


def test_an_agent_says_the_prompt_that_it_names(ws: Workspace) -> None:
    ws.save("desk/agents/research", "Be {{ tone }}.", parameters={"tone": "string"})
    ws.save("desk/agents/plain", "Be brief.")
    ws.save_agent("research", {"system_prompt_address": "desk/agents/plain@draft"})

    assert ws.agent("research").resolved is None
    assert ws.agent("research", resolved=True).resolved == "Be brief."
    ws.save_agent("research", {"system_prompt": "Own words."})
    assert ws.agent("research", resolved=True).resolved == "Own words."
    ws.save_agent("research", {"system_prompt_address": "desk/agents/research@draft"})
    with pytest.raises(RefusedError, match="wants values"):
        ws.agent("research", resolved=True)
    ws.save_agent("research", {"system_prompt_address": "desk/agents/gone@draft"})
    with pytest.raises(NotFoundError):
        ws.agent("research", resolved=True)


def test_two_writers_of_one_item_lose_nothing(ws: Workspace, start: Starter) -> None:
    ws.save_context("busy", {"description": "start"})
    program = """
for number in range(20):
    ws.save_context("busy", {arguments[0]: str(number)})
"""
    others = [start(program, "one"), start(program, "two")]
    for number in range(20):
        ws.save_context("busy", {"three": str(number)})

    assert [other.wait(60) for other in others] == [0, 0]
    said = ws.context("busy").fields
    assert (said["one"], said["two"], said["three"]) == ("19", "19", "19")
    assert len(ws.item_log("context", "busy", limit=100)) == 61


def test_results_show_themselves_escaped(ws: Workspace) -> None:
    ws.save_skill("a", {"description": "<b>&\x1b[31m</b>", "instructions": "<script>"})
    shown = [
        ws.skill("a"),
        ws.skills(),
        ws.item_log("skill", "a"),
        ws.item_file("skill", "a", "SKILL.md"),
        ws.save_skill("a", {"name": "<i>"}),
    ]

    for one in shown:
        assert "<script>" not in str(one.to_html())
        assert "<b>" not in str(one.to_html())
        assert "\x1b" not in one.to_text()
        assert json.loads(json.dumps(one.to_json()))
    assert "<script>" in shown[0].to_text()


@with_data
def test_every_real_item_comes_back_byte_for_byte(ws: Workspace) -> None:
    for folder in (one for root in SKILLS.values() for one in sorted(root.iterdir())):
        data, leaves = read_folder(folder)
        ws.save_skill(folder.name, folder)
        assert files_of(ws, "skill", folder.name) == data
        modes = {leaf.path: leaf.executable for leaf in ws.skill(folder.name).files}
        assert modes == {path: leaf.executable for path, leaf in leaves.items()}
    for source, path, slug in (
        ("blog", "example-post/index.md", "example-post"),
        ("documentation", "index.md", ""),
        ("documentation", "dashboard.md", "dashboard"),
        ("documentation", "gateway-api.md", "gateway-api"),
    ):
        file = DATA / "services" / "content" / source / path
        ws.save_content(f"{source}/{slug}", file)
        (leaf,) = ws.content(f"{source}/{slug}").files
        assert leaf.path == path
        kept = ws.item_file("content", f"{source}/{slug}", leaf.path)
        assert kept.data == file.read_bytes()
    assert "name" in " ".join(ws.skill("agent_editing").notes)
