"""Archives, read strictly: docs/bundle-format.md, clauses F1 to F9.

Opening one settles its structure. A member's local header and data are checked when it is read,
before a byte of it is handed out. Nothing is ever written to a folder here.

Own code and not the standard library's: ``zipfile`` takes what F1 to F8 refuse (bytes before,
between and after members, headers that differ, names twice, names changed to be harmless), and
takes twice as long for a small member.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

from anvil_nb.archive.directory import read_directory
from anvil_nb.archive.inflating import PIECE, inflate, inflate_pieces
from anvil_nb.archive.limits import DEFAULT_LIMITS, Limits
from anvil_nb.archive.records import LOCAL
from anvil_nb.archive.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.archive.directory import Directory
    from anvil_nb.archive.members import Member
    from anvil_nb.errors import ArchiveError


class Archive:
    """An archive whose structure is sound. It reads from its file, and does not close it.

    Made by ``open_archive``. Not for several threads at once: they would share the file's position.
    """

    def __init__(self, file: BinaryIO, directory: Directory) -> None:
        self._file = file
        self._directory = directory
        self.members = directory.members
        """By name, in the order of the file."""

    def read(self, name: str) -> bytes:
        """Return the data of one member.

        Raises:
            ArchiveError: when its header or its data is not sound.
            KeyError: when there is no such member.
        """
        member = self.members[name]
        if _is_large(member):
            return self._read_large(member)
        length = _length(member)
        return self._unpack(member, _read(self._file, member.offset, length, length), 0)

    def each(self) -> Iterator[tuple[Member, bytes]]:
        """Return every member with its data, in the order of the file.

        It reads ahead: one reading of the file brings hundreds of small members.

        Raises:
            ArchiveError: when the header or the data of the next one is not sound.
        """
        ahead, start = b"", 0
        for member in self.members.each():
            if _is_large(member):
                yield member, self._read_large(member)
                continue
            at, length = member.offset - start, _length(member)
            if at + length > len(ahead):
                start, at = member.offset, 0
                ahead = _read(self._file, start, max(length, PIECE), length)
            yield member, self._unpack(member, ahead, at)

    def verify(self) -> None:
        """Read every member, and so check every byte of the archive.

        Raises:
            ArchiveError: at the first that is not sound.
        """
        for _ in self.each():
            pass

    def _unpack(self, member: Member, held: bytes, at: int) -> bytes:
        """Return the data of a member that begins ``at`` this place of the bytes held."""
        header = self._directory.local_header(member)
        if not held.startswith(header, at):
            raise _differing(member)
        begin = at + len(header)
        return inflate(member, held[begin : begin + member.compressed_size])

    def _read_large(self, member: Member) -> bytes:
        header = self._directory.local_header(member)
        if _read(self._file, member.offset, len(header), len(header)) != header:
            raise _differing(member)
        return inflate_pieces(member, self._pieces(member))

    def _pieces(self, member: Member) -> Iterator[bytes]:
        """Return a member's bytes in the archive, a piece at a time."""
        at = member.offset + LOCAL.size + len(member.name)
        end = at + member.compressed_size
        while at < end:
            length = min(PIECE, end - at)
            yield _read(self._file, at, length, length)
            at += length


def open_archive(file: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Archive:
    """Return the archive in ``file``, with its structure checked.

    Args:
        file: Open for reading binary, and seekable; the archive is all of it.
        limits: How large the archive may be.

    Raises:
        ArchiveError: when it breaks a rule; ``ArchiveLimitError`` when it is too large.
    """
    size = file.seek(0, os.SEEK_END)
    return Archive(
        file, read_directory(lambda at, length: _read(file, at, length, length), size, limits)
    )


def _read(file: BinaryIO, at: int, most: int, least: int) -> bytes:
    """Return the bytes from ``at`` on, as many as there are of ``most``, and ``least`` at least."""
    file.seek(at)
    data = file.read(most)
    while len(data) < least:  # an unbuffered file may return fewer than there are
        more = file.read(most - len(data))
        if not more:
            raise refusal("cut-off", "it became shorter while it was read")
        data += more
    return data


def _is_large(member: Member) -> bool:
    return member.size > PIECE or member.compressed_size > PIECE


def _length(member: Member) -> int:
    return LOCAL.size + len(member.name) + member.compressed_size


def _differing(member: Member) -> ArchiveError:
    message = f"the header of {member.name} differs from its entry in the directory"
    return refusal("headers-differ", message)
