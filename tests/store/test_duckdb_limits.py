"""DuckDB files that are out of reach, and disks that are full."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from anvil_nb.store import open_engine
from tests.store.duckdb_files import count, make_store, run

NOBODY = 65534


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
