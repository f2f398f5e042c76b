"""Pairs: which two replicas belong together, and what they agreed on last.

A folder on disk carries the ids of its pairs, so that a folder that was emptied, exchanged or not
mounted is not taken for one whose files were all deleted. A cloud tells who it is.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from anvil_nb.domain.sync.guards import MARKER_MISSING, WRONG_PAIR, Guard
from anvil_nb.errors import PlanMovedError
from anvil_nb.store import sync_pairs
from anvil_nb.store.identity import new_id
from anvil_nb.store.sync_pairs import Pair

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from anvil_nb.access import Access
    from anvil_nb.store.engine import Transaction
    from anvil_nb.sync.replica import Replica


@runtime_checkable
class Marked(Protocol):
    """A replica that carries the ids of its pairs: a folder."""

    def pair_id(self, target: str) -> UUID | None:
        """Return the id of the pair for a target, if it carries one."""

    def mark(self, target: str, pair_id: UUID) -> None:
        """Carry it from here on."""

    def is_elsewhere(self, location: str, target: str, pair_id: UUID, *, shared: bool) -> bool:
        """Tell whether another folder, at a location, carries a pair: this one is a copy of it.

        Args:
            location: Where the pair was last.
            target: Of the pair.
            pair_id: Of the pair.
            shared: Whether other machines use the store too: what is on them cannot be seen.
        """


@dataclass(frozen=True, slots=True)
class Paired:
    """A pair as it was found.

    Args:
        pair: The pair; a new one at first contact.
        base: What both sides agreed on last, digests by key.
        gone: The keys that both sides agreed to have nothing at.
        guards: What speaks against going on with it.
        seen: The ids of all pairs of the target that there were.
    """

    pair: Pair
    base: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    guards: tuple[Guard, ...] = ()
    seen: frozenset[UUID] = frozenset()


def here(folder: str) -> str:
    """Return what tells a folder from those of other machines that use the same store."""
    return f"{platform.node()}:{folder}"


def own_identity(access: Access) -> str:
    """Return the id by which other replicas know what this store has of the organisation."""
    with access.read("sync") as tx:
        found = sync_pairs.identity(tx, access.organisation_id)
    if found is None:
        with access.write("sync") as tx:
            found = sync_pairs.make_identity(tx, access.organisation_id, access.now())
    return str(found)


def pair_of(access: Access, target: str, near: Replica, far: Replica) -> Paired:
    """Return the pair of two replicas, without its base where that cannot be trusted."""
    # A pair is recorded, then carried, and then has a base: read the other way round, what another
    # sync of the folder does at this moment is seen whole or not at all.
    carried = near.pair_id(target) if isinstance(near, Marked) else None
    with access.read("sync") as tx:
        known = sync_pairs.pairs(tx, access.organisation_id, target)
    fresh = Pair(new_id(), target, near.location, far.location, far.identity())
    found = _found(access, known, fresh, near, far, carried)
    return replace(found, seen=frozenset(pair.id for pair in known))


def _found(  # noqa: PLR0913, PLR0917 - all that a pair is told by
    access: Access,
    known: Sequence[Pair],
    fresh: Pair,
    near: Replica,
    far: Replica,
    carried: UUID | None,
) -> Paired:
    target = fresh.target
    if not isinstance(near, Marked):
        return _with(access, known, fresh, far)
    there = [pair for pair in known if pair.near == near.location]
    if carried is None:
        if not any(_base(access, pair) for pair in there):
            return _with(access, there, fresh, far)
        carried = near.pair_id(target)
        if carried is None:
            return Paired(fresh, guards=(_marker_missing(near),))
    named = [pair for pair in known if pair.id == carried]
    if not named:
        return Paired(fresh, guards=(_of_another_store(near, carried),))
    shared = access.engine.kind != "duckdb"
    if near.is_elsewhere(named[0].near, target, carried, shared=shared):
        return Paired(fresh, guards=(_copied(near, named[0]),))
    return _with(access, [*named, *there], fresh, far)


def _with(access: Access, pairs: Sequence[Pair], fresh: Pair, far: Replica) -> Paired:
    """Return the pair with the far side as it knows itself, wherever that is by now."""
    found = next((pair for pair in pairs if pair.far_identity == fresh.far_identity), None)
    if found is not None:
        base = _base(access, found)
        gone = frozenset(key for key, digest in base.items() if digest == sync_pairs.GONE)
        for key in gone:
            del base[key]
        return Paired(replace(fresh, id=found.id), base, gone)
    if any(pair.far == fresh.far for pair in pairs):
        return Paired(fresh, guards=(_another_far(far),))
    return Paired(fresh)


def keep(access: Access, paired: Paired, near: Replica) -> None:
    """Record a pair, and let the folder carry its id.

    Raises:
        PlanMovedError: when another sync has made a pair of both meanwhile: with two of them, what
            is agreed on in the one would not be known in the other.
    """
    pair = paired.pair
    with access.read("sync") as tx:
        known = {one.id: one for one in sync_pairs.pairs(tx, access.organisation_id, pair.target)}
    if known.get(pair.id) != pair:
        with access.write("sync") as tx:
            if pair.id in known:
                sync_pairs.place_pair(tx, access.organisation_id, pair)
            else:
                _check_first(access, tx, paired)
                sync_pairs.insert_pair(tx, access.organisation_id, pair, access.now())
    if isinstance(near, Marked) and near.pair_id(pair.target) != pair.id:
        near.mark(pair.target, pair.id)


def _check_first(access: Access, tx: Transaction, paired: Paired) -> None:
    """Refuse a second pair of the same two; who asks at the same time waits here."""
    pair = paired.pair
    sync_pairs.take_turn(tx, access.organisation_id, access.now())
    for one in sync_pairs.pairs(tx, access.organisation_id, pair.target):
        same = (one.near, one.far_identity) == (pair.near, pair.far_identity)
        if same and one.id not in paired.seen:
            msg = f"another sync of {pair.near} with {pair.far} began meanwhile; nothing was done"
            raise PlanMovedError(msg, "Sync again: what it did is found then.")


def _base(access: Access, pair: Pair) -> dict[str, str]:
    with access.read("sync") as tx:
        return sync_pairs.base(tx, access.organisation_id, pair.id)


def _of_another_store(near: Replica, carried: UUID) -> Guard:
    return Guard(
        WRONG_PAIR,
        f"{near.location} was last synced with another store (pair {carried})",
    )


def _copied(near: Replica, pair: Pair) -> Guard:
    return Guard(
        WRONG_PAIR,
        f"{near.location} is a copy of {pair.near}, or may be one, and was not synced itself",
    )


def _another_far(far: Replica) -> Guard:
    return Guard(
        WRONG_PAIR,
        f"{far.location} is not the {far.name} that was synced with last: its id is another one",
    )


def _marker_missing(near: Replica) -> Guard:
    return Guard(
        MARKER_MISSING,
        f"{near.location} does not say any more that it was synced: it may be another folder, "
        "emptied, or not mounted",
    )
