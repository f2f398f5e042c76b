"""Deciding: many conflicts settled together, each as somebody chose, and seen as one plan before.

Of each target the sides are read once, and written a portion of the keys at a time. A key that
moved, or that a side does not take, is left as it is and said to be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.plan import plan_id
from anvil_nb.domain.values import type_name
from anvil_nb.errors import InvalidInputError, PlanMovedError
from anvil_nb.results.settled import DECIDED, SettledKey, SyncSettled
from anvil_nb.sync.cancelling import never
from anvil_nb.sync.given import given
from anvil_nb.sync.keys import at_key, in_conflict
from anvil_nb.sync.reporting import CANCELLED
from anvil_nb.sync.resolving import NOT_BEGUN, Resolving
from anvil_nb.sync.settling import check_choice, check_pair
from anvil_nb.sync.targets import split_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anvil_nb.access import Access
    from anvil_nb.domain.digest import Json
    from anvil_nb.sync.cancelling import Cancelled
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.given import Given

    Chosen = tuple[str, Given | None]
    Progress = Callable[[int, int], None]

_EXAMPLE = '{"skills/mail": "ours", "skills/call": {"merged": "text"}}'


class _EndedError(Exception):
    """Ends the finding out of what is to be settled: it was cancelled."""


def decide(  # noqa: PLR0913 - what settles conflicts
    access: Access,
    sides_of: Callable[[str], Sides],
    decisions: Mapping[str, Any],
    *,
    plan: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled = never,
) -> SyncSettled:
    """Settle conflicts, each by its own choice, or show what that would do.

    Args:
        access: The store that remembers, and who acts.
        sides_of: Returns the two replicas of a target.
        decisions: By the key of a conflict a choice, or ``{"merged": text}``, or
            ``{"merged": {path: text}}`` for all files of it.
        plan: The id of the plan that was looked at; any plan goes when ``None``.
        dry_run: Whether nothing is to be done.
        progress: Is told of how many conflicts it is over with, of how many.
        cancelled: Is asked between conflicts whether to begin no other one.

    Raises:
        InvalidInputError: for no decision at all, and for what is none.
        NotFoundError: for a key that neither side has.
        SyncGuardError: when it is not certain that the two sides of a target belong together.
        PlanMovedError: when the plan that was looked at does not hold any more; nothing was done.
        AnvilError: for what a side would refuse all of; nothing was done.
    """
    by_target = _by_target(decisions)
    made: list[Resolving] = []
    inputs: list[Json] = []

    def go_on() -> None:
        if cancelled():
            raise _EndedError

    try:
        for target, chosen in by_target.items():
            go_on()
            sides = sides_of(target)
            if not dry_run:
                sides.near.recover()
                sides.far.recover()
            resolving = _resolving(access, sides, chosen, inputs, go_on)
            resolving.foresee()
            made.append(resolving)
    except _EndedError:
        items = tuple(SettledKey(key, CANCELLED, NOT_BEGUN) for key in decisions)
        return SyncSettled("", DECIDED, dry_run, items)
    now = plan_id(inputs)
    if plan not in {None, now}:
        msg = f"the plan {plan} does not hold any more: a side moved, or a choice is another"
        raise PlanMovedError(msg, "Look at the plan again.")
    if not dry_run:
        counting = _Counting(progress, sum(len(one.items) for one in made))
        counting.add(0)
        for resolving in made:
            resolving.carry_out(cancelled, counting.add)
    items = tuple(item for one in made for item in one.items.values())
    waits = any(one.waits for one in made)
    return SyncSettled("", DECIDED, dry_run, items, now if dry_run and waits else "")


class _Counting:
    """Tells of how many conflicts it is over with."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._done, self._total = progress, 0, total

    def add(self, number: int) -> None:
        """Say that it is over with so many more."""
        self._done += number
        if self._progress is not None:
            self._progress(self._done, self._total)


def _resolving(
    access: Access,
    sides: Sides,
    chosen: Mapping[str, Chosen],
    inputs: list[Json],
    go_on: Callable[[], None],
) -> Resolving:
    standing = {name: at for at in in_conflict(access, sides) for name in (at.key, at.name)}
    resolving = Resolving(access, sides)
    for name, (choice, merged) in chosen.items():
        go_on()
        at = standing.get(name) or at_key(access, sides, name)
        check_pair(sides, at)
        resolving.add(at, choice, merged)
        digests: list[Json] = [
            None if side is None else side.digest for side in (at.ours, at.theirs)
        ]
        texts: Json = [
            [path or "", digest_of_bytes(data)]
            for path, data in ({} if merged is None else merged.files).items()
        ]
        inputs.append([str(at.pair.pair.id), at.key, choice, digests, texts])
    return resolving


def _by_target(decisions: Mapping[str, Any]) -> dict[str, dict[str, Chosen]]:
    if not decisions:
        raise InvalidInputError("there is no decision", f"For example: {_EXAMPLE}")
    found: dict[str, dict[str, Chosen]] = {}
    for key, said in decisions.items():
        target, name = split_key(key)
        found.setdefault(target, {})[name] = _chosen(key, said)
    return dict(sorted(found.items()))


def _chosen(key: str, said: object) -> Chosen:
    if isinstance(said, dict) and said.keys() == {"merged"}:
        return "merged", given(said["merged"])
    if not isinstance(said, str):
        msg = f"the decision on {key} is a choice or merged texts, found {type_name(said)}"
        raise InvalidInputError(msg, f"For example: {_EXAMPLE}")
    check_choice(said, None)
    return said, None
