"""Disk and store are made equal, each way; what a side does not have is not taken for lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import InvalidInputError, ItemError
from anvil_nb.store import items
from tests.sync.laptops import (
    agent,
    drop,
    left,
    page,
    put,
    put_skill,
    rows,
    skill,
    statuses,
    stored,
    tables,
)

if TYPE_CHECKING:
    from tests.sync.conftest import Maker
    from tests.sync.laptops import Laptop


def test_what_is_pushed_is_in_the_store_and_again_changes_nothing(on_both: Maker) -> None:
    one = on_both()
    one.skill("mail", files={"run.sh": b"#!/bin/sh\n"})
    one.skill("call")
    report = one.push()
    assert (report.state, statuses(report)) == ("completed", {"mail": "done", "call": "done"})
    assert report.counts()["added"] == 2
    assert stored(one.ws) == {
        "mail": {"SKILL.md": skill("mail"), "run.sh": b"#!/bin/sh\n"},
        "call": {"SKILL.md": skill("call")},
    }
    before, files = tables(one.ws), one.files()
    for report in (one.push(), one.pull(), one.push(delete=True), one.pull(delete=True)):
        assert (report.items, report.waiting, report.unchanged) == ((), (), 2)
    assert (tables(one.ws), one.files()) == (before, files)


def test_an_edit_on_disk_goes_to_the_store_and_one_there_comes_to_disk(on_both: Maker) -> None:
    one = on_both()
    one.skill("mail")
    one.skill("call")
    one.push()
    one.skill("mail", "Edited here.")
    put_skill(one.ws, "call", "Edited there.")
    report = one.push()
    assert statuses(report) == {"mail": "done"}
    assert left(report) == ["skills/call"]
    assert "pull brings it" in report.waiting[0].why
    report = one.pull()
    assert statuses(report) == {"call": "done"}
    assert one.bodies() == {
        "skills/mail/SKILL.md": skill("mail", "Edited here."),
        "skills/call/SKILL.md": skill("call", "Edited there."),
    }
    assert one.trash() == {skill("call")}
    assert one.push().unchanged == 2


def test_an_executable_file_stays_one_on_the_way_and_back(on_both: Maker) -> None:
    one, other = on_both(), on_both("other")
    one.skill("mail")
    one.write("skills/mail/run.sh", b"#!/bin/sh\n", executable=True)
    one.push()
    other.pull()
    assert other.files() == one.files()
    one.write("skills/mail/run.sh", b"#!/bin/sh\n", executable=False)
    assert statuses(one.push()) == {"mail": "done"}
    other.pull()
    assert other.files()["skills/mail/run.sh"] == (b"#!/bin/sh\n", False)


def test_files_that_came_and_went_in_a_skill_come_and_go_on_the_other_side(make: Maker) -> None:
    one, other = make(), make("other")
    one.skill("mail", files={"old.txt": b"old", "kept.txt": b"kept"})
    one.push()
    other.pull()
    one.rm("skills/mail/old.txt")
    one.write("skills/mail/deep/new.txt", b"new")
    one.push()
    assert statuses(other.pull()) == {"mail": "done"}
    assert other.bodies() == one.bodies()
    assert other.trash() == {b"old"}


def test_a_delete_is_carried_over_only_with_delete(on_both: Maker) -> None:
    one = on_both()
    one.skill("mail")
    one.skill("call")
    one.push()
    one.rm("skills/mail")
    report = one.push()
    assert (report.state, report.items, left(report)) == ("completed", (), ["skills/mail"])
    assert "--delete" in report.waiting[0].why
    assert "mail" in stored(one.ws)
    report = one.push(delete=True)
    assert [(item.key, item.action, item.status) for item in report.items] == [
        ("mail", "removed", "done")
    ]
    assert set(stored(one.ws)) == {"call"}
    with one.ws.access.read("sync") as tx:
        log = items.log(tx, one.ws.access.organisation_id, "skill", "mail", None, 10)
    assert [line.action for line in log] == ["deleted", "created"]


def test_a_delete_in_the_store_comes_to_disk_with_delete_and_fills_the_trash(
    on_both: Maker,
) -> None:
    one = on_both()
    one.skill("mail", files={"notes.txt": b"notes"})
    one.skill("call")
    one.push()
    drop(one.ws, "mail")
    assert left(one.push()) == left(one.pull()) == ["skills/mail"]
    assert statuses(one.pull(delete=True)) == {"mail": "done"}
    assert set(one.bodies()) == {"skills/call/SKILL.md"}
    assert not (one.services / "skills/mail").exists()
    assert one.trash() == {skill("mail"), b"notes"}


def test_what_another_folder_deleted_is_not_added_again_by_one_that_never_synced(
    make: Maker,
) -> None:
    one, late = make(), make("late")
    one.skill("mail")
    late.skill("mail")
    one.push()
    one.rm("skills/mail")
    one.push(delete=True, force=True)
    report = late.push()
    assert (report.items, left(report)) == ((), ["skills/mail"])
    assert "deleted there" in report.waiting[0].why
    late.skill("mail", "Edited since.")
    conflicts = late.push(dry_run=True).conflicts
    assert [(one.key, one.kind) for one in conflicts] == [("skills/mail", "changed-and-deleted")]


def test_what_was_deleted_and_made_again_is_new(make: Maker) -> None:
    one = make()
    one.skill("mail")
    one.skill("call")
    one.push()
    one.rm("skills/mail")
    one.push(delete=True)
    one.skill("mail")  # the same bytes as the tombstone's
    report = one.push()
    assert [(item.key, item.action) for item in report.items] == [("mail", "added")]
    assert set(stored(one.ws)) == {"mail", "call"}
    assert one.push().unchanged == 2


def test_first_contact_merges_what_is_identical_and_asks_about_the_rest(on_both: Maker) -> None:
    one, other = on_both(), on_both("other")
    for name in ("same", "different", "here"):
        one.skill(name)
    one.push()
    other.skill("same")
    other.skill("different", "Written apart.")
    other.skill("there")
    report = other.push(on_conflict="keep")
    assert statuses(report) == {"there": "done"}
    assert [(item.key, item.kind) for item in report.conflicts] == [
        ("skills/different", "first-contact")
    ]
    assert left(report) == ["skills/here"]
    assert report.unchanged == 1
    assert stored(one.ws)["different"] == {"SKILL.md": skill("different")}
    assert other.bodies()["skills/different/SKILL.md"] == skill("different", "Written apart.")


def test_two_folders_are_kept_equal_through_one_store(on_both: Maker) -> None:
    one, other = on_both(), on_both("other")
    one.skill("mail")
    one.skill("call")
    one.push()
    other.pull()
    assert other.bodies() == one.bodies()
    other.skill("mail", "From the other.")
    other.rm("skills/call")
    other.push(delete=True)
    one.skill("chat")
    assert left(one.push()) == ["skills/call", "skills/mail"]
    one.pull(delete=True)
    other.pull()
    assert (
        one.bodies()
        == other.bodies()
        == {
            "skills/mail/SKILL.md": skill("mail", "From the other."),
            "skills/chat/SKILL.md": skill("chat"),
        }
    )


def test_a_renamed_skill_goes_over_as_one_that_went_and_one_that_came(make: Maker) -> None:
    one, other = make(), make("other")
    for name in ("mail", "call", "chat"):
        one.skill(name)
    one.push()
    other.pull()
    (one.services / "skills/mail").rename(one.services / "skills/post")
    one.write("skills/post/SKILL.md", skill("post"))
    one.push(delete=True)
    assert set(stored(one.ws)) == {"post", "call", "chat"}
    other.pull(delete=True)
    assert other.bodies() == one.bodies()


def test_a_skill_that_got_another_id_in_its_folder_needs_the_old_one_gone(make: Maker) -> None:
    one, other = make(), make("other")
    one.skill("call")
    one.write("skills/mail/config.yaml", "id: mail_1\n")
    one.write("skills/mail/SKILL.md", skill("mail"))
    one.push()
    other.pull()
    one.write("skills/mail/config.yaml", "id: mail_2\n")
    one.push(delete=True)
    report = other.pull()
    assert (report.items, [item.key for item in report.problems]) == ((), ["skills/mail_2"])
    assert "is where 'mail_1' lies" in report.problems[0].why
    assert other.bodies()["skills/mail/config.yaml"] == b"id: mail_1\n"
    assert statuses(other.pull(delete=True)) == {"mail_1": "done", "mail_2": "done"}
    assert other.bodies() == one.bodies()


def test_pages_go_by_source_and_slug_and_agents_by_name(on_both: Maker) -> None:
    one, other = on_both(), on_both("other")
    one.write("content/blog/first/index.md", page("First"))
    one.write("content/blog/second.md", page("Second"))
    one.write("agents/helper.yaml", agent("helper"))
    assert statuses(one.push("content")) == {"blog/first": "done", "blog/second": "done"}
    assert statuses(one.push("agents")) == {"helper": "done"}
    other.pull("content")
    other.pull("agents")
    assert other.bodies() == one.bodies()
    put(other.ws, "agents", {"helper.yaml": agent("helper", "You work.")}, {})
    one.pull("agents")
    assert one.bodies()["agents/helper.yaml"] == agent("helper", "You work.")
    assert one.push("content").unchanged == 2


def test_a_page_whose_source_the_folder_does_not_know_is_not_pulled_to_be_lost(
    make: Maker,
) -> None:
    one, other = make(), make("other")
    one.write(
        "content/config.yaml",
        "content_sources:\n  guides:\n    path: content/handbook\n    source_id: guides\n",
    )
    one.write("content/handbook/start.md", page("Start"))
    assert statuses(one.push("content")) == {"guides/start": "done"}
    report = other.pull("content")
    assert [item.key for item in report.problems] == ["content/guides/start"]
    assert "guides" in report.problems[0].why
    assert other.bodies() == {}
    other.write("content/config.yaml", one.bodies()["content/config.yaml"])
    assert statuses(other.pull("content")) == {"guides/start": "done"}
    assert other.bodies() == one.bodies()
    assert other.push("content", delete=True).unchanged == 1


def test_a_filter_narrows_a_sync_and_refuses_what_matches_nothing(make: Maker) -> None:
    one = make()
    for name in ("mail-a", "mail-b", "call"):
        one.skill(name)
    assert statuses(one.push(filter="mail-*")) == {"mail-a": "done", "mail-b": "done"}
    with pytest.raises(InvalidInputError, match="'male-\\*' matches nothing") as caught:
        one.push(filter="mail-*,male-*")
    assert "mail-a" in caught.value.hint
    assert set(stored(one.ws)) == {"mail-a", "mail-b"}
    one.rm("skills/mail-a")
    one.rm("skills/call")
    assert statuses(one.push(filter="mail-a", delete=True, force=True)) == {"mail-a": "done"}
    assert set(stored(one.ws)) == {"mail-b"}


def test_an_item_that_cannot_be_read_is_neither_written_over_nor_deleted(on_both: Maker) -> None:
    one = on_both()
    one.skill("mail")
    one.skill("call")
    one.push()
    broken = b"---\nname: [mail\n---\nHalf written"
    one.write("skills/mail/SKILL.md", broken)
    put_skill(one.ws, "mail", "Edited there.")
    for report in (one.push(delete=True), one.pull(delete=True)):
        assert report.items == ()
        assert [problem.key for problem in report.problems] == ["skills/mail"]
        assert report.problems[0].hint
        assert not report.sound
    assert one.bodies()["skills/mail/SKILL.md"] == broken
    assert stored(one.ws)["mail"] == {"SKILL.md": skill("mail", "Edited there.")}
    drop(one.ws, "mail")
    assert one.pull(delete=True, force=True).items == ()
    assert one.bodies()["skills/mail/SKILL.md"] == broken
    one.write("skills/mail/SKILL.md", skill("mail"))
    assert statuses(one.pull(delete=True)) == {"mail": "done"}


def test_two_folders_with_one_id_are_a_problem_and_nobody_wins(make: Maker) -> None:
    one = make()
    one.skill("mail")
    one.push()
    one.write("skills/copy/SKILL.md", skill("mail", "Which?"))
    one.write("skills/copy/config.yaml", "id: mail\n")
    one.write("skills/mail/config.yaml", "id: mail\n")
    report = one.push(delete=True)
    assert (report.items, [item.key for item in report.problems]) == ((), ["skills/mail"])
    assert stored(one.ws) == {"mail": {"SKILL.md": skill("mail")}}


def test_what_the_folder_ignores_is_not_pulled_and_said_in_the_preview_already(
    make: Maker,
) -> None:
    one, other = make(), make("other")
    one.skill("mail", files={"secret.key": b"k", "notes.txt": b"n"})
    one.push()
    assert set(stored(one.ws)["mail"]) == {"SKILL.md", "notes.txt"}
    other.write(".anvilignore", "skills/mail/notes.txt\n")
    preview = other.pull(dry_run=True)
    assert (preview.items, [item.key for item in preview.problems]) == ((), ["skills/mail"])
    assert "ignored" in preview.problems[0].why
    report = other.pull()
    assert (rows(report), report.problems) == (rows(preview), preview.problems)
    assert set(other.bodies()) == {".anvilignore"}


def test_links_and_files_in_the_way_are_said_and_left(make: Maker) -> None:
    one, other = make(), make("other")
    one.skill("mail")
    one.skill("call")
    one.push()
    outside = other.services.parent / "outside"
    outside.mkdir()
    (other.services / "skills").mkdir(parents=True)
    (other.services / "skills/mail").symlink_to(outside)
    report = other.pull()
    assert statuses(report) == {"call": "done"}
    assert [item.key for item in report.problems] == ["skills/mail"]
    assert list(outside.iterdir()) == []


def test_a_content_config_that_cannot_be_read_stops_the_sync(one: Laptop) -> None:
    one.write("content/blog/first.md", page("First"))
    one.push("content")
    one.write("content/config.yaml", "content_sources: [\n")
    before = stored(one.ws, "content")
    with pytest.raises(ItemError):
        one.push("content", delete=True)
    assert stored(one.ws, "content") == before


def test_a_folder_that_is_not_there_is_made_by_the_first_pull(make: Maker) -> None:
    one, other = make(), make("deep/below/services")
    one.skill("mail")
    one.push()
    assert statuses(other.pull()) == {"mail": "done"}
    assert other.bodies() == one.bodies()
