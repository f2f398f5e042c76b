"""Conflicts of sets: under each strategy, by each choice, and then again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import BundleConflictError, InvalidInputError
from tests.bundles.stores import (
    SET,
    WELCOME,
    done,
    everything,
    labels,
    open_keys,
    plan,
    publish,
    send,
    settled,
    state,
    take,
    texts,
)

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

NAME = "name:desk/emails"
ID = "id:desk/emails"


# A set of the same name, made apart.


@pytest.fixture
def name_taken(theirs: Workspace, ours: Workspace, bundle: Path) -> Path:
    publish(ours, SET, welcome="ours", mine="mine")
    ours.label(f"{SET}@1.0.0", "production")
    publish(theirs, SET, welcome="theirs", foot="Bye")
    send(theirs, "desk", bundle)
    return bundle


def test_a_name_that_is_taken_is_asked_about(ours: Workspace, name_taken: Path) -> None:
    planned = plan(ours, name_taken)
    (conflict,) = planned.conflicts
    assert conflict.to_json() == {
        "key": NAME,
        "kind": "name",
        "address": SET,
        "message": "there is another set desk/emails here, made apart from theirs",
        "base": None,
        "ours": "desk/emails: no title",
        "theirs": "desk/emails: no title",
        "choices": {
            "skip": "ours stays as it is, and theirs is left out",
            "overwrite": "theirs becomes desk/emails, and ours desk/emails-2",
            "version": "ours stays desk/emails, and theirs becomes desk/emails-2",
            "merge": "they are one: its versions go into our desk/emails",
        },
        "choice": None,
        "prompts": [],
    }
    assert planned.to_json()["open"] == 1  # type: ignore[call-overload,index]
    before = everything(ours)
    with pytest.raises(BundleConflictError, match=f"1 to decide before .*: {NAME}") as caught:
        take(ours, name_taken)
    assert everything(ours) == before
    assert caught.value.to_json()["conflicts"] == [conflict.to_json()]
    assert f"--resolve {NAME}=skip" in caught.value.hint
    assert "--strategy version" in caught.value.hint


def test_skip_leaves_theirs_out(ours: Workspace, name_taken: Path) -> None:
    before = everything(ours)
    report = take(ours, name_taken, strategy="skip")
    assert (report.changed, done(report)) == (False, ["keep prompt_set desk/emails"])
    assert everything(ours) == before


def test_overwrite_takes_the_name_and_renames_ours(ours: Workspace, name_taken: Path) -> None:
    ours_before = state(ours)
    assert settled(ours, name_taken, strategy="overwrite") == [
        "rename prompt_set desk/emails",
        "add prompt_set desk/emails",
        "add version desk/emails@1.0.0",
    ]
    assert texts(ours, SET) == {"foot": "Bye", "welcome": "theirs"}
    assert texts(ours, "desk/emails-2") == {"mine": "mine", "welcome": "ours"}
    assert labels(ours, "desk/emails-2") == {"production": "1.0.0"}
    assert ours.get("desk/emails-2/welcome@production").template == "ours"
    assert labels(ours) == {}
    versions = {row[0] for row in ours_before["versions"]}
    assert versions < {row[0] for row in state(ours)["versions"]}
    # What is added later goes where it went.
    assert done(take(ours, name_taken, strategy="version")) == []


def test_version_puts_theirs_beside_ours(
    theirs: Workspace, ours: Workspace, name_taken: Path
) -> None:
    assert settled(ours, name_taken, strategy="version") == [
        "add prompt_set desk/emails-2", "add version desk/emails-2@1.0.0",
    ]  # fmt: skip
    assert texts(ours, SET) == {"mine": "mine", "welcome": "ours"}
    assert texts(ours, "desk/emails-2") == {"foot": "Bye", "welcome": "theirs"}
    publish(theirs, SET, welcome="theirs again")
    send(theirs, "desk", name_taken)
    assert settled(ours, name_taken) == [
        "add version desk/emails-2@1.0.1", "change draft desk/emails-2",
    ]  # fmt: skip


def test_the_suffix_is_the_first_that_is_free_here_and_there(
    theirs: Workspace, ours: Workspace, name_taken: Path
) -> None:
    ours.create_set("desk/emails-2")
    publish(theirs, "desk/emails-3", welcome="theirs too")
    send(theirs, "desk", name_taken)
    (conflict,) = plan(ours, name_taken).conflicts
    assert conflict.choices["version"].endswith("theirs becomes desk/emails-4")
    settled(ours, name_taken, strategy="version")
    assert texts(ours, "desk/emails-3") == {"welcome": "theirs too"}
    assert texts(ours, "desk/emails-4") == {"foot": "Bye", "welcome": "theirs"}


def test_a_long_name_is_cut_for_its_suffix(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    long = f"desk/{'e' * 64}"
    for ws in (theirs, ours):
        publish(ws, long, welcome=ws.settings.actor)
    send(theirs, "desk", bundle)
    settled(ours, bundle, strategy="version")
    assert texts(ours, f"desk/{'e' * 62}-2") == {"welcome": "bob"}


def test_merge_makes_them_one(theirs: Workspace, ours: Workspace, name_taken: Path) -> None:
    """Then theirs 1.0.0 is a version like any other whose number is taken."""
    planned = plan(ours, name_taken, resolutions={NAME: "merge"})
    assert open_keys(planned) == ["version:desk/emails@1.0.0"]
    resolved = {NAME: "merge", "version:desk/emails@1.0.0": "overwrite"}
    ids = {row[3]: row[4] for row in state(ours)["entries"]}
    made = settled(ours, name_taken, resolutions=resolved)
    assert made == ["add version desk/emails@2.0.0", "change draft desk/emails"]
    assert texts(ours, SET) == {"foot": "Bye", "welcome": "theirs"}
    assert texts(ours, f"{SET}@1.0.0") == {"mine": "mine", "welcome": "ours"}
    now = {row[3]: row[4] for row in state(ours)["entries"]}
    assert now["welcome"] == ids["welcome"]  # one prompt with one history
    assert [change.action for change in ours.draft_log(WELCOME)] == ["import", "save"]
    publish(theirs, SET, welcome="later", more="more")
    send(theirs, "desk", name_taken)
    assert settled(ours, name_taken) == ["add version desk/emails@1.1.0"]
    tree = {row[3]: row[4] for row in state(ours)["entries"] if row[2] == "1.1.0"}
    assert tree["welcome"] == ids["welcome"]
    assert tree["foot"] == now["foot"]


def test_sets_that_are_one_now_can_be_sent_on(
    theirs: Workspace, ours: Workspace, name_taken: Path, tmp_path: Path
) -> None:
    """Also beside a copy of theirs: no prompt is in two sets."""
    take(ours, name_taken, resolutions={NAME: "merge", "version:desk/emails@1.0.0": "version"})
    take(ours, name_taken, into="copy")
    send(ours, ["desk", "copy"], tmp_path / "on.anvil")
    assert len(done(plan(theirs, tmp_path / "on.anvil", into="back",
                         renames={"copy/emails": "back/copy"}))) > 0  # fmt: skip


def test_resolutions_win_over_the_strategy(ours: Workspace, name_taken: Path) -> None:
    assert settled(ours, name_taken, strategy="overwrite", resolutions={SET: "version"}) == [
        "add prompt_set desk/emails-2", "add version desk/emails-2@1.0.0",
    ]  # fmt: skip


NO_CHOICES: list[tuple[dict[str, Any], str]] = [
    ({"resolutions": {"name:desk/mails": "skip"}}, "no conflict 'name:desk/mails'"),
    ({"resolutions": {NAME: "ours"}}, f"'ours' is no choice for {NAME}"),
    ({"resolutions": {NAME: "merged"}}, "'merged' is no choice"),
    ({"resolutions": {NAME: {"merged": {"welcome": "x"}}}}, "'merged' is no choice"),
    ({"resolutions": {NAME: {"text": "x"}}}, "neither a choice nor merged texts"),
    ({"resolutions": {NAME: {"merged": {}}}}, "neither a choice nor merged texts"),
    ({"resolutions": {NAME: ["skip"]}}, "neither a choice nor merged texts"),
    ({"resolutions": {NAME: {"merged": {"welcome": 5}}}}, "neither a choice nor"),
    ({"strategy": "newest"}, "a strategy is one of manual, skip, overwrite, version"),
]


def test_what_is_no_choice_is_refused(
    ours: Workspace, name_taken: Path, subtests: pytest.Subtests
) -> None:
    before = everything(ours)
    for options, said in NO_CHOICES:
        with subtests.test(said), pytest.raises(InvalidInputError, match=said) as caught:
            take(ours, name_taken, **options)
        assert caught.value.hint
        assert everything(ours) == before


# A set of the same id, which is another one here: it was renamed on one side.


@pytest.fixture
def id_taken(theirs: Workspace, ours: Workspace, bundle: Path) -> Path:
    """They have our set from us; we renamed it, so what they send is called otherwise here."""
    publish(ours, SET, welcome="ours")
    send(ours, "desk", bundle)
    take(theirs, bundle)
    ours.update_set(SET, rename="letters")
    publish(theirs, SET, welcome="theirs")
    send(theirs, "desk", bundle)
    return bundle


def test_an_id_that_is_taken_is_asked_about(ours: Workspace, id_taken: Path) -> None:
    (conflict,) = plan(ours, id_taken).conflicts
    assert (conflict.key, conflict.kind, conflict.address) == (ID, "id", SET)
    assert (conflict.ours, conflict.theirs) == ("desk/letters", "desk/emails")
    assert conflict.message == ("the set that is desk/emails there has the id of desk/letters here")
    assert list(conflict.choices) == ["skip", "overwrite", "version", "merge"]


def test_an_id_that_is_taken_is_skipped(ours: Workspace, id_taken: Path) -> None:
    before = everything(ours)
    assert done(take(ours, id_taken, strategy="skip")) == ["keep prompt_set desk/emails"]
    assert everything(ours) == before


@pytest.mark.parametrize("strategy", ["overwrite", "version"])
def test_an_id_that_is_taken_gives_a_set_under_a_new_id(
    theirs: Workspace, ours: Workspace, id_taken: Path, strategy: str
) -> None:
    old = {row[0] for table in ("prompt_sets", "versions") for row in state(ours)[table]}
    ids = {row[4] for row in state(ours)["entries"]}
    assert settled(ours, id_taken, strategy=strategy) == [
        "add prompt_set desk/emails",
        "add version desk/emails@1.0.0",
        "add version desk/emails@1.0.1",
    ]
    assert texts(ours, "desk/letters") == {"welcome": "ours"}
    assert texts(ours, SET) == {"welcome": "theirs"}
    new = {row[4] for row in state(ours)["entries"] if row[0].startswith("desk/emails/")}
    assert new
    assert not new & ids
    assert old < {row[0] for table in ("prompt_sets", "versions") for row in state(ours)[table]}
    publish(theirs, SET, welcome="later")
    send(theirs, "desk", id_taken)
    assert "add version desk/emails@1.0.2" in settled(ours, id_taken)
    same = {row[4] for row in state(ours)["entries"] if row[0].startswith("desk/emails/")}
    assert same == new


def test_an_id_that_is_taken_is_merged(theirs: Workspace, ours: Workspace, id_taken: Path) -> None:
    assert settled(ours, id_taken, resolutions={ID: "merge"}) == [
        "add version desk/letters@1.0.1", "change draft desk/letters",
    ]  # fmt: skip
    assert texts(ours, "desk/letters") == {"welcome": "theirs"}
    publish(theirs, SET, welcome="later")
    send(theirs, "desk", id_taken)
    assert "add version desk/letters@1.0.2" in settled(ours, id_taken)


def test_one_resolution_may_call_for_the_next(ours: Workspace, id_taken: Path) -> None:
    """Theirs may have the id of one set of ours, and the name of another."""
    publish(ours, SET, other="another set")
    assert open_keys(plan(ours, id_taken)) == [ID]
    planned = plan(ours, id_taken, resolutions={ID: "version"})
    assert open_keys(planned) == [NAME]
    settled(ours, id_taken, resolutions={ID: "version", NAME: "version"})
    assert texts(ours, "desk/emails-2") == {"welcome": "theirs"}
    assert texts(ours, SET) == {"other": "another set"}
    assert texts(ours, "desk/letters") == {"welcome": "ours"}
