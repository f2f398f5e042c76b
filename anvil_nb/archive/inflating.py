"""One member's data, inflated and checked: never more than a byte over what it says (F3, F9).

Raw deflate (RFC 1951) by zlib. Small members are inflated at one go, large ones piece by piece,
so that beside the result no more than a few pieces are in memory.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

from anvil_nb.archive.records import STORED
from anvil_nb.archive.refusals import refusal, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.archive.members import Member
    from anvil_nb.errors import ArchiveError

PIECE = 1 << 20
_RAW_DEFLATE = -15


class _Inflater(Protocol):
    """What `zlib.decompressobj` makes."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def inflate(member: Member, raw: bytes) -> bytes:
    """Return the data of a member whose bytes in the archive are ``raw``.

    Raises:
        ArchiveError: when they are not what the member says (F3).
    """
    size = member.size
    if member.method == STORED:
        data, sound = raw, True
    else:
        inflater = zlib.decompressobj(_RAW_DEFLATE)
        try:
            data = inflater.decompress(raw, size + 1)
        except zlib.error as error:
            raise _not_deflate(member) from error
        sound = inflater.eof and not inflater.unused_data
    if sound and len(data) == size and zlib.crc32(data) == member.crc:
        return data
    raise _fault(member, len(data), ended=sound)


def inflate_pieces(member: Member, pieces: Iterator[bytes]) -> bytes:
    """Return the data of a member whose bytes in the archive come in ``pieces``.

    Raises:
        ArchiveError: when they are not what the member says (F3).
    """
    written = BytesIO()  # hands its bytes out without another copy of them
    crc = size = 0
    inflated = pieces if member.method == STORED else _inflated(member, pieces)
    for piece in inflated:
        size += len(piece)
        if size > member.size:
            raise _fault(member, size, ended=False)
        crc = zlib.crc32(piece, crc)
        written.write(piece)
    if size != member.size or crc != member.crc:
        raise _fault(member, size, ended=True)
    return written.getvalue()


def _inflated(member: Member, pieces: Iterator[bytes]) -> Iterator[bytes]:
    inflater: _Inflater = zlib.decompressobj(_RAW_DEFLATE)
    left = member.size
    try:
        while not inflater.eof:
            raw = inflater.unconsumed_tail or next(pieces, b"")
            piece = inflater.decompress(raw, min(left + 1, PIECE))
            if not piece and not raw:
                break
            left -= len(piece)
            yield piece
    except zlib.error as error:
        raise _not_deflate(member) from error
    if not inflater.eof or inflater.unused_data or next(pieces, b""):
        raise _fault(member, member.size - left, ended=False)


def _fault(member: Member, size: int, *, ended: bool) -> ArchiveError:
    name = shown(member.name)
    if size > member.size:
        return refusal("size", f"{name} holds more than the {member.size:,} bytes that it says")
    if not ended:
        return refusal("deflate", f"{name} is compressed to more or fewer bytes than it says")
    if size < member.size:
        message = f"{name} holds {size:,} bytes and says that it holds {member.size:,}"
        return refusal("size", message)
    return refusal("crc", f"{name} is damaged: its checksum (CRC-32) is not that of its data")


def _not_deflate(member: Member) -> ArchiveError:
    return refusal("deflate", f"{shown(member.name)} is damaged: it cannot be decompressed")
