"""Guards: plans that look like an accident, and are refused unless they are forced by name.

A disk that is not mounted, a clone into the wrong folder, a tool that rewrote every file: each
makes a plan that is right by its rules and wrong in its result. They are told by their size. That
two sides belong together is checked where their markers are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.sync.filters import parse_filter
from anvil_nb.domain.sync.planning import Action, Direction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.sync.filters import Filter
    from anvil_nb.domain.sync.planning import SyncPlan
    from anvil_nb.domain.sync.tree import Tree

MANY_DELETED: Final = "many-deleted"
ALL_CHANGED: Final = "all-changed"
EMPTY_SIDE: Final = "empty-side"
WRONG_PAIR: Final = "wrong-pair"
MARKER_MISSING: Final = "marker-missing"

FEWEST: Final = 5
"""Below so many keys that both sides agreed on, half of them is no telling number."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A reason not to apply a plan.

    Args:
        name: By which it is named when it is overruled.
        message: What looks wrong.
    """

    name: str
    message: str


def guards(plan: SyncPlan, base: Mapping[str, str], near: Tree, far: Tree) -> tuple[Guard, ...]:
    """Return what speaks against applying a plan, within its filter; nothing, as a rule."""
    scope = parse_filter(plan.filter)
    known = _known(base, near, far, scope)
    found = (
        _empty_side(known, near, far, scope),
        _many_deleted(plan, len(known)),
        _all_changed(plan, known),
    )
    return tuple(guard for guard in found if guard is not None)


def _known(base: Mapping[str, str], near: Tree, far: Tree, scope: Filter) -> Mapping[str, str]:
    if not scope:
        return base
    entries = (near.entries, far.entries)
    return {
        key: digest
        for key, digest in base.items()
        if scope.matches(*({side[key].name for side in entries if key in side} or {key}))
    }


def _empty_side(known: Mapping[str, str], near: Tree, far: Tree, scope: Filter) -> Guard | None:
    empty = [_is_empty(tree, scope) for tree in (near, far)]
    if not known or empty[0] == empty[1]:
        return None
    where = "here" if empty[0] else "there"
    return Guard(
        EMPTY_SIDE,
        f"nothing is left {where}, where both sides had {_count(len(known))} in common",
    )


def _is_empty(tree: Tree, scope: Filter) -> bool:
    if tree.problems:
        return False
    return not any(scope.matches(entry.name) for entry in tree.entries.values())


def _many_deleted(plan: SyncPlan, known: int) -> Guard | None:
    deleted = sum(change.action is Action.DELETE for change in plan.changes)
    if known < FEWEST or deleted * 2 <= known:
        return None
    where = "there" if plan.direction is Direction.PUSH else "here"
    return Guard(
        MANY_DELETED,
        f"{deleted:,} of {_count(known)} that both sides had in common would be deleted {where}",
    )


def _all_changed(plan: SyncPlan, known: Mapping[str, str]) -> Guard | None:
    """Return a guard where no key of the source is what it was, and some of it is there."""
    at, other = (1, 2) if plan.direction is Direction.PUSH else (2, 1)
    sides = [plan.inputs[key] for key in known if key in plan.inputs]
    apart = [one for one in sides if one[at] != one[0] and one[at] != one[other]]
    if len(known) < FEWEST or len(apart) < len(known) or all(one[at] is None for one in apart):
        return None
    where = "here" if plan.direction is Direction.PUSH else "there"
    return Guard(
        ALL_CHANGED,
        f"all of {_count(len(known))} that both sides had in common changed {where}",
    )


def _count(number: int) -> str:
    return f"{number:,} entry" if number == 1 else f"{number:,} entries"
