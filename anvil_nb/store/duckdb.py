"""The embedded engine: one DuckDB file that many processes share, one call after the other.

A call takes the lock beside the file (``lock``), attaches the file (``duckdb_file``), runs its
transaction, detaches the file and gives the lock back: an idle notebook never stands in anyone's
way. Inside ``burst`` the file stays attached between calls, until another process waits for it.

A process has one engine per file, however many workspaces use it, and runs one transaction at a
time: threads wait for each other. A fork waits for the transaction of another thread and finds
the file detached; the child begins with nothing of its parent's but the path.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.errors import StoreBusyError, StoreError
from anvil_nb.store.migrations import MIGRATIONS, Migration
from anvil_nb.store.shared_file import SharedFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from anvil_nb.store.shared_file import DuckDBTransaction

_LOOK_FOR_WAITERS_SECONDS = 0.05
_AT_EXIT_SECONDS = 1.0


class DuckDBEngine:
    """The store in the DuckDB file at ``path``; see ``engine.Engine``.

    Args:
        path: The file, absolute and without symbolic links.
        migrations: The schema.
    """

    kind = "duckdb"

    def __init__(self, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self.location = str(path)
        self.wait_seconds = 0.0
        self._file = SharedFile(path, migrations)
        self.generation = self._file.generation
        self._open = False
        self._mutex = threading.RLock()
        self._active: int | None = None  # the thread whose transaction is running
        self._bursts: list[int] = []  # the threads that are inside bursts, once for each burst
        self._watcher: threading.Thread | None = None
        self._shut = threading.Event()
        self._forking = False

    def open(self, *, create: bool) -> None:
        """Make the store if it is not there and may be made; bring its schema up to date."""
        deadline = self._enter()
        try:
            self._file.hold(deadline, create=create)
            self._open = True
        finally:
            self._leave()

    def read(self) -> AbstractContextManager[DuckDBTransaction]:
        """Read one consistent state."""
        return self._transaction(writes=False)

    def write(self) -> AbstractContextManager[DuckDBTransaction]:
        """Read and write; all of it lasts or none."""
        return self._transaction(writes=True)

    @contextmanager
    def burst(self) -> Iterator[None]:
        """Keep the file attached between the calls inside the block.

        It is let go after each call for which another process waits, and between calls by a
        thread that looks for waiters every 50 ms. That thread is best effort: it cannot look
        while an extension module keeps the interpreter to itself.
        """
        thread = threading.get_ident()
        self._bursts.append(thread)
        try:
            yield
        finally:
            self._bursts.remove(thread)
            # Another thread's transaction that is running now sees the burst's end itself.
            if not self._bursts and self._mutex.acquire(blocking=False):
                try:
                    self._let_go_when_idle()
                finally:
                    self._mutex.release()

    def counts(self) -> None:
        """Return nothing: one file has one server, which counts in memory."""

    def close(self) -> None:
        """Close one use of this engine; the last one gives everything back."""
        _engines.close(self)

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[DuckDBTransaction]:
        deadline = self._enter()
        try:
            if not self._open:
                raise StoreError(f"the store {self.location} was closed", "Open it again.")
            self._file.hold(deadline, create=False)
            if not writes:
                yield self._file.reading()
                return
            with self._file.transaction(writes=True) as transaction:
                yield transaction
        finally:
            self._leave()

    def _enter(self) -> float:
        """Begin this thread's turn; return until when it may wait for the file."""
        thread, deadline = threading.get_ident(), time.monotonic() + self.wait_seconds
        if self._active == thread:
            raise RuntimeError("this thread has a transaction of this store open already")
        if not self._mutex.acquire(timeout=min(self.wait_seconds, threading.TIMEOUT_MAX)):
            raise StoreBusyError(
                f"another thread of this process holds the store {self.location} for longer than "
                "this call may wait",
                "Wait until it is done; then try again.",
            )
        self._active = thread
        return deadline

    def _leave(self) -> None:
        """End this thread's turn."""
        if self._active != threading.get_ident():
            return  # a child that was forked inside the block: the turn is its parent's
        try:
            if not self._file.held or not self._bursts or self._file.waited_for:
                self._file.let_go()
            elif self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="anvil", daemon=True)
                self._watcher.start()
        finally:
            self._active = None
            self._mutex.release()

    def _let_go_when_idle(self) -> None:
        if self._active is None:
            self._file.let_go()

    def _watch(self) -> None:
        """Let go of a file that an idle burst keeps, when somebody waits or the burst is over."""
        while not self._shut.wait(_LOOK_FOR_WAITERS_SECONDS):
            if not self._mutex.acquire(blocking=False):
                continue  # a transaction is running; it looks itself when it ends
            try:
                if not self._bursts or not self._file.held or self._file.waited_for:
                    self._let_go_when_idle()
                    self._watcher = None
                    return
            finally:
                self._mutex.release()

    def shut(self) -> None:
        """Give everything back, after the transaction that may be running in another thread."""
        self._enter()
        self._open = False
        try:
            self._file.close()
        finally:
            self._leave()
        self._shut.set()
        if (watcher := self._watcher) is not None:
            watcher.join()

    def before_fork(self) -> None:
        """Let go of the file, waiting for another thread's transaction to end.

        Not for longer than a call may wait: a child that inherits an attached file leaves it be.
        """
        self._forking = self._mutex.acquire(timeout=min(self.wait_seconds, threading.TIMEOUT_MAX))
        if self._forking:
            self._let_go_when_idle()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        if self._forking:
            self._mutex.release()

    def after_fork_in_child(self) -> None:
        """Begin anew: what is open here is the parent's, and the other threads are not here."""
        self._file.after_fork_in_child()
        self._mutex = threading.RLock()
        self._active = None
        self._bursts[:] = [thread for thread in self._bursts if thread == threading.get_ident()]
        self._watcher = None
        self._shut = threading.Event()


class _Engines:
    """The engines of this process, one for each file, with the number of their uses."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[DuckDBEngine, int] = {}

    def open(self, path: Path) -> DuckDBEngine:
        """Return the engine of a file, the one that there is or a new one."""
        with self._lock:
            found = [engine for engine in self._uses if engine.location == str(path)]
            engine = found[0] if found else DuckDBEngine(path)
            self._uses[engine] = self._uses.get(engine, 0) + 1
        return engine

    def close(self, engine: DuckDBEngine) -> None:
        """End one use of an engine, and the engine with the last one."""
        with self._lock:
            left = self._uses.get(engine, 0) - 1
            if left > 0:
                self._uses[engine] = left
            else:
                self._uses.pop(engine, None)
        if left == 0:
            engine.shut()

    def close_all(self) -> None:
        """Close what a program that ends has left open, while DuckDB can still be told."""
        for engine in list(self._uses):
            engine.wait_seconds = min(engine.wait_seconds, _AT_EXIT_SECONDS)
            with suppress(StoreBusyError, RuntimeError):  # a thread of its own is still at it
                engine.shut()

    def before_fork(self) -> None:
        self._lock.acquire()
        for engine in self._uses:
            engine.before_fork()

    def after_fork_in_parent(self) -> None:
        for engine in self._uses:
            engine.after_fork_in_parent()
        self._lock.release()

    def after_fork_in_child(self) -> None:
        self._lock = threading.Lock()
        for engine in self._uses:
            engine.after_fork_in_child()


_engines = _Engines()
atexit.register(_engines.close_all)
os.register_at_fork(
    before=_engines.before_fork,
    after_in_parent=_engines.after_fork_in_parent,
    after_in_child=_engines.after_fork_in_child,
)


def open_duckdb(location: Path, *, wait_seconds: float, create: bool) -> DuckDBEngine:
    """Open the store in a DuckDB file; see ``engine.open_engine``.

    Of several openings of one file in a process, the last one's ``wait_seconds`` counts.
    """
    engine = _engines.open(Path(os.path.realpath(location)))
    engine.wait_seconds = wait_seconds
    try:
        engine.open(create=create)
    except BaseException:
        engine.close()
        raise
    return engine
