"""Import where nothing is in conflict: what arrives is what was sent, and what is here stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import NotFoundError
from tests.bundles.handmade import support_desk
from tests.bundles.stores import (
    SET,
    WELCOME,
    done,
    everything,
    fill,
    labels,
    numbers,
    plan,
    publish,
    published,
    revisions,
    send,
    state,
    take,
    texts,
)

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.bundles.conftest import Opener


def published_here(ws: Workspace) -> dict[str, Any]:
    """Return all that a bundle carries, by address: what has to arrive as it was."""
    found: dict[str, Any] = {}
    for path in (item.address for project in ws.ls() for item in ws.ls(project.address)):
        found[path] = (ws.set(path).title, ws.set(path).description)
        for version in ws.log(path):
            found[f"{path}@{version.number}"] = version
    rows = state(ws)
    found["ids"] = sorted(row[0] for table in ("projects", "prompt_sets", "versions")
                          for row in rows[table])  # fmt: skip
    found["entries"] = [row for row in rows["entries"] if row[2] != "draft"]
    return found


def test_everything_that_was_exported_is_there(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    fill(theirs)
    there = published_here(theirs)
    send(theirs, "desk", bundle, labels=True)
    take(ours, bundle, labels=True)
    here = published_here(ours)
    assert here == there
    assert (ours.project("desk").title, ours.project("desk").description) == (
        "Büro", "Where mails\nare written.",
    )  # fmt: skip
    prompt = ours.get(f"{WELCOME}@1.0.0")
    assert prompt.render(name="Ada").text == "Hello AdaBye\r\n\u2028end"
    assert prompt.content == theirs.get(f"{WELCOME}@1.0.0").content
    assert [version.published_by for version in ours.log(SET)] == ["bob"] * 4
    assert labels(ours) == {"production": "1.0.0", "beta": "5.0.0-rc.1"}
    # Nobody worked here, so the draft begins with what is published last.
    assert texts(ours, f"{SET}@draft") == texts(theirs, f"{SET}@latest")
    assert [change.action for change in ours.draft_log(WELCOME)] == ["import"]
    assert [item.address for item in ours.search("hello")] == [f"{WELCOME}@draft"]


def test_it_is_sent_on_as_it_came(
    theirs: Workspace,
    ours: Workspace,
    bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever exports again sends the same documents: only who made the bundle differs."""
    import zipfile

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    fill(theirs)
    send(theirs, "desk", bundle, labels=True)
    take(ours, bundle, labels=True)
    again = tmp_path / "again.anvil"
    send(ours, "desk", again, labels=True)
    with zipfile.ZipFile(bundle) as one, zipfile.ZipFile(again) as other:
        assert one.namelist() == other.namelist()
        for name in one.namelist():
            if name.startswith("data/"):
                assert one.read(name) == other.read(name), name


def test_a_dry_run_says_what_will_be_done_and_does_nothing(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    fill(theirs)
    send(theirs, "desk", bundle)
    before = everything(ours)
    planned = plan(ours, bundle)
    assert everything(ours) == before
    assert done(planned) == [
        "add project desk",
        "add prompt_set desk/emails",
        *(f"add version desk/emails@{one}" for one in ("1.0.0", "2.0.0", "3.0.0", "5.0.0-rc.1")),
        "add prompt_set desk/letters",
        "add version desk/letters@1.0.0",
    ]
    made = take(ours, bundle, plan=planned.id)
    assert made.steps == planned.steps
    assert made.conflicts == ()
    assert made.counts == planned.counts == {"add": 8}


def test_importing_again_changes_nothing(
    theirs: Workspace, ours: Workspace, bundle: Path, open_workspace: Opener
) -> None:
    fill(theirs)
    send(theirs, "desk", bundle, labels=True)
    assert take(ours, bundle, labels=True).changed
    before = everything(ours)
    for ws in (ours, open_workspace(actor="eve")):
        for strategy in ("manual", "skip", "overwrite", "version"):
            again = take(ws, bundle, labels=True, strategy=strategy)
            assert (again.changed, again.id, done(again)) == (False, "", [])
            assert again.to_text().startswith("Nothing to do: all of ")
    after = everything(ours)
    assert len(after.pop("users")) == len(before.pop("users")) + 1  # eve was made
    assert after == before
    # Nor does another bundle of the same.
    send(theirs, "desk", bundle, description="made anew")
    assert not take(ours, bundle).changed
    assert len(ours.imports().records) == 1


def test_the_record_says_who_when_and_what(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    import hashlib

    assert ours.imports().to_text() == "Nothing was imported yet."
    publish(theirs, SET, welcome="Hello")
    made = send(theirs, SET, bundle)
    report = take(ours, bundle, strategy="version")
    (record,) = ours.imports().records
    assert (record.id, record.by, record.source) == (report.id, "ada", "desk.anvil")
    assert record.bundle == report.bundle == made.digest
    assert record.file == f"sha256:{hashlib.sha256(bundle.read_bytes()).hexdigest()}"
    assert record.counts == {"add": 3}
    assert record.signers == ()
    assert record.decisions["strategy"] == "version"
    assert record.undone_at is None
    assert "2026-03-01" in ours.imports().to_text()


def test_what_is_here_besides_stays_as_it_is(
    theirs: Workspace, ours: Workspace, bundle: Path, open_workspace: Opener
) -> None:
    publish(theirs, SET, welcome="Hello")
    send(theirs, "desk", bundle)
    publish(ours, "desk/letters", dear="Ours")
    ours.label("desk/letters@1.0.0", "production")
    ours.save("desk/letters/dear", "unpublished")
    publish(ours, "shop/emails", welcome="Ours too")
    rival = open_workspace(organisation="rival")
    publish(rival, SET, welcome="The rival's")
    before, of_rival, before_it = state(ours), state(rival), revisions(ours)["desk/letters"]
    take(ours, bundle)
    after = state(ours)
    for table in ("projects", "versions", "entries", "labels"):
        kept = [row[:-1] for row in before[table]]
        assert [row[:-1] for row in after[table] if row[:-1] in kept] == kept
    assert state(rival) == of_rival
    assert texts(ours, SET) == {"welcome": "Hello"}
    assert ours.project("desk").title == ""  # a project only holds sets: ours keeps its title
    assert revisions(ours)["desk/letters"] == before_it


def test_an_empty_set_or_draft_of_that_name_made_here_is_another_one(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="Hello")
    send(theirs, SET, bundle)
    ours.create_set(SET)
    assert [one.kind for one in plan(ours, bundle).conflicts] == ["name"]


def test_new_versions_of_a_known_set_are_added(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one")
    send(theirs, "desk", bundle)
    take(ours, bundle)
    publish(theirs, SET, welcome="two")
    publish(theirs, SET, welcome="three", foot="new")
    publish(theirs, "desk/letters", dear="Dear")
    send(theirs, "desk", bundle)
    before = published(ours)
    report = take(ours, bundle)
    assert done(report) == [
        "add version desk/emails@1.0.1",
        "add version desk/emails@1.1.0",
        "change draft desk/emails",
        "add prompt_set desk/letters",
        "add version desk/letters@1.0.0",
    ]
    assert before < published(ours)
    assert numbers(ours) == ["1.1.0", "1.0.1", "1.0.0"]
    assert ours.get(WELCOME).template == "three"
    assert texts(ours, f"{SET}@draft") == {"foot": "new", "welcome": "three"}


def test_a_known_set_is_known_by_any_name_it_has_here(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one")
    send(theirs, SET, bundle)
    take(ours, bundle)
    ours.update_set(SET, rename="mails")
    ours.update_project("desk", rename="help")
    publish(theirs, SET, welcome="two")
    send(theirs, SET, bundle)
    take(ours, bundle)
    assert [item.address for item in ours.ls()] == ["help"]
    assert numbers(ours, "help/mails") == ["1.0.1", "1.0.0"]
    assert texts(ours, "help/mails@1.0.1") == {"welcome": "two"}


def test_a_set_that_was_deleted_here_comes_again(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one")
    send(theirs, SET, bundle)
    take(ours, bundle)
    first = published(ours)
    ours.delete_set(SET, force=True)
    assert published(ours) == set()
    take(ours, bundle)
    assert {row[:4] for row in published(ours)} == {row[:4] for row in first}


def test_the_draft_follows_only_when_nobody_worked_in_it(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one", foot="Bye")
    send(theirs, SET, bundle)
    take(ours, bundle)
    ours.save(WELCOME, "our own")
    publish(theirs, SET, welcome="two")
    send(theirs, SET, bundle)
    report = take(ours, bundle)
    assert done(report) == ["add version desk/emails@1.0.1", "leave draft desk/emails"]
    assert report.steps[-1].note == ("it has unpublished changes and stays; compare it with 1.0.1")
    assert texts(ours, f"{SET}@draft") == {"foot": "Bye", "welcome": "our own"}
    assert texts(ours, SET) == {"foot": "Bye", "welcome": "two"}
    ours.save(WELCOME, "two")  # the draft is as the latest version again
    publish(theirs, SET, welcome="three")
    send(theirs, SET, bundle)
    assert "change draft desk/emails" in done(take(ours, bundle))
    assert texts(ours, f"{SET}@draft")["welcome"] == "three"
    assert [change.message for change in ours.draft_log(WELCOME)] == [
        "import of desk.anvil", "", "", "import of desk.anvil",
    ]  # fmt: skip


def test_latest_moves_only_up(theirs: Workspace, ours: Workspace, bundle: Path) -> None:
    publish(theirs, SET, welcome="one")
    publish(theirs, SET, welcome="two")
    theirs.save(WELCOME, "a try")
    theirs.publish(SET, version="2.0.0-rc.1")
    publish(theirs, SET, welcome="three")
    send(theirs, f"{SET}@1.0.1", bundle)
    take(ours, bundle)
    assert ours.get(WELCOME).version == "1.0.1"
    for selector in ("1.0.0", "2.0.0-rc.1"):  # an older one, and one that is no release
        send(theirs, f"{SET}@{selector}", bundle)
        assert done(take(ours, bundle)) == [f"add version {SET}@{selector}"]
        assert ours.get(WELCOME).version == "1.0.1"
        assert texts(ours, f"{SET}@draft") == {"welcome": "two"}
    send(theirs, SET, bundle)
    take(ours, bundle)
    assert ours.get(WELCOME).version == theirs.get(WELCOME).version == "1.0.2"
    assert ours.publish(SET).created is False


def test_a_set_of_prereleases_alone_has_no_latest(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    theirs.save(WELCOME, "a try")
    theirs.publish(SET, version="1.0.0-rc.1")
    send(theirs, SET, bundle)
    take(ours, bundle)
    with pytest.raises(NotFoundError):
        ours.get(f"{WELCOME}@latest")
    assert texts(ours, f"{SET}@draft") == {"welcome": "a try"}


def test_labels_move_only_when_asked(theirs: Workspace, ours: Workspace, bundle: Path) -> None:
    publish(theirs, SET, welcome="one")
    theirs.label(f"{SET}@1.0.0", "production")
    send(theirs, SET, bundle, labels=True)
    take(ours, bundle)
    assert labels(ours) == {}
    report = take(ours, bundle, labels=True)
    assert done(report) == ["move label desk/emails@production"]
    assert ours.get(f"{WELCOME}@production").template == "one"
    publish(theirs, SET, welcome="two")
    theirs.label(f"{SET}@1.0.1", "production")
    theirs.label(f"{SET}@1.0.1", "staging")
    ours.label(f"{SET}@1.0.0", "mine")
    send(theirs, SET, bundle, labels=True)
    take(ours, bundle)
    assert labels(ours) == {"production": "1.0.0", "mine": "1.0.0"}
    report = take(ours, bundle, labels=True)
    assert [step.note for step in report.steps if step.kind == "label"] == [
        "from 1.0.0 to 1.0.1", "to 1.0.1",
    ]  # fmt: skip
    assert labels(ours) == {"production": "1.0.1", "staging": "1.0.1", "mine": "1.0.0"}
    assert ours.get(f"{WELCOME}@production").template == "two"
    move = ours.log(SET).moves[0]
    assert (move.message, move.moved_by) == ("import of desk.anvil", "ada")
    # A bundle without labels takes none away.
    send(theirs, SET, bundle)
    assert not take(ours, bundle, labels=True).changed


def test_the_times_are_those_of_the_publishers(
    theirs: Workspace, ours: Workspace, bundle: Path, clock: Any
) -> None:
    clock.now = datetime(2030, 1, 1, tzinfo=timezone(timedelta(hours=5)))
    publish(theirs, SET, welcome="one")
    send(theirs, SET, bundle)
    clock.now = datetime(2031, 1, 1, tzinfo=UTC)
    take(ours, bundle)
    (version,) = ours.log(SET)
    assert version.published_at.isoformat().startswith("2029-12-31T19:00:")
    assert version == next(iter(theirs.log(SET)))


def test_work_goes_on_where_an_import_ended(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one")
    send(theirs, SET, bundle)
    take(ours, bundle)
    assert publish(ours, SET, welcome="ours", foot="Bye") == "1.1.0"
    ours.rename(f"{SET}/welcome", "hello")
    assert ours.publish(SET).version == "2.0.0"
    ours.restore(f"{SET}/hello", ours.get(f"{WELCOME}@1.0.0").digest)
    assert ours.rollback(f"{SET}@1.0.0").version == "3.0.0"
    sequences = [version.number for version in ours.log(SET)]
    assert sequences == ["3.0.0", "2.0.0", "1.1.0", "1.0.0"]


def test_all_documents_of_a_bundle_made_by_hand_arrive(ours: Workspace, bundle: Path) -> None:
    support_desk().write(bundle)
    take(ours, bundle, labels=True)
    first, second = reversed(list(ours.log(SET)))
    assert (first.number, first.message, first.published_by) == (
        "1.0.0", "the version of day 1", "bob",
    )  # fmt: skip
    assert second.published_at.isoformat() == "2026-03-02T12:00:00+00:00"
    assert ours.get(f"{WELCOME}@production").render(name="Ada").text == "Hello Ada!Bye."
    assert ours.set(SET).description == "What customers get."
