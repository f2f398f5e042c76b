"""What both engines promise to forked processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import traceback
import uuid
import warnings
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import StoreError
from tests.store.engines.kept import KEPT, eventually, keep, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.store import Engine


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
