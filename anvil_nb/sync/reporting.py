"""The report of a sync, from its plan and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from anvil_nb.domain.sync.planning import Action
from anvil_nb.results.sync import Left, SyncConflict, SyncItem, SyncReport
from anvil_nb.sync.options import OURS, STOP
from anvil_nb.sync.replica import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anvil_nb.domain.sync.planning import Change, Conflict, Waiting
    from anvil_nb.errors import AnvilError
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.engine import Planned
    from anvil_nb.sync.options import Options
    from anvil_nb.sync.replica import Outcome

CANCELLED = "cancelled"
"""The state of a sync that was ended between its steps, and the status of what was not begun."""
_NOT_BEGUN = "the sync was cancelled before its turn"
_NOT_CAME_TO = "the sync ended before its turn"
_MOVED = "changed meanwhile, and was left as it is; sync again"


@dataclass(frozen=True, slots=True)
class Reporting:
    """What makes reports of one plan."""

    sides: Sides
    options: Options
    planned: Planned

    def preview(self, refusal: AnvilError | None = None) -> SyncReport:
        """Return what would be done, and the error that would keep all of it from being done."""
        items = [self._item(change, "planned", "") for change in self._changes()]
        stops = self.planned.plan.conflicts and self.options.on_conflict == STOP
        state = "conflict" if stops else "planned" if refusal is None else "refused"
        report = self._report(state, items, self.planned.unsettled)
        if refusal is None:
            return report
        key = self.planned.plan.target
        return replace(report, refusal=Left(key, refusal.message, refusal.hint or ""))

    def stopped(self) -> SyncReport:
        """Return what there is to decide before anything is done."""
        return self._report("conflict", (), self.planned.plan.conflicts)

    def done(self, outcomes: Mapping[str, Outcome], *, cancelled: bool = False) -> SyncReport:
        """Return what was done.

        Args:
            outcomes: By key; without one is what it did not come to.
            cancelled: Whether that was meant.
        """
        missing = CANCELLED if cancelled else Status.FAILED.value
        items = [self._of(change, outcomes.get(change.key), missing) for change in self._changes()]
        unsettled = self.planned.unsettled
        whole = all(item.status == Status.DONE.value for item in items)
        state = "completed" if whole and not unsettled else "partial"
        if any(item.status == CANCELLED for item in items):
            state = CANCELLED
        return self._report(state, items, unsettled)

    def _changes(self) -> list[Change]:
        """Return all that is to be written, in the order of its keys."""
        return sorted((*self.planned.there, *self.planned.here), key=lambda change: change.key)

    def _report(
        self, state: str, items: Sequence[SyncItem], conflicts: Sequence[Conflict]
    ) -> SyncReport:
        made, options = self.planned.plan, self.options
        guards = self.planned.guards if options.dry_run else ()
        return SyncReport(
            made.target,
            made.direction.value,
            options.dry_run,
            made.id,
            state,
            tuple(items),
            tuple(_conflict(made.target, one) for one in conflicts),
            tuple(_waiting(made.target, one) for one in made.waiting),
            tuple(Left(f"{made.target}/{one.key}", one.message, one.hint) for one in made.problems),
            made.unchanged,
            tuple(f"{guard.name}: {guard.message}" for guard in guards),
            self._noticed(),
            filter=made.filter,
            delete=options.delete,
            on_conflict=options.on_conflict,
            sent=getattr(self.sides.far, "sent", None),
        )

    def _noticed(self) -> tuple[str, ...]:
        """Return what was noticed in what is written, such as two places that disagree."""
        made = self.planned.plan
        return tuple(
            f"{made.target}/{change.name}: {note}"
            for change in self._changes()
            if change.source is not None and isinstance(change.source.meta.get("notes"), list)
            for note in cast("list[str]", change.source.meta["notes"])
        )

    def _of(self, change: Change, outcome: Outcome | None, missing: str) -> SyncItem:
        if outcome is None:
            why = _NOT_BEGUN if missing == CANCELLED else _NOT_CAME_TO
            return self._item(change, missing, why)
        message = outcome.message
        if outcome.status is Status.MOVED:
            message = message or _MOVED
        return self._item(change, outcome.status.value, message)

    def _item(self, change: Change, status: str, message: str) -> SyncItem:
        settled = next((one for one in self.planned.plan.conflicts if one.key == change.key), None)
        pushed = self.options.pushes if settled is None else self.options.side == OURS
        ours, theirs = change.source, change.standing
        if not pushed:
            ours, theirs = theirs, ours
        if settled is not None and not message:
            message = f"a conflict, settled by {self.options.on_conflict}; the other side is kept"
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


def _waiting(target: str, one: Waiting) -> Left:
    key = f"{target}/{one.name}"
    lost = one.action is Action.DELETE and one.why.startswith("deleted here")
    hint = f"To bring it back: anvil sync resolve {key} --theirs" if lost else ""
    return Left(key, one.why, hint)


def _conflict(target: str, one: Conflict) -> SyncConflict:
    return SyncConflict(
        f"{target}/{one.name}",
        one.kind.value,
        one.base,
        None if one.ours is None else one.ours.digest,
        None if one.theirs is None else one.theirs.digest,
    )
