"""What DuckDB is about to overwrite in its file, kept beside it until that is done.

A checkpoint of DuckDB writes to free blocks of its file, and last a header that points to them, so
that whoever is killed before the header leaves the state before. With one exception: a block of
metadata has 64 parts, and one of which some are free is written again where it stands, with the
parts that the state before needs unchanged in it. A process that is killed within such a write
(the kernel ends it between two pages), or a machine that loses its power, leaves a block that is
neither the old one nor the new one. Its checksum is wrong, and DuckDB opens the file no more.

So these blocks are copied into this file before a checkpoint can begin, with the headers of the
state that needs them. Whoever opens the store after one who was killed finds them. If the file
still has those headers the checkpoint did not end: the blocks that are neither old nor new are put
back, and DuckDB's log, which goes after the header only, holds what was committed. If it has
others, the checkpoint ended. A block with the right checksum stays what it is: the headers say
nothing of the contents, and those of two copies of one store may be the same.

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
_CHECKSUM: Final = struct.Struct("<Q")
"""What a block of DuckDB begins with."""
_BEGIN, _FACTOR, _WORD = 5381, 0xBF58476D1CE4E5B9, 2**64 - 1
"""Of that checksum: the exclusive or of the words that follow, each multiplied."""


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
            parts += _BLOCK.pack(offset, length), _read(self._store, length, offset)
        self._write(b"".join(parts))
        self._kept = headers

    def end(self, *, done: bool) -> None:
        """Close what is open, after DuckDB has closed the store.

        Args:
            done: Whether the checkpoint ended, or there was none: nothing is to be put back.
        """
        try:
            if done and self._kept:
                self._open()
                _write(self._journal, _OVER)
        finally:
            self._close()

    def roll_back(self) -> bool:
        """Put back what a checkpoint overwrote that did not end; tell whether there was one.

        For a store that this process has not open.

        Raises:
            BlockingIOError: while another program has the store open.
            OSError: when the store cannot be written.
        """
        self._kept = b""
        content = self._content()
        if content is None:
            return False
        store = os.open(self._store_path, os.O_RDWR | os.O_CLOEXEC)
        try:
            headers = os.pread(store, _HEADERS, 0)
            if _is_of(content, headers):
                _lock(store)
                headers = os.pread(store, _HEADERS, 0)  # another program may have ended one
            cut_off = _is_of(content, headers)
            if cut_off:
                now = headers + _put_back(store, memoryview(content)[_HEADERS:])
        finally:
            os.close(store)
        self._kept = headers
        if not cut_off:
            self.end(done=True)
        elif now != content:
            # It stays in force, as it is now: opening the store may begin the checkpoint again.
            self._write(now)
            self._close()
        return cut_off

    def forget(self) -> None:
        """Remove it: it is of another store than the one that is about to be made."""
        self._close()
        self._path.unlink(missing_ok=True)

    def after_fork_in_child(self) -> None:
        """Close what is the parent's."""
        self._close()

    def _write(self, content: bytes) -> None:
        self._open()
        _write(self._journal, _HEAD.pack(_MARK, len(content), zlib.crc32(content)) + content)
        _sync(self._journal)

    def _open(self) -> None:
        if self._journal >= 0:
            return
        flags, made = os.O_RDWR | os.O_CLOEXEC, False
        try:
            self._journal = os.open(self._path, flags)
        except (FileNotFoundError, PermissionError):
            # Another user's is not needed: whoever writes one has looked that the store is sound.
            self._path.unlink(missing_ok=True)
            self._journal, made = os.open(self._path, flags | os.O_CREAT, 0o600), True
        self._let_read()
        if made:
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _let_read(self) -> None:
        """See that who may read the store may read the journal, and nobody else."""
        has, wanted = os.fstat(self._journal), self._store_path.stat()
        if has.st_gid != wanted.st_gid:
            with suppress(PermissionError):  # a group that one is not in
                os.fchown(self._journal, -1, wanted.st_gid)
        if has.st_uid != wanted.st_uid:
            with suppress(PermissionError):  # only root gives files away
                os.fchown(self._journal, wanted.st_uid, -1)
        if (has.st_mode ^ wanted.st_mode) & 0o777:
            with suppress(PermissionError):
                os.fchmod(self._journal, wanted.st_mode & 0o777)

    def _content(self) -> bytes | None:
        """Return what is kept, if it is whole and not over."""
        try:
            with self._path.open("rb") as file:
                head = file.read(_HEAD.size)
                if not head.startswith(_MARK) or len(head) < _HEAD.size:
                    return None
                _, length, crc = _HEAD.unpack(head)
                content = file.read()[:length]  # an earlier one may have been longer
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


def _read(descriptor: int, length: int, offset: int) -> bytes:
    found = os.pread(descriptor, length, offset)
    if len(found) < length:
        raise OSError(errno.EIO, "the file ends within a block")
    return found


def _is_of(content: bytes, headers: bytes) -> bool:
    """Tell whether it was kept for the state of a file with these headers."""
    return len(headers) == _HEADERS and content.startswith(headers)


def _lock(store: int) -> None:
    """Take the lock that DuckDB takes on its files; ``BlockingIOError`` where another has it."""
    try:
        fcntl.lockf(store, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except PermissionError as error:  # which POSIX lets a system say instead
        raise BlockingIOError(*error.args) from error


def _put_back(store: int, kept: memoryview) -> bytes:
    """Put back each block that is neither old nor new; return all as they are now."""
    parts: list[bytes] = []
    at = 0
    while at < len(kept):
        offset, length = _BLOCK.unpack_from(kept, at)
        at += _BLOCK.size + length
        block, now = bytes(kept[at - length : at]), os.pread(store, length, offset)
        if not _is_sound(now, length) and _is_sound(block, length):
            _write(store, block, offset)
            now = block
        parts += _BLOCK.pack(offset, length), now
    _sync(store)
    return b"".join(parts)


def _is_sound(block: bytes, length: int) -> bool:
    """Tell whether a block of DuckDB is whole and has the checksum that it says."""
    if len(block) < length:
        return False
    said, checksum = _CHECKSUM.unpack_from(block)[0], _BEGIN
    for (word,) in _CHECKSUM.iter_unpack(memoryview(block)[_CHECKSUM.size :]):
        checksum ^= word * _FACTOR
    return bool(said == checksum & _WORD)


def _sync(descriptor: int) -> None:
    """Have it on the disk; without the time of the change, where the system can."""
    full = getattr(fcntl, "F_FULLFSYNC", None)  # macOS, whose fsync() leaves it in the disk's cache
    if full is not None:
        with suppress(OSError):
            fcntl.fcntl(descriptor, full)
            return
    getattr(os, "fdatasync", os.fsync)(descriptor)
