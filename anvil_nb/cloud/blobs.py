"""A tenant's blobs: taken in only after they were checked, handed out a portion at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anvil_nb.access import again
from anvil_nb.cloud.limits import DEFAULT_LIMITS
from anvil_nb.domain.frames import NONE, Frame, framed
from anvil_nb.errors import NotFoundError
from anvil_nb.store.blobs import missing_blobs, need_blobs
from anvil_nb.store.packed_blobs import packed_sizes, put_packed, read_packed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anvil_nb.access import Access
    from anvil_nb.cloud.limits import TenantLimits

_PORTION_BYTES: Final = 16 << 20
_PORTION_BLOBS: Final = 4_000


def missing(access: Access, digests: Iterable[str]) -> list[str]:
    """Return those of ``digests`` whose bytes are not here, in their order."""
    wanted = list(dict.fromkeys(digests))
    with access.read("sync") as tx:
        lacked = missing_blobs(tx, access.organisation_id, wanted)
    return [one for one in wanted if one in lacked]


def take(access: Access, frames: Iterable[Frame], limits: TenantLimits = DEFAULT_LIMITS) -> int:
    """Check blobs and store those that are new; return how many these were.

    Raises:
        BlobError: for one whose bytes are not what its digest says; nothing is stored then.
        TooLargeError: for one that is too large.
    """
    checked = {one.digest: (one, len(one.unpacked(limits.file_bytes))) for one in frames}
    if not checked:
        return 0

    def write(_: int) -> int:
        with access.write("sync") as tx:
            access.note("store", f"blobs/{len(checked)}")
            return put_packed(tx, access.organisation_id, checked)
        raise AssertionError("the block returns or raises")

    return again(write)


def take_one(
    access: Access, digest: str, data: bytes, limits: TenantLimits = DEFAULT_LIMITS
) -> int:
    """Check one blob and store it; see ``take``."""
    frame = Frame(digest, NONE, data)
    frame.unpacked(limits.file_bytes)
    return take(access, [framed(digest, data)], limits)


def size_of(access: Access, digest: str) -> int | None:
    """Return how many bytes a blob has; ``None`` where it is not here."""
    with access.read("sync") as tx:
        found = packed_sizes(tx, access.organisation_id, [digest])
    return found[digest][0] if digest in found else None


def read(access: Access, digest: str) -> bytes:
    """Return the bytes of a blob.

    Raises:
        NotFoundError: where it is not here.
    """
    if size_of(access, digest) is None:
        raise _none_such([digest])
    with access.read("sync") as tx:
        return need_blobs(tx, access.organisation_id, [digest])[digest]


def portions(access: Access, digests: Sequence[str]) -> list[list[str]]:
    """Group blobs so that memory holds each group, for ``read_portion``.

    Raises:
        NotFoundError: when one of them is not here.
    """
    wanted = list(dict.fromkeys(digests))
    with access.read("sync") as tx:
        sizes = packed_sizes(tx, access.organisation_id, wanted)
    if lacked := [one for one in wanted if one not in sizes]:
        raise _none_such(lacked)
    grouped: list[list[str]] = []
    room = blobs = 0
    for one in wanted:
        stored = sizes[one][1]
        if not grouped or stored > room or blobs == _PORTION_BLOBS:
            grouped.append([])
            room, blobs = _PORTION_BYTES, 0
        grouped[-1].append(one)
        room, blobs = room - stored, blobs + 1
    return grouped


def read_portion(access: Access, digests: Sequence[str], *, packed: bool) -> bytes:
    """Return some blobs as frames, one after the other.

    Args:
        access: Whose they are.
        digests: Of the blobs.
        packed: Whether they may be as they are stored; all unpacked otherwise.
    """
    return b"".join(one.to_bytes() for one in _frames(access, digests, packed=packed))


def _frames(access: Access, digests: Sequence[str], *, packed: bool) -> Iterator[Frame]:
    with access.read("sync") as tx:
        if packed:
            yield from read_packed(tx, access.organisation_id, digests)
        else:
            found = need_blobs(tx, access.organisation_id, digests)
            yield from (Frame(digest, NONE, found[digest]) for digest in digests)


def _none_such(digests: Sequence[str]) -> NotFoundError:
    more = f", and {len(digests) - 1:,} more" if len(digests) > 1 else ""
    return NotFoundError(f"there is no blob {digests[0]} here{more}", "Read the manifest again.")
