"""Resolving: all conflicts whose names are like a glob, settled by one choice and told one by one.

Each side is written a portion of the keys at a time: both sides of those, and what they agree on,
before the next portion is begun. A key that moved, or that a side does not take, is left as it is
and said to be; the others are settled all the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.plan import plan_id
from anvil_nb.domain.sync.filters import parse_filter
from anvil_nb.errors import InvalidInputError, PlanMovedError
from anvil_nb.results.settled import SAME, SettledKey, SyncSettled
from anvil_nb.store.identity import new_id
from anvil_nb.sync import conflicts, foreseeing, pairing
from anvil_nb.sync.applying import AGREED
from anvil_nb.sync.cancelling import never
from anvil_nb.sync.engine import refused_by
from anvil_nb.sync.keys import at_key, in_conflict
from anvil_nb.sync.replica import Run, Status
from anvil_nb.sync.reporting import CANCELLED
from anvil_nb.sync.settling import (
    Settling,
    agreed,
    changed,
    check_choice,
    check_pair,
    record,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from anvil_nb.access import Access
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.sync.cancelling import Cancelled
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.given import Given
    from anvil_nb.sync.keys import At
    from anvil_nb.sync.replica import Replica, Wanted
    from anvil_nb.sync.settling import Three

PORTION = 50
"""How many conflicts are settled before it is asked whether to begin others."""
NOT_BEGUN = "it was cancelled before its turn, and is undecided as before"
_MOST_NAMED = 8
_MOVED = "a side moved since the conflict was kept; look again, and settle it as it is now"


def is_glob(name: str) -> bool:
    """Tell whether a name is one for several: no key has these characters."""
    return "*" in name or "?" in name


def resolve(  # noqa: PLR0913 - what settles keys
    access: Access,
    sides: Sides,
    glob: str,
    choice: str,
    merged: Given | None = None,
    *,
    plan: str | None = None,
    dry_run: bool = False,
) -> SyncSettled:
    """Settle every conflict whose name is like a glob, or show what that would do.

    Args:
        access: The store that remembers, and who acts.
        sides: The two replicas.
        glob: As in a filter; a name without ``*`` and ``?`` is that key alone.
        choice: ``ours``, ``theirs`` or ``both``; for one key ``merged``, too.
        merged: What is to stand on both sides of the one key.
        plan: The id of the plan that was looked at; any plan goes when ``None``.
        dry_run: Whether nothing is to be done.

    Raises:
        InvalidInputError: for a glob that no conflict is like, and for another choice.
        NotFoundError: for a name that neither side has.
        SyncGuardError: when it is not certain that the two sides belong together.
        PlanMovedError: when the plan that was looked at does not hold any more.
        AnvilError: for what a side would refuse all of; nothing was done.
    """
    check_choice(choice, merged)
    if not dry_run:
        sides.near.recover()
        sides.far.recover()
    found = _like(in_conflict(access, sides), sides, glob) if is_glob(glob) else []
    found = found or [at_key(access, sides, glob)]
    check_pair(sides, found[0])
    made = _plan(found, glob, choice, merged)
    if plan not in {None, made}:
        raise _moved(sides, glob, str(plan), found)
    resolving = Resolving(access, sides)
    for at in found:
        resolving.add(at, choice, merged)
    resolving.foresee()
    if not dry_run:
        resolving.carry_out()
    pattern = f"{sides.target}/{glob}"
    items = tuple(resolving.items[at.key] for at in found)
    return SyncSettled(pattern, choice, dry_run, items, made if dry_run and resolving.waits else "")


def _plan(found: Sequence[At], glob: str, choice: str, merged: Given | None) -> str:
    """Return the id of the plan of what is settled: of all that it is made from."""
    texts: Json = [
        [path or "", digest_of_bytes(data)]
        for path, data in ({} if merged is None else merged.files).items()
    ]
    keys: Json = [
        [at.key, *(None if side is None else side.digest for side in (at.ours, at.theirs))]
        for at in found
    ]
    return plan_id([str(found[0].pair.pair.id), "settle", glob, choice, keys, texts])


def _moved(sides: Sides, glob: str, plan: str, found: Sequence[At]) -> PlanMovedError:
    same = len(found) == 1 and found[0].is_same
    now = "is the same on both sides by now" if same else "is not what it was"
    key = f"{sides.target}/{glob}"
    msg = f"the plan {plan} does not hold any more: {key} {now}, or the choice is another"
    return PlanMovedError(msg, f"Look again: anvil sync resolve '{key}' --dry-run")


def one_alone() -> InvalidInputError:
    """Return the refusal to settle several keys by a text."""
    return InvalidInputError("a text settles one key", "For several: --ours, --theirs or --both")


def _like(found: Sequence[At], sides: Sides, glob: str) -> list[At]:
    matching = parse_filter(glob)
    some = [at for at in found if matching.matches(at.name, at.key)]
    if some:
        return some
    names = [f"{sides.target}/{at.name}" for at in found]
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    there = f"There is: {', '.join(names[:_MOST_NAMED])}{more}."
    nothing = f"Nothing of {sides.target} is in conflict. See all: anvil sync conflicts"
    msg = f"no conflict is like {sides.target}/{glob}"
    raise InvalidInputError(msg, there if names else nothing)


class Resolving:
    """What is to be settled, and what became of each key."""

    def __init__(self, access: Access, sides: Sides) -> None:
        self.access, self.sides = access, sides
        self.choices: dict[str, str] = {}
        self.items: dict[str, SettledKey] = {}
        self.wanted: dict[str, Mapping[str, Three]] = {}
        self.given: dict[str, bytes] = {}
        self.ats: dict[str, At] = {}
        self.taken: frozenset[str] = frozenset()

    @property
    def waits(self) -> bool:
        """Whether there is something to settle."""
        return any(item.sound and not self.ats[key].is_same for key, item in self.items.items())

    def add(self, at: At, choice: str, merged: Given | None = None) -> None:
        """Find out what settling a key comes to."""
        self.ats[at.key], self.choices[at.key] = at, choice
        if at.is_same:
            self.choices[at.key] = AGREED
            self.wanted[at.key] = {at.key: (at.ours, at.ours, at.theirs)}
            self._say(at, SAME, "the same on both sides already")
            return
        if at.has_moved:
            self._say(at, "moved", _MOVED)
            return
        settling = Settling(self.access, self.sides, replace(at, taken=at.taken | self.taken))
        try:
            wanted = settling.wanted(choice, merged)
        except InvalidInputError as error:  # it cannot be called otherwise, say
            self._say(at, "failed", f"{error.message}. {error.hint}")
            return
        made = [key for key in wanted if key != at.key]
        self.taken |= {*made, *(three[0].name for three in wanted.values() if three[0] is not None)}
        self.given |= settling.given
        self.wanted[at.key] = wanted
        self._say(at, "planned", told(at, choice, made), made)

    def foresee(self) -> None:
        """Find out what a side does not take: single keys are said to fail, all of it is raised."""
        for side, number in ((self.sides.near, 1), (self.sides.far, 2)):
            refused = refused_by(side, self._changes(self.wanted, number))
            for key, wanted in list(self.wanted.items()):
                if why := next((refused[one] for one in wanted if one in refused), None):
                    self._fail(key, "failed", f"{why.message}. {why.hint}".rstrip(". ") + ".")
        near, far = (self._changes(self.wanted, number) for number in (1, 2))
        foreseeing.check((self.sides.near, near), (self.sides.far, far))

    def carry_out(
        self, cancelled: Cancelled = never, told: Callable[[int], None] = lambda _: None
    ) -> None:
        """Write both sides, and record what stands on both by then.

        Args:
            cancelled: Tells whether to begin no other portion: those keys are said not to be begun.
            told: Is told of how many keys it is over with.
        """
        if not cancelled():
            self._keep()
        keys = list(self.wanted)
        if refused := len(self.items) - len(keys):
            told(refused)
        for start in range(0, len(keys), PORTION):
            if cancelled():
                for key in keys[start:]:
                    self._fail(key, CANCELLED, NOT_BEGUN)
                return
            some = keys[start : start + PORTION]
            self._settle({key: self.wanted[key] for key in some})
            told(len(some))

    def _keep(self) -> None:
        """Keep both sides of what is to be settled."""
        pair = next(iter(self.ats.values())).pair
        pairing.keep(self.access, pair, self.sides.near)
        apart = [at.conflict() for at in self.ats.values() if not at.is_same]
        conflicts.keep(self.access, pair.pair, apart, self.sides)

    def _settle(self, some: dict[str, Mapping[str, Three]]) -> None:
        """Settle a portion; a key that a side does not take is taken out of it."""
        run = Run(new_id())
        self._write(self.sides.near, self.sides.far, 1, some, run)
        self._write(self.sides.far, self.sides.near, 2, some, run)
        for choice in dict.fromkeys(self.choices[key] for key in some):
            keys = [key for key in some if self.choices[key] == choice]
            both = {one: three for key in keys for one, three in some[key].items()}
            record(self.access, [self.ats[key] for key in keys], agreed(both), choice)
        for key in some:
            if self.items[key].status != SAME:
                self.items[key] = replace(self.items[key], status="done")

    @staticmethod
    def _changes(some: Mapping[str, Mapping[str, Three]], side: int) -> list[Change]:
        return [
            change
            for wanted in some.values()
            for key, three in wanted.items()
            if (change := changed(key, three, side))
        ]

    def _write(
        self,
        side: Replica,
        other: Replica,
        number: int,
        some: dict[str, Mapping[str, Three]],
        run: Run,
    ) -> None:
        def fetch(wanted: Sequence[Wanted]) -> Iterator[bytes]:
            left = [one for one in wanted if one[1].digest not in self.given]
            standing = other.read(left) if left else iter(())
            for _, leaf in wanted:
                given = self.given.get(leaf.digest)
                yield next(standing) if given is None else given

        changes = self._changes(some, number)
        owners = {one: key for key, wanted in some.items() for one in wanted}
        for outcome in side.apply(changes, fetch, run) if changes else ():
            if outcome.status is not Status.DONE:
                why = outcome.message or f"it changed meanwhile, {side.name}"
                some.pop(owners[outcome.key], None)
                self._fail(owners[outcome.key], outcome.status.value, why)

    def _fail(self, key: str, status: str, message: str) -> None:
        self.wanted.pop(key, None)
        self.items[key] = replace(self.items[key], status=status, message=message)

    def _say(self, at: At, status: str, message: str, made: Sequence[str] = ()) -> None:
        key = f"{self.sides.target}/{at.name}"
        self.items[at.key] = SettledKey(key, status, message, tuple(made))
