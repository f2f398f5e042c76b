"""A conflict is settled as somebody chose, and what is given up is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    SourceError,
    SyncConflictError,
)
from anvil_nb.store import items
from tests.sync.apart import BASE, MAIN, OURS, THEIRS, bodies, kept, only
from tests.sync.laptops import (
    agent,
    drop,
    page,
    put,
    put_skill,
    skill,
    stored,
    tables,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sync.conftest import Maker
    from tests.sync.laptops import Laptop


@pytest.mark.parametrize("choice", ["ours", "theirs"])
def test_settled_by_a_side_both_have_it(apart: Laptop, choice: str) -> None:
    apart.push(on_conflict="keep")
    done = apart.ws.sync_resolve("skills/mail", choice)
    assert done.message == f"Settled skills/mail: {choice}"
    taken = skill("mail", OURS if choice == "ours" else THEIRS)
    assert apart.bodies()[MAIN] == stored(apart.ws)["mail"]["SKILL.md"] == taken
    assert apart.ws.sync_conflicts().conflicts == ()
    assert kept(apart)[0].choice == choice
    assert apart.push().unchanged == 2


def test_settled_by_both_ours_stands_and_theirs_beside_it(apart: Laptop) -> None:
    apart.push(on_conflict="keep")
    done = apart.ws.sync_resolve("skills/mail", "both")
    assert "mail-theirs" in done.message
    assert set(stored(apart.ws)) == {"mail", "call", "mail-theirs"}
    assert stored(apart.ws)["mail"] == only(skill("mail", OURS))
    beside = stored(apart.ws)["mail-theirs"]["SKILL.md"]
    assert b"Last, there." in beside
    assert apart.bodies()["skills/mail-theirs/SKILL.md"] == beside
    assert apart.push(delete=True).unchanged == 3
    assert bodies(apart, kept(apart)[0].theirs) == only(skill("mail", THEIRS))


@pytest.mark.parametrize("form", ["text", "bytes", "file", "folder", "mapping"])
def test_settled_by_a_merge_given_as(apart: Laptop, tmp_path: Path, form: str) -> None:
    apart.push(on_conflict="keep")
    text = skill("mail", "First, edited here.\n\nLast, there.")
    folder = tmp_path / "merged"
    folder.mkdir()
    (folder / "SKILL.md").write_bytes(text)
    given: Any = {
        "text": text.decode(),
        "bytes": text,
        "file": folder / "SKILL.md",
        "folder": folder,
        "mapping": {"SKILL.md": text.decode()},
    }[form]
    apart.ws.sync_resolve("skills/mail", "merged", merged=given)
    assert apart.bodies()[MAIN] == stored(apart.ws)["mail"]["SKILL.md"] == text
    assert apart.push().unchanged == 2
    assert kept(apart)[0].choice == "merged"


def test_the_merge_that_is_suggested_can_be_taken(apart: Laptop) -> None:
    apart.push(on_conflict="keep")
    said = apart.ws.sync_diff("skills/mail")
    assert said.clean
    apart.ws.sync_resolve("skills/mail", "merged", merged=said.suggestion)
    assert b"edited here.\n\nLast, there." in stored(apart.ws)["mail"]["SKILL.md"]


def test_a_merge_that_is_none_is_refused_and_changes_nothing(apart: Laptop, tmp_path: Path) -> None:
    apart.push(on_conflict="keep")
    before = apart.files(), tables(apart.ws)
    (tmp_path / "empty").mkdir()
    resolve = apart.ws.sync_resolve
    wrong: list[tuple[type[Exception], str, Callable[[], object]]] = [
        (InvalidInputError, "no text", lambda: resolve("skills/mail", "merged")),
        (InvalidInputError, "no text", lambda: resolve("skills/mail", "merged", merged={})),
        (
            InvalidInputError,
            "no text",
            lambda: resolve("skills/mail", "merged", merged=tmp_path / "empty"),
        ),
        (InvalidInputError, "takes no text", lambda: resolve("skills/mail", "ours", merged="x")),
        (InvalidInputError, "settles nothing", lambda: resolve("skills/mail", "mine")),
        (
            InvalidInputError,
            "makes 'other', not 'mail'",
            lambda: resolve(
                "skills/mail",
                "merged",
                merged={"SKILL.md": skill("mail"), "config.yaml": "id: other\n"},
            ),
        ),
        (
            InvalidInputError,
            "YAML",
            lambda: resolve("skills/mail", "merged", merged="---\nname: [\n---\n"),
        ),
        (
            SourceError,
            "cannot be read",
            lambda: resolve("skills/mail", "merged", merged=tmp_path / "gone.md"),
        ),
        (NotFoundError, "neither side has", lambda: resolve("skills/male", "ours")),
        (InvalidInputError, "does not say", lambda: resolve("mail", "ours")),
    ]
    for kind, message, call in wrong:
        with pytest.raises(kind, match=message) as caught:
            call()
        assert getattr(caught.value, "hint", "")
    assert (apart.files(), tables(apart.ws)) == before


def test_a_name_that_was_mistyped_is_told_what_it_may_mean(apart: Laptop) -> None:
    with pytest.raises(NotFoundError) as caught:
        apart.ws.sync_diff("skills/male")
    assert "Did you mean mail" in caught.value.hint


def test_one_text_for_several_files_that_differ_is_refused(make: Maker) -> None:
    one = make()
    one.skill("mail", BASE, files={"a.txt": b"a"})
    one.push()
    one.skill("mail", OURS, files={"a.txt": b"ours"})
    put_skill(one.ws, "mail", THEIRS, files={"a.txt": b"theirs"})
    with pytest.raises(InvalidInputError, match=r"2 files differ: SKILL.md, a.txt") as caught:
        one.ws.sync_resolve("skills/mail", "merged", merged=skill("mail", "Both."))
    assert "FOLDER" in caught.value.hint
    one.ws.sync_resolve(
        "skills/mail", "merged", merged={"SKILL.md": skill("mail", "Both."), "a.txt": b"both"}
    )
    assert stored(one.ws)["mail"] == {"SKILL.md": skill("mail", "Both."), "a.txt": b"both"}


def test_one_text_leaves_the_other_files_of_the_skill_as_they_are(make: Maker) -> None:
    one = make()
    one.skill("mail", BASE)
    one.write("skills/mail/run.sh", b"#!/bin/sh\n", executable=True)
    one.push()
    one.skill("mail", OURS)
    put(
        one.ws,
        "skills",
        {"SKILL.md": skill("mail", THEIRS), "run.sh": b"#!/bin/sh\n"},
        {"folder": "mail"},
        executable=frozenset({"run.sh"}),
    )
    one.ws.sync_resolve("skills/mail", "merged", merged=skill("mail", "Both."))
    assert one.files()["skills/mail/run.sh"] == (b"#!/bin/sh\n", True)
    assert stored(one.ws)["mail"]["SKILL.md"] == skill("mail", "Both.")


def test_a_merged_folder_says_what_may_be_executed(apart: Laptop, tmp_path: Path) -> None:
    folder = tmp_path / "merged"
    folder.mkdir()
    (folder / "SKILL.md").write_bytes(skill("mail", "Both."))
    (folder / "run.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    apart.ws.sync_resolve("skills/mail", "merged", merged=folder)
    assert apart.files()["skills/mail/run.sh"] == (b"#!/bin/sh\n", True)


def test_a_difference_in_the_executable_bit_alone_is_said_and_settled(make: Maker) -> None:
    one = make()
    one.skill("mail", files={"run.sh": b"#!/bin/sh\n"})
    put(
        one.ws,
        "skills",
        {"SKILL.md": skill("mail"), "run.sh": b"#!/bin/sh\n"},
        {"folder": "mail"},
        executable=frozenset({"run.sh"}),
    )
    assert "run.sh  executable there alone" in one.ws.sync_diff("skills/mail").to_text()
    with pytest.raises(InvalidInputError, match="no text differs"):
        one.ws.sync_resolve("skills/mail", "merged", merged="x")
    one.ws.sync_resolve("skills/mail", "theirs")
    assert one.files()["skills/mail/run.sh"] == (b"#!/bin/sh\n", True)


@pytest.mark.parametrize("side", ["disk", "store"])
def test_a_conflict_that_moved_is_not_settled_unseen(apart: Laptop, side: str) -> None:
    apart.push(on_conflict="keep")
    if side == "disk":
        apart.skill("mail", "Moved on.")
    else:
        put_skill(apart.ws, "mail", "Moved on.")
    before = apart.files(), stored(apart.ws)
    with pytest.raises(ConflictError, match="moved on one side since") as caught:
        apart.ws.sync_resolve("skills/mail", "theirs")
    assert "anvil sync diff skills/mail" in caught.value.hint
    assert (apart.files(), stored(apart.ws)) == before
    apart.ws.sync_resolve("skills/mail", "theirs")  # it was said how it stands now
    assert apart.bodies()[MAIN] == stored(apart.ws)["mail"]["SKILL.md"]
    assert [row.choice for row in kept(apart)] == ["theirs", "superseded"]


@pytest.mark.parametrize(
    ("gone", "kind"), [("disk", "deleted-and-changed"), ("store", "changed-and-deleted")]
)
@pytest.mark.parametrize("choice", ["ours", "theirs"])
def test_a_delete_here_and_an_edit_there_are_a_conflict_settled_either_way(
    make: Maker, gone: str, kind: str, choice: str
) -> None:
    one = make()
    for name in ("mail", "call"):
        one.skill(name)
    one.push()
    if gone == "disk":
        one.rm("skills/mail")
        put_skill(one.ws, "mail", "Edited.")
    else:
        drop(one.ws, "mail")
        one.skill("mail", "Edited.")
    for way in ("push", "pull"):
        with pytest.raises(SyncConflictError) as caught:
            one.ws.sync("skills", way, dry_run=False, delete=True)
        assert [item.kind for item in caught.value.report.conflicts] == [kind]
    with pytest.raises(InvalidInputError, match="only one side has mail"):
        one.ws.sync_resolve("skills/mail", "both")
    one.ws.sync_resolve("skills/mail", choice)
    stays = (choice == "ours") == (gone == "store")
    assert ("mail" in stored(one.ws)) is stays
    assert (MAIN in one.bodies()) is stays
    assert one.push(delete=True).unchanged == 1 + stays
    if not stays:
        edited = skill("mail", "Edited.")
        with one.ws.access.read("sync") as tx:
            log = items.log(tx, one.ws.access.organisation_id, "skill", "mail", None, 9)
        assert edited in one.trash() or [line.action for line in log][:2] == ["deleted", "changed"]


def test_what_is_the_same_already_needs_no_settling_and_is_agreed(apart: Laptop) -> None:
    apart.push(on_conflict="keep")
    apart.skill("mail", THEIRS)
    done = apart.ws.sync_resolve("skills/mail", "ours")
    assert "the same on both sides already" in done.message
    assert apart.ws.sync_conflicts().conflicts == ()
    assert apart.push().unchanged == 2


def test_a_change_of_one_side_can_be_taken_back_by_settling_it(make: Maker) -> None:
    one = make()
    one.skill("mail")
    one.push()
    one.skill("mail", "Edited.")
    one.ws.sync_resolve("skills/mail", "theirs")
    assert one.bodies()[MAIN] == skill("mail")
    assert skill("mail", "Edited.") in one.trash()


def test_both_of_a_page_an_index_and_an_agent(make: Maker) -> None:
    one = make()
    one.write("content/blog/first.md", page("First"))
    one.write("content/blog/index.md", page("Blog"))
    one.write("content/blog/deep/index.md", page("Deep"))
    one.write("agents/helper.yaml", agent("helper"))
    one.push("content")
    one.push("agents")
    for path, place in (("first.md", "First"), ("index.md", "Blog"), ("deep/index.md", "Deep")):
        one.write(f"content/blog/{path}", page(place, "Here."))
        where = {"source": "blog", "folder": "content/blog"}
        put(one.ws, "content", {path: page(place, "There.")}, where)
    one.write("agents/helper.yaml", agent("helper", "Here."))
    put(one.ws, "agents", {"helper.yaml": agent("helper", "There.")}, {})
    for target, names in (
        ("content", ["blog/first", "blog/", "blog/deep"]),
        ("agents", ["helper"]),
    ):
        assert one.push(target, on_conflict="keep").items == ()
        for name in names:
            said: Any = one.ws.sync_resolve(f"{target}/{name}", "both").to_json()
            (made,) = said["made"]
            assert made in stored(one.ws, target)
            assert b"There." in b"".join(stored(one.ws, target)[made].values())
        assert one.push(target, delete=True).items == ()
        assert one.pull(target, delete=True).items == ()
        assert one.ws.sync_conflicts().conflicts == ()
    assert len([body for body in one.bodies().values() if b"There." in body]) == 4


def test_theirs_that_was_put_beside_twice_has_two_names(make: Maker) -> None:
    one = make()
    one.skill("mail")
    one.push()
    for number in ("first", "second"):
        one.skill("mail", f"Ours {number}.")
        put_skill(one.ws, "mail", f"Theirs {number}.")
        one.ws.sync_resolve("skills/mail", "both")
    assert set(stored(one.ws)) == {"mail", "mail-theirs", "mail-theirs-2"}
