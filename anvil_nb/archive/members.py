"""The members of an archive, each made of its entry when it is asked for.

An archive may have a hundred thousand, and as values they take four times the memory of the
directory's bytes. So only these are kept, and where the entries begin.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from anvil_nb.archive.records import ENTRY

if TYPE_CHECKING:
    from array import array

_STATED: Final = Struct("<10xH4x3LH12xL")
"""What a ``Member`` takes from an ``ENTRY``: method, CRC-32, sizes, length of the name, offset."""
_LENGTH: Final = Struct("<28xH")


class Member(NamedTuple):
    """One member, as its entry states it.

    Args:
        name: Such as F6 allows.
        size: Bytes of its data.
        compressed_size: Bytes that its data takes in the archive.
        offset: Where its local header begins, in bytes from the archive's first.
        crc: CRC-32 of its data.
        method: 0 for stored, 8 for deflated.
        entry: Where its entry begins, in bytes from the directory's first.
    """

    name: str
    size: int
    compressed_size: int
    offset: int
    crc: int
    method: int
    entry: int


class Members(Mapping[str, Member]):
    """By name, in the order of the file.

    Args:
        data: The bytes of all entries, which were checked.
        entries: Where each begins in them.
        heads: How many of them stand before those that are in the order of their names (F7).
    """

    __slots__ = ("_data", "_entries", "_heads")

    def __init__(self, data: bytes, entries: array[int], heads: int) -> None:
        self._data, self._entries, self._heads = data, entries, heads

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[str]:
        data, size, length = self._data, ENTRY.size, _LENGTH.unpack_from
        for entry in self._entries:  # without a call for each
            begin = entry + size
            yield data[begin : begin + length(data, entry)[0]].decode()

    def __getitem__(self, name: str) -> Member:
        wanted = name.encode()
        entries, heads = self._entries, self._heads
        for entry in entries[:heads]:
            if self._name(entry) == wanted:
                return self._member(entry)
        at = bisect_left(entries, wanted, heads, key=self._name)
        if at == len(entries) or self._name(entries[at]) != wanted:
            raise KeyError(name)
        return self._member(entries[at])

    def each(self) -> Iterator[Member]:
        """Return every member, in the order of the file; ``values`` would look for each by name."""
        return map(self._member, self._entries)

    def _name(self, entry: int) -> bytes:
        begin = entry + ENTRY.size
        return self._data[begin : begin + _LENGTH.unpack_from(self._data, entry)[0]]

    def _member(self, entry: int) -> Member:
        method, crc, compressed, size, length, offset = _STATED.unpack_from(self._data, entry)
        begin = entry + ENTRY.size
        name = self._data[begin : begin + length].decode()
        return Member(name, size, compressed, offset, crc, method, entry)
