"""Remembering which plans were looked at, so that it can be said why one holds no more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from anvil_nb.domain.sync.planning import moved_since
from anvil_nb.errors import PlanMovedError
from anvil_nb.store import sync_runs
from anvil_nb.store.identity import new_id
from anvil_nb.store.sync_runs import RunRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.access import Access
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.engine import Planned
    from anvil_nb.sync.options import Options

MOST_INPUTS = 1_000
"""For how many keys a plan remembers what it was made from, to say what moved."""
_NAMED = 5
"""How many of what moved are named."""
PLANNED, RUNNING, COMPLETED, PARTIAL, FAILED = (
    "planned",
    "running",
    "completed",
    "partial",
    "failed",
)
"""The states of a run."""


def remember(access: Access, sides: Sides, planned: Planned) -> None:
    """Remember a plan that was looked at, so that what moved since can be named."""
    made = planned.plan
    if not made.changes and not made.conflicts:
        return
    with access.read("sync") as tx:
        known = sync_runs.planned(tx, access.organisation_id, made.id)
    if known is not None and known.state == PLANNED:
        return
    row = run_row(access, planned, PLANNED, _sides(sides))
    with access.write("sync") as tx:
        sync_runs.begin_run(tx, access.actor, row)
        sync_runs.forget_plans(tx, access.organisation_id, made.target, "")


def run_row(
    access: Access, planned: Planned, state: str, report: Mapping[str, Any] | None = None
) -> RunRow:
    """Return the record of a plan, or of an apply that begins."""
    made = planned.plan
    inputs = {key: list(made.inputs[key]) for key in sorted(made.inputs)[:MOST_INPUTS]}
    return RunRow(
        new_id(),
        planned.paired.pair.id,
        made.target,
        made.direction.value,
        made.id,
        state,
        inputs,
        dict(report or {}),
        access.actor.name,
        access.now(),
        None,
    )


def check_plan(access: Access, sides: Sides, planned: Planned, options: Options) -> None:
    """Refuse a plan that is not what the sync would do.

    Raises:
        PlanMovedError: that says what moved.
    """
    if options.plan is None or options.plan == planned.plan.id:
        return
    with access.read("sync") as tx:
        known = sync_runs.planned(tx, access.organisation_id, options.plan)
    again = f"Look again: anvil sync {planned.plan.target} {options.direction.value} --dry-run"
    if known is None:
        msg = f"there is no plan {options.plan} here; the plan is now {planned.plan.id}"
        raise PlanMovedError(msg, again)
    if known.state != PLANNED:
        ended = known.state in {COMPLETED, PARTIAL}
        what = "carried out already" if ended else "begun already; what is left is another plan"
        raise PlanMovedError(f"the plan {options.plan} was {what}", again)
    if known.target != planned.plan.target or known.direction != options.direction.value:
        msg = f"the plan {options.plan} is for: sync {known.target} {known.direction}"
        raise PlanMovedError(msg, again)
    why = _why(known, sides, planned)
    raise PlanMovedError(f"the plan {options.plan} does not hold any more; {why}", again)


def _why(known: RunRow, sides: Sides, planned: Planned) -> str:
    there = _sides(sides)
    for side, place in known.report.items():
        if there.get(side, place) != place:
            return f"it is for {place}, and this is {there[side]}"
    now = planned.plan
    if len(known.inputs) >= MOST_INPUTS:  # the rest of them is not known, and may not have moved
        last = max(known.inputs)
        inputs = {key: said for key, said in now.inputs.items() if key <= last}
        now = replace(now, inputs=inputs)
    moved = moved_since(known.inputs, now)
    if not moved:
        return "its options are others"
    more = f" and {len(moved) - _NAMED:,} more" if len(moved) > _NAMED else ""
    return f"these have moved since: {', '.join(moved[:_NAMED])}{more}"


def _sides(sides: Sides) -> dict[str, str]:
    return {"near": sides.near.location, "far": sides.far.location}
