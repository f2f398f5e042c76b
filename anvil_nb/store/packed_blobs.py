"""Blobs as they travel: packed where they came packed, so that nobody packs them twice.

The same table as ``blobs``, which packs and unpacks. Whoever puts blobs here has unpacked each
one and checked it against its digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.frames import Frame
from anvil_nb.store.blobs import INSERT, INSERT_ALONE, missing_blobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from anvil_nb.store.engine import Transaction


def put_packed(
    tx: Transaction, organisation_id: UUID, frames: Mapping[str, tuple[Frame, int]]
) -> int:
    """Store those of some blobs that are not there yet; return how many these were.

    Args:
        tx: Where to write.
        organisation_id: Whose they are.
        frames: Each blob and the size of its bytes, by digest.
    """
    # In one order for everybody: writers of the same blobs never wait for each other crosswise.
    fresh = sorted(missing_blobs(tx, organisation_id, frames))
    if fresh:
        tx.execute(
            INSERT_ALONE if tx.alone else INSERT,
            organisation_id,
            fresh,
            [frames[one][1] for one in fresh],
            [frames[one][0].packing for one in fresh],
            [frames[one][0].body for one in fresh],
        )
    return len(fresh)


def read_packed(tx: Transaction, organisation_id: UUID, digests: Sequence[str]) -> list[Frame]:
    """Return blobs as they are stored, in any order; those that are not there are left out."""
    if len(digests) == 1:
        rows = tx.rows(
            "select digest, packing, body from blobs where organisation_id = $1 and digest = $2",
            organisation_id,
            digests[0],
        )
    else:
        rows = tx.rows(
            """
            select digest, packing, body from blobs
            where organisation_id = $1 and digest = any($2::text[])
            """,
            organisation_id,
            list(digests),
        )
    return [Frame(digest, packing, bytes(body)) for digest, packing, body in rows]


def packed_sizes(
    tx: Transaction, organisation_id: UUID, digests: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return for each blob that is there the size of its bytes, and of what is stored of them."""
    rows = tx.rows(
        """
        select digest, size, octet_length(body) from blobs
        where organisation_id = $1 and digest = any($2::text[])
        """,
        organisation_id,
        list(digests),
    )
    return {digest: (size, stored) for digest, size, stored in rows}
