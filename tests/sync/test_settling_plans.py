"""Settling by a plan that was looked at: exact, and dead when anything moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import PlanMovedError
from anvil_nb.results.settled import SyncSettled
from tests.sync.apart import MAIN, THEIRS
from tests.sync.laptops import put_skill, skill, stored

if TYPE_CHECKING:
    from tests.sync.laptops import Laptop

KEY = "skills/mail"


def foreseen(one: Laptop, choice: str, **how: Any) -> SyncSettled:
    seen = one.ws.sync_resolve(KEY, choice, dry_run=True, **how)
    assert isinstance(seen, SyncSettled)
    return seen


def plan_of(seen: SyncSettled) -> str:
    assert seen.plan
    return seen.plan


@pytest.mark.parametrize("choice", ["ours", "theirs", "both"])
def test_a_dry_run_changes_nothing_and_its_plan_is_what_is_done(apart: Laptop, choice: str) -> None:
    before = apart.bodies(), stored(apart.ws)
    seen = foreseen(apart, choice)
    assert (apart.bodies(), stored(apart.ws)) == before
    assert apart.ws.sync_conflicts().conflicts == ()
    assert seen.to_text().startswith(f"Would settle 1 by {choice}")
    assert f"--plan {plan_of(seen)}" in seen.to_text()
    done = apart.ws.sync_resolve(KEY, choice, plan=plan_of(seen))
    assert isinstance(done, SyncSettled)
    assert [(one.key, one.status) for one in done.items] == [(KEY, "done")]
    assert [one.made for one in done.items] == [one.made for one in seen.items]


@pytest.mark.parametrize("side", ["disk", "store"])
def test_a_plan_dies_when_a_side_moves(apart: Laptop, side: str) -> None:
    plan = plan_of(foreseen(apart, "theirs"))
    if side == "disk":
        apart.skill("mail", "Moved.")
    else:
        put_skill(apart.ws, "mail", "Moved.")
    before = apart.bodies(), stored(apart.ws)
    with pytest.raises(PlanMovedError, match="does not hold any more"):
        apart.ws.sync_resolve(KEY, "theirs", plan=plan)
    assert (apart.bodies(), stored(apart.ws)) == before


def test_a_plan_is_for_one_choice_one_text_and_one_time(apart: Laptop) -> None:
    plan = plan_of(foreseen(apart, "theirs"))
    with pytest.raises(PlanMovedError):
        apart.ws.sync_resolve(KEY, "ours", plan=plan)
    text = plan_of(foreseen(apart, "merged", merged="a"))
    with pytest.raises(PlanMovedError):
        apart.ws.sync_resolve(KEY, "merged", merged="b", plan=text)
    apart.ws.sync_resolve(KEY, "theirs", plan=plan)
    assert apart.bodies()[MAIN] == skill("mail", THEIRS)
    with pytest.raises(PlanMovedError, match="is the same on both sides by now"):
        apart.ws.sync_resolve(KEY, "theirs", plan=plan)


def test_a_deletion_that_would_come_of_it_is_said(apart: Laptop) -> None:
    apart.rm("skills/mail")
    assert "deleted there too" in foreseen(apart, "ours").to_text()
    assert "mail" in stored(apart.ws)


def test_where_both_are_the_same_there_is_no_plan(apart: Laptop) -> None:
    apart.skill("mail", THEIRS)
    seen = foreseen(apart, "ours")
    assert seen.plan == ""
    assert "the same on both sides" in seen.to_text()
