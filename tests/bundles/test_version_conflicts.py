"""Conflicts of versions: a number that stands for other content here than in the bundle."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import InvalidInputError
from tests.bundles.stores import (
    SET,
    WELCOME,
    done,
    everything,
    labels,
    numbers,
    open_keys,
    plan,
    publish,
    send,
    settled,
    take,
    texts,
)

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

VERSION = "version:desk/emails@1.1.0"


@pytest.fixture
def number_taken(theirs: Workspace, ours: Workspace, bundle: Path) -> Path:
    """Both went on from 1.0.0, each to a 1.1.0 of its own."""
    publish(theirs, SET, welcome="one\ntwo\nthree\n", foot="Bye")
    send(theirs, "desk", bundle)
    take(ours, bundle)
    publish(theirs, SET, welcome="ONE\ntwo\nthree\n", theirs="new")
    theirs.label(f"{SET}@1.1.0", "production")
    publish(ours, SET, welcome="one\ntwo\nTHREE\n", ours="new")
    send(theirs, "desk", bundle, labels=True)
    return bundle


def test_a_number_that_is_taken_is_asked_about(ours: Workspace, number_taken: Path) -> None:
    (conflict,) = plan(ours, number_taken).conflicts
    assert (conflict.key, conflict.kind) == (VERSION, "version")
    assert conflict.message == "desk/emails@1.1.0 has other content here than in the bundle"
    assert conflict.base == "desk/emails@1.0.0"
    assert conflict.ours.endswith("published 2026-03-01 by ada")
    assert conflict.theirs.endswith("published 2026-03-01 by bob")
    assert conflict.choices == {
        "skip": "ours stays, and theirs is left out",
        "overwrite": "theirs becomes our next version, 2.0.0; 1.1.0 stays what it is",
        "version": "theirs comes beside ours as 1.1.0-from-umbra.1, which is never the latest",
        "merged": "texts that you give become our next version, 2.0.0",
    }
    sides = {one.name: one for one in conflict.prompts}
    assert list(sides) == ["ours", "theirs", "welcome"]
    welcome = sides["welcome"]
    assert (welcome.base, welcome.ours, welcome.theirs) == (
        "one\ntwo\nthree\n", "one\ntwo\nTHREE\n", "ONE\ntwo\nthree\n",
    )  # fmt: skip
    assert (welcome.suggestion, welcome.clean) == ("ONE\ntwo\nTHREE\n", True)
    assert (sides["ours"].theirs, sides["theirs"].ours) == (None, None)
    # Its JSON form is for programs: it can be written, and says the same.
    assert json.loads(json.dumps(conflict.to_json()))["prompts"][2]["suggestion"] is not None


def test_a_number_that_is_taken_is_skipped(ours: Workspace, number_taken: Path) -> None:
    before = everything(ours)
    report = take(ours, number_taken, strategy="skip", labels=True)
    assert done(report) == ["keep version desk/emails@1.1.0"]
    assert everything(ours) == before  # nor does a label move to what was left out


def test_overwrite_makes_theirs_our_next_version(
    theirs: Workspace, ours: Workspace, number_taken: Path
) -> None:
    assert settled(ours, number_taken, strategy="overwrite", labels=True) == [
        "add version desk/emails@2.0.0",
        "change draft desk/emails",
        "move label desk/emails@production",
    ]
    assert numbers(ours) == ["2.0.0", "1.1.0", "1.0.0"]
    assert texts(ours, f"{SET}@1.1.0")["welcome"] == "one\ntwo\nTHREE\n"
    assert texts(ours, SET) == texts(theirs, SET)
    assert labels(ours) == {"production": "2.0.0"}
    newest = next(iter(ours.log(SET)))
    assert (newest.published_by, newest.digest) == ("bob", theirs.log(SET).versions[0].digest)


def test_version_marks_theirs_with_its_origin(
    theirs: Workspace, ours: Workspace, number_taken: Path
) -> None:
    assert settled(ours, number_taken, strategy="version", labels=True) == [
        "add version desk/emails@1.1.0-from-umbra.1", "move label desk/emails@production",
    ]  # fmt: skip
    assert texts(ours, f"{SET}@1.1.0-from-umbra.1") == texts(theirs, SET)
    assert ours.get(WELCOME).version == "1.1.0"
    assert labels(ours) == {"production": "1.1.0-from-umbra.1"}
    assert texts(ours, f"{SET}@draft")["welcome"] == "one\ntwo\nTHREE\n"
    # It is known again when more comes, and another one of that number is the second.
    publish(theirs, SET, welcome="later")
    send(theirs, "desk", number_taken)
    assert settled(ours, number_taken) == [
        "add version desk/emails@1.1.1", "change draft desk/emails",
    ]  # fmt: skip


def test_merged_texts_become_our_next_version(
    theirs: Workspace, ours: Workspace, number_taken: Path
) -> None:
    merged = {VERSION: {"merged": {"welcome": "ONE\ntwo\nTHREE\n"}}}
    assert settled(ours, number_taken, resolutions=merged) == [
        "add version desk/emails@2.0.0", "change draft desk/emails",
    ]  # fmt: skip
    assert texts(ours, SET) == texts(theirs, SET) | {"welcome": "ONE\ntwo\nTHREE\n"}
    (record, *_) = ours.imports().records
    assert record.decisions["made"] == {VERSION: "merged"}


NO_TEXTS = [
    ({"nobody": "x"}, "has no prompt 'nobody'"),
    ({"welcome": "{% if %}"}, "welcome is not sound"),
    ({"welcome": "{% render 'nothing' %}"}, "renders 'nothing', and there is no such prompt"),
    ({"welcome": "{% render 'welcome' %}"}, "welcome is not sound"),
    ({"welcome": "a\0b"}, "it is not text"),
]


def test_merged_texts_that_could_not_be_published_are_refused(
    ours: Workspace, number_taken: Path, subtests: pytest.Subtests
) -> None:
    before = everything(ours)
    for given, said in NO_TEXTS:
        with subtests.test(said), pytest.raises(InvalidInputError, match=said):
            take(ours, number_taken, resolutions={VERSION: {"merged": given}})
        assert everything(ours) == before


def test_each_version_is_decided_by_itself(
    theirs: Workspace, ours: Workspace, number_taken: Path
) -> None:
    publish(theirs, SET, welcome="theirs 2")
    publish(ours, SET, welcome="ours 2")
    send(theirs, "desk", number_taken)
    second = "version:desk/emails@1.1.1"
    assert open_keys(plan(ours, number_taken)) == [VERSION, second]
    assert settled(ours, number_taken, strategy="overwrite", resolutions={VERSION: "version"}) == [
        "add version desk/emails@1.1.0-from-umbra.1",
        "add version desk/emails@2.0.0",
        "change draft desk/emails",
    ]
    assert texts(ours, SET) == texts(theirs, SET)
    assert plan(ours, number_taken, strategy="skip").conflicts == ()


def test_no_base_no_suggestion(theirs: Workspace, ours: Workspace, bundle: Path) -> None:
    for ws in (theirs, ours):
        publish(ws, SET, welcome=ws.settings.actor)
    send(theirs, SET, bundle)
    (_, conflict) = plan(ours, bundle, resolutions={"name:desk/emails": "merge"}).conflicts
    assert conflict.base is None
    assert {(one.base, one.suggestion) for one in conflict.prompts} == {(None, None)}


def test_changes_of_the_same_lines_are_suggested_with_marks(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one\n")
    send(theirs, "desk", bundle)
    take(ours, bundle)
    for ws in (theirs, ours):
        publish(ws, SET, welcome=f"{ws.settings.actor}\n")
    send(theirs, "desk", bundle)
    ((side,),) = [one.prompts for one in plan(ours, bundle).conflicts]
    assert side.clean is False
    assert side.suggestion == "<<<<<<< ours\nada\n=======\nbob\n>>>>>>> theirs\n"


def test_a_prerelease_that_is_taken_is_marked_too(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one")
    send(theirs, "desk", bundle)
    take(ours, bundle)
    for ws in (theirs, ours):
        ws.save(WELCOME, ws.settings.actor)
        ws.publish(SET, version="2.0.0-rc.1")
    send(theirs, "desk", bundle)
    assert settled(ours, bundle, strategy="version") == [
        "add version desk/emails@2.0.0-rc.1.from-umbra.1"
    ]
    assert ours.get(WELCOME).version == "1.0.0"
