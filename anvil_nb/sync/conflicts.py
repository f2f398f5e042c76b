"""Conflicts: kept with the bodies of all sides, until somebody settles them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.filetree import leaf_from_json
from anvil_nb.domain.sync.tree import Entry
from anvil_nb.store import blobs, sync_state
from anvil_nb.store.identity import new_id
from anvil_nb.store.sync_state import ConflictRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any
    from anvil_nb.access import Access
    from anvil_nb.domain.sync.planning import Conflict
    from anvil_nb.store.sync_state import Pair
    from anvil_nb.sync.replica import Replica, Wanted


@dataclass(frozen=True, slots=True)
class Sides:
    """The replicas of a target.

    Args:
        target: What is kept equal.
        near: Our side.
        far: Their side.
    """

    target: str
    near: Replica
    far: Replica


def entry_to_json(entry: Entry | None) -> dict[str, Any] | None:
    """Return the form in which a side of a conflict is kept."""
    if entry is None:
        return None
    return {
        "key": entry.key,
        "digest": entry.digest,
        "name": entry.name,
        "files": [leaf.to_json() for leaf in entry.leaves],
        "meta": dict(entry.meta),
    }


def entry_from_json(said: dict[str, Any] | None) -> Entry | None:
    """Return the side of a conflict that ``entry_to_json`` wrote."""
    if said is None:
        return None
    leaves = tuple(leaf_from_json(leaf) for leaf in said["files"])
    return Entry(said["key"], said["digest"], leaves, said["name"], said["meta"])


def files_of(entry: Entry) -> str:
    """Return the files of an entry as a base keeps them."""
    return json.dumps([leaf.to_json() for leaf in entry.leaves], separators=(",", ":"))


def keep(access: Access, pair: Pair, conflicts: Sequence[Conflict], sides: Sides) -> None:
    """Keep conflicts with the bodies of both sides in the store."""
    near = [one.ours for one in conflicts if one.ours is not None]
    far = [one.theirs for one in conflicts if one.theirs is not None]
    _keep_bodies(access, sides.near, near)
    _keep_bodies(access, sides.far, far)
    rows = [_row(access, pair, one) for one in conflicts]
    with access.write("sync") as tx:
        sync_state.put_conflicts(tx, access.actor, rows)


def kept_bytes(access: Access, wanted: Sequence[Wanted]) -> Iterator[bytes]:
    """Return the bytes of entries whose bodies the store has."""
    with access.read("sync") as tx:
        found = blobs.need_blobs(tx, access.organisation_id, {leaf.digest for _, leaf in wanted})
    for _, leaf in wanted:
        yield found[leaf.digest]


def _keep_bodies(access: Access, side: Replica, entries: Iterable[Entry]) -> None:
    if side.location == "store":
        return  # which keeps whatever it had
    for entry in entries:
        wanted = [(entry, leaf) for leaf in entry.leaves]
        bodies = dict(zip((leaf.digest for leaf in entry.leaves), side.read(wanted), strict=True))
        with access.write("sync") as tx:
            blobs.put_blobs(tx, access.organisation_id, bodies)


def _row(access: Access, pair: Pair, conflict: Conflict) -> ConflictRow:
    base: dict[str, Any] | None = None
    if conflict.base is not None:
        with access.read("sync") as tx:
            files = sync_state.base_files(tx, access.organisation_id, pair.id, conflict.key)
        base = {"digest": conflict.base, "files": files or []}
    return ConflictRow(
        new_id(),
        pair.id,
        pair.target,
        conflict.key,
        conflict.name,
        conflict.kind.value,
        base,
        entry_to_json(conflict.ours),
        entry_to_json(conflict.theirs),
        access.now(),
    )
