"""The engine: plan, guard, apply, remember.

One algorithm for every target: the two trees and what both sides agreed on last make a plan; the
plan is shown, or carried out, each change on the condition that nothing moved. What both sides
agree on is recorded after it stands on both, so a sync that is killed anywhere goes on from what
it finds: the same on both sides is agreed, and nothing else is taken for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anvil_nb.domain.plan import plan_id
from anvil_nb.domain.sync.guards import guards
from anvil_nb.domain.sync.planning import (
    Action,
    Change,
    Direction,
    make_plan,
    moved_since,
)
from anvil_nb.errors import (
    InvalidInputError,
    PlanMovedError,
    SyncConflictError,
    SyncGuardError,
)
from anvil_nb.store import sync_state
from anvil_nb.store.identity import new_id
from anvil_nb.store.sync_state import RunRow
from anvil_nb.sync import conflicts, pairing
from anvil_nb.sync.replica import Run, Status
from anvil_nb.sync.reporting import Reporting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anvil_nb.access import Access
    from anvil_nb.results.sync import SyncReport
    from anvil_nb.domain.sync.guards import Guard
    from anvil_nb.domain.sync.planning import Conflict, SyncPlan
    from anvil_nb.domain.sync.tree import Tree
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.pairing import Paired
    from anvil_nb.sync.replica import Outcome, Replica

    Progress = Callable[[int, int], None]

ON_CONFLICT = ("stop", "ours", "theirs", "keep")
"""What to do about conflicts: nothing at all, take a side, or all the rest."""

BATCH = 500
"""How many changes are confirmed before what both sides agree on is recorded."""

MOST_INPUTS = 1_000
"""For how many keys a plan remembers what it was made from, to say what moved."""
_NAMED = 5
"""How many of what moved are named."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a sync goes about it.

    Args:
        direction: Which side is written.
        dry_run: Whether nothing is to be done.
        filter: Globs over names; empty for everything.
        delete: Whether what the source deleted is deleted on the destination.
        force: Whether guards are overruled.
        on_conflict: One of ``ON_CONFLICT``.
        plan: The id of the plan that was looked at; ``None`` for whatever the plan is now.
    """

    direction: Direction
    dry_run: bool = True
    filter: str = ""
    delete: bool = False
    force: bool = False
    on_conflict: str = "stop"
    plan: str | None = None


def direction_of(said: str) -> Direction:
    """Return a direction.

    Raises:
        InvalidInputError: for what is none.
    """
    try:
        return Direction(said)
    except ValueError as error:
        msg = f"a sync goes push or pull, found {said!r}"
        raise InvalidInputError(
            msg, "push: from here to there; pull: from there to here."
        ) from error


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and all that it was made from."""

    paired: Paired
    near: Tree
    far: Tree
    plan: SyncPlan
    guards: tuple[Guard, ...]


def sync(
    access: Access, sides: Sides, options: Options, progress: Progress | None = None
) -> SyncReport:
    """Carry out a sync, or show what it would do.

    Args:
        access: The store that remembers, and who acts.
        sides: The two replicas.
        options: How to go about it.
        progress: Is told how many changes are done, of how many.

    Raises:
        InvalidInputError: for a filter that matches nothing.
        PlanMovedError: when ``options.plan`` does not hold any more; nothing was done.
        SyncGuardError: for a plan that looks like an accident; nothing was done.
        SyncConflictError: for conflicts, where nobody said what to do about them; nothing was
            done, and they are kept.
    """
    if options.on_conflict not in ON_CONFLICT:
        msg = f"'{options.on_conflict}' says nothing about conflicts"
        raise InvalidInputError(msg, f"It is one of: {', '.join(ON_CONFLICT)}")
    if not options.dry_run:
        sides.near.recover()
        sides.far.recover()
    planned = plan(access, sides, options)
    reporting = Reporting(sides, options.direction, planned.plan, planned.guards)
    if options.dry_run:
        _remember(access, planned)
        return reporting.preview()
    _check_plan(access, planned, options)
    if planned.guards and not options.force:
        raise _guarded(sides, planned, options)
    pairing.keep(access, planned.paired, sides.near)
    return _Applying(access, sides, options, planned, reporting, progress).run()


def plan(access: Access, sides: Sides, options: Options) -> Planned:
    """Return what a sync would do as things stand."""
    near, far = sides.near.tree(), sides.far.tree()
    paired = pairing.pair_of(access, sides.target, sides.near, sides.far)
    made = make_plan(
        target=sides.target,
        direction=options.direction,
        base=paired.base,
        near=near,
        far=far,
        delete=options.delete,
        filter=options.filter,
    )
    # Of this pair alone: equal trees of another workspace make another plan.
    of_pair = [sides.near.location, sides.far.location, paired.pair.far_identity]
    made = replace(made, id=plan_id([made.id, *of_pair]))
    found = (*paired.guards, *guards(made, paired.base, near, far))
    return Planned(paired, near, far, made, found)


def _remember(access: Access, planned: Planned) -> None:
    """Remember a plan that was looked at, so that what moved since can be named."""
    made = planned.plan
    if not made.changes and not made.conflicts:
        return
    with access.read("sync") as tx:
        known = sync_state.planned(tx, access.organisation_id, made.id)
    if known is not None and known.state == "planned":
        return
    pairs_known = planned.paired
    with access.write("sync") as tx:
        have = sync_state.pairs(tx, access.organisation_id, made.target)
        if pairs_known.pair.id not in {pair.id for pair in have}:
            sync_state.insert_pair(tx, access.organisation_id, pairs_known.pair, access.now())
        sync_state.forget_plans(tx, access.organisation_id, pairs_known.pair.id, made.id)
        sync_state.begin_run(tx, access.actor, _row(access, planned, "planned"))


def _row(access: Access, planned: Planned, state: str) -> RunRow:
    made = planned.plan
    inputs = {key: list(sides) for key, sides in list(made.inputs.items())[:MOST_INPUTS]}
    return RunRow(
        new_id(),
        planned.paired.pair.id,
        made.target,
        made.direction.value,
        made.id,
        state,
        inputs,
        {},
        access.actor.name,
        access.now(),
        None,
    )


def _check_plan(access: Access, planned: Planned, options: Options) -> None:
    if options.plan is None or options.plan == planned.plan.id:
        return
    with access.read("sync") as tx:
        known = sync_state.planned(tx, access.organisation_id, options.plan)
    again = f"Look again: anvil sync {planned.plan.target} {options.direction.value} --dry-run"
    if known is None:
        msg = f"there is no plan {options.plan} here; the plan is now {planned.plan.id}"
        raise PlanMovedError(msg, again)
    if known.state in {"completed", "partial"}:
        msg = f"the plan {options.plan} was carried out already"
        raise PlanMovedError(msg, again)
    if known.target != planned.plan.target or known.direction != options.direction.value:
        msg = f"the plan {options.plan} is for: sync {known.target} {known.direction}"
        raise PlanMovedError(msg, again)
    moved = moved_since(known.inputs, planned.plan)
    what = "its options are others"
    if moved:
        more = f" and {len(moved) - _NAMED:,} more" if len(moved) > _NAMED else ""
        what = f"these have moved since: {', '.join(moved[:_NAMED])}{more}"
    raise PlanMovedError(f"the plan {options.plan} does not hold any more; {what}", again)


def _guarded(sides: Sides, planned: Planned, options: Options) -> SyncGuardError:
    names = tuple(guard.name for guard in planned.guards)
    said = "; ".join(guard.message for guard in planned.guards)
    msg = f"this looks like an accident ({', '.join(names)}): {said}"
    hint = (
        f"Look: anvil sync {sides.target} {options.direction.value} --dry-run\n"
        "If it is right, add --force."
    )
    return SyncGuardError(msg, hint, guards=names)


class _Applying:
    """One apply; what was done grows as it is confirmed."""

    def __init__(  # noqa: PLR0913, PLR0917 - an apply takes all of these
        self,
        access: Access,
        sides: Sides,
        options: Options,
        planned: Planned,
        reporting: Reporting,
        progress: Progress | None,
    ) -> None:
        self.access, self.sides, self.options = access, sides, options
        self.planned, self.reporting, self.progress = planned, reporting, progress
        self.row = _row(access, planned, "running")
        self.outcomes: dict[str, Outcome] = {}
        self.unrecorded: dict[str, tuple[str, str] | None] = {}

    def run(self) -> SyncReport:
        """Settle or keep the conflicts, write what changed, and say what became of it."""
        made = self.planned.plan
        if made.conflicts:
            self._keep_conflicts()
        self._agree_on_what_is_the_same()
        both = self._writes()
        total = sum(len(changes) for _, _, changes in both)
        if not total:
            self._close_conflicts()
            return self.reporting.done(self.outcomes, self.options.on_conflict)
        with self.access.write("sync") as tx:
            pair_id = self.planned.paired.pair.id
            sync_state.forget_plans(tx, self.access.organisation_id, pair_id, made.id)
            sync_state.begin_run(tx, self.access.actor, self.row)
        done = 0

        def told() -> None:
            nonlocal done
            done += 1
            if self.progress is not None:
                self.progress(done, total)

        try:
            for destination, source, changes in both:
                self._write(destination, source, changes, Run(self.row.id, told))
        except BaseException:
            self._record()
            self._end("failed", self.reporting.done(self.outcomes, self.options.on_conflict))
            raise
        self._close_conflicts()
        report = self.reporting.done(self.outcomes, self.options.on_conflict)
        self._end(report.state, report)
        return report

    def _writes(self) -> list[tuple[Replica, Replica, Sequence[Change]]]:
        """Return what is to be written where, and where its bytes come from."""
        near, far = self.sides.near, self.sides.far
        there = list(self.planned.plan.changes) if self._pushes else []
        here = [] if self._pushes else list(self.planned.plan.changes)
        for one in self.planned.plan.conflicts:
            if self.options.on_conflict == "ours":
                there.append(settled(one, ours=True))
            elif self.options.on_conflict == "theirs":
                here.append(settled(one, ours=False))
        writes = [(far, near, there), (near, far, here)]
        return [write for write in writes if write[2]]

    @property
    def _pushes(self) -> bool:
        return self.options.direction is Direction.PUSH

    def _write(
        self, destination: Replica, source: Replica, changes: Sequence[Change], run: Run
    ) -> None:
        by_key = {change.key: change for change in changes}
        for outcome in destination.apply(changes, source.read, run):
            self.outcomes[outcome.key] = outcome
            if outcome.status is Status.DONE:
                entry = by_key[outcome.key].source
                self.unrecorded[outcome.key] = (
                    None if entry is None else (entry.digest, conflicts.files_of(entry))
                )
                if len(self.unrecorded) >= BATCH:
                    self._record()
            run.progress()
        self._record()

    def _record(self) -> None:
        """Record what both sides have by now."""
        if self.unrecorded:
            with self.access.write("sync") as tx:
                pair = self.planned.paired.pair
                sync_state.agree(tx, self.access.organisation_id, pair.id, self.unrecorded)
            self.unrecorded = {}

    def _agree_on_what_is_the_same(self) -> None:
        near = self.planned.near.entries
        self.unrecorded = {
            key: None if digest is None else (digest, conflicts.files_of(near[key]))
            for key, digest in self.planned.plan.agreed.items()
        }
        self._record()

    def _keep_conflicts(self) -> None:
        made = self.planned.plan
        conflicts.keep(self.access, self.planned.paired.pair, made.conflicts, self.sides)
        if self.options.on_conflict == "stop":
            number = len(made.conflicts)
            what = "conflict" if number == 1 else "conflicts"
            key = f"{made.target}/{made.conflicts[0].name}"
            raise SyncConflictError(
                f"{number:,} {what} to decide first, {key} for one; nothing was done",
                f"See it: anvil sync diff {key}\n"
                f"Settle it: anvil sync resolve {key} --ours|--theirs|--both|--merged FILE\n"
                "Or do all the rest: --on-conflict keep",
                report=self.reporting.stopped(),
            )

    def _close_conflicts(self) -> None:
        """Close the conflicts that were settled, here or by people who made both sides equal."""
        pair_id, choice = self.planned.paired.pair.id, self.options.on_conflict
        with self.access.read("sync") as tx:
            known = sync_state.open_conflicts(tx, self.access.organisation_id, pair_id)
        if not known:
            return
        made = self.planned.plan
        still = {one.key for one in made.conflicts}
        seen = {*self.planned.near.entries, *self.planned.far.entries}
        apart = set(made.inputs) if made.filter else set()
        agreed = [
            one.key
            for one in known
            if one.key not in still
            and (one.key in made.agreed or (not made.filter and one.key not in seen - apart))
        ]
        taken = [
            one.key
            for one in known
            if one.key in still
            and choice in {"ours", "theirs"}
            and one.key in self.outcomes
            and self.outcomes[one.key].status is Status.DONE
        ]
        for keys, said in ((agreed, "agreed"), (taken, choice)):
            if keys:
                with self.access.write("sync") as tx:
                    sync_state.settle(tx, self.access.actor, pair_id, keys, said, self.access.now())

    def _end(self, state: str, report: SyncReport) -> None:
        with self.access.write("sync") as tx:
            sync_state.end_run(
                tx,
                self.access.organisation_id,
                self.row.id,
                state,
                {"summary": report.counts()},
                self.access.now(),
            )


def settled(conflict: Conflict, *, ours: bool) -> Change:
    """Return the change that makes one side of a conflict stand on the other side too."""
    source, standing = (
        (conflict.ours, conflict.theirs) if ours else (conflict.theirs, conflict.ours)
    )
    action = Action.DELETE if source is None else Action.CHANGE if standing else Action.ADD
    return Change(conflict.key, conflict.name, action, conflict.base, source, standing)
