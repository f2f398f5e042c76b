"""The records of a ZIP archive: their layouts, and the values that F1 to F8 leave to them.

Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.4. All numbers are little endian.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, NamedTuple

LOCAL_SIGNATURE: Final = b"PK\3\4"
ENTRY_SIGNATURE: Final = b"PK\1\2"
END_SIGNATURE: Final = b"PK\5\6"
END64_SIGNATURE: Final = b"PK\6\6"
LOCATOR_SIGNATURE: Final = b"PK\6\7"

LOCAL: Final = Struct("<4s5H3L2H")
"""A local header: as an ``EntryRecord`` from ``needed`` to ``extra_length``, after its signature.
The name follows, then the extra field and the data."""

ENTRY: Final = Struct("<4s6H3L5H2L")
"""An entry of the directory; the name follows, then the extra field and the comment."""

SHARED: Final = slice(6, 32)
"""What an entry shares with its local header, where it follows the signature, byte for byte."""

END: Final = Struct("<4s4H2LH")
"""The end record; the comment follows."""

END64: Final = Struct("<4sQ2H2L4Q")
"""The ZIP64 end record."""

LOCATOR: Final = Struct("<4sLQL")
"""Its locator: signature, disk and offset of the ZIP64 end record, number of disks."""

END64_FOLLOWING: Final = END64.size - 12
ZIP64_SIZE: Final = END64.size + LOCATOR.size

STORED: Final = 0
DEFLATED: Final = 8
EPOCH: Final = (0, 0x0021)
"""Time and date of 1980-01-01 00:00:00 (F8)."""
ZIP_2_0: Final = 20
ZIP_4_5: Final = 45
"""The versions of ZIP that know deflate, and ZIP64."""
UTF8_FLAG: Final = 0x0800
FULL_16: Final = 0xFFFF
FULL_32: Final = 0xFFFFFFFF
"""What a field says whose value stands in a part of ZIP64."""
FOUR_GIB: Final = 1 << 32


class EntryRecord(NamedTuple):
    """The fields of ``ENTRY``."""

    signature: bytes
    made_by: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    compressed_size: int
    size: int
    name_length: int
    extra_length: int
    comment_length: int
    disk: int
    internal: int
    external: int
    offset: int


class EndRecord(NamedTuple):
    """The fields of ``END``; ``here`` counts the members on this disk."""

    signature: bytes
    disk: int
    first_disk: int
    here: int
    members: int
    size: int
    offset: int
    comment_length: int


class End64Record(NamedTuple):
    """The fields of ``END64``; ``following`` are the bytes of the record after that field."""

    signature: bytes
    following: int
    made_by: int
    needed: int
    disk: int
    first_disk: int
    here: int
    members: int
    size: int
    offset: int
