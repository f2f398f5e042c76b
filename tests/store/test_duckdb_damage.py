"""DuckDB files that are damaged, cut off, or no store of ours."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
from pathlib import Path

import duckdb
import pytest

from anvil_nb.errors import StoreDamagedError, StoreTooNewError
from anvil_nb.store import open_engine
from tests.store.duckdb_files import count, make_store


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


def set_storage_version(path: Path, version: int) -> None:
    """Write another version into the first header of a DuckDB file, with its checksum."""
    content = bytearray(path.read_bytes())
    struct.pack_into("<Q", content, 12, version)
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", content[8:4096]):
        checksum ^= word * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
    struct.pack_into("<Q", content, 0, checksum)
    path.write_bytes(content)
