"""What both engines promise, tried on both."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import uuid
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import StoreError, StoreUnavailableError
from anvil_nb.store import UniqueViolationError, open_engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.store import Engine

KEPT = "insert into kept (id, word) values ($1, $2)"
WORDS = "select word from kept order by word"


@pytest.fixture
def engine(engine: Engine) -> Engine:
    with engine.write() as tx:
        tx.execute("create table kept (id uuid primary key, word text)")
    return engine


def keep(engine: Engine, word: str) -> None:
    with engine.write() as tx:
        tx.execute(KEPT, uuid.uuid4(), word)


def keep_and_raise(engine: Engine, error: type[BaseException]) -> None:
    with engine.write() as tx:
        tx.execute(KEPT, uuid.uuid4(), "undone")
        raise error


def words(engine: Engine) -> list[str]:
    with engine.read() as tx:
        return [word for (word,) in tx.rows(WORDS)]


def eventually(true: Callable[[], bool], within: float) -> bool:
    """Ask until the answer is yes or the time is over."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if true():
            return True
    return true()


def in_fork(child: Callable[[], None]) -> None:
    """Run ``child`` in a fork of this process and see that it ends well."""
    with warnings.catch_warnings():
        # Newer Pythons warn that this process has threads: that is what is being tried.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            child()
            code = 0
        except BaseException:  # noqa: BLE001 - the child must not run on into pytest
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


class TestTransactions:
    def test_a_write_is_seen_by_the_next_read(self, engine: Engine) -> None:
        keep(engine, "a")
        assert words(engine) == ["a"]

    def test_a_write_that_raises_leaves_nothing(self, engine: Engine) -> None:
        with pytest.raises(ZeroDivisionError):
            keep_and_raise(engine, ZeroDivisionError)
        assert words(engine) == []

    def test_ctrl_c_in_a_write_leaves_nothing_and_the_store_usable(self, engine: Engine) -> None:
        with pytest.raises(KeyboardInterrupt):
            keep_and_raise(engine, KeyboardInterrupt)
        keep(engine, "b")
        assert words(engine) == ["b"]

    def test_a_write_sees_its_own_rows(self, engine: Engine) -> None:
        with engine.write() as tx:
            tx.execute(KEPT, uuid.uuid4(), "a")
            assert tx.rows(WORDS) == [("a",)]
            assert tx.row("select word from kept where word = 'b'") is None

    def test_values_come_back_as_they_went_in(self, engine: Engine) -> None:
        some_id, moment = uuid.uuid4(), datetime(2026, 2, 28, 23, 59, 59, 123456)  # noqa: DTZ001 - naive and UTC
        values = (some_id, moment, "é\n'\"", 2**40, True, None)
        with engine.write() as tx:
            tx.execute(
                "create table every (a uuid, b timestamp, c text, d bigint, e boolean, f text)"
            )
            tx.execute("insert into every values ($1, $2, $3, $4, $5, $6)", *values)
        with engine.read() as tx:
            row = tx.row("select * from every where a = $1 and b = $2", some_id, moment)
        assert row == values
        assert row is not None
        assert isinstance(row[0], uuid.UUID)

    def test_lists_are_written_in_bulk(self, engine: Engine) -> None:
        ids = [uuid.uuid4() for _ in range(1000)]
        with engine.write() as tx:
            tx.execute(
                "insert into kept (id, word) select unnest($1::uuid[]), unnest($2::text[])",
                ids,
                [f"w{number:04}" if number else None for number in range(1000)],
            )
            tx.execute(
                "insert into kept (id, word) select unnest($1::uuid[]), unnest($2::text[])", [], []
            )
            assert tx.row("select count(*), count(word) from kept") == (1000, 999)
            found = tx.rows("select word from kept where id = any($1::uuid[])", ids[1:3])
        assert sorted(found) == [("w0001",), ("w0002",)]

    def test_returning_gives_rows(self, engine: Engine) -> None:
        with engine.write() as tx:
            tx.execute(KEPT, uuid.uuid4(), "a")
            row = tx.row("update kept set word = word || $1 returning word", "b")
        assert row == ("ab",)

    def test_a_key_put_twice_is_told_apart_from_other_faults(self, engine: Engine) -> None:
        key = uuid.uuid4()
        with engine.write() as tx:
            tx.execute(KEPT, key, "a")
        with pytest.raises(UniqueViolationError), engine.write() as tx:
            tx.execute(KEPT, key, "b")
        assert words(engine) == ["a"]

    def test_a_statement_that_is_refused_says_so_in_our_words(self, engine: Engine) -> None:
        with pytest.raises(StoreError, match="nowhere") as caught, engine.read() as tx:
            tx.rows("select * from nowhere")
        assert type(caught.value) is StoreError
        assert words(engine) == []

    def test_a_write_in_which_a_statement_failed_cannot_be_committed(self, engine: Engine) -> None:
        key = uuid.uuid4()
        with engine.write() as tx:
            tx.execute(KEPT, key, "a")

        def swallow() -> None:
            with engine.write() as tx:
                tx.execute(KEPT, uuid.uuid4(), "b")
                with pytest.raises(UniqueViolationError):
                    tx.execute(KEPT, key, "c")

        with pytest.raises(StoreError):
            swallow()
        assert words(engine) == ["a"]

    @pytest.mark.parametrize("outer", ["read", "write"])
    @pytest.mark.parametrize("inner", ["read", "write"])
    def test_a_transaction_inside_another_is_a_mistake_in_the_program(
        self, engine: Engine, outer: str, inner: str
    ) -> None:
        with getattr(engine, outer)() as tx:
            with pytest.raises(RuntimeError, match="open already"), getattr(engine, inner)():
                pass
            assert tx.rows(WORDS) == []
        keep(engine, "after")

    def test_a_read_sees_one_state_throughout(self, location: str, engine: Engine) -> None:
        other = open_engine(location)
        keep(engine, "a")
        writer = threading.Thread(target=keep, args=(other, "b"))
        with engine.read() as tx:
            first = tx.rows(WORDS)
            writer.start()
            if engine.kind == "postgres":
                writer.join()  # on DuckDB the writer waits for this read
            assert tx.rows(WORDS) == first == [("a",)]
        writer.join()
        assert words(engine) == ["a", "b"]
        other.close()

    def test_a_store_that_was_closed_says_so(self, location: str) -> None:
        engine = open_engine(location)
        engine.close()
        with pytest.raises(StoreError, match="was closed"), engine.read() as tx:
            tx.rows("select 1")

    def test_a_store_that_is_not_there_is_not_made_unasked(self, location: str) -> None:
        with pytest.raises(StoreUnavailableError, match="there is no store"):
            open_engine(location, create=False)

    def test_a_store_that_is_there_is_opened_without_making_it(
        self, location: str, engine: Engine
    ) -> None:
        keep(engine, "a")
        again = open_engine(location, create=False)
        assert words(again) == ["a"]
        again.close()


class TestGeneration:
    def test_it_changes_with_a_write_before_the_writer_goes_on(self, engine: Engine) -> None:
        before = engine.generation()
        keep(engine, "a")
        assert engine.generation() != before

    def test_it_stays_with_reads_and_with_writes_that_raise(self, engine: Engine) -> None:
        keep(engine, "a")
        words(engine)
        before = engine.generation()
        words(engine)
        with pytest.raises(ZeroDivisionError):
            keep_and_raise(engine, ZeroDivisionError)
        assert not eventually(lambda: engine.generation() != before, within=0.25)

    def test_a_transaction_has_the_one_from_before_it_reads(self, engine: Engine) -> None:
        with engine.read() as tx:
            assert tx.generation == engine.generation()
        with engine.write() as tx:
            seen = tx.generation
            tx.execute(KEPT, uuid.uuid4(), "a")
        assert engine.generation() != seen

    def test_another_process_s_write_shows_within_100_ms(
        self, location: str, engine: Engine
    ) -> None:
        keep(engine, "a")
        words(engine)
        before = engine.generation()
        child = subprocess.Popen(
            [sys.executable, "-c", ANOTHER_WRITER, location],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with child:
            assert child.stdout is not None
            assert child.stdin is not None
            assert child.stdout.readline() == "open\n"
            child.stdin.write("go\n")
            child.stdin.flush()
            assert child.stdout.readline() == "written\n"
            assert eventually(lambda: engine.generation() != before, within=0.1)
            assert words(engine) == ["a", "another"]

    def test_what_is_remembered_under_it_is_never_older_than_what_others_wrote(
        self, location: str, engine: Engine
    ) -> None:
        """A cache in one engine, a writer in another, and the cache is right whenever trusted."""
        with engine.write() as tx:
            tx.execute("create table counter (number bigint)")
            tx.execute("insert into counter values (0)")
        child = subprocess.Popen([sys.executable, "-c", COUNTING_WRITER, location])
        cached, under = -1, -1
        with child:
            while child.poll() is None:
                if engine.generation() != under:
                    with engine.read() as tx:
                        row, under = tx.row("select number from counter"), tx.generation
                    assert row is not None
                    assert row[0] >= cached
                    cached = row[0]
        assert eventually(lambda: engine.generation() != under, within=0.1) or cached == 200
        with engine.read() as tx:
            assert tx.row("select number from counter") == (200,)


ANOTHER_WRITER = """
import sys, uuid
from anvil_nb.store import open_engine
engine = open_engine(sys.argv[1])
print("open", flush=True)
sys.stdin.readline()
with engine.write() as tx:
    tx.execute("insert into kept (id, word) values ($1, 'another')", uuid.uuid4())
print("written", flush=True)
engine.close()
"""

COUNTING_WRITER = """
import sys
from anvil_nb.store import open_engine
engine = open_engine(sys.argv[1])
for number in range(200):
    with engine.write() as tx:
        tx.execute("update counter set number = number + 1")
engine.close()
"""


class TestThreads:
    def test_eight_threads_lose_no_write(self, engine: Engine) -> None:
        def work(thread: int) -> None:
            for number in range(10):
                keep(engine, f"{thread}-{number}")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert words(engine) == sorted(f"{t}-{n}" for t in range(8) for n in range(10))

    def test_threads_in_bursts_lose_no_write_either(self, engine: Engine) -> None:
        def work(thread: int) -> None:
            with engine.burst():
                for number in range(10):
                    keep(engine, f"{thread}-{number}")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert len(words(engine)) == 80

    def test_bursts_nest(self, engine: Engine) -> None:
        with engine.burst():
            keep(engine, "a")
            with engine.burst():
                keep(engine, "b")
            keep(engine, "c")
        assert words(engine) == ["a", "b", "c"]

    def test_a_burst_that_raises_ends(self, engine: Engine) -> None:
        with pytest.raises(ZeroDivisionError), engine.burst():
            keep_and_raise(engine, ZeroDivisionError)
        keep(engine, "a")
        assert words(engine) == ["a"]

    def test_a_burst_may_begin_inside_a_transaction_and_outlive_it(self, engine: Engine) -> None:
        burst = engine.burst()
        with engine.write() as tx:
            burst.__enter__()
            tx.execute(KEPT, uuid.uuid4(), "a")
        keep(engine, "b")
        burst.__exit__(None, None, None)
        assert words(engine) == ["a", "b"]


class TestForks:
    def test_a_child_reads_and_writes_and_so_does_its_parent_after(self, engine: Engine) -> None:
        keep(engine, "a")

        def child() -> None:
            assert words(engine) == ["a"]
            keep(engine, "b")

        in_fork(child)
        keep(engine, "c")
        assert words(engine) == ["a", "b", "c"]

    def test_the_parent_notices_what_its_child_wrote(self, engine: Engine) -> None:
        before = engine.generation()
        in_fork(lambda: keep(engine, "b"))
        assert eventually(lambda: engine.generation() != before, within=0.1)

    def test_a_fork_inside_a_burst_goes_on_in_both(self, engine: Engine) -> None:
        with engine.burst():
            keep(engine, "a")
            in_fork(lambda: keep(engine, "b"))
            keep(engine, "c")
        assert words(engine) == ["a", "b", "c"]

    def test_a_child_that_leaves_its_parent_s_burst_can_begin_its_own(self, engine: Engine) -> None:
        burst = engine.burst()
        burst.__enter__()
        keep(engine, "a")

        def child() -> None:
            burst.__exit__(None, None, None)
            with engine.burst():
                keep(engine, "b")
            keep(engine, "c")

        in_fork(child)
        burst.__exit__(None, None, None)
        assert words(engine) == ["a", "b", "c"]

    def test_a_fork_inside_a_transaction_leaves_it_to_the_parent(self, engine: Engine) -> None:
        def child() -> None:
            with pytest.raises(StoreError, match="before the process was forked"):
                tx.execute(KEPT, uuid.uuid4(), "child")

        with engine.write() as tx:
            tx.execute(KEPT, uuid.uuid4(), "a")
            in_fork(child)
            tx.execute(KEPT, uuid.uuid4(), "b")
        assert words(engine) == ["a", "b"]

    def test_a_child_cannot_commit_its_parent_s_transaction(self, engine: Engine) -> None:
        write = engine.write()

        def child() -> None:
            with pytest.raises(StoreError, match="before the process was forked"):
                write.__exit__(None, None, None)

        tx = write.__enter__()
        tx.execute(KEPT, uuid.uuid4(), "a")
        in_fork(child)
        write.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
        assert words(engine) == []

    def test_a_fork_while_another_thread_writes_harms_neither(self, engine: Engine) -> None:
        done = threading.Event()

        def write() -> None:
            number = 0
            while not done.is_set():
                keep(engine, f"thread-{number:04}")
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        for number in range(5):
            in_fork(lambda number=number: keep(engine, f"child-{number}"))  # type: ignore[misc]
        done.set()
        writer.join()
        found = words(engine)
        assert [word for word in found if word.startswith("child")] == [
            f"child-{number}" for number in range(5)
        ]
        written = [word for word in found if word.startswith("thread")]
        assert written == [f"thread-{number:04}" for number in range(len(written))]

    def test_a_pool_of_forked_workers_writes(self, engine: Engine) -> None:
        global shared  # noqa: PLW0603 - how forked workers get what cannot be pickled
        shared = engine
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            with multiprocessing.get_context("fork").Pool(3) as pool:
                pool.map(keep_shared, [f"w{number:02}" for number in range(30)])
                pool.close()
                pool.join()
        assert words(engine) == [f"w{number:02}" for number in range(30)]

    @pytest.mark.parametrize("where", ["idle", "in a burst", "in a transaction"])
    def test_a_child_that_ends_as_a_program_does_leaves_the_store_sound(
        self, location: str, engine: Engine, where: str
    ) -> None:
        """Its end runs destructors, which must not touch what is the parent's."""
        keep(engine, "a")
        done = subprocess.run(
            [sys.executable, "-c", FORK_AND_EXIT, location, where],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        if where != "in a transaction":
            # There DuckDB says that what was left to the parent was never closed here.
            assert done.stderr == ""
        assert words(engine) == ["a", "child", "first", "last"]

    def test_the_end_of_a_child_does_not_merge_its_parent_s_log(
        self, location: str, engine: Engine
    ) -> None:
        """Else the parent would go on to write to a log that is gone."""
        program = [sys.executable, "-c", FORK_EXIT_AND_DIE, location]
        done = subprocess.run(program, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (-signal.SIGKILL, "committed\n"), done.stderr
        assert words(engine) == ["first", "second", "third"]


shared: Engine


def keep_shared(word: str) -> None:
    keep(shared, word)


FORK_AND_EXIT = """
import contextlib, os, sys, uuid, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from anvil_nb.store import open_engine
location, where = sys.argv[1:]
engine = open_engine(location)
def keep(tx, word):
    tx.execute("insert into kept (id, word) values ($1, $2)", uuid.uuid4(), word)
def fork(child=lambda: None):
    pid = os.fork()
    if pid == 0:
        child()
        sys.exit(0)
    assert os.waitpid(pid, 0)[1] == 0
def child():
    with engine.write() as tx:
        keep(tx, "child")
with engine.burst() if where == "in a burst" else contextlib.nullcontext():
    with engine.write() as tx:
        keep(tx, "first")
        if where == "in a transaction":
            fork()
        keep(tx, "last")
    fork(child)
engine.close()
"""

FORK_EXIT_AND_DIE = """
import os, signal, sys, uuid, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from anvil_nb.store import open_engine
engine = open_engine(sys.argv[1])
def keep(tx, word):
    tx.execute("insert into kept (id, word) values ($1, $2)", uuid.uuid4(), word)
with engine.burst():
    with engine.write() as tx:
        keep(tx, "first")
    with engine.write() as tx:
        keep(tx, "second")
        pid = os.fork()
        if pid == 0:
            sys.exit(0)
        assert os.waitpid(pid, 0)[1] == 0
    with engine.write() as tx:
        keep(tx, "third")
    print("committed", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
