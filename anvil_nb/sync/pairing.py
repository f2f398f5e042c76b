"""Pairs: which two replicas belong together, and what they agreed on last.

A folder on disk carries the ids of its pairs, so that a folder that was emptied, exchanged or not
mounted is not taken for one whose files were all deleted. A cloud tells who it is.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from anvil_nb.domain.sync.guards import Guard
from anvil_nb.store import sync_state
from anvil_nb.store.identity import new_id
from anvil_nb.store.sync_state import Pair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from anvil_nb.access import Access
    from anvil_nb.sync.replica import Replica


@runtime_checkable
class Marked(Protocol):
    """A replica that carries the ids of its pairs: a folder."""

    def pair_id(self, target: str) -> UUID | None:
        """Return the id of the pair for a target, if it carries one."""

    def mark(self, target: str, pair_id: UUID) -> None:
        """Carry it from here on."""


@dataclass(frozen=True, slots=True)
class Paired:
    """A pair as it was found.

    Args:
        pair: The pair; a new one at first contact.
        base: What both sides agreed on last, digests by key.
        guards: What speaks against going on with it.
    """

    pair: Pair
    base: Mapping[str, str]
    guards: tuple[Guard, ...] = ()


def here(folder: str) -> str:
    """Return what tells a folder from those of other machines that use the same store."""
    return f"{platform.node()}:{folder}"


def own_identity(access: Access) -> str:
    """Return the id by which other replicas know what this store has of the organisation."""
    with access.read("sync") as tx:
        found = sync_state.identity(tx, access.organisation_id)
    if found is None:
        with access.write("sync") as tx:
            found = sync_state.make_identity(tx, access.organisation_id, access.now())
    return str(found)


def pair_of(access: Access, target: str, near: Replica, far: Replica) -> Paired:
    """Return the pair of two replicas, without its base where that cannot be trusted."""
    carried = near.pair_id(target) if isinstance(near, Marked) else None
    with access.read("sync") as tx:
        known = sync_state.pairs(tx, access.organisation_id, target)
    there = [pair for pair in known if (pair.near, pair.far) == (near.location, far.location)]
    named = [pair for pair in known if pair.id == carried]
    fresh = Pair(new_id(), target, near.location, far.location, far.identity())
    if carried is not None and not named:
        return Paired(fresh, {}, (_of_another_store(near, carried),))
    pair = next((one for one in named if one.far == far.location), None)
    if carried is None and there and isinstance(near, Marked):
        base = _base(access, there[0])
        guards = (_marker_missing(near),) if base else ()
        return Paired(fresh if base else there[0], {}, guards)
    pair = pair or (there[0] if there else None)
    if pair is None:
        return Paired(fresh, {})
    if pair.far_identity != fresh.far_identity:
        return Paired(fresh, {}, (_another_far(far),))
    return Paired(replace(pair, near=near.location), _base(access, pair))


def keep(access: Access, paired: Paired, near: Replica) -> None:
    """Record a pair, and let the folder carry its id."""
    pair = paired.pair
    with access.read("sync") as tx:
        known = {one.id: one for one in sync_state.pairs(tx, access.organisation_id, pair.target)}
    if known.get(pair.id) != pair:
        with access.write("sync") as tx:
            if pair.id in known:
                sync_state.place_pair(tx, access.organisation_id, pair)
            else:
                sync_state.insert_pair(tx, access.organisation_id, pair, access.now())
    if isinstance(near, Marked) and near.pair_id(pair.target) != pair.id:
        near.mark(pair.target, pair.id)


def _base(access: Access, pair: Pair) -> dict[str, str]:
    with access.read("sync") as tx:
        return sync_state.base(tx, access.organisation_id, pair.id)


def _of_another_store(near: Replica, carried: UUID) -> Guard:
    return Guard(
        "wrong-pair",
        f"{near.location} was last synced with another store (pair {carried})",
    )


def _another_far(far: Replica) -> Guard:
    return Guard(
        "wrong-pair",
        f"{far.location} is not the {far.name} that was synced with last: its id is another one",
    )


def _marker_missing(near: Replica) -> Guard:
    return Guard(
        "marker-missing",
        f"{near.location} does not say any more that it was synced: it may be another folder, "
        "emptied, or not mounted",
    )
