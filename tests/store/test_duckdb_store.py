"""DuckDB files that are damaged, out of reach, out of space, moved, or somebody else's."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from anvil_nb.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreTooNewError,
    StoreUnavailableError,
)
from anvil_nb.store import open_engine
from anvil_nb.store.duckdb import DuckDBEngine

if TYPE_CHECKING:
    from anvil_nb.store import Engine

NOBODY = 65534


def make_store(path: Path, rows: int = 0) -> None:
    engine = open_engine(path)
    with engine.write() as tx:
        tx.execute("create table kept (number int primary key, word text)")
        for number in range(rows):
            tx.execute("insert into kept values ($1, $2)", number, "x" * 1000)
    engine.close()


def count(path: Path) -> int:
    engine = open_engine(path, create=False)
    try:
        with engine.read() as tx:
            return len(tx.rows("select * from kept"))
    finally:
        engine.close()


def descriptors(path: Path) -> list[str]:
    """Return the files beside ``path`` that this process has open."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(link.readlink()))
        except FileNotFoundError:
            continue  # it was the one to list this folder with
    return [target for target in found if target.startswith(str(path))]


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


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


class TestDamage:
    @pytest.mark.parametrize(
        "content",
        [b"", b"hello\n", os.urandom(100_000), b"\0" * 100_000],
        ids=["empty", "text", "noise", "zeros"],
    )
    def test_a_file_that_is_no_store_is_refused_and_stays_as_it_is(
        self, duckdb_path: Path, content: bytes
    ) -> None:
        duckdb_path.write_bytes(content)
        with pytest.raises(StoreDamagedError, match="not an Anvil store") as caught:
            open_engine(duckdb_path)
        assert str(duckdb_path) in caught.value.message
        assert caught.value.hint
        assert duckdb_path.read_bytes() == content

    def test_another_database_s_file_is_refused(self, duckdb_path: Path) -> None:
        with sqlite3.connect(duckdb_path) as connection:
            connection.execute("create table a (b)")
        connection.close()
        with pytest.raises(StoreDamagedError):
            open_engine(duckdb_path)

    def test_another_program_s_duckdb_file_is_refused_and_stays_as_it_is(
        self, duckdb_path: Path
    ) -> None:
        with duckdb.connect(duckdb_path) as connection:
            connection.execute("create table theirs (a int)")
        before = duckdb_path.read_bytes()
        with pytest.raises(StoreDamagedError, match="tables of another program"):
            open_engine(duckdb_path)
        assert duckdb_path.read_bytes() == before

    def test_a_folder_is_no_store(self, tmp_path: Path) -> None:
        with pytest.raises(StoreDamagedError):
            open_engine(tmp_path)

    def test_a_file_cut_off_anywhere_is_refused_or_still_whole(
        self, tmp_path: Path, duckdb_path: Path
    ) -> None:
        make_store(duckdb_path, rows=200)
        whole = duckdb_path.read_bytes()
        refused = 0
        for number, length in enumerate([1, 4095, *range(4096, len(whole), 4096 * 7)]):
            cut = tmp_path / f"cut-{number}.duckdb"
            cut.write_bytes(whole[:length])
            try:
                assert count(cut) == 200
            except StoreDamagedError as error:
                refused += 1
                assert "damaged" in error.message
            assert cut.read_bytes()[:length] == whole[:length] or refused == 0
            for path in tmp_path.glob("cut-*"):
                path.unlink()
        assert refused > 10

    def test_bytes_that_changed_inside_are_noticed(self, duckdb_path: Path) -> None:
        make_store(duckdb_path, rows=500)
        content = bytearray(duckdb_path.read_bytes())
        at = content.index(b"x" * 900)
        content[at : at + 10] = b"y" * 10
        duckdb_path.write_bytes(content)
        engine = open_engine(duckdb_path)
        with pytest.raises(StoreDamagedError), engine.read() as tx:
            tx.rows("select * from kept")
        with engine.read() as tx:
            assert tx.row("select 1") == (1,)
        engine.close()

    def test_a_log_whose_store_is_gone_is_not_thrown_away(self, duckdb_path: Path) -> None:
        log = Path(f"{duckdb_path}.wal")
        log.write_bytes(b"what was acknowledged")
        with pytest.raises(StoreDamagedError, match=r"store\.duckdb\.wal"):
            open_engine(duckdb_path)
        assert log.read_bytes() == b"what was acknowledged"

    def test_a_store_of_a_newer_duckdb_is_refused(self, duckdb_path: Path) -> None:
        make_store(duckdb_path)
        set_storage_version(duckdb_path, 10_000)
        before = duckdb_path.read_bytes()
        with pytest.raises(StoreTooNewError, match="newer DuckDB") as caught:
            open_engine(duckdb_path)
        assert "pip install --upgrade" in caught.value.hint
        assert duckdb_path.read_bytes() == before

    def test_a_store_that_was_damaged_and_put_back_opens_again(
        self, tmp_path: Path, duckdb_path: Path
    ) -> None:
        make_store(duckdb_path, rows=3)
        copy = tmp_path / "copy"
        shutil.copy(duckdb_path, copy)
        engine = open_engine(duckdb_path)
        duckdb_path.write_bytes(b"oops")
        with pytest.raises(StoreDamagedError), engine.read() as tx:
            tx.rows("select * from kept")
        copy.replace(duckdb_path)
        with engine.read() as tx:
            assert tx.row("select count(*) from kept") == (3,)
        engine.close()


def look_again(engine: Engine) -> None:
    """Let the 100 ms pass between two looks at which files are there."""
    assert isinstance(engine, DuckDBEngine)
    engine._file._numbers._look_at = 0.0


def set_storage_version(path: Path, version: int) -> None:
    """Write another version into the first header of a DuckDB file, with its checksum."""
    content = bytearray(path.read_bytes())
    struct.pack_into("<Q", content, 12, version)
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", content[8:4096]):
        checksum ^= word * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
    struct.pack_into("<Q", content, 0, checksum)
    path.write_bytes(content)


class TestAccess:
    """In processes that give up root's rights first, for which files have no owners."""

    OPEN = """
import os, sys
from anvil_nb.errors import AnvilError
from anvil_nb.store import open_engine
path, other, nobody = sys.argv[1], sys.argv[2], int(sys.argv[3])
open_engine(other).close()  # imports what nobody may not be allowed to read
if os.geteuid() == 0:
    os.setgid(nobody)
    os.setuid(nobody)
try:
    engine = open_engine(path)
    with engine.write() as tx:
        tx.execute("insert into kept values (1000, 'a')")
except AnvilError as error:
    print(type(error).__name__, error)
else:
    print("written")
"""

    @pytest.fixture
    def open_folder(self, public_folder: Path) -> Path:
        folder = public_folder / "folder"
        folder.mkdir()
        return folder

    def as_nobody(self, path: Path) -> subprocess.CompletedProcess[str]:
        other = path.parents[1] / "other.duckdb"
        return run(self.OPEN, path, other, NOBODY)

    def test_it_works_for_who_may_write(self, open_folder: Path) -> None:
        path = open_folder / "store.duckdb"
        make_store(path)
        give_away(open_folder)
        assert self.as_nobody(path).stdout == "written\n"

    def test_a_folder_that_may_not_be_written(self, open_folder: Path) -> None:
        path = open_folder / "store.duckdb"
        make_store(path, rows=1)
        give_away(open_folder)
        for file in open_folder.glob("*.*.*"):
            file.unlink()
        open_folder.chmod(0o555)
        done = self.as_nobody(path)
        assert done.stdout.startswith("StoreUnavailableError"), done
        assert str(path) in done.stdout
        assert "Permission denied" in done.stdout
        open_folder.chmod(0o755)
        assert count(path) == 1

    def test_a_folder_in_which_a_store_cannot_be_made(self, open_folder: Path) -> None:
        open_folder.chmod(0o555)
        done = self.as_nobody(open_folder / "new" / "store.duckdb")
        assert done.stdout.startswith("StoreUnavailableError"), done
        assert "Permission denied" in done.stdout

    @pytest.mark.parametrize("mode", [0o444, 0o000])
    def test_a_file_that_may_not_be_written_or_read(self, open_folder: Path, mode: int) -> None:
        path = open_folder / "store.duckdb"
        make_store(path, rows=1)
        give_away(open_folder)
        path.chmod(mode)
        done = self.as_nobody(path)
        assert done.stdout.startswith("StoreUnavailableError"), done
        assert str(path) in done.stdout
        assert "ermission denied" in done.stdout
        path.chmod(0o644)
        assert count(path) == 1


def give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        for path in [folder, *folder.iterdir()]:
            os.chown(path, NOBODY, NOBODY)


class TestSpace:
    """A disk that fills up: a small one where root may mount it, a limit on files everywhere."""

    FILL = """
import resource, sys
from anvil_nb.errors import StoreUnavailableError
from anvil_nb.store import open_engine
path, limit = sys.argv[1], int(sys.argv[2])
engine = open_engine(path)
with engine.write() as tx:
    tx.execute("create table kept (number int primary key, word text)")
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
number = 0
try:
    while number < 100_000:
        with engine.write() as tx:
            tx.execute("insert into kept values ($1, $2)", number, str(number) * 20_000)
        number += 1
except StoreUnavailableError as error:
    print(number)
    print(error.message)
with engine.read() as tx:
    print(tx.row("select count(*) from kept")[0])
engine.close()
"""

    def test_what_was_written_before_a_file_reached_its_limit_stays(
        self, duckdb_path: Path
    ) -> None:
        self.fill(duckdb_path, limit=6_000_000)

    def test_what_was_written_before_the_disk_was_full_stays(self, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)]
        if (
            sys.platform != "linux"
            or subprocess.run(mount, capture_output=True, check=False).returncode
        ):
            pytest.skip("mounting a small disk takes root")
        try:
            self.fill(disk / "store.duckdb", limit=0)
        finally:
            subprocess.run(["umount", str(disk)], check=True)

    def fill(self, path: Path, limit: int) -> None:
        done = run(self.FILL, path, limit)
        assert done.returncode == 0, done.stderr
        written, message, found = done.stdout.splitlines()
        assert int(written) > 20
        assert int(found) == int(written)
        assert "cannot be written" in message
        copy = path.parent.parent / "copy.duckdb"
        for suffix in ("", ".wal"):
            if Path(f"{path}{suffix}").exists():
                shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
        engine = open_engine(copy)
        with engine.read() as tx:
            rows = tx.rows("select number, word from kept order by number")
        engine.close()
        assert rows == [(number, str(number) * 20_000) for number in range(int(written))]

    def test_a_disk_too_small_for_a_store_gets_no_half_one(self, tmp_path: Path) -> None:
        path = tmp_path / "store.duckdb"
        program = """
import resource, sys
from anvil_nb.store import open_engine
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    open_engine(sys.argv[1])
except Exception as error:
    print(type(error).__name__, error)
"""
        done = run(program, path)
        assert done.stdout.startswith("StoreUnavailableError"), done
        assert not list(tmp_path.glob("store.duckdb*.new*"))
        assert not path.exists()
        make_store(path, rows=1)
        assert count(path) == 1


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


def test_ctrl_c_stops_a_long_statement(duckdb_path: Path) -> None:
    program = """
import os, signal, sys, threading
from anvil_nb.store import open_engine
engine = open_engine(sys.argv[1])
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    with engine.write() as tx:
        tx.execute("create table kept (number bigint)")
        tx.rows("select count(*) from range(100000000) a, range(1000) b where a.range*b.range=-1")
except KeyboardInterrupt:
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
