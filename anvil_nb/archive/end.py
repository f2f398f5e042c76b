"""The end of an archive: its end record, and that of ZIP64 where there must be one (F1, F3, F5).

The end record lies in the last bytes of the file, and what it says puts the directory right before
it, or before the ZIP64 records. Nothing is searched for, so there is nothing to be misled by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from anvil_nb.archive import records
from anvil_nb.archive.records import End64Record, EndRecord
from anvil_nb.archive.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.errors import ArchiveError

Read: TypeAlias = "Callable[[int, int], bytes]"
"""Returns the bytes of a file from an offset on, as many as asked for if there are as many."""


class End(NamedTuple):
    """Where the directory lies.

    Args:
        members: How many entries it has.
        size: Its bytes.
        offset: Of its first byte.
    """

    members: int
    size: int
    offset: int


def read_end(read: Read, size: int) -> End:
    """Return what the end records of an archive of ``size`` bytes say.

    Raises:
        ArchiveError: when they do not lie where they must, or contradict each other.
    """
    if size >= records.FOUR_GIB:  # F1
        raise refusal("four-gib", f"it is {size:,} bytes large, and must be less than 4 GiB")
    if size < records.END.size:
        raise refusal("not-an-archive", "it is no ZIP archive" if size else "it is empty")
    at = size - records.END.size
    end = EndRecord._make(records.END.unpack(read(at, records.END.size)))
    if end.signature != records.END_SIGNATURE:  # F1
        raise _no_end(read, size)
    if end.comment_length:  # F3
        raise refusal("comment", "it has a comment, and must have none")
    if records.FULL_32 in {end.size, end.offset}:  # F5
        raise refusal("zip64", "its end record leaves the place of its directory to ZIP64")
    gap = at - end.offset - end.size
    members = end.members
    if gap:
        members = _members_of_zip64(read, at - gap, gap, end)
    if end.disk or end.first_disk or end.here != end.members:  # F3
        raise refusal("disks", "it is one of several disks of an archive, and must be all of it")
    return End(members, end.size, end.offset)


def _members_of_zip64(read: Read, at: int, gap: int, end: EndRecord) -> int:
    """Return how many members the ZIP64 records say there are, between directory and end record."""
    found = read(at, records.ZIP64_SIZE) if gap == records.ZIP64_SIZE else b""
    if not found.startswith(records.END64_SIGNATURE):
        raise _gap(read, gap)
    end64 = End64Record._make(records.END64.unpack_from(found))
    locator = records.LOCATOR.unpack_from(found, records.END64.size)
    if locator != (records.LOCATOR_SIGNATURE, 0, at, 1):  # F5
        raise refusal("zip64", "the locator of its ZIP64 end record does not lead to it")
    if end64.following != records.END64_FOLLOWING:  # F5
        raise refusal("zip64", "its ZIP64 end record has another length than it must have")
    if end64.disk or end64.first_disk or end64.here != end64.members:  # F3
        raise refusal("disks", "it is one of several disks of an archive, and must be all of it")
    if end64.members <= records.FULL_16:  # F5
        message = f"it has a ZIP64 end record, which is for more members than {end64.members:,}"
        raise refusal("zip64", message)
    agreed = records.FULL_16, records.FULL_16, end64.size, end64.offset
    if (end.here, end.members, end.size, end.offset) != agreed:  # F5
        raise refusal("zip64", "its end record and its ZIP64 end record do not agree")
    return end64.members


def _gap(read: Read, gap: int) -> ArchiveError:
    if gap < 0:
        return refusal("overlap", "its directory reaches into its end record")
    if read(0, len(records.LOCAL_SIGNATURE)) != records.LOCAL_SIGNATURE:
        return refusal("bytes-before", "something stands before its first member")
    return refusal("bytes-between", f"{gap:,} bytes stand between its directory and its end record")


def _no_end(read: Read, size: int) -> ArchiveError:
    if read(0, len(records.LOCAL_SIGNATURE)) != records.LOCAL_SIGNATURE:
        return refusal("not-an-archive", "it is no ZIP archive")
    tail = read(*_last(size, records.END.size + records.FULL_16))
    found = tail.rfind(records.END_SIGNATURE, 0, len(records.END_SIGNATURE) - records.END.size)
    if found < 0:
        return refusal("cut-off", "its end is missing")
    end = EndRecord._make(records.END.unpack_from(tail, found))
    if end.comment_length == len(tail) - found - records.END.size:  # F3
        return refusal("comment", "it has a comment, and must have none")
    return refusal("bytes-after", "something stands after its end")


def _last(size: int, most: int) -> tuple[int, int]:
    length = min(size, most)
    return size - length, length
