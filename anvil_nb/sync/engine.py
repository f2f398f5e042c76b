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
from anvil_nb.domain.sync.planning import Action, Change, Direction, Waiting, make_plan
from anvil_nb.errors import SyncConflictError, SyncGuardError
from anvil_nb.store.bulk import in_bulk
from anvil_nb.sync import conflicts, foreseeing, lasting, pairing, remembering
from anvil_nb.sync.applying import Applying
from anvil_nb.sync.cancelling import never
from anvil_nb.sync.options import OURS, STOP
from anvil_nb.sync.replica import Restricted
from anvil_nb.sync.reporting import Reporting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anvil_nb.access import Access
    from anvil_nb.domain.sync.guards import Guard
    from anvil_nb.domain.sync.planning import Conflict, SyncPlan
    from anvil_nb.domain.sync.tree import Problem, Tree
    from anvil_nb.results.sync import SyncReport
    from anvil_nb.sync.cancelling import Cancelled
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.options import Options
    from anvil_nb.sync.pairing import Paired

    Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, all that it was made from, and what it comes to.

    Args:
        paired: The two replicas.
        near: Our side.
        far: Theirs.
        plan: What to do; its problems are also what a side cannot take.
        guards: What speaks against it.
        here: What is written on our side.
        there: What is written on theirs.
        unsettled: The conflicts that stay.
    """

    paired: Paired
    near: Tree
    far: Tree
    plan: SyncPlan
    guards: tuple[Guard, ...]
    here: tuple[Change, ...]
    there: tuple[Change, ...]
    unsettled: tuple[Conflict, ...]


def sync(
    access: Access,
    sides: Sides,
    options: Options,
    progress: Progress | None = None,
    cancelled: Cancelled = never,
) -> SyncReport:
    """Carry out a sync, or show what it would do.

    Args:
        access: The store that remembers, and who acts.
        sides: The two replicas.
        options: How to go about it.
        progress: Is told how many changes are done, of how many.
        cancelled: Tells whether to begin no other step: what was begun is finished, and the
            report says what was not.

    Raises:
        InvalidInputError: for a filter that matches nothing.
        PlanMovedError: when ``options.plan`` does not hold any more; nothing was done.
        SyncGuardError: for a plan that looks like an accident; nothing was done.
        SyncConflictError: for conflicts, where nobody said what to do about them; nothing was
            done, and they are kept.
        AnvilError: for what a side would refuse all of, as far as it can be known; nothing was
            done.
    """
    if not options.dry_run:
        sides.near.recover()
        sides.far.recover()
    planned = plan(access, sides, options)
    reporting = Reporting(sides, options, planned)
    if options.dry_run:
        remembering.remember(access, sides, planned)
        return reporting.preview(foreseeing.refusal(sides, planned))
    remembering.check_plan(access, sides, planned, options)
    if planned.guards and not options.force:
        raise _guarded(sides, planned, options)
    pairing.keep(access, planned.paired, sides.near)
    if planned.plan.conflicts:
        conflicts.keep(access, planned.paired.pair, planned.plan.conflicts, sides)
        if options.on_conflict == STOP:
            raise _stopped(planned, reporting)
    if refusal := foreseeing.refusal(sides, planned):
        raise refusal
    return Applying(access, sides, options, planned, reporting, progress, cancelled).run()


def plan(access: Access, sides: Sides, options: Options) -> Planned:
    """Return what a sync would do as things stand."""
    with in_bulk():
        return _plan(access, sides, options)


def _plan(access: Access, sides: Sides, options: Options) -> Planned:
    # What both agreed on first: what another sync makes equal meanwhile is then the same on both
    # sides, and never a change of one side.
    paired = pairing.pair_of(access, sides.target, sides.near, sides.far)
    near, far = sides.near.tree(), sides.far.tree()
    near, far = _as_agreed(near, paired), _as_agreed(far, paired)
    made = make_plan(
        target=sides.target,
        direction=options.direction,
        base=paired.base,
        near=near,
        far=far,
        delete=options.delete and lasting.deletes(sides),
        filter=options.filter,
    )
    made = lasting.explained(made, sides)
    found = (*paired.guards, *guards(made, paired.base, near, far))
    here, there, unsettled = _writes(made, options)
    refused = {**refused_by(sides.near, here), **refused_by(sides.far, there)}
    if refused:
        made = _without(made, refused)
        here, there, unsettled = _writes(made, options, refused)
    made = _never_pulled(made, sides.near, far)
    # Of this pair alone: equal trees of another workspace make another plan. Which side is taken
    # is a part of it where there are conflicts.
    seen = [made.id, sides.near.location, sides.far.location, paired.pair.far_identity]
    side = (options.side if made.conflicts else None) or ""
    made = replace(made, id=plan_id([*seen, side, *sorted(refused)]))
    return Planned(paired, near, far, made, found, here, there, unsettled)


def _as_agreed(tree: Tree, paired: Paired) -> Tree:
    """Leave out deletions that both sides know of: what comes back after them was made anew."""
    if paired.gone.isdisjoint(tree.gone):
        return tree
    return replace(tree, gone={key: tree.gone[key] for key in tree.gone.keys() - paired.gone})


def _writes(
    made: SyncPlan, options: Options, refused: dict[str, Problem] | None = None
) -> tuple[tuple[Change, ...], tuple[Change, ...], tuple[Conflict, ...]]:
    """Return what is written here and there, and the conflicts that stay.

    What a side takes that has nothing is a deletion, and carried over only where those are.
    """
    unsettled: list[Conflict] = []
    taken: list[Change] = []
    ours = options.side == OURS
    for one in made.conflicts:
        stays = refused is not None and one.key in refused
        lacks = (one.ours if ours else one.theirs) is None and not options.delete
        if options.side is None or stays or lacks:
            unsettled.append(one)
        else:
            taken.append(settled(one, ours=ours))
    here = (*(() if options.pushes else made.changes), *(() if ours else taken))
    there = (*(made.changes if options.pushes else ()), *(taken if ours else ()))
    return here, there, tuple(unsettled)


def settled(conflict: Conflict, *, ours: bool) -> Change:
    """Return the change that makes one side of a conflict stand on the other side too."""
    source, standing = (
        (conflict.ours, conflict.theirs) if ours else (conflict.theirs, conflict.ours)
    )
    action = Action.DELETE if source is None else Action.CHANGE if standing else Action.ADD
    return Change(conflict.key, conflict.name, action, conflict.base, source, standing)


def refused_by(side: object, changes: Sequence[Change]) -> dict[str, Problem]:
    """Return what a side cannot take: a dry run says so as well as what is carried out."""
    if not changes or not isinstance(side, Restricted):
        return {}
    return {one.key: one for one in side.refused(changes)}


def _without(made: SyncPlan, refused: dict[str, Problem]) -> SyncPlan:
    changes = tuple(one for one in made.changes if one.key not in refused)
    conflicts = {one.key for one in made.conflicts}
    problems = [one for one in refused.values() if not one.left_out or one.key in conflicts]
    waiting = [
        Waiting(one.key, one.name, one.action, f"only there; it {why.message} here", stays=True)
        for one in made.changes
        if (why := refused.get(one.key)) and why.left_out
    ]
    return replace(
        made,
        changes=changes,
        problems=(*made.problems, *sorted(problems, key=lambda one: one.key)),
        waiting=(*made.waiting, *waiting),
    )


def _never_pulled(made: SyncPlan, near: object, far: Tree) -> SyncPlan:
    """Say of what waits for a pull, and is left out here, that no pull brings it."""
    brought = [
        Change(one.key, one.name, one.action, None, far.entries[one.key], None)
        for one in made.waiting
        if one.action is Action.ADD and made.direction is Direction.PUSH
    ]
    rules = {key: one.message for key, one in refused_by(near, brought).items() if one.left_out}
    waiting = tuple(
        replace(one, why=f"only there; it {rules[one.key]} here", stays=True)
        if one.key in rules
        else one
        for one in made.waiting
    )
    return replace(made, waiting=waiting) if rules else made


def _guarded(sides: Sides, planned: Planned, options: Options) -> SyncGuardError:
    names = tuple(guard.name for guard in planned.guards)
    said = "; ".join(guard.message for guard in planned.guards)
    msg = f"this looks like an accident ({', '.join(names)}): {said}"
    delete = " --delete" if options.delete else ""
    hint = (
        f"Look: anvil sync {sides.target} {options.direction.value}{delete} --dry-run\n"
        "If it is right, add --force."
    )
    return SyncGuardError(msg, hint, guards=names)


def _stopped(planned: Planned, reporting: Reporting) -> SyncConflictError:
    made = planned.plan
    number = len(made.conflicts)
    what = "conflict" if number == 1 else "conflicts"
    key = f"{made.target}/{made.conflicts[0].name}"
    return SyncConflictError(
        f"{number:,} {what} to decide first, {key} for one; nothing was done",
        f"See it: anvil sync diff {key}\n"
        f"Settle it: anvil sync resolve {key} --ours|--theirs|--both|--merged FILE\n"
        "Or do all the rest: --on-conflict keep",
        report=reporting.stopped(),
    )
