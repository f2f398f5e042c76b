"""Archives, written: docs/bundle-format.md, clauses F1 to F9.

The same members in the same order give the same bytes. Each is written whole, behind a header that
states its sizes, so the file need not be seekable: it may be a pipe, or an encryption.

Own code and not the standard library's: ``zipfile`` writes data descriptors where it cannot seek,
which F3 refuses, and gives each small member a compressor for large ones, which can take longer
to set up than the member takes to compress.
"""

from __future__ import annotations

import stat
import struct
import zlib
from io import BytesIO
from typing import BinaryIO, Final

from anvil_nb.archive import records
from anvil_nb.archive.limits import DEFAULT_LIMITS, Limits, Tally
from anvil_nb.archive.names import check_member_name, check_no_folders
from anvil_nb.archive.records import END, END64, LOCAL, LOCATOR
from anvil_nb.archive.refusals import refusal

_LESS: Final = "Export less at once: fewer sets, or fewer versions of them."
_REPORT: Final = "Please report it: it is a fault of the program, not of what it was to export."

_UNIX: Final = 3 << 8
# An entry is this, what it shares with the local header, that, and the name. F4: a program that
# does unpack an archive makes files of it that their owner can read.
_BEFORE_SHARED: Final = records.ENTRY_SIGNATURE + struct.pack("<H", _UNIX | records.ZIP_2_0)
_AFTER_SHARED: Final = struct.Struct("<3H2L")
_ATTRIBUTES: Final = (stat.S_IFREG | 0o644) << 16
_END_SIZE: Final = records.ZIP64_SIZE + END.size

_LEVEL: Final = 6
# The window (bits) and the memory level of a compressor for so many bytes at most. It is made anew
# for each member. The largest takes 268 KB, and where these come from the system each time, up to
# five times as long as it takes to compress 400 bytes. One for twice the data's size finds the
# same matches.
_COMPRESSORS: Final = ((1 << 11, 12, 5), (1 << 12, 13, 6), (1 << 13, 14, 7))
_LARGEST: Final = (15, 8)
_PIECE: Final = 1 << 20


class ArchiveWriter:
    """Writes an archive from its first byte to its last.

    After an error the file is not an archive, nor can it become one.

    Args:
        file: Open for writing binary, and buffered. It is neither sought in, nor closed.
        limits: Those of the reader that the archive is for.
    """

    def __init__(self, file: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> None:
        self._file = file
        self._ratio = limits.ratio
        self._tally = Tally(limits, _LESS)
        self._names: set[str] = set()
        self._directory = bytearray()
        self._offset = 0
        self._finished = False

    def add(self, name: str, data: bytes, *, compress: bool = True) -> None:
        """Write one member. Their order (F7) is the caller's.

        Args:
            name: Such as F6 allows, and of no other member.
            data: All of it.
            compress: Whether to deflate it, where that makes it smaller.

        Raises:
            ArchiveError: for what no reader would take; ``ArchiveLimitError`` when it is too large.
        """
        self._check_unfinished()
        check_member_name(name, _REPORT)
        if name in self._names:  # F6
            raise refusal("duplicate-name", f"it has a member {name} already", _REPORT)
        method, raw = self._packed(data) if compress else (records.STORED, data)
        self._tally.add(name, len(data), len(raw))  # F9
        header = _header(name, method, data, len(raw))
        entry = _entry(header, self._offset)
        offset = self._offset + len(header) + len(raw)
        if offset + len(self._directory) + len(entry) + _END_SIZE >= records.FOUR_GIB:  # F1
            raise refusal("four-gib", "it would be 4 GiB large or more", _LESS)
        self._file.write(header)
        self._file.write(raw)
        self._directory += entry
        self._names.add(name)
        self._offset = offset

    def finish(self) -> int:
        """Write the directory and the end, and return how many bytes the archive has.

        Raises:
            ArchiveError: when the name of a member is a folder of another.
        """
        self._check_unfinished()
        check_no_folders(self._names, _REPORT)
        self._finished = True
        directory = bytes(self._directory)
        end = _end(len(self._names), len(directory), self._offset)
        self._file.write(directory)
        self._file.write(end)
        return self._offset + len(directory) + len(end)

    def _check_unfinished(self) -> None:
        if self._finished:
            raise refusal("bytes-after", "it is finished, and nothing can follow", _REPORT)

    def _packed(self, data: bytes) -> tuple[int, bytes]:
        """Return the method for ``data``, and ``data`` by that method."""
        raw = _deflated(data)
        # What is compressed too well would be refused, for what it is read as: a bomb (F9).
        if len(raw) < len(data) <= self._ratio * len(raw):
            return records.DEFLATED, raw
        return records.STORED, data


def _header(name: str, method: int, data: bytes, packed_size: int) -> bytes:
    return LOCAL.pack(
        records.LOCAL_SIGNATURE,
        records.ZIP_2_0,
        0,  # F3: no flags
        method,
        *records.EPOCH,  # F8
        zlib.crc32(data),
        packed_size,
        len(data),
        len(name),
        0,  # F3: no extra field
    ) + name.encode("ascii")


def _entry(header: bytes, offset: int) -> bytes:
    fields, name = header[len(records.LOCAL_SIGNATURE) : LOCAL.size], header[LOCAL.size :]
    return _BEFORE_SHARED + fields + _AFTER_SHARED.pack(0, 0, 0, _ATTRIBUTES, offset) + name


def _end(members: int, size: int, offset: int) -> bytes:
    counted = min(members, records.FULL_16)
    end = END.pack(records.END_SIGNATURE, 0, 0, counted, counted, size, offset, 0)
    if members <= records.FULL_16:  # F5
        return end
    version, following = records.ZIP_4_5, records.END64_FOLLOWING
    # Signature, length and versions; one disk; then what the end record says, in 64 bits.
    first = records.END64_SIGNATURE, following, _UNIX | version, version
    end64 = END64.pack(*first, 0, 0, members, members, size, offset)
    return end64 + LOCATOR.pack(records.LOCATOR_SIGNATURE, 0, offset + size, 1) + end


def _deflated(data: bytes) -> bytes:
    size = len(data)
    window, memory = next((two for most, *two in _COMPRESSORS if size <= most), _LARGEST)
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -window, memory)
    if size <= _PIECE:
        return compressor.compress(data) + compressor.flush()
    written, view = BytesIO(), memoryview(data)  # the one copy of what may be large
    for at in range(0, size, _PIECE):
        written.write(compressor.compress(view[at : at + _PIECE]))
    written.write(compressor.flush())
    return written.getvalue()
