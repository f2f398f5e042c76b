"""Conflicts of prompts that come without the rest of their version, into a draft of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import BundleConflictError, InvalidInputError
from tests.bundles.stores import (
    SET,
    WELCOME,
    done,
    everything,
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

DRAFT = f"{SET}@draft"
WITH_FOOT = "Hello{% render 'foot' %}"


def ids(ws: Workspace) -> dict[str, Any]:
    return {row[3]: row[4] for row in state(ws)["entries"] if row[2] == "draft"}


# The same prompt, changed on both sides.


@pytest.fixture
def both_changed(theirs: Workspace, ours: Workspace, bundle: Path) -> Path:
    publish(theirs, SET, welcome="one\ntwo\n")
    send(theirs, SET, bundle)
    take(ours, bundle)
    publish(theirs, SET, welcome="ONE\ntwo\n")
    ours.save(WELCOME, "one\ntwo\nthree\n")
    send(theirs, WELCOME, bundle)
    return bundle


def test_a_prompt_that_both_changed_is_asked_about(ours: Workspace, both_changed: Path) -> None:
    (conflict,) = plan(ours, both_changed).conflicts
    assert (conflict.key, conflict.kind) == ("version:desk/emails/welcome@draft", "version")
    assert conflict.message == "desk/emails/welcome was changed here and there"
    assert conflict.base is not None
    (side,) = conflict.prompts
    assert (side.base, side.suggestion, side.clean) == ("one\ntwo\n", "ONE\ntwo\nthree\n", True)
    assert conflict.choices == {
        "skip": "ours stays, and theirs is left out",
        "overwrite": "theirs becomes the draft; ours stays in its history",
        "version": "ours stays, and theirs comes beside it as welcome-2",
        "merged": "a text that you give becomes the draft",
    }
    before = everything(ours)
    with pytest.raises(BundleConflictError):
        take(ours, both_changed)
    assert everything(ours) == before


@pytest.mark.parametrize(
    ("options", "steps", "draft"),
    [
        ({"strategy": "skip"}, ["keep prompt desk/emails/welcome"],
         {"welcome": "one\ntwo\nthree\n"}),
        ({"strategy": "overwrite"}, ["change prompt desk/emails/welcome"],
         {"welcome": "ONE\ntwo\n"}),
        ({"strategy": "version"}, ["add prompt desk/emails/welcome-2"],
         {"welcome": "one\ntwo\nthree\n", "welcome-2": "ONE\ntwo\n"}),
        ({"resolutions": {f"version:{WELCOME}@draft": {"merged": {"welcome": "both"}}}},
         ["change prompt desk/emails/welcome"], {"welcome": "both"}),
    ],
    ids=["skip", "overwrite", "version", "merged"],
)  # fmt: skip
def test_a_prompt_that_both_changed_is_settled(
    ours: Workspace,
    both_changed: Path,
    options: dict[str, Any],
    steps: list[str],
    draft: dict[str, str],
) -> None:
    before = ids(ours)
    assert settled(ours, both_changed, **options) == steps
    assert texts(ours, DRAFT) == draft
    assert ids(ours)["welcome"] == before["welcome"]
    assert "one\ntwo\nthree\n" in {
        ours.get(f"{WELCOME}@{one.digest}").template for one in ours.draft_log(WELCOME)
    }


def test_a_merged_text_is_for_the_prompt_in_conflict(ours: Workspace, both_changed: Path) -> None:
    key = f"version:{WELCOME}@draft"
    for merged, said in (
        ({"nobody": "x"}, "there is none for 'welcome'"),
        ({"welcome": "x", "more": "y"}, "there is none for 'welcome'"),
        ({"welcome": "{% if %}"}, "welcome is not sound"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            take(ours, both_changed, resolutions={key: {"merged": merged}})


def test_what_only_one_side_changed_is_no_conflict(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(theirs, SET, welcome="one", other="one")
    send(theirs, SET, bundle)
    take(ours, bundle)
    publish(theirs, SET, welcome="two")
    ours.save(f"{SET}/other", "ours")
    send(theirs, [WELCOME, f"{SET}/other"], bundle)
    assert settled(ours, bundle) == [
        "keep prompt desk/emails/other", "change prompt desk/emails/welcome",
    ]  # fmt: skip
    assert texts(ours, DRAFT) == {"other": "ours", "welcome": "two"}


def test_a_part_that_was_changed_to_the_same_is_the_same(
    ours: Workspace, both_changed: Path
) -> None:
    ours.save(WELCOME, "ONE\ntwo\n")
    assert settled(ours, both_changed) == []


# Another prompt of the same name.


@pytest.fixture
def prompt_name_taken(theirs: Workspace, ours: Workspace, bundle: Path) -> Path:
    publish(theirs, SET, first="first")
    send(theirs, SET, bundle)
    take(ours, bundle)
    publish(theirs, SET, welcome="theirs")
    ours.save(WELCOME, "ours")
    send(theirs, WELCOME, bundle)
    return bundle


@pytest.mark.parametrize(
    ("options", "steps", "draft"),
    [
        ({"strategy": "skip"}, ["keep prompt desk/emails/welcome"], {"welcome": "ours"}),
        ({"strategy": "overwrite"},
         ["rename prompt desk/emails/welcome", "add prompt desk/emails/welcome"],
         {"welcome": "theirs", "welcome-2": "ours"}),
        ({"strategy": "version"}, ["add prompt desk/emails/welcome-2"],
         {"welcome": "ours", "welcome-2": "theirs"}),
        ({"resolutions": {f"name:{WELCOME}": "merge"}}, ["change prompt desk/emails/welcome"],
         {"welcome": "theirs"}),
    ],
    ids=["skip", "overwrite", "version", "merge"],
)  # fmt: skip
def test_a_name_of_another_prompt(
    ours: Workspace,
    prompt_name_taken: Path,
    options: dict[str, Any],
    steps: list[str],
    draft: dict[str, str],
) -> None:
    (conflict,) = plan(ours, prompt_name_taken).conflicts
    assert (conflict.key, conflict.kind, conflict.base) == (f"name:{WELCOME}", "name", None)
    assert list(conflict.choices) == ["skip", "overwrite", "version", "merge"]
    before = ids(ours)
    assert settled(ours, prompt_name_taken, **options) == steps
    assert texts(ours, DRAFT) == {"first": "first", **draft}
    ours_now = next(name for name, at in ids(ours).items() if at == before["welcome"])
    assert ours_now == ("welcome-2" if options == {"strategy": "overwrite"} else "welcome")


def test_the_name_beside_it_is_free_here_and_there(
    theirs: Workspace, ours: Workspace, prompt_name_taken: Path
) -> None:
    ours.save(f"{SET}/welcome-2", "taken here")
    publish(theirs, SET, **{"welcome-3": "taken there"})
    send(theirs, [WELCOME, f"{SET}/welcome-3"], prompt_name_taken)
    settled(ours, prompt_name_taken, strategy="version")
    assert texts(ours, DRAFT) == {
        "first": "first", "welcome": "ours", "welcome-2": "taken here",
        "welcome-3": "taken there", "welcome-4": "theirs",
    }  # fmt: skip


# The same prompt under another name.


@pytest.fixture
def renamed_here(theirs: Workspace, ours: Workspace, bundle: Path) -> Path:
    publish(theirs, SET, welcome="one")
    send(theirs, SET, bundle)
    take(ours, bundle)
    ours.rename(WELCOME, "hello")
    publish(theirs, SET, welcome="two")
    send(theirs, WELCOME, bundle)
    return bundle


@pytest.mark.parametrize(
    ("options", "steps", "draft"),
    [
        ({"strategy": "skip"}, ["keep prompt desk/emails/welcome"], {"hello": "one"}),
        ({"strategy": "overwrite"}, ["add prompt desk/emails/welcome"],
         {"hello": "one", "welcome": "two"}),
        ({"strategy": "version"}, ["add prompt desk/emails/welcome"],
         {"hello": "one", "welcome": "two"}),
        ({"resolutions": {f"id:{WELCOME}": "merge"}}, ["change prompt desk/emails/hello"],
         {"hello": "two"}),
    ],
    ids=["skip", "overwrite", "version", "merge"],
)  # fmt: skip
def test_an_id_of_a_prompt_of_another_name(
    ours: Workspace,
    renamed_here: Path,
    options: dict[str, Any],
    steps: list[str],
    draft: dict[str, str],
) -> None:
    (conflict,) = plan(ours, renamed_here).conflicts
    assert (conflict.key, conflict.kind) == (f"id:{WELCOME}", "id")
    assert conflict.message == "the prompt that is welcome there is called hello here"
    before = ids(ours)
    assert settled(ours, renamed_here, **options) == steps
    assert texts(ours, DRAFT) == draft
    assert ids(ours)["hello"] == before["hello"]


def test_a_prompt_whose_name_and_id_are_taken_by_two_of_ours(
    ours: Workspace, renamed_here: Path
) -> None:
    ours.save(WELCOME, "another one")
    assert open_keys(plan(ours, renamed_here)) == [f"name:{WELCOME}"]
    settled(ours, renamed_here, strategy="overwrite")
    assert texts(ours, DRAFT) == {"hello": "one", "welcome": "two", "welcome-2": "another one"}
    assert ours.publish(SET).created


# Partials that are another here, or are not here.


@pytest.fixture
def other_partial(theirs: Workspace, ours: Workspace, bundle: Path) -> Path:
    publish(theirs, SET, foot="theirs", first="first")
    send(theirs, SET, bundle)
    take(ours, bundle)
    publish(theirs, SET, welcome=WITH_FOOT)
    ours.save(f"{SET}/foot", "ours")
    send(theirs, WELCOME, bundle)
    return bundle


@pytest.mark.parametrize(
    ("strategy", "steps", "foot"),
    [
        ("skip", ["keep prompt desk/emails/foot", "keep prompt desk/emails/welcome"], "ours"),
        ("overwrite", ["change prompt desk/emails/foot", "add prompt desk/emails/welcome"],
         "theirs"),
        ("version", ["keep prompt desk/emails/foot", "add prompt desk/emails/welcome"], "ours"),
    ],
)  # fmt: skip
def test_a_partial_that_is_another_one_here(
    ours: Workspace, other_partial: Path, strategy: str, steps: list[str], foot: str
) -> None:
    (conflict,) = plan(ours, other_partial).conflicts
    assert (conflict.key, conflict.kind) == ("dependency:desk/emails/foot", "dependency")
    assert conflict.message == "welcome renders foot, which is another one here"
    assert settled(ours, other_partial, strategy=strategy) == steps
    draft = texts(ours, DRAFT)
    assert draft["foot"] == foot
    assert ("welcome" in draft) == (strategy != "skip")


@pytest.mark.parametrize("state_here", ["missing", "another"])
def test_a_partial_that_was_left_out(
    theirs: Workspace, ours: Workspace, bundle: Path, state_here: str
) -> None:
    publish(theirs, SET, first="first", last="last")
    send(theirs, SET, bundle)
    take(ours, bundle)
    publish(theirs, SET, welcome=WITH_FOOT, foot="theirs", alone="alone")
    if state_here == "another":
        ours.save(f"{SET}/foot", "ours")
    send(theirs, [WELCOME, f"{SET}/alone"], bundle, include_deps=False)
    (conflict,) = plan(ours, bundle).conflicts
    assert (conflict.key, conflict.kind) == ("dependency:desk/emails/foot", "dependency")
    is_so = "is not here" if state_here == "missing" else "is another one here"
    assert conflict.message == f"welcome renders foot, which the bundle left out and which {is_so}"
    assert list(conflict.choices) == ["skip", "anyway"]
    for strategy in ("overwrite", "version"):  # theirs is not in the bundle: it cannot be taken
        with pytest.raises(BundleConflictError) as caught:
            take(ours, bundle, strategy=strategy)
        assert "--strategy skip" in caught.value.hint
    made = settled(ours, bundle, resolutions={"dependency:desk/emails/foot": "skip"})
    assert made == ["add prompt desk/emails/alone", "keep prompt desk/emails/welcome"]
    key = conflict.key
    made = settled(ours, bundle, resolutions={key: "anyway"})
    assert made == ["add prompt desk/emails/welcome"]
    ours.save(f"{SET}/foot", "theirs")
    assert settled(ours, bundle) == []  # the partial that was meant is there
    assert ours.get(f"{WELCOME}@draft").render().text == "Hellotheirs"


def test_what_needs_what_is_left_out_is_left_out_with_it(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    """Through all partials between them, whatever they are called."""
    publish(theirs, SET, z="theirs")
    send(theirs, SET, bundle)
    take(ours, bundle)
    publish(theirs, SET, a="{% render 'm' %}", m="{% render 'z' %}", other="other")
    ours.save(f"{SET}/z", "ours")
    send(theirs, [f"{SET}/a", f"{SET}/other"], bundle)
    assert settled(ours, bundle, strategy="skip") == [
        "keep prompt desk/emails/z",
        "keep prompt desk/emails/m",
        "keep prompt desk/emails/a",
        "add prompt desk/emails/other",
    ]
    assert texts(ours, DRAFT) == {"other": "other", "z": "ours"}


def test_two_sets_whose_partials_have_one_name_are_not_confused(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    for path in ("desk/emails", "desk/letters"):
        publish(theirs, path, welcome=WITH_FOOT, foot=f"of {path}")
    send(theirs, ["desk/emails", "desk/letters/welcome"], bundle, include_deps=False)
    assert open_keys(plan(ours, bundle)) == ["dependency:desk/letters/foot"]
    send(theirs, ["desk/emails/welcome", "desk/letters/welcome"], bundle, include_deps=False)
    keys = ["dependency:desk/emails/foot", "dependency:desk/letters/foot"]
    assert open_keys(plan(ours, bundle)) == keys
    report = take(ours, bundle, resolutions={keys[0]: "anyway", keys[1]: "skip"})
    assert done(report) == [
        "add project desk",
        "add prompt_set desk/emails",
        "add prompt desk/emails/welcome",
        "keep prompt desk/letters/welcome",
    ]
    assert [item.address for item in ours.ls("desk")] == ["desk/emails"]


def test_where_nothing_of_a_set_comes_ours_keeps_its_name(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    publish(ours, SET, mine="mine")
    publish(theirs, SET, welcome=WITH_FOOT, foot="foot")
    send(theirs, WELCOME, bundle, include_deps=False)
    before = everything(ours)
    resolutions = {"name:desk/emails": "overwrite", "dependency:desk/emails/foot": "skip"}
    report = take(ours, bundle, resolutions=resolutions)
    assert (report.changed, done(report)) == (False, ["keep prompt desk/emails/welcome"])
    assert everything(ours) == before


def test_a_part_for_a_copy_meets_the_copys_own_prompts(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    """A copy has ids of its own: its prompts are known again, and their history goes on."""
    publish(theirs, SET, welcome="one")
    send(theirs, WELCOME, bundle)
    take(ours, bundle)
    take(ours, bundle, into="copy")
    assert ids(ours)["welcome"] is not None
    publish(theirs, SET, welcome="two")
    send(theirs, WELCOME, bundle)
    assert done(take(ours, bundle, into="copy")) == ["change prompt copy/emails/welcome"]
    publish(theirs, SET, welcome="three")
    send(theirs, WELCOME, bundle)
    ours.save("copy/emails/welcome", "ours")
    assert open_keys(plan(ours, bundle, into="copy")) == ["version:copy/emails/welcome@draft"]
    assert texts(ours, DRAFT) == {"welcome": "one"}
