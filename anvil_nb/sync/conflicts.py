"""Conflicts: kept with the bodies of all sides, until somebody settles them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.filetree import leaf_from_json, leaves_to_json
from anvil_nb.store import blobs, sync_conflicts, sync_pairs
from anvil_nb.store.identity import new_id
from anvil_nb.store.sync_conflicts import ConflictRow
from anvil_nb.sync.portions import portions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from anvil_nb.access import Access
    from anvil_nb.domain.sync.planning import Conflict
    from anvil_nb.domain.sync.tree import Entry
    from anvil_nb.store.sync_pairs import Pair
    from anvil_nb.sync.replica import Replica


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


def files_of(entry: Entry) -> str:
    """Return the files of an entry as a base keeps them."""
    return leaves_to_json(entry.leaves)


def keep(access: Access, pair: Pair, found: Sequence[Conflict], sides: Sides) -> None:
    """Keep conflicts with the bodies of both sides in the store.

    One that is kept already stays; where a side moved on since, another stands in its place.
    """
    with access.read("sync") as tx:
        rows = sync_conflicts.open_conflicts(tx, access.organisation_id, pair.id)
    before = {row.key: row for row in rows}
    fresh = [one for one in found if not is_kept(before.get(one.key), one)]
    if not fresh:
        return
    _keep_bodies(access, sides.near, [one.ours for one in fresh if one.ours is not None])
    _keep_bodies(access, sides.far, [one.theirs for one in fresh if one.theirs is not None])
    with access.read("sync") as tx:
        based = [one.key for one in fresh if one.base is not None]
        files = sync_pairs.base_files(tx, access.organisation_id, pair.id, based) if based else {}
    now = access.now()
    made = [_row(pair, one, files.get(one.key), before.get(one.key), now) for one in fresh]
    again = [one.key for one in fresh if one.key in before]
    with access.write("sync") as tx:
        if again:
            said = sync_conflicts.SUPERSEDED
            sync_conflicts.settle(tx, access.actor, pair.id, again, said, now)
        sync_conflicts.put_conflicts(tx, access.actor, made)


def is_kept(row: ConflictRow | None, one: Conflict) -> bool:
    """Tell whether a record is of a conflict as it stands."""
    if row is None:
        return False
    said = (row.kind, *(None if side is None else side["digest"] for side in row.sides))
    sides = [None if side is None else side.digest for side in (one.ours, one.theirs)]
    return said == (one.kind.value, one.base, *sides)


def kept_bodies(access: Access, said: dict[str, Any] | None) -> dict[str, bytes] | None:
    """Return the files of a side of a conflict, by path; ``None`` where it had nothing.

    Raises:
        StoreDamagedError: for bytes that are not there.
    """
    if said is None:
        return None
    leaves = [leaf_from_json(leaf) for leaf in said["files"]]
    with access.read("sync") as tx:
        digests = {leaf.digest for leaf in leaves}
        found = blobs.need_blobs(tx, access.organisation_id, digests)
    return {leaf.path: found[leaf.digest] for leaf in leaves}


def _keep_bodies(access: Access, side: Replica, entries: Sequence[Entry]) -> None:
    if side.location == "store":
        return  # which keeps whatever it had
    wanted = [(entry, leaf) for entry in entries for leaf in entry.leaves]
    for some in portions(wanted, lambda one: one[1].size):
        bodies = dict(zip((leaf.digest for _, leaf in some), side.read(some), strict=True))
        with access.write("sync") as tx:
            blobs.put_blobs(tx, access.organisation_id, bodies)


def _row(
    pair: Pair,
    one: Conflict,
    files: list[list[Any]] | None,
    before: ConflictRow | None,
    now: datetime,
) -> ConflictRow:
    return ConflictRow(
        new_id(),
        pair.id,
        pair.target,
        one.key,
        one.name,
        one.kind.value,
        None if one.base is None else {"digest": one.base, "files": files or []},
        entry_to_json(one.ours),
        entry_to_json(one.theirs),
        now if before is None else before.opened_at,
    )
