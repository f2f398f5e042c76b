"""Tarballs, written: the same files in the same order give the same bytes.

Plain ustar headers, with pax ones where a name needs them; no times, no owners. Any `tar` reads
it, and so does ``tar_reader``.
"""

from __future__ import annotations

import tarfile
import zlib
from typing import TYPE_CHECKING, Final

from anvil_nb.archive.tar_headers import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anvil_nb.archive.tar_reader import TarFile

MANIFEST: Final = "manifest.json"
"""The name of a first member that says what follows."""

_LEVEL: Final = 6
_GZIP: Final = 31
_PIECE: Final = 1 << 16


def write_tarball(files: Iterable[TarFile], manifest: bytes | None = None) -> Iterator[bytes]:
    """Return a tarball, a piece at a time.

    Args:
        files: In the order in which they are to stand.
        manifest: To stand before them, under ``MANIFEST``.
    """
    # zlib writes gzip's header without a name and without a time.
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    held = bytearray()
    for data in _members(files, manifest):
        held += packer.compress(data)
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    held += packer.flush()
    yield bytes(held)


def _members(files: Iterable[TarFile], manifest: bytes | None) -> Iterator[bytes]:
    if manifest is not None:
        yield from _member(MANIFEST, manifest, executable=False)
    for one in files:
        yield from _member(one.path, one.data, executable=one.executable)
    yield bytes(2 * BLOCK)


def _member(path: str, data: bytes, *, executable: bool) -> Iterator[bytes]:
    header = tarfile.TarInfo(path)
    header.size = len(data)
    header.mode = 0o755 if executable else 0o644
    yield header.tobuf(tarfile.PAX_FORMAT)
    yield data
    yield bytes(-len(data) % BLOCK)
