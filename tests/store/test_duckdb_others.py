"""DuckDB files that others replace, hold, copy, or leave behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from anvil_nb.errors import StoreBusyError, StoreUnavailableError
from anvil_nb.store import open_engine
from anvil_nb.store.duckdb import DuckDBEngine
from tests.store.duckdb_files import count, make_store, run

if TYPE_CHECKING:
    from anvil_nb.store import Engine


def look_again(engine: Engine) -> None:
    """Let the 100 ms pass between two looks at which files are there."""
    assert isinstance(engine, DuckDBEngine)
    engine._file._numbers._look_at = 0.0


class TestReplaced:
    def test_a_store_that_is_deleted_is_missed_not_made_anew(self, duckdb_path: Path) -> None:
        engine = open_engine(duckdb_path)
        before = engine.generation()
        duckdb_path.unlink()
        with pytest.raises(StoreUnavailableError, match="there is no store"), engine.read():
            pass
        assert not duckdb_path.exists()
        engine.close()
        assert before

    @pytest.mark.parametrize("beside", [False, True], ids=["alone", "with its lock and generation"])
    def test_a_store_made_again_by_another_process_is_noticed(
        self, duckdb_path: Path, *, beside: bool
    ) -> None:
        make_store(duckdb_path, rows=2)
        engine = open_engine(duckdb_path)
        with engine.read() as tx:
            under = tx.generation
        for path in duckdb_path.parent.glob("store.duckdb*" if beside else "store.duckdb"):
            path.unlink()
        done = run(
            "import sys; from anvil_nb.store import open_engine; open_engine(sys.argv[1]).close()",
            duckdb_path,
        )
        assert done.returncode == 0, done.stderr
        look_again(engine)
        assert engine.generation() != under
        with engine.read() as tx:
            assert not tx.rows("select 1 from information_schema.tables where table_name = 'kept'")
        engine.close()

    def test_an_older_copy_put_in_its_place_is_noticed(
        self, tmp_path: Path, duckdb_path: Path
    ) -> None:
        make_store(duckdb_path, rows=1)
        copy = tmp_path / "copy"
        shutil.copy(duckdb_path, copy)
        engine = open_engine(duckdb_path)
        with engine.write() as tx:
            tx.execute("insert into kept values (100, 'later')")
        with engine.read() as tx:
            under = tx.generation
        copy.replace(duckdb_path)
        look_again(engine)
        assert engine.generation() != under
        with engine.read() as tx:
            assert tx.row("select count(*) from kept") == (1,)
        engine.close()

    def test_a_copy_written_over_it_is_noticed_at_the_next_call(self, duckdb_path: Path) -> None:
        make_store(duckdb_path, rows=1)
        content = duckdb_path.read_bytes()
        engine = open_engine(duckdb_path)
        with engine.write() as tx:
            tx.execute("insert into kept values (100, 'later')")
        under = engine.generation()
        duckdb_path.write_bytes(content)
        with engine.read() as tx:
            assert tx.row("select count(*) from kept") == (1,)
        assert engine.generation() != under
        engine.close()


class TestOtherPrograms:
    def test_a_program_that_holds_the_file_without_the_lock_is_named(
        self, duckdb_path: Path
    ) -> None:
        make_store(duckdb_path)
        program = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); input()"
        holder = subprocess.Popen(
            [sys.executable, "-c", program, str(duckdb_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with holder:
            assert holder.stdout is not None
            holder.stdout.readline()
            with pytest.raises(StoreBusyError, match=f"process {holder.pid}"):
                open_engine(duckdb_path)
            holder.terminate()
        open_engine(duckdb_path).close()

    def test_a_store_that_the_duckdb_shell_has_copied_opens(
        self, tmp_path: Path, duckdb_path: Path
    ) -> None:
        """Such a copy has DuckDB's own block size and compression."""
        make_store(duckdb_path, rows=3)
        copy = tmp_path / "copy.duckdb"
        with duckdb.connect(copy) as connection:
            connection.execute("attach $1 as original (read_only)", [str(duckdb_path)])
            connection.execute("copy from database original to copy")
        assert count(copy) == 3

    def test_a_store_killed_while_it_was_made_is_made_by_the_next(self, duckdb_path: Path) -> None:
        Path(f"{duckdb_path}.new").write_bytes(b"half")
        Path(f"{duckdb_path}.new.wal").write_bytes(b"half")
        make_store(duckdb_path, rows=1)
        assert count(duckdb_path) == 1
        assert sorted(path.name for path in duckdb_path.parent.iterdir()) == [
            "store.duckdb",
            "store.duckdb.generation",
            "store.duckdb.journal",
            "store.duckdb.lock",
            "store.duckdb.queue",
        ]

    def test_what_a_killed_process_had_committed_is_read_from_its_log(
        self, duckdb_path: Path
    ) -> None:
        program = """
import os, signal, sys
from anvil_nb.store import open_engine
engine = open_engine(sys.argv[1])
with engine.burst():
    with engine.write() as tx:
        tx.execute("insert into kept values (1, 'committed')")
    try:
        with engine.write() as tx:
            tx.execute("insert into kept values (2, 'not committed')")
            os.kill(os.getpid(), signal.SIGKILL)
    finally:
        print("unreached")
"""
        make_store(duckdb_path)
        done = run(program, duckdb_path)
        assert (done.returncode, done.stdout) == (-9, "")
        assert Path(f"{duckdb_path}.wal").exists()
        engine = open_engine(duckdb_path)
        with engine.read() as tx:
            assert tx.rows("select word from kept") == [("committed",)]
        engine.close()
        assert not Path(f"{duckdb_path}.wal").exists()
