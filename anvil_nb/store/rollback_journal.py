"""What DuckDB is about to overwrite in its file, kept beside it until that is done.

A checkpoint of DuckDB writes to free blocks of its file, and last a header that points to them, so
that whoever is killed before the header leaves the state before. With one exception: a block of
metadata has 64 parts, and one of which some are free is written again where it stands, with the
parts that the state before needs unchanged in it. A process that is killed within such a write
(the kernel ends it between two pages), or a machine that loses its power, leaves a block that is
neither the old one nor the new one. Its checksum is wrong, and DuckDB opens the file no more.

So these blocks are copied into this file before a checkpoint can begin, with the headers of the
state that needs them. Whoever opens the store after one who was killed finds them. If the file
still has those headers the checkpoint did not end: the blocks are put back, and DuckDB's log, which
goes after the header only, holds what was committed. If it has others, the checkpoint ended.

Everything here is done by who holds the store's lock.
"""

from __future__ import annotations

import errno
import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

try:
    import fcntl
except ImportError:  # Windows, which the store's lock refuses in words
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_HEADERS: Final = 3 * 4096
"""Bytes of the file before its first block: what it is, and two headers that take turns."""
_MARK: Final = b"anvil journal 1\n"
_OVER: Final = bytes(len(_MARK))
_HEAD: Final = struct.Struct(f"<{len(_MARK)}sQI")
"""The mark, and the length and CRC-32 of what follows."""
_BLOCK: Final = struct.Struct("<QQ")
"""Where a block begins in the store, and its length. Its bytes follow."""
# Without the time of the change, where the system can; macOS cannot.
_sync: Final[Callable[[int], None]] = getattr(os, "fdatasync", os.fsync)


class RollbackJournal:
    """The journal beside the store at ``store``.

    Its descriptor of the store is opened after DuckDB's and closed after it: closing any
    descriptor of a file drops the locks that the process has on it (POSIX).
    """

    __slots__ = ("_journal", "_kept", "_path", "_store", "_store_path")

    def __init__(self, store: Path) -> None:
        self._store_path = store
        self._path = Path(f"{store}.journal")
        self._store = self._journal = -1
        self._kept = b""

    def keep(self, overwritten: Callable[[], Iterable[tuple[int, int]]]) -> None:
        """Keep what a checkpoint overwrites, unless it is kept for the file's state already.

        Args:
            overwritten: Says which blocks: the number of each, and its length in bytes.

        Raises:
            OSError: when there is no space for them, say. Then there may be no checkpoint.
        """
        if self._store < 0:
            self._store = os.open(self._store_path, os.O_RDONLY | os.O_CLOEXEC)
        headers = os.pread(self._store, _HEADERS, 0)
        if headers == self._kept:
            return
        self._kept = b""
        parts = [headers]
        for number, length in overwritten():
            offset = _HEADERS + number * length
            parts += _BLOCK.pack(offset, length), os.pread(self._store, length, offset)
        content = b"".join(parts)
        if self._journal < 0:
            self._journal = self._open()
        _write(self._journal, _HEAD.pack(_MARK, len(content), zlib.crc32(content)) + content)
        _sync(self._journal)
        self._kept = headers

    def end(self, *, done: bool) -> None:
        """Close what is open, after DuckDB has closed the store.

        Args:
            done: Whether the checkpoint ended, or there was none: nothing is to be put back.
        """
        try:
            if done and self._kept:
                if self._journal < 0:
                    self._journal = self._open()
                _write(self._journal, _OVER)
        finally:
            self._close()

    def roll_back(self) -> bool:
        """Put back what a checkpoint overwrote that did not end; tell whether there was one.

        For a store that this process has not open.

        Raises:
            OSError: when the store cannot be written.
        """
        content = self._read()
        if content is None:
            return False
        store = os.open(self._store_path, os.O_RDWR | os.O_CLOEXEC)
        try:
            if not _lock(store):
                return False  # another program has it open; DuckDB will name it
            # It stays in force for this state: opening the store may begin the checkpoint again.
            self._kept = os.pread(store, _HEADERS, 0)
            cut_off = content.startswith(self._kept)
            if cut_off:
                _put_back(store, memoryview(content)[_HEADERS:])
        finally:
            os.close(store)
        if not cut_off:
            self.end(done=True)
        return cut_off

    def forget(self) -> None:
        """Remove it: it is of another store than the one that is about to be made."""
        self._close()
        self._path.unlink(missing_ok=True)

    def after_fork_in_child(self) -> None:
        """Close what is the parent's."""
        self._close()

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            made = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.fchmod(
            made, self._store_path.stat().st_mode & 0o777
        )  # who may read the one may the other
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return made

    def _read(self) -> bytes | None:
        """Return what is kept, if it is whole and not over."""
        try:
            with self._path.open("rb") as file:
                head = file.read(_HEAD.size)
                if not head.startswith(_MARK) or len(head) < _HEAD.size:
                    return None
                _, length, crc = _HEAD.unpack(head)
                content = file.read(length)
        except FileNotFoundError:
            return None
        # One that is cut off was being written: nothing can have been overwritten yet.
        return content if len(content) == length and zlib.crc32(content) == crc else None

    def _close(self) -> None:
        opened, self._store, self._journal = (self._store, self._journal), -1, -1
        self._kept = b""
        for descriptor in opened:
            if descriptor >= 0:
                os.close(descriptor)


def _write(descriptor: int, content: bytes | memoryview, offset: int = 0) -> None:
    """Write all of it, which one call need not do."""
    left = memoryview(content)
    while left:
        written = os.pwrite(descriptor, left, offset)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        offset, left = offset + written, left[written:]


def _put_back(store: int, blocks: memoryview) -> None:
    at = 0
    while at < len(blocks):
        offset, length = _BLOCK.unpack_from(blocks, at)
        at += _BLOCK.size + length
        _write(store, blocks[at - length : at], offset)
    _sync(store)


def _lock(store: int) -> bool:
    """Take the lock that DuckDB takes on its files, unless another program has it."""
    with suppress(BlockingIOError, PermissionError):
        fcntl.lockf(store, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
