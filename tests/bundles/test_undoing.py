"""Undoing an import: what was, is again, as long as nothing was built on what it brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import InvalidInputError, NotFoundError, RefusedError
from tests.bundles.stores import (
    SET,
    WELCOME,
    everything,
    labels,
    numbers,
    plan,
    publish,
    send,
    state,
    take,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.results.moving import Moving
    from anvil_nb.workspace import Workspace
    from tests.bundles.conftest import Opener


def undone(ws: Workspace, path: Path, **options: Any) -> None:
    """Import, undo, see that all is as it was; and do it again."""
    before = state(ws)
    planned = plan(ws, path, **options)
    for _ in range(2):
        report = take(ws, path, **options)
        assert report.changed
        assert state(ws) != before
        done = ws.undo_import(report.id)
        assert done.to_text().startswith("Undid the import of desk.anvil")
        assert state(ws) == before
        assert plan(ws, path, **options).steps == planned.steps
        assert next(one for one in ws.imports().records if one.id == report.id).undone_at


@pytest.fixture
def exchanged(theirs: Workspace, ours: Workspace, bundle: Path) -> Path:
    """Both have 1.0.0; they have 1.1.0 and a label more, and another set."""
    publish(theirs, SET, welcome="one", foot="Bye")
    send(theirs, "desk", bundle)
    take(ours, bundle)
    ours.label(f"{SET}@1.0.0", "production")
    publish(theirs, SET, welcome="two", new="new")
    theirs.remove(f"{SET}/foot")
    theirs.publish(SET)
    theirs.label(f"{SET}@2.0.0", "production")
    theirs.label(f"{SET}@1.1.0", "staging")
    publish(theirs, "desk/letters", dear="Dear")
    send(theirs, "desk", bundle, labels=True)
    return bundle


def test_an_import_into_an_empty_store_is_undone(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one")
    publish(theirs, "shop/letters", dear="Dear")
    theirs.label(f"{SET}@1.0.0", "production")
    send(theirs, ["desk", "shop"], bundle, labels=True)
    undone(ours, bundle, labels=True)
    assert ours.ls().items == ()
    assert all(not rows for rows in state(ours).values())


def test_new_versions_are_undone_with_draft_latest_and_labels(
    ours: Workspace, exchanged: Path
) -> None:
    undone(ours, exchanged, labels=True)
    assert numbers(ours) == ["1.0.0"]
    assert labels(ours) == {"production": "1.0.0"}
    assert ours.get(f"{WELCOME}@production").template == "one"
    assert texts(ours, SET) == texts(ours, f"{SET}@draft") == {"foot": "Bye", "welcome": "one"}
    actions = [change.action for change in ours.draft_log(WELCOME)]
    assert actions == ["undo", "import", "undo", "import", "import"]


def test_a_draft_that_did_not_follow_stays_as_it_is(ours: Workspace, exchanged: Path) -> None:
    ours.save(WELCOME, "our own")
    undone(ours, exchanged)
    assert texts(ours, f"{SET}@draft") == {"foot": "Bye", "welcome": "our own"}


@pytest.mark.parametrize("strategy", ["overwrite", "version"])
@pytest.mark.parametrize("kind", ["name", "version", "id"])
def test_what_was_decided_is_undone(
    theirs: Workspace, ours: Workspace, bundle: Path, kind: str, strategy: str
) -> None:
    if kind == "name":
        publish(theirs, SET, welcome="theirs", more="more")
        publish(ours, SET, welcome="ours")
        ours.label(f"{SET}@1.0.0", "production")
    else:
        publish(ours, SET, welcome="one")
        send(ours, SET, bundle)
        take(theirs, bundle)
        publish(theirs, SET, welcome="theirs")
        if kind == "version":
            publish(ours, SET, welcome="ours")
        else:
            ours.update_set(SET, rename="letters")
    send(theirs, SET, bundle)
    assert [one.kind for one in plan(ours, bundle).conflicts] == [kind]
    undone(ours, bundle, strategy=strategy)


def test_merged_sets_and_texts_are_undone(theirs: Workspace, ours: Workspace, bundle: Path) -> None:
    publish(theirs, SET, welcome="theirs", more="more")
    publish(ours, SET, welcome="ours")
    ours.save(WELCOME, "a draft of ours")
    send(theirs, SET, bundle)
    merged = {"name:desk/emails": "merge",
              "version:desk/emails@1.0.0": {"merged": {"welcome": "both"}}}  # fmt: skip
    undone(ours, bundle, resolutions=merged)


@pytest.mark.parametrize("strategy", ["overwrite", "version"])
def test_prompts_in_the_draft_are_undone(
    theirs: Workspace, ours: Workspace, bundle: Path, strategy: str
) -> None:
    publish(theirs, SET, welcome="one", gone="gone")
    send(theirs, SET, bundle)
    take(ours, bundle)
    publish(theirs, SET, welcome="theirs{% render 'foot' %}", foot="new", name="theirs")
    ours.save(WELCOME, "ours")
    ours.save(f"{SET}/name", "ours")
    ours.save(f"{SET}/besides", "besides")
    send(theirs, [WELCOME, f"{SET}/name"], bundle)
    undone(ours, bundle, strategy=strategy)


def test_whole_versions_and_a_part_are_undone_together(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one")
    send(theirs, SET, bundle)
    take(ours, bundle)
    publish(theirs, SET, welcome="two")
    publish(theirs, SET, welcome="three", new="new")
    send(theirs, [f"{SET}@1.0.1", f"{SET}/new"], bundle)
    undone(ours, bundle)
    assert texts(ours, f"{SET}@draft") == {"welcome": "one"}


def test_another_organisations_copy_is_undone(
    ours: Workspace, exchanged: Path, open_workspace: Opener
) -> None:
    take(ours, exchanged)
    before = state(ours)
    rival = open_workspace(organisation="rival")
    undone(rival, exchanged, labels=True)
    assert state(ours) == before


BUILT: dict[str, Callable[[Workspace], object]] = {
    "a save": lambda ws: ws.save(WELCOME, "on top"),
    "a version": lambda ws: publish(ws, SET, welcome="on top"),
    "a label": lambda ws: ws.label(f"{SET}@2.0.0", "mine"),
    "a rename": lambda ws: ws.update_set(SET, rename="mails"),
    "a rename of the project": lambda ws: ws.update_project("desk", rename="help"),
    "a description": lambda ws: ws.update_set("desk/letters", description="of ours"),
    "a save in a set it brought": lambda ws: ws.save("desk/letters/more", "more"),
    "the deletion of a set it brought": lambda ws: ws.delete_set("desk/letters", force=True),
}


@pytest.mark.parametrize("built", BUILT)
def test_what_something_was_built_on_is_not_undone(
    ours: Workspace, exchanged: Path, built: str
) -> None:
    report = take(ours, exchanged, labels=True)
    BUILT[built](ours)
    before = everything(ours)
    with pytest.raises(RefusedError, match="cannot be undone: .* since") as caught:
        ours.undo_import(report.id)
    assert caught.value.hint
    assert everything(ours) == before


def test_a_later_import_has_to_be_undone_first(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one")
    send(theirs, SET, bundle)
    first = take(ours, bundle)
    publish(theirs, SET, welcome="two")
    send(theirs, SET, bundle)
    second = take(ours, bundle)
    with pytest.raises(RefusedError):
        ours.undo_import(first.id)
    ours.undo_import(second.id)
    assert texts(ours, SET) == {"welcome": "one"}
    ours.undo_import(first.id)
    assert all(not rows for rows in state(ours).values())


def test_what_others_built_elsewhere_does_not_matter(ours: Workspace, exchanged: Path) -> None:
    report = take(ours, exchanged)
    publish(ours, "desk/other", other="other")
    publish(ours, "shop/emails", buy="buy")
    ours.undo_import(report.id)
    assert texts(ours, "desk/other") == {"other": "other"}


def test_a_project_that_was_filled_since_stays(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one")
    send(theirs, SET, bundle)
    report = take(ours, bundle)
    publish(ours, "desk/ours", ours="ours")
    ours.undo_import(report.id)
    assert [item.address for item in ours.ls("desk")] == ["desk/ours"]


def test_an_import_is_named_by_the_beginning_of_its_id(
    ours: Workspace, exchanged: Path, open_workspace: Opener
) -> None:
    report = take(ours, exchanged)
    for wrong, error in (("01", InvalidInputError), ("drop table", InvalidInputError),
                         ("%%%%%%%%", InvalidInputError), ("01234567-8", NotFoundError),
                         ("ffffffff", NotFoundError)):  # fmt: skip
        with pytest.raises(error, match="import"):
            ours.undo_import(wrong)
    with pytest.raises(NotFoundError):  # it is none of theirs
        open_workspace(organisation="rival").undo_import(report.id)
    ours.undo_import(report.id[:13].upper())
    with pytest.raises(RefusedError, match="was undone already"):
        ours.undo_import(report.id)
    record, first = ours.imports().records
    assert record.undone_at is not None
    assert first.undone_at is None
    assert "undone" in ours.imports().to_text()


def test_what_was_undone_counts_as_never_imported(ours: Workspace, exchanged: Path) -> None:
    """So it comes as it did the first time, and under its own ids."""
    first = take(ours, exchanged)
    ids = {row[0] for row in state(ours)["versions"]}
    ours.undo_import(first.id)
    again = take(ours, exchanged)
    assert again.id != first.id
    assert {row[0] for row in state(ours)["versions"]} == ids


def test_an_undo_that_is_cancelled_takes_nothing_back_whenever_it_is(
    ours: Workspace, exchanged: Path
) -> None:
    report = take(ours, exchanged, labels=True)
    before = everything(ours)
    said: list[Moving] = []

    def stopping(at: int) -> Callable[[Moving], None]:
        def progress(now: Moving) -> None:
            said.append(now)
            if len(said) > at:
                raise RuntimeError

        return progress

    for at in range(1_000):
        said.clear()
        try:
            ours.undo_import(report.id, progress=stopping(at))
        except RuntimeError:
            assert everything(ours) == before
        else:
            break
    assert (said[0].items, said[-1].items) == (0, said[-1].all_items)
    assert len(said) > said[-1].all_items > 3
    total = said[-1].all_items
    assert said[-1].to_text() == f"taken back {total} of {total} items"


def test_an_import_for_another_organisation_is_undone_there(
    ours: Workspace, open_workspace: Opener, exchanged: Path
) -> None:
    rival = open_workspace(organisation="rival")
    rival.save("other/set/prompt", "Theirs")
    report = take(ours, exchanged, organisation="rival", into="new")
    with pytest.raises(NotFoundError):
        ours.undo_import(report.id)
    assert ours.undo_import(report.id, organisation="rival")
    assert state(rival)["versions"] == []
