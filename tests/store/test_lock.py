"""The lock beside a store: its queue, who holds it, and what goes wrong with it."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import StoreBusyError, StoreUnavailableError
from anvil_nb.store import lock as lock_module
from anvil_nb.store import open_engine
from anvil_nb.store.lock import StoreLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLDER = """
import sys
from pathlib import Path
from anvil_nb.store.lock import StoreLock
lock = StoreLock(Path(sys.argv[1]))
lock.acquire(60)
print("held", flush=True)
sys.stdin.readline()
lock.release()
print("released", flush=True)
sys.stdin.readline()
"""


class Holder:
    """A process that holds a lock until it is told to give it back."""

    def __init__(self, store: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(store), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.duckdb"


@pytest.fixture
def holder(store: Path) -> Iterator[Holder]:
    """A process that holds the lock of ``store``."""
    holder = Holder(store)
    assert holder.say() == "held"
    yield holder
    holder.end()


def wait_until_waited_for(lock: StoreLock) -> None:
    deadline = time.monotonic() + 10
    while not lock.waited_for():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_one_has_it_at_a_time(store: Path) -> None:
    first, second = StoreLock(store), StoreLock(store)
    first.acquire(0)
    with pytest.raises(StoreBusyError):
        second.acquire(0)
    first.release()
    second.acquire(5)
    assert (first.held, second.held) == (False, True)
    second.release()


def test_who_gives_up_at_once_leaves_no_lock_behind(store: Path) -> None:
    first, second, third = StoreLock(store), StoreLock(store), StoreLock(store)
    first.acquire(0)
    with pytest.raises(StoreBusyError):
        second.acquire(0)
    first.release()
    third.acquire(5)
    third.release()


def test_who_waits_gets_it_when_it_is_given_back(store: Path, holder: Holder) -> None:
    lock = StoreLock(store)
    threading.Timer(0.2, holder.go_on).start()
    lock.acquire(10)
    assert holder.say() == "released"
    lock.release()


def test_who_waits_gets_it_when_the_holder_is_killed(store: Path, holder: Holder) -> None:
    lock = StoreLock(store)
    threading.Timer(0.2, holder.process.kill).start()
    lock.acquire(10)
    lock.release()


def test_the_holder_sees_that_somebody_waits_and_that_nobody_does(store: Path) -> None:
    first, second = StoreLock(store), StoreLock(store)
    first.acquire(0)
    assert not first.waited_for()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second.acquire, 10)
        wait_until_waited_for(first)
        first.release()
        waiting.result()
    assert not second.waited_for()
    second.release()


def test_the_next_holder_sees_those_who_wait_behind_it(store: Path) -> None:
    locks = [StoreLock(store) for _ in range(4)]
    locks[0].acquire(0)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(lock.acquire, 10) for lock in locks[1:]]
        for left in (3, 2, 1):
            (holder,) = [lock for lock in locks if lock.held]
            wait_until_waited_for(holder)
            holder.release()
            while sum(ended.done() for ended in waiting) < 4 - left:
                time.sleep(0.001)
    (holder,) = [lock for lock in locks if lock.held]
    assert not holder.waited_for()
    holder.release()


def test_nobody_who_comes_back_overtakes_one_that_waits(store: Path) -> None:
    first, second = StoreLock(store), StoreLock(store)
    first.acquire(0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second.acquire, 10)
        wait_until_waited_for(first)
        first.release()
        with pytest.raises(StoreBusyError):
            first.acquire(0.2)
        waiting.result()
    second.release()
    first.acquire(5)
    first.release()


def test_an_error_names_the_holder_and_what_to_do(store: Path, holder: Holder) -> None:
    with pytest.raises(StoreBusyError) as caught:
        StoreLock(store).acquire(0.1)
    assert f"process {holder.process.pid} (-c {store})" in caught.value.message
    assert "which took it at 20" in caught.value.message
    assert str(store) in caught.value.message
    assert f"kill {holder.process.pid}" in caught.value.hint


@pytest.fixture
def holder_with_secret(store: Path) -> Iterator[Holder]:
    """A holder that was started with a password."""
    holder = Holder(store, "postgresql://ada:s3cret@example.org/db", "third", "fourth")
    assert holder.say() == "held"
    yield holder
    holder.end()


@pytest.mark.usefixtures("holder_with_secret")
def test_an_error_shows_no_password_of_the_holder_s_arguments(store: Path) -> None:
    with pytest.raises(StoreBusyError) as caught:
        StoreLock(store).acquire(0.1)
    assert "postgresql://ada:***@example.org/db third)" in caught.value.message


def test_a_time_limit_is_kept(store: Path, holder: Holder) -> None:
    started = time.monotonic()
    with pytest.raises(StoreBusyError):
        StoreLock(store).acquire(0.3)
    assert 0.3 <= time.monotonic() - started < 3
    assert holder.process.poll() is None


def test_asking_again_and_again_takes_one_place_in_the_queue(store: Path, holder: Holder) -> None:
    lock = StoreLock(store)
    before = threading.active_count()
    for _ in range(20):
        with pytest.raises(StoreBusyError):
            lock.acquire(0.01)
    assert threading.active_count() <= before + 1
    holder.go_on()
    lock.acquire(10)
    lock.release()
    other = StoreLock(store)
    other.acquire(5)
    other.release()


def test_one_that_gave_up_gives_the_lock_on_when_it_comes(store: Path, holder: Holder) -> None:
    impatient, patient = StoreLock(store), StoreLock(store)
    with pytest.raises(StoreBusyError):
        impatient.acquire(0.05)
    holder.go_on()
    patient.acquire(10)
    patient.release()


def test_ctrl_c_ends_the_wait_and_gives_the_place_up(store: Path, holder: Holder) -> None:
    lock = StoreLock(store)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        lock.acquire(30)
    assert time.monotonic() - started < 5
    assert not lock.held
    holder.go_on()
    other = StoreLock(store)
    other.acquire(10)
    other.release()


def test_lock_files_that_were_deleted_are_made_anew_and_still_exclude(store: Path) -> None:
    first, second = StoreLock(store), StoreLock(store)
    first.acquire(0)
    first.release()
    for path in store.parent.iterdir():
        path.unlink()
    first.acquire(0)
    with pytest.raises(StoreBusyError):
        second.acquire(0)
    first.release()


def test_a_waiter_whose_lock_file_was_deleted_locks_the_new_one(
    store: Path, holder: Holder
) -> None:
    lock = StoreLock(store)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lock.acquire, 10)
        while lock._waiter is None:
            time.sleep(0.001)
        for path in store.parent.iterdir():
            path.unlink()
        holder.go_on()
        waiting.result()
    with pytest.raises(StoreBusyError):
        StoreLock(store).acquire(0)
    lock.release()


def test_a_damaged_note_of_the_holder_is_no_trouble(store: Path) -> None:
    first = StoreLock(store)
    first.acquire(0)
    (store.parent / "store.duckdb.lock").write_bytes(b"\xff" * 300)
    with pytest.raises(StoreBusyError, match="another process holds"):
        StoreLock(store).acquire(0)
    first.release()


def test_a_child_that_outlives_a_fork_does_not_keep_its_parent_s_lock(store: Path) -> None:
    lock = StoreLock(store)
    lock.acquire(0)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(reading, 1)
        os._exit(0)
    lock.release()
    other = StoreLock(store)
    other.acquire(5)
    other.release()
    os.write(writing, b"x")
    os.waitpid(pid, 0)
    os.close(reading)
    os.close(writing)


def test_a_child_forgets_the_lock_without_giving_it_back(store: Path) -> None:
    lock = StoreLock(store)
    lock.acquire(0)
    pid = os.fork()
    if pid == 0:
        lock.forget()
        os._exit(1 if lock.held else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    with pytest.raises(StoreBusyError):
        StoreLock(store).acquire(0)
    lock.release()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The one fault that no file system at hand can be made to show."""

    def refuse(_descriptor: int, operation: int) -> None:
        if operation != fcntl.LOCK_UN:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StoreUnavailableError, match="cannot be locked") as caught:
        open_engine(tmp_path / "store.duckdb")
    assert "local disk" in caught.value.hint


def test_an_operating_system_without_flock_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "fcntl", None)
    with pytest.raises(StoreUnavailableError, match="cannot be locked") as caught:
        open_engine(tmp_path / "store.duckdb")
    assert "postgresql://" in caught.value.hint
