"""The report of a sync, from its plan and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.sync.planning import Action, Direction
from anvil_nb.results.sync import Left, SyncConflict, SyncItem, SyncReport
from anvil_nb.sync.replica import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.sync.guards import Guard
    from anvil_nb.domain.sync.planning import Change, Conflict, SyncPlan
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.replica import Outcome


@dataclass(frozen=True, slots=True)
class Reporting:
    """What makes reports of one plan."""

    sides: Sides
    direction: Direction
    plan: SyncPlan
    guards: tuple[Guard, ...]

    def preview(self) -> SyncReport:
        """Return what would be done."""
        items = tuple(self._item(change, "planned", "") for change in self.plan.changes)
        state = "conflict" if self.plan.conflicts else "planned"
        return self._report(state, items, dry_run=True)

    def stopped(self) -> SyncReport:
        """Return what there is to decide before anything is done."""
        return self._report("conflict", ())

    def done(self, outcomes: Mapping[str, Outcome], on_conflict: str) -> SyncReport:
        """Return what was done."""
        items = [self._of(change, outcomes.get(change.key)) for change in self.plan.changes]
        unsettled = list(self.plan.conflicts)
        if on_conflict in {"ours", "theirs"}:
            taken = {one.key for one in unsettled if one.key in outcomes}
            items += [
                self._settled(one, outcomes[one.key], on_conflict)
                for one in unsettled
                if one.key in taken
            ]
            unsettled = [one for one in unsettled if one.key not in taken]
        whole = all(item.status == "done" for item in items)
        state = "completed" if whole and not unsettled else "partial"
        return self._report(state, tuple(items), conflicts=unsettled)

    def _report(
        self,
        state: str,
        items: tuple[SyncItem, ...],
        *,
        conflicts: list[Conflict] | None = None,
        dry_run: bool = False,
    ) -> SyncReport:
        made = self.plan
        left = made.conflicts if conflicts is None else conflicts
        return SyncReport(
            made.target,
            made.direction.value,
            dry_run,
            made.id,
            state,
            items,
            tuple(_conflict(made.target, one) for one in left),
            tuple(Left(f"{made.target}/{one.name}", one.why) for one in made.waiting),
            tuple(Left(f"{made.target}/{one.key}", one.message, one.hint) for one in made.problems),
            made.unchanged,
            tuple(f"{guard.name}: {guard.message}" for guard in self.guards) if dry_run else (),
            sent=getattr(self.sides.far, "sent", None),
        )

    def _of(self, change: Change, outcome: Outcome | None) -> SyncItem:
        if outcome is None:
            return self._item(change, "failed", "the sync ended before its turn")
        return self._item(change, outcome.status.value, _said(outcome))

    def _item(self, change: Change, status: str, message: str) -> SyncItem:
        ours, theirs = change.source, change.standing
        if self.direction is Direction.PULL:
            ours, theirs = theirs, ours
        entry = change.source or change.standing
        return SyncItem(
            change.key,
            change.name,
            change.action.value,
            status,
            None if ours is None else ours.digest,
            None if theirs is None else theirs.digest,
            0 if entry is None else sum(leaf.size for leaf in entry.leaves),
            str(entry.meta.get("folder") or "") if entry is not None else "",
            message,
        )

    def _settled(self, conflict: Conflict, outcome: Outcome, choice: str) -> SyncItem:
        kept = conflict.ours if choice == "ours" else conflict.theirs
        lost = conflict.theirs if choice == "ours" else conflict.ours
        action = Action.DELETE if kept is None else Action.CHANGE if lost else Action.ADD
        entry = kept or lost
        message = _said(outcome) or f"conflict settled by taking {choice}; the other side is kept"
        return SyncItem(
            conflict.key,
            conflict.name,
            action.value,
            outcome.status.value,
            None if conflict.ours is None else conflict.ours.digest,
            None if conflict.theirs is None else conflict.theirs.digest,
            0 if entry is None else sum(leaf.size for leaf in entry.leaves),
            message=message,
        )


def _said(outcome: Outcome) -> str:
    if outcome.status is Status.DONE:
        return ""
    if outcome.status is Status.MOVED and not outcome.message:
        return "changed meanwhile, and was left as it is; sync again"
    return outcome.message


def _conflict(target: str, one: Conflict) -> SyncConflict:
    return SyncConflict(
        f"{target}/{one.name}",
        one.kind.value,
        one.base,
        None if one.ours is None else one.ours.digest,
        None if one.theirs is None else one.theirs.digest,
    )
