"""Blobs: the bytes of files by digest. What is the same is stored once; nothing here changes.

A blob is packed where that spares a tenth of it, and it is not too small for that. Its digest is
that of the bytes as they came, so that packing shows nowhere else.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import StoreDamagedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from anvil_nb.store.engine import Transaction

_LEVEL = 1
"""Level 1 packs text to a third in a fifth of the time that level 6 takes to a quarter."""
_WORTH = 0.9
_LEAST_PACKED = 512
"""To pack fewer bytes, and unpack them each time, takes longer than to read and write them."""
_NONE, _ZLIB = "none", "zlib"

_ROWS = 10_000
"""The most rows of one statement."""
_BYTES = 32 * 1024 * 1024
"""The most bytes of one statement, but for one blob that is larger by itself."""
_FEW = 8
"""So many are looked up one by one: DuckDB uses its index for one, and reads all for several."""


INSERT_ALONE: Final = """
    insert into blobs (organisation_id, digest, size, packing, body)
    select $1::uuid, n.digest, n.size, n.packing, n.body
    from (select unnest($2::text[]) as digest, unnest($3::bigint[]) as size,
                 unnest($4::text[]) as packing, unnest($5::bytea[]) as body) n
    """
INSERT: Final = INSERT_ALONE + "on conflict (organisation_id, digest) do nothing"
"""Where others may store the same blobs at this moment."""


def put_blobs(tx: Transaction, organisation_id: UUID, blobs: Mapping[str, bytes]) -> None:
    """Store bytes that are not there yet, by their digests, which were computed from them."""
    # In one order for everybody: writers of the same blobs never wait for each other crosswise.
    fresh = sorted(missing_blobs(tx, organisation_id, blobs))
    for part in _parts(fresh, blobs):
        packed = [_packed(blobs[digest]) for digest in part]
        tx.execute(
            INSERT_ALONE if tx.alone else INSERT,
            organisation_id,
            part,
            [len(blobs[digest]) for digest in part],
            [packing for packing, _ in packed],
            [body for _, body in packed],
        )


def missing_blobs(tx: Transaction, organisation_id: UUID, digests: Iterable[str]) -> set[str]:
    """Return those of ``digests`` whose bytes are not there."""
    wanted = set(digests)
    if len(wanted) <= _FEW:
        return {digest for digest in wanted if not _has(tx, organisation_id, digest)}
    rows = tx.rows(
        "select digest from blobs where organisation_id = $1 and digest = any($2::text[])",
        organisation_id,
        sorted(wanted),
    )
    return wanted - {row[0] for row in rows}


def read_blobs(tx: Transaction, organisation_id: UUID, digests: Iterable[str]) -> dict[str, bytes]:
    """Return the bytes of ``digests``; those that are not there are left out.

    Raises:
        StoreDamagedError: for bytes that do not unpack.
    """
    wanted = sorted(set(digests))
    if len(wanted) <= _FEW:
        rows = [row for digest in wanted for row in _one(tx, organisation_id, digest)]
    else:
        rows = tx.rows(
            """
            select digest, size, packing, body from blobs
            where organisation_id = $1 and digest = any($2::text[])
            """,
            organisation_id,
            wanted,
        )
    return {digest: _unpacked(digest, size, how, body) for digest, size, how, body in rows}


def need_blobs(tx: Transaction, organisation_id: UUID, digests: Iterable[str]) -> dict[str, bytes]:
    """Return the bytes of ``digests`` that an item or a manifest names.

    Raises:
        StoreDamagedError: when one is not there, or does not unpack.
    """
    wanted = set(digests)
    found = read_blobs(tx, organisation_id, wanted)
    if gone := sorted(wanted - found.keys()):
        raise StoreDamagedError(
            f"the store names the file {gone[0]} and does not have its bytes",
            "Put a copy of the store in its place.",
        )
    return found


def blob_sizes(tx: Transaction, organisation_id: UUID, digests: Iterable[str]) -> dict[str, int]:
    """Return how many bytes each of ``digests`` has; those that are not there are left out."""
    return dict(
        tx.rows(
            """
            select digest, size from blobs
            where organisation_id = $1 and digest = any($2::text[])
            """,
            organisation_id,
            sorted(set(digests)),
        )
    )


def _has(tx: Transaction, organisation_id: UUID, digest: str) -> bool:
    sql = "select 1 from blobs where organisation_id = $1 and digest = $2"
    return tx.row(sql, organisation_id, digest) is not None


def _one(tx: Transaction, organisation_id: UUID, digest: str) -> list[tuple[str, int, str, bytes]]:
    return tx.rows(
        """
        select digest, size, packing, body from blobs
        where organisation_id = $1 and digest = $2
        """,
        organisation_id,
        digest,
    )


def _packed(data: bytes) -> tuple[str, bytes]:
    if len(data) < _LEAST_PACKED:
        return _NONE, data
    packed = zlib.compress(data, _LEVEL)
    return (_ZLIB, packed) if len(packed) <= len(data) * _WORTH else (_NONE, data)


def _unpacked(digest: str, size: int, packing: str, body: bytes) -> bytes:
    if packing == _NONE:
        return bytes(body)
    try:
        unpacker = zlib.decompressobj()
        # One byte more than it may have: damage never unpacks to more than memory holds.
        data = unpacker.decompress(bytes(body), size + 1)
    except zlib.error as error:
        raise _damaged(digest) from error
    if len(data) != size:
        raise _damaged(digest)
    return data


def _damaged(digest: str) -> StoreDamagedError:
    return StoreDamagedError(
        f"the bytes of the file {digest} are damaged in the store",
        "Put a copy of the store in its place.",
    )


def _parts(digests: Iterable[str], blobs: Mapping[str, bytes]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for digest in digests:
        if part and (len(part) == _ROWS or size + len(blobs[digest]) > _BYTES):
            yield part
            part, size = [], 0
        part.append(digest)
        size += len(blobs[digest])
    if part:
        yield part
