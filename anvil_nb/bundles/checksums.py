"""What the checksums of a bundle say of its members (docs/bundle-format.md, F16).

They are held as two rows of numbers, in the order of the members: as text under their names they
take six times the memory, and a bundle may have a hundred thousand.
"""

from __future__ import annotations

import hashlib
from array import array
from binascii import unhexlify
from typing import TYPE_CHECKING

from anvil_nb.bundles.document_reading import read_checksums
from anvil_nb.bundles.documents import AGAIN, CHECKSUMS, MANIFEST, SIGNATURE
from anvil_nb.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from anvil_nb.archive import Archive

HEADS = (MANIFEST, CHECKSUMS, SIGNATURE)
"""The members that are not named: they make sure of the checksums, and not the other way round."""
_HASH = hashlib.sha256().digest_size


class Checksums:
    """Size and SHA-256 of each member but ``HEADS``, by its place among them in the file.

    Args:
        sums: Size and SHA-256 (hex) in that order.
    """

    __slots__ = ("_hashes", "_sizes")

    def __init__(self, sums: Iterable[tuple[int, str]]) -> None:
        self._sizes = array("Q")
        self._hashes = bytearray()
        for size, digest in sums:
            self._sizes.append(size)
            self._hashes += unhexlify(digest)

    def __len__(self) -> int:
        return len(self._sizes)

    @property
    def total(self) -> int:
        """The bytes of them all."""
        return sum(self._sizes)

    def agree(self, at: int, size: int, digest: bytes) -> bool:
        """Tell whether the member ``at`` a place has this size and this SHA-256."""
        begin = at * _HASH
        return self._sizes[at] == size and self._hashes[begin : begin + _HASH] == digest


def checksums_of(archive: Archive, data: bytes) -> Checksums:
    """Return the checksums, which name exactly the members of an archive (F16).

    Args:
        archive: Whose members they are.
        data: ``CHECKSUMS``, which the manifest names.

    Raises:
        BundleError: when they are not sound, or name other members.
    """
    sums = read_checksums(data)
    names = list(named(archive))
    _check_names(names, sums)
    return Checksums(map(sums.__getitem__, names))


def named(archive: Archive) -> Iterator[str]:
    """Return the members that checksums name, in the order of the file."""
    return (name for name in archive.members if name not in HEADS)


def _check_names(names: Sequence[str], sums: Mapping[str, object]) -> None:
    if extra := [name for name in names if name not in sums]:
        raise BundleError(f"it holds {extra[0]}, which its checksums do not name", AGAIN)
    if len(names) != len(sums):
        lost = min(sums.keys() - set(names))
        raise BundleError(f"it lacks {lost}, which its checksums name", AGAIN)
