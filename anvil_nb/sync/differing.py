"""How two sides differ at a key: as they stand, or as they stood when a conflict was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.filetree import digest_of_leaves, leaf_from_json
from anvil_nb.domain.sync.tree import Entry
from anvil_nb.errors import ConflictError, NotFoundError
from anvil_nb.store import blobs, sync_conflicts, sync_pairs
from anvil_nb.sync import conflicts
from anvil_nb.sync.comparing import compared
from anvil_nb.sync.keys import at_key
from anvil_nb.sync.lasting import Telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.access import Access
    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.results.standing import SyncDifference
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.keys import At
    from anvil_nb.sync.replica import Replica


def difference(access: Access, sides: Sides, name: str) -> SyncDifference:
    """Return how the two sides differ at a key.

    Raises:
        NotFoundError: for a name that neither side has.
    """
    at = at_key(access, sides, name)
    key = f"{sides.target}/{at.name}"
    ours, theirs = bodies(sides.near, at.ours), bodies(sides.far, at.theirs)
    leaves = [[] if side is None else side.leaves for side in (at.ours, at.theirs)]
    return compared(key, at.base, ours, theirs, _base_bodies(access, sides, at), _runs(*leaves))


def kept_difference(access: Access, sides: Sides, name: str) -> SyncDifference:
    """Return how the two sides differed when the latest conflict at a key was kept.

    Raises:
        NotFoundError: where there never was one.
    """
    at = at_key(access, sides, name)
    with access.read("sync") as tx:
        pair_id = at.pair.pair.id
        rows = sync_conflicts.conflicts_at(tx, access.organisation_id, pair_id, at.key)
    key = f"{sides.target}/{at.name}"
    if not rows:
        msg = f"no conflict was ever kept at {key}"
        raise NotFoundError(msg, f"See how it stands: anvil sync diff {key}")
    row = rows[0]
    ours, theirs = (conflicts.kept_bodies(access, side) for side in (row.ours, row.theirs))
    leaves = [_leaves(side["files"]) if side else [] for side in (row.ours, row.theirs)]
    base = _known_bodies(access, _leaves(row.base["files"])) if row.base else None
    digest = str(row.base["digest"]) if row.base else None
    return compared(key, digest, ours, theirs, base, _runs(*leaves))


def bodies(side: Replica, entry: Entry | None) -> dict[str, bytes] | None:
    """Return the files of an entry by path; ``None`` where there is none."""
    if entry is None:
        return None
    if isinstance(side, Telling):
        return side.texts(entry)
    wanted = [(entry, leaf) for leaf in entry.leaves]
    return dict(zip((leaf.path for leaf in entry.leaves), side.read(wanted), strict=True))


def _base_bodies(access: Access, sides: Sides, at: At) -> dict[str, bytes] | None:
    """Return the files that both sides had last, as far as their bytes are still to be had."""
    if at.base is None:
        return None
    with access.read("sync") as tx:
        said = sync_pairs.base_files(tx, access.organisation_id, at.pair.pair.id, [at.key])
    leaves = _leaves(said.get(at.key, []))
    return _known_bodies(access, leaves) or _from_far(sides, leaves)


def _known_bodies(access: Access, leaves: Sequence[Leaf]) -> dict[str, bytes] | None:
    with access.read("sync") as tx:
        digests = {leaf.digest for leaf in leaves}
        found = blobs.read_blobs(tx, access.organisation_id, digests)
    if any(leaf.digest not in found for leaf in leaves):
        return None
    return {leaf.path: found[leaf.digest] for leaf in leaves} or None


def _from_far(sides: Sides, leaves: Sequence[Leaf]) -> dict[str, bytes] | None:
    """Return files from the far side, which keeps what it had."""
    entry = Entry("", digest_of_leaves(leaves), tuple(leaves), "")
    try:
        return bodies(sides.far, entry) or None
    except (ConflictError, NotFoundError):
        return None


def _leaves(said: Sequence[list[object]]) -> list[Leaf]:
    return [leaf_from_json(one) for one in said]  # type: ignore[arg-type]  # as it was written


def _runs(ours: Sequence[Leaf], theirs: Sequence[Leaf]) -> dict[str, str]:
    """Return the files that may be executed on one side alone, and where."""
    here = {leaf.path: leaf.executable for leaf in ours}
    there = {leaf.path: leaf.executable for leaf in theirs}
    return {
        path: "executable here alone" if here[path] else "executable there alone"
        for path in sorted(here.keys() & there.keys())
        if here[path] != there[path]
    }
