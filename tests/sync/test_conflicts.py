"""What both sides changed apart is kept, with all bodies, until somebody settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import (
    NotFoundError,
    SyncConflictError,
)
from tests.sync.apart import BASE, MAIN, OURS, THEIRS, bodies, fallen_apart, kept, only
from tests.sync.laptops import (
    drop,
    put_skill,
    skill,
    statuses,
    stored,
)

if TYPE_CHECKING:
    from tests.sync.conftest import Maker
    from tests.sync.laptops import Laptop


def test_a_conflict_is_kept_and_settled_on_either_engine(on_both: Maker) -> None:
    one = fallen_apart(on_both())
    for _ in range(2):
        assert statuses(one.push(on_conflict="keep")).get("call", "done") == "done"
        one.skill("mail", OURS + "\n")
    newest, oldest = kept(one)
    assert (oldest.choice, newest.choice) == ("superseded", None)
    assert [bodies(one, side) for side in oldest.sides] == [
        only(skill("mail", text)) for text in (BASE, OURS, THEIRS)
    ]
    one.ws.sync_resolve("skills/mail", "both")
    assert one.push(delete=True).unchanged == 3


def test_a_conflict_stops_the_sync_with_a_report_and_nothing_done(apart: Laptop) -> None:
    sides = apart.files(), stored(apart.ws)
    with pytest.raises(SyncConflictError, match="1 conflict to decide first") as caught:
        apart.push()
    assert "anvil sync resolve skills/mail" in caught.value.hint
    report = caught.value.report
    assert (report.state, report.items) == ("conflict", ())
    assert [(one.key, one.kind) for one in report.conflicts] == [("skills/mail", "both-changed")]
    assert caught.value.details()["report"] == report.to_json()
    assert (apart.files(), stored(apart.ws)) == sides
    assert [one.key for one in apart.ws.sync_conflicts().conflicts] == ["skills/mail"]


def test_a_dry_run_foresees_a_conflict_and_keeps_nothing(apart: Laptop) -> None:
    report = apart.ws.sync("skills", "push")
    assert (report.state, len(report.conflicts)) == ("conflict", 1)
    assert not report.sound
    assert kept(apart) == []


def test_keep_does_all_the_rest(apart: Laptop) -> None:
    report = apart.push(on_conflict="keep")
    assert (report.state, statuses(report)) == ("partial", {"call": "done"})
    assert stored(apart.ws)["mail"] == only(skill("mail", THEIRS))
    assert apart.bodies()[MAIN] == skill("mail", OURS)


@pytest.mark.parametrize("way", ["push", "pull"])
@pytest.mark.parametrize("choice", ["ours", "theirs"])
def test_a_side_is_taken_both_ways_and_the_other_is_kept(
    apart: Laptop, way: str, choice: str
) -> None:
    preview = apart.ws.sync("skills", way, on_conflict=choice)
    report = apart.ws.sync("skills", way, dry_run=False, on_conflict=choice, plan=preview.plan)
    assert report.conflicts == ()
    assert statuses(report)["mail"] == "done"
    taken = skill("mail", OURS if choice == "ours" else THEIRS)
    assert apart.bodies()[MAIN] == stored(apart.ws)["mail"]["SKILL.md"] == taken
    (row,) = kept(apart)
    assert row.choice == choice
    assert [bodies(apart, side) for side in row.sides] == [
        only(skill("mail", text)) for text in (BASE, OURS, THEIRS)
    ]
    assert (choice == "theirs") == (skill("mail", OURS) in apart.trash())
    apart.push()
    assert apart.push().unchanged == 2
    assert apart.ws.sync_conflicts().conflicts == ()


def test_all_bodies_are_read_later_even_after_both_sides_moved_on(apart: Laptop) -> None:
    apart.push(on_conflict="keep")
    apart.skill("mail", "Ours moved on.")
    put_skill(apart.ws, "mail", "Theirs moved on.")
    said = apart.ws.sync_diff("skills/mail", kept=True)
    assert "-First, edited here." in said.to_text()
    assert "+Last, there." in said.to_text()
    assert said.suggestion["SKILL.md"].encode() == skill(
        "mail", "First, edited here.\n\nLast, there."
    )
    assert "Ours moved on." in apart.ws.sync_diff("skills/mail").to_text()
    apart.push(on_conflict="keep")
    newest, oldest = kept(apart)
    assert (oldest.choice, newest.choice) == ("superseded", None)
    assert newest.opened_at == oldest.opened_at
    assert bodies(apart, oldest.ours) == only(skill("mail", OURS))
    assert bodies(apart, newest.ours) == only(skill("mail", "Ours moved on."))
    with pytest.raises(NotFoundError, match="no conflict was ever kept"):
        apart.ws.sync_diff("skills/call", kept=True)


def test_a_conflict_that_stands_is_kept_once(apart: Laptop) -> None:
    for _ in range(3):
        apart.push(on_conflict="keep")
    (row,) = kept(apart)
    assert row.choice is None


@pytest.mark.parametrize("choice", ["ours", "theirs"])
def test_taking_the_side_that_deleted_deletes_only_with_delete(make: Maker, choice: str) -> None:
    one = make()
    for name in ("mail", "call"):
        one.skill(name)
    one.push()
    if choice == "ours":
        one.rm("skills/mail")
        put_skill(one.ws, "mail", "Edited.")
    else:
        drop(one.ws, "mail")
        one.skill("mail", "Edited.")
    report = one.pull(on_conflict=choice)
    assert (report.state, len(report.conflicts), report.items) == ("partial", 1, ())
    report = one.pull(on_conflict=choice, delete=True)
    assert [(item.action, item.status) for item in report.items] == [("removed", "done")]
    assert set(stored(one.ws)) == {"call"}
    assert set(one.bodies()) == {"skills/call/SKILL.md"}


def test_a_conflict_ends_when_people_make_both_sides_agree(apart: Laptop) -> None:
    apart.push(on_conflict="keep")
    apart.skill("mail", THEIRS)
    apart.push(filter="call")
    assert apart.ws.sync_conflicts().conflicts == ()
    assert kept(apart)[0].choice == "agreed"


def test_a_conflict_ends_when_one_side_takes_its_change_back(apart: Laptop) -> None:
    apart.push(on_conflict="keep")
    apart.skill("mail", BASE)
    assert statuses(apart.pull()) == {"mail": "done"}
    assert apart.ws.sync_conflicts().conflicts == ()


def test_a_conflict_ends_when_both_sides_delete_it(apart: Laptop) -> None:
    apart.push(on_conflict="keep")
    apart.rm("skills/mail")
    drop(apart.ws, "mail")
    apart.push()
    assert apart.ws.sync_conflicts().conflicts == ()


def test_a_conflict_does_not_end_where_a_side_cannot_be_read(apart: Laptop) -> None:
    apart.push(on_conflict="keep")
    apart.write(MAIN, b"---\nname: [\n---\n")
    drop(apart.ws, "mail")
    apart.push()
    assert len(apart.ws.sync_conflicts().conflicts) == 1


def test_many_conflicts_are_kept_at_once(make: Maker) -> None:
    one = make()
    for number in range(60):
        one.skill(f"s{number}", "Here.")
        put_skill(one.ws, f"s{number}", "There.")
    with pytest.raises(SyncConflictError, match="60 conflicts"):
        one.push()
    assert len(one.ws.sync_conflicts().conflicts) == 60
