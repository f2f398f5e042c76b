"""Settling by a plan that was looked at: exact, and dead when anything moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import PlanMovedError
from tests.sync.apart import MAIN, THEIRS
from tests.sync.laptops import put_skill, skill, stored

if TYPE_CHECKING:
    from tests.sync.laptops import Laptop

KEY = "skills/mail"


@pytest.mark.parametrize("choice", ["ours", "theirs", "both"])
def test_a_dry_run_changes_nothing_and_its_plan_is_what_is_done(apart: Laptop, choice: str) -> None:
    before = apart.bodies(), stored(apart.ws)
    seen = apart.ws.sync_resolve(KEY, choice, dry_run=True)
    assert (apart.bodies(), stored(apart.ws)) == before
    assert apart.ws.sync_conflicts().conflicts == ()
    assert seen.message.startswith(f"Would settle {KEY}: {choice}")
    done = apart.ws.sync_resolve(KEY, choice, plan=str(seen.facts["plan"]))
    assert done.message.startswith(f"Settled {KEY}: {choice}")
    assert done.facts["made"] == seen.facts["made"]


@pytest.mark.parametrize("side", ["disk", "store"])
def test_a_plan_dies_when_a_side_moves(apart: Laptop, side: str) -> None:
    plan = str(apart.ws.sync_resolve(KEY, "theirs", dry_run=True).facts["plan"])
    if side == "disk":
        apart.skill("mail", "Moved.")
    else:
        put_skill(apart.ws, "mail", "Moved.")
    before = apart.bodies(), stored(apart.ws)
    with pytest.raises(PlanMovedError, match="does not hold any more"):
        apart.ws.sync_resolve(KEY, "theirs", plan=plan)
    assert (apart.bodies(), stored(apart.ws)) == before


def test_a_plan_is_for_one_choice_one_text_and_one_time(apart: Laptop) -> None:
    plan = str(apart.ws.sync_resolve(KEY, "theirs", dry_run=True).facts["plan"])
    with pytest.raises(PlanMovedError):
        apart.ws.sync_resolve(KEY, "ours", plan=plan)
    text = str(apart.ws.sync_resolve(KEY, "merged", merged="a", dry_run=True).facts["plan"])
    with pytest.raises(PlanMovedError):
        apart.ws.sync_resolve(KEY, "merged", merged="b", plan=text)
    apart.ws.sync_resolve(KEY, "theirs", plan=plan)
    assert apart.bodies()[MAIN] == skill("mail", THEIRS)
    with pytest.raises(PlanMovedError, match="is the same on both sides by now"):
        apart.ws.sync_resolve(KEY, "theirs", plan=plan)


def test_a_deletion_that_would_come_of_it_is_said(apart: Laptop) -> None:
    apart.rm("skills/mail")
    seen = apart.ws.sync_resolve(KEY, "ours", dry_run=True)
    assert "deleted on the other side" in seen.message
    assert "mail" in stored(apart.ws)


def test_where_both_are_the_same_there_is_no_plan(apart: Laptop) -> None:
    apart.skill("mail", THEIRS)
    seen = apart.ws.sync_resolve(KEY, "ours", dry_run=True)
    assert seen.facts["plan"] == ""
    assert "the same on both sides" in seen.message
