"""The DuckDB engine between calls, under Ctrl-C, and before it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from anvil_nb.errors import StoreError, StoreUnavailableError
from anvil_nb.store import open_engine
from tests.store.duckdb_files import count, make_store, run


def descriptors(path: Path) -> list[str]:
    """Return the files beside ``path`` that this process has open."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(link.readlink()))
        except FileNotFoundError:
            continue  # it was the one to list this folder with
    return [target for target in found if target.startswith(str(path))]


linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


class TestBetweenCalls:
    @linux
    def test_an_idle_engine_has_neither_the_file_nor_the_lock_open(self, duckdb_path: Path) -> None:
        engine = open_engine(duckdb_path)
        with engine.write() as tx:
            assert str(duckdb_path) in descriptors(duckdb_path)
            tx.execute("create table kept (number int)")
        assert descriptors(duckdb_path) == [f"{duckdb_path}.generation"]
        with engine.burst():
            with engine.read() as tx:
                tx.rows("select * from kept")
            assert str(duckdb_path) in descriptors(duckdb_path)
        assert descriptors(duckdb_path) == [f"{duckdb_path}.generation"]
        engine.close()

    def test_two_openings_share_one_engine_and_the_last_close_counts(
        self, tmp_path: Path, duckdb_path: Path
    ) -> None:
        make_store(duckdb_path, rows=1)
        link = tmp_path / "link.duckdb"
        link.symlink_to(duckdb_path)
        first, second = open_engine(duckdb_path), open_engine(link)
        assert first is second
        first.close()
        with second.read() as tx:
            assert tx.row("select count(*) from kept") == (1,)
        second.close()
        with pytest.raises(StoreError, match="was closed"), second.read():
            pass

    def test_a_path_may_hold_quotes_spaces_and_other_alphabets(self, tmp_path: Path) -> None:
        path = tmp_path / 'it\'s a "store" $1; ✓.duckdb'
        make_store(path, rows=2)
        assert count(path) == 2

    def test_folders_above_the_store_are_made(self, tmp_path: Path) -> None:
        path = tmp_path / "a" / "b" / "store.duckdb"
        make_store(path)
        assert path.is_file()

    def test_what_is_not_to_be_made_leaves_no_trace(self, tmp_path: Path) -> None:
        with pytest.raises(StoreUnavailableError):
            open_engine(tmp_path / "none.duckdb", create=False)
        assert list(tmp_path.iterdir()) == []

    def test_a_python_variable_is_never_taken_for_a_table(self, duckdb_path: Path) -> None:
        engine = open_engine(duckdb_path)
        frame = [1, 2, 3]
        with pytest.raises(StoreError, match="frame"), engine.read() as tx:
            tx.rows("select * from frame")
        assert frame
        engine.close()


def test_ctrl_c_stops_a_long_statement(duckdb_path: Path) -> None:
    program = """
import os, signal, sys, threading
from anvil_nb.store import open_engine
engine = open_engine(sys.argv[1])
stopped = threading.Event()
def press():  # again and again, as people do: one that comes in between two statements may be lost
    while not stopped.wait(0.3):
        os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=press, daemon=True).start()
try:
    with engine.write() as tx:
        tx.execute("create table kept (number bigint)")
        tx.rows("select count(*) from range(100000000) a, range(1000) b where a.range*b.range=-1")
except KeyboardInterrupt:
    stopped.set()
    print("stopped")
with engine.write() as tx:
    tx.execute("create table kept (number bigint)")
engine.close()
"""
    done = run(program, duckdb_path)
    assert (done.returncode, done.stdout) == (0, "stopped\n"), done.stderr


def test_importing_the_store_imports_no_driver() -> None:
    done = run(
        "import sys, anvil_nb.store; print([m for m in ('duckdb', 'psycopg') if m in sys.modules])"
    )
    assert done.stdout == "[]\n"
