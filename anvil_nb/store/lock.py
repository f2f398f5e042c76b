"""The lock beside a DuckDB store, which every process takes before it opens the store.

DuckDB locks the file itself, but reads its headers first: an opener that reads while another
process writes them loses data. So a process takes this lock before DuckDB opens the file, and
gives it back after DuckDB has closed it.

There are two files. Who wants ``store.lock`` first takes ``store.queue``, waits for the lock with
the queue in hand, and gives the queue back once it has the lock. So one process waits for the
lock and the others behind it; one that has just given the lock back cannot overtake them; and the
holder can tell that somebody waits by trying the queue. Both are ``flock`` locks: the kernel gives
them back when a process ends, however it ends. They bind descriptors, not processes, so a child
that was forked could keep one: a lock is given back by name before its descriptor is closed.
"""

from __future__ import annotations

import errno
import json
import os
import re
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anvil_nb.errors import StoreBusyError, StoreError, StoreUnavailableError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_HEADER = b"Held while the store beside it is open; see docs/store.md".ljust(63) + b"\n"
_RECORD = 448
_SHOWN_ARGUMENTS = 3
_SHOWN_CHARACTERS = 200
_UNSUPPORTED = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}
_SECRET = re.compile(r"(//[^/\s:@]*):\S*@")


class StoreLock:
    """This process's side of the lock of the store at ``store``. One thread at a time uses it."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._lock_path = Path(f"{store}.lock")
        self._queue_path = Path(f"{store}.queue")
        self._turn: _Turn | None = None
        self._probe = -1
        self._waiter: _Waiter | None = None
        self.held = False

    def acquire(self, wait_seconds: float) -> None:
        """Take the lock, waiting in the queue for at most ``wait_seconds``.

        Raises:
            StoreBusyError: when the time is over; it names the holder.
            StoreUnavailableError: when the files cannot be made, or locked on this file system.
        """
        deadline = time.monotonic() + wait_seconds
        while not self.held:
            # Kept in reach from the start: Ctrl-C may come between any two lines.
            turn = self._turn = self._take(deadline)
            # Files that somebody deleted are no lock: the next process makes others.
            if turn.is_at(self._queue_path, self._lock_path):
                turn.sign()
                self.held = True
            else:
                self.release()

    def release(self) -> None:
        """Give the lock back, if it is held."""
        self.held = False
        probe, self._probe = self._probe, -1
        if probe >= 0:
            os.close(probe)
        if self._turn is not None:
            self._turn.give_back()
            self._turn = None

    def waited_for(self) -> bool:
        """Tell whether another process waits for the lock that this one holds."""
        try:
            if self._probe < 0:
                # A descriptor of its own: a lock is never in the way of its own descriptor.
                self._probe = os.open(self._queue_path, os.O_RDWR | os.O_CREAT, 0o666)
            if not _flock(self._probe, at_once=True):
                return True
        except OSError:
            return True  # it cannot be told; giving way is always safe
        _unlock(self._probe)
        return False

    def forget(self) -> None:
        """Drop what a forked child inherited, without giving back what its parent holds."""
        turns = [self._turn, self._waiter.turn if self._waiter else None]
        for descriptor in [self._probe, *(d for turn in turns if turn for d in turn.descriptors())]:
            if descriptor >= 0:
                os.close(descriptor)
        self._turn, self._probe, self._waiter, self.held = None, -1, None, False

    def _take(self, deadline: float) -> _Turn:
        """Pass the queue and take the lock."""
        try:
            if self._waiter is None or not self._waiter.take_up():
                self._waiter = None
                turn = self._turn = _Turn(self._queue_path, self._lock_path)
                if turn.at_once():
                    return turn
                self._waiter, self._turn = _Waiter(turn), None
            if not self._waiter.wait(max(0.0, deadline - time.monotonic())):
                raise self._busy()
        except OSError as error:
            raise self._unavailable(error) from error
        turn, self._waiter = self._waiter.turn, None
        return turn

    def _busy(self) -> StoreBusyError:
        holder = _holder(self._lock_path)
        who, pid = "another process", ""
        if holder:
            pid = str(holder["pid"])
            who = f"process {pid} ({holder['command']}), which took it at {holder['since']},"
        return StoreBusyError(
            f"{who} holds the store {self._store} for longer than this call may wait",
            f"Wait until it is done, or stop it (kill {pid}); then try again."
            if pid
            else "Wait until it is done; then try again.",
        )

    def _unavailable(self, error: OSError) -> StoreError:
        if fcntl is None or error.errno in _UNSUPPORTED:
            return StoreUnavailableError(
                f"the store {self._store} cannot be locked against other processes here: "
                f"{error.strerror or error}",
                "Put the store on a local disk of Linux or macOS, or use postgresql://.",
            )
        return StoreUnavailableError(
            f"the lock of the store {self._store} cannot be made: {error.strerror}",
            f"See that {self._store.parent} has space and that you may write there.",
        )


class _Turn:
    """Two open files: the queue to pass and the lock to get."""

    def __init__(self, queue: Path, lock: Path) -> None:
        self._queue = self._lock = -1
        try:
            self._queue = os.open(queue, os.O_RDWR | os.O_CREAT, 0o666)
            self._lock = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        except BaseException:
            self._close()
            raise

    def at_once(self) -> bool:
        """Take the lock if nobody has it or waits for it. The queue may be in hand after a no."""
        try:
            if not _flock(self._queue, at_once=True):
                return False
            if not _flock(self._lock, at_once=True):
                return False
        except BaseException:
            self.give_back()
            raise
        self._leave_queue()
        return True

    def in_turn(self) -> None:
        """Take the lock when its time comes, however long that takes."""
        try:
            _flock(self._queue)
            _flock(self._lock)
        except BaseException:
            self.give_back()
            raise
        self._leave_queue()

    def is_at(self, queue: Path, lock: Path) -> bool:
        """Tell whether the files that were locked are the ones that others will find."""
        try:
            return all(
                os.path.samestat(os.fstat(descriptor), path.stat())
                for descriptor, path in ((self._queue, queue), (self._lock, lock))
            )
        except FileNotFoundError:
            return False

    def sign(self) -> None:
        """Write into the lock who holds it."""
        record = {
            "pid": os.getpid(),
            "command": _command(),
            "since": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        try:
            os.pwrite(self._lock, _HEADER + json.dumps(record).encode().ljust(_RECORD), 0)
        except OSError:
            return  # a full disk costs the name in a message, not the lock

    def give_back(self) -> None:
        """Give back what is held and close the files."""
        for descriptor in self.descriptors():
            _unlock(descriptor)
        self._close()

    def descriptors(self) -> list[int]:
        """Return the descriptors that are open."""
        return [descriptor for descriptor in (self._lock, self._queue) if descriptor >= 0]

    def _leave_queue(self) -> None:
        _unlock(self._queue)

    def _close(self) -> None:
        descriptors, self._queue, self._lock = self.descriptors(), -1, -1
        for descriptor in descriptors:
            os.close(descriptor)


class _Waiter:
    """A thread that waits in the kernel's queue for a caller that must stay interruptible.

    A caller that gives up leaves the thread where it stands; it gives the lock back as soon as it
    has it. A caller that comes again before that takes the place over.
    """

    def __init__(self, turn: _Turn) -> None:
        self.turn = turn
        self._wanted = True
        self._over = False
        self._failure: OSError | None = None
        self._change = threading.Condition()
        threading.Thread(target=self._run, name="anvil-store-lock", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait for the lock; tell whether it came in time.

        Raises:
            OSError: when it cannot come.
        """
        came = False
        try:
            with self._change:
                came = self._change.wait_for(lambda: self._over, seconds)
        finally:
            # Also on Ctrl-C, which may come just as the lock does.
            if not came:
                self._give_up()
        if self._failure is not None:
            raise self._failure
        return came

    def take_up(self) -> bool:
        """Want the lock again after giving up; tell whether the place in line is still there."""
        with self._change:
            self._wanted = bool(self.turn.descriptors())
            return self._wanted

    def _give_up(self) -> None:
        with self._change:
            self._wanted = False
            if self._over:
                self.turn.give_back()

    def _run(self) -> None:
        try:
            self.turn.in_turn()
        except OSError as error:
            self._failure = error
        with self._change:
            self._over = True
            if not self._wanted:
                self.turn.give_back()
            self._change.notify()


def _flock(descriptor: int, *, at_once: bool = False) -> bool:
    """Lock a file for this descriptor alone; tell whether it was free, if asked ``at_once``."""
    if fcntl is None:
        raise OSError(errno.ENOSYS, "this operating system has no flock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (fcntl.LOCK_NB if at_once else 0))
    except BlockingIOError:
        return False
    return True


def _unlock(descriptor: int) -> None:
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _command() -> str:
    """Return the program and its first arguments, without passwords in URLs."""
    program, *arguments = sys.argv or ["python"]
    words = [Path(program).name or "python", *arguments[:_SHOWN_ARGUMENTS]]
    return _SECRET.sub(r"\1:***@", " ".join(words))[:_SHOWN_CHARACTERS]


def _holder(lock: Path) -> dict[str, Any]:
    """Return what the holder wrote into the lock; empty when that cannot be read."""
    try:
        record = json.loads(lock.read_bytes()[len(_HEADER) :])
    except (OSError, ValueError):
        return {}
    complete = isinstance(record, dict) and record.keys() >= {"pid", "command", "since"}
    return record if complete else {}
