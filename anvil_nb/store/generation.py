"""The generation of a DuckDB store: a number beside it that every writer counts up.

The file holds one unsigned 64-bit integer in the machine's byte order. Every process maps it, so
that reading it costs no system call. Only who holds the store's lock writes it.

Why a number that is the same proves that nothing was written: a writer counts up *before* it
commits, while it holds the lock, and keeps the lock until after the commit. Whoever sees the new
number and goes to read waits for that lock, and so reads the commit. Whoever remembers what it
read under the number that it saw inside its own read transaction cannot have missed a writer,
since none can count up while it holds the lock. A writer that is killed, or fails, between the
two has changed nothing but the number: others read once more than they had to.

The mapping is for reading only, and the number is written with ``pwrite``: on a full disk that is
an error, where a write to a mapping would be a signal that ends the process.
"""

from __future__ import annotations

import mmap
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH = 8
_LOOK_AGAIN_SECONDS = 0.1


class GenerationFile:
    """The counter beside the store at ``store``.

    ``value`` also notices, at most 100 ms later, that the counter or the store was replaced by
    another file: deleted and made again, or restored from a copy.
    """

    __slots__ = (
        "_counter",
        "_inode",
        "_look_at",
        "_looking",
        "_offset",
        "_path",
        "_seen",
        "_store",
    )

    def __init__(self, store: Path) -> None:
        self._path = Path(f"{store}.generation")
        self._store = store
        self._seen: tuple[int, int] | None = None
        self._counter: Sequence[int] = (0,)
        self._inode: tuple[int, int] | None = None
        # What replaced files have added: a new file's number could be one that was seen before.
        self._offset = 0
        self._look_at = 0.0
        self._looking = threading.Lock()

    def value(self) -> int:
        """Return the generation. About 0.16 µs; the clock is a third of it."""
        if time.monotonic() >= self._look_at:
            self._look_again()
        return self._counter[0] + self._offset

    def open(self) -> None:
        """Map the counter; make it when it is not there. Only for who holds the store's lock.

        Raises:
            OSError: when the file cannot be made.
        """
        with self._looking:
            if self._inode is None or self._inode != _inode_of(self._path):
                self._map(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666), make=True)

    def saw_store(self) -> None:
        """Remember which file the store is. Only for who holds the store's lock."""
        self._seen = _inode_of(self._store)

    def bump(self) -> None:
        """Count up. Only for who holds the store's lock, and before what it commits.

        Raises:
            OSError: when there is no space for it.
        """
        number = self._counter[0] + 1
        # Opened anew, since keeping a descriptor that other threads may replace is not worth 5 µs.
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            os.pwrite(descriptor, number.to_bytes(_WIDTH, sys.byteorder), 0)
        finally:
            os.close(descriptor)
        if self._counter[0] != number:
            self.open()  # the file was replaced since it was mapped

    def close(self) -> None:
        """Unmap the counter; the number that was last seen stays."""
        with self._looking:
            self._counter, self._inode = (self._counter[0],), None

    def after_fork_in_child(self) -> None:
        """Forget that another thread may have been looking when this process was forked."""
        self._looking = threading.Lock()

    def _look_again(self) -> None:
        """Compare the files on disk with those that were seen."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            self._look_at = time.monotonic() + _LOOK_AGAIN_SECONDS
            if self._inode is None:
                return
            store = _inode_of(self._store)
            if store != self._seen:
                self._seen = store
                self._offset += 1
            if self._inode != _inode_of(self._path):
                self._map(os.open(self._path, os.O_RDWR), make=False)
        except OSError:
            # It is gone, or not ours to read: whoever holds the lock next makes it, or tells.
            return
        finally:
            self._looking.release()

    def _map(self, descriptor: int, *, make: bool) -> None:
        """Take the counter of an open file in place of the one before, and close the file."""
        try:
            if os.fstat(descriptor).st_size < _WIDTH:
                if not make:
                    return  # another process is making it at this moment
                # The time, not zero: a store made again is never taken for the one before it.
                os.pwrite(descriptor, time.time_ns().to_bytes(_WIDTH, sys.byteorder), 0)
            mapping = mmap.mmap(descriptor, _WIDTH, prot=mmap.PROT_READ)
            before, first = self._counter[0] + self._offset, self._inode is None
            # The view keeps the mapping, and with it the inode: its number cannot go to another
            # file while it is compared with. One item of it is one read of eight aligned bytes.
            self._counter = memoryview(mapping).cast("Q")
            self._inode = _identity(os.fstat(descriptor))
            if not first and self._counter[0] + self._offset == before:
                self._offset += 1
        finally:
            os.close(descriptor)


def _identity(state: os.stat_result) -> tuple[int, int]:
    return state.st_dev, state.st_ino


def _inode_of(path: Path) -> tuple[int, int] | None:
    try:
        return _identity(path.stat())
    except OSError:
        return None
