"""One key of two sides as it stands, found by what people call it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from anvil_nb.domain.sync.planning import Conflict, ConflictKind, Direction
from anvil_nb.errors import InvalidInputError, NotFoundError
from anvil_nb.store import sync_conflicts
from anvil_nb.sync import conflicts, engine, pairing
from anvil_nb.sync.options import Options

if TYPE_CHECKING:
    from anvil_nb.access import Access
    from anvil_nb.domain.sync.tree import Entry
    from anvil_nb.store.sync_conflicts import ConflictRow
    from anvil_nb.sync.conflicts import Sides


@dataclass(frozen=True, slots=True)
class At:
    """One key of two sides, as it stands.

    Args:
        key: By which both sides know it.
        name: How people call it.
        base: Digest of what both sides had last.
        ours: What our side has.
        theirs: What theirs has.
        pair: The two sides.
        taken: The keys and names that are in use on either side.
        kept: The conflict that is open there.
    """

    key: str
    name: str
    base: str | None
    ours: Entry | None
    theirs: Entry | None
    pair: pairing.Paired
    taken: frozenset[str]
    kept: ConflictRow | None

    @property
    def is_same(self) -> bool:
        """Whether both sides have the same, or nothing."""
        sides = {None if side is None else side.digest for side in (self.ours, self.theirs)}
        return len(sides) == 1

    @property
    def has_moved(self) -> bool:
        """Whether a side moved since the conflict that is open there was kept."""
        return self.kept is not None and not conflicts.is_kept(self.kept, self.conflict())

    def conflict(self) -> Conflict:
        """Return how the sides differ, in the form that a plan gives it."""
        return Conflict(self.key, self.name, self._kind(), self.base, self.ours, self.theirs)

    def _kind(self) -> ConflictKind:
        if self.base is None:
            return ConflictKind.FIRST_CONTACT
        if self.ours is None:
            return ConflictKind.DELETED_AND_CHANGED
        return ConflictKind.CHANGED_AND_DELETED if self.theirs is None else _BOTH


_BOTH = ConflictKind.BOTH_CHANGED


def in_conflict(access: Access, sides: Sides) -> list[At]:
    """Return every key at which the two sides are in conflict, in order."""
    planned = engine.plan(access, sides, Options(Direction.PUSH, delete=True))
    pair, near, far = planned.paired, planned.near.entries, planned.far.entries
    with access.read("sync") as tx:
        rows = sync_conflicts.open_conflicts(tx, access.organisation_id, pair.pair.id)
    kept = {row.key: row for row in rows}
    names = {name for side in (near, far) for key in side for name in (key, side[key].name)}
    taken = frozenset({*names, *pair.base, *kept})
    return [
        At(one.key, one.name, one.base, one.ours, one.theirs, pair, taken, kept.get(one.key))
        for one in planned.plan.conflicts
    ]


def at_key(access: Access, sides: Sides, name: str) -> At:
    """Return what both sides have at a key.

    Args:
        access: The store that remembers.
        sides: The two replicas.
        name: The key, or how people call it.

    Raises:
        NotFoundError: for what neither side has, nor had.
        InvalidInputError: for a name that several have.
    """
    pair = pairing.pair_of(access, sides.target, sides.near, sides.far)
    near, far = sides.near.tree(), sides.far.tree()
    with access.read("sync") as tx:
        rows = sync_conflicts.open_conflicts(tx, access.organisation_id, pair.pair.id)
    names = {row.key: row.name for row in rows}
    names |= {key: key for key in pair.base if key not in names}
    names |= {key: one.name for side in (far, near) for key, one in side.entries.items()}
    key = _key(sides.target, name, names)
    ours, theirs = near.entries.get(key), far.entries.get(key)
    base = pair.base.get(key) or (far.gone.get(key) if key not in pair.gone else None)
    kept = next((row for row in rows if row.key == key), None)
    taken = frozenset({*names, *names.values()})
    return At(key, names[key], base, ours, theirs, pair, taken, kept)


def _key(target: str, name: str, names: dict[str, str]) -> str:
    if name in names:
        return name
    keys = [key for key, called in names.items() if called == name]
    if len(keys) > 1:
        msg = f"{len(keys)} of {target} are called '{name}'"
        raise InvalidInputError(msg, f"Name it by its key: {' or '.join(sorted(keys))}")
    if not keys:
        close = get_close_matches(name, [*names, *names.values()], 3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "See all: anvil sync conflicts"
        raise NotFoundError(f"neither side has {target}/{name}", hint)
    return keys[0]
