"""Plans: what they are made from, and that nothing is done by one that does not hold any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import BundleConflictError, InvalidInputError, PlanMovedError
from tests.bundles.stores import (
    SET,
    WELCOME,
    done,
    everything,
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

    from anvil_nb.workspace import Workspace
    from tests.bundles.conftest import Opener


@pytest.fixture
def one_more(theirs: Workspace, ours: Workspace, bundle: Path) -> Path:
    """They have a version more than we."""
    publish(theirs, SET, welcome="one")
    send(theirs, "desk", bundle)
    take(ours, bundle)
    publish(theirs, SET, welcome="two")
    send(theirs, "desk", bundle)
    return bundle


def test_a_plan_that_was_looked_at_is_carried_out(ours: Workspace, one_more: Path) -> None:
    planned = plan(ours, one_more)
    assert planned.id == plan(ours, one_more).id
    assert f"plan {planned.id}" in planned.to_text()
    report = take(ours, one_more, plan=planned.id)
    assert report.steps == planned.steps
    with pytest.raises(PlanMovedError):  # it was carried out
        take(ours, one_more, plan=planned.id)


MOVES: dict[str, Callable[[Workspace], object]] = {
    "a save": lambda ws: ws.save(WELCOME, "our own"),
    "a publish": lambda ws: publish(ws, SET, welcome="ours"),
    "a label": lambda ws: ws.label(f"{SET}@1.0.0", "production"),
    "a rename of the set": lambda ws: ws.update_set(SET, rename="mails"),
    "a rename of the project": lambda ws: ws.update_project("desk", rename="help"),
    "a deletion": lambda ws: ws.delete_set("help/mails", force=True),
}


def test_a_plan_does_not_hold_when_the_store_moved(
    ours: Workspace, one_more: Path, subtests: pytest.Subtests
) -> None:
    for name, move in MOVES.items():
        planned = plan(ours, one_more, strategy="version")
        move(ours)
        before = everything(ours)
        said = f"the plan {planned.id} does not hold"
        with subtests.test(name), pytest.raises(PlanMovedError, match=said) as caught:
            take(ours, one_more, strategy="version", plan=planned.id)
        assert "--dry-run" in caught.value.hint
        assert everything(ours) == before


def test_a_plan_holds_while_only_others_move(ours: Workspace, one_more: Path) -> None:
    planned = plan(ours, one_more)
    publish(ours, "desk/letters", dear="Dear")
    publish(ours, "shop/emails", buy="Buy")
    assert take(ours, one_more, plan=planned.id).changed


OTHER_CHOICES: list[dict[str, Any]] = [
    {"strategy": "skip"},
    {"labels": True},
    {"into": "other"},
    {"renames": {"desk": "other"}},
    {"organisation": "rival"},
]


def test_a_plan_does_not_hold_for_other_choices(
    ours: Workspace, one_more: Path, open_workspace: Opener, subtests: pytest.Subtests
) -> None:
    open_workspace(organisation="rival")
    planned = plan(ours, one_more)
    before = everything(ours)
    for options in OTHER_CHOICES:
        with subtests.test(str(options)), pytest.raises(PlanMovedError):
            take(ours, one_more, plan=planned.id, **options)
        assert everything(ours) == before


def test_a_plan_does_not_hold_for_another_bundle(
    theirs: Workspace, ours: Workspace, one_more: Path
) -> None:
    planned = plan(ours, one_more)
    send(theirs, "desk", one_more, description="the same content, made anew")
    with pytest.raises(PlanMovedError):
        take(ours, one_more, plan=planned.id)


def test_a_plan_does_not_hold_when_the_name_beside_is_taken(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    """What was looked at said desk/emails-2, which lies beyond the sets of the bundle."""
    for ws in (theirs, ours):
        publish(ws, SET, welcome=ws.settings.actor)
    send(theirs, "desk", bundle)
    planned = plan(ours, bundle, strategy="version")
    assert "add prompt_set desk/emails-2" in done(planned)
    ours.create_set("desk/emails-2")
    with pytest.raises(PlanMovedError):
        take(ours, bundle, strategy="version", plan=planned.id)


def test_the_texts_that_are_merged_are_part_of_the_plan(ours: Workspace, one_more: Path) -> None:
    publish(ours, SET, welcome="ours")
    key = "version:desk/emails@1.0.1"
    planned = plan(ours, one_more, resolutions={key: {"merged": {"welcome": "both"}}})
    with pytest.raises(PlanMovedError):
        take(ours, one_more, plan=planned.id,
             resolutions={key: {"merged": {"welcome": "another"}}})  # fmt: skip
    take(ours, one_more, plan=planned.id, resolutions={key: {"merged": {"welcome": "both"}}})
    assert texts(ours, SET) == {"welcome": "both"}


def test_of_several_conflicts_one_that_is_open_refuses_them_all(
    theirs: Workspace, ours: Workspace, one_more: Path
) -> None:
    publish(ours, SET, welcome="ours")
    publish(theirs, "desk/letters", dear="theirs")
    publish(theirs, "desk/new", new="new")
    publish(ours, "desk/letters", dear="ours")
    send(theirs, "desk", one_more)
    before = everything(ours)
    planned = plan(ours, one_more, resolutions={"version:desk/emails@1.0.1": "overwrite"})
    assert [(one.key, one.choice) for one in planned.conflicts] == [
        ("version:desk/emails@1.0.1", "overwrite"), ("name:desk/letters", None),
    ]  # fmt: skip
    assert ", 1 to decide" in planned.to_text()
    for expected in (None, planned.id):
        with pytest.raises(BundleConflictError, match="1 to decide"):
            take(ours, one_more, plan=expected,
                 resolutions={"version:desk/emails@1.0.1": "overwrite"})  # fmt: skip
    assert everything(ours) == before


# Elsewhere: into another project, under other names.


@pytest.fixture
def two_projects(theirs: Workspace, bundle: Path) -> Path:
    publish(theirs, SET, welcome="Hello{% render 'foot' %}", foot="Bye")
    publish(theirs, "shop/letters", dear="Dear")
    theirs.label(f"{SET}@1.0.0", "production")
    send(theirs, ["desk", "shop"], bundle, labels=True)
    return bundle


PLACES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["desk/emails", "shop/letters"]),
    ({"into": "help"}, ["help/emails", "help/letters"]),
    ({"renames": {"desk": "help"}}, ["help/emails", "shop/letters"]),
    ({"renames": {"desk/emails": "help/mails"}}, ["help/mails", "shop/letters"]),
    ({"renames": {"desk": "shop", "shop": "desk"}}, ["desk/letters", "shop/emails"]),
    ({"into": "help", "renames": {"desk/emails": "desk/mails"}}, ["desk/mails", "help/letters"]),
    (
        {"renames": {"desk": "help", "shop/letters": "help/letters"}},
        ["help/emails", "help/letters"],
    ),
]


def test_sets_go_where_they_are_sent(
    ours: Workspace, two_projects: Path, subtests: pytest.Subtests
) -> None:
    for options, paths in PLACES:
        with subtests.test(str(options)):
            report = take(ours, two_projects, labels=True, **options)
            found = [item.address for project in ours.ls() for item in ours.ls(project.address)]
            assert found == paths
            emails = next(path for path in paths if "mails" in path)
            assert ours.get(f"{emails}/welcome@production").render().text == "HelloBye"
            assert all(row[0].rpartition("/")[0] in paths for row in state(ours)["entries"])
            assert not take(ours, two_projects, labels=True, **options).changed
        ours.undo_import(report.id)


def test_one_bundle_twice_under_two_names_is_two_sets(
    theirs: Workspace, ours: Workspace, two_projects: Path
) -> None:
    take(ours, two_projects)
    before = state(ours)
    take(ours, two_projects, into="copy", labels=True)
    after = state(ours)
    for table in ("projects", "prompt_sets", "versions"):
        ids = {row[0] for row in before[table]}
        assert {row for row in before[table] if row[0] in ids} <= set(after[table])
        assert len(after[table]) > len(before[table])
    prompts = {row[4] for row in before["entries"]}
    copied = {row[4] for row in after["entries"] if row[0].startswith("copy/")}
    assert copied
    assert not copied & prompts
    assert texts(ours, "copy/emails@production") == texts(ours, SET)
    # Each is known again, with its own history.
    publish(theirs, SET, welcome="two{% render 'foot' %}")
    send(theirs, "desk", two_projects)
    assert done(take(ours, two_projects, into="copy")) == [
        "add version copy/emails@1.0.1", "change draft copy/emails",
    ]  # fmt: skip
    assert {row[4] for row in state(ours)["entries"] if row[0].startswith("copy/")} == copied
    assert texts(ours, SET)["welcome"] == "Hello{% render 'foot' %}"
    assert take(ours, two_projects).changed
    assert texts(ours, SET) == texts(ours, "copy/emails")


NO_PLACES: list[tuple[dict[str, Any], str]] = [
    ({"into": "Help"}, "project name"),
    ({"into": "help/emails"}, "project name"),
    ({"renames": {"desk": "help/emails"}}, "does not say what becomes of"),
    ({"renames": {"desk/emails": "mails"}}, "does not say what becomes of"),
    ({"renames": {"desk/emails/welcome": "a/b/c"}}, "does not say what becomes of"),
    ({"renames": {"desk": "Help"}}, "name"),
    ({"renames": {"dsek": "help"}}, "there is no 'dsek' in the bundle"),
    ({"renames": {"desk/mails": "desk/letters"}}, "there is no 'desk/mails' in the bundle"),
    ({"into": "help", "renames": {"desk": "other"}}, "'desk' .* into help"),
    ({"renames": {"shop/letters": "desk/emails"}}, "two sets .* the same path"),
]


def test_where_nothing_can_go_is_refused(
    ours: Workspace, two_projects: Path, subtests: pytest.Subtests
) -> None:
    before = everything(ours)
    for options, said in NO_PLACES:
        with subtests.test(said), pytest.raises(InvalidInputError, match=said) as caught:
            take(ours, two_projects, **options)
        assert caught.value.hint
        assert everything(ours) == before
