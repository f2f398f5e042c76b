"""What was started for one store serves the next one, and brings nothing of the first along."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import StoreError
from anvil_nb.store import Engine, duckdb_instance, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def spare() -> Iterator[list[duckdb_instance.Instance]]:
    """What is left over; at first nothing is."""
    duckdb_instance._end()
    yield duckdb_instance._spare
    duckdb_instance._end()


def opened(folder: Path, name: str) -> Engine:
    return open_engine(folder / f"{name}.duckdb")


def test_the_next_store_is_worked_with_in_the_same_instance_and_sees_nothing_of_the_first(
    tmp_path: Path, spare: list[duckdb_instance.Instance]
) -> None:
    first = opened(tmp_path, "first")
    with first.write() as tx:
        tx.execute("create table words (word text)")
        tx.execute("create temporary table passing (word text)")
        tx.execute("set variable word = 'first'")
    first.close()
    (left,) = spare
    second = opened(tmp_path, "second")
    assert not spare
    with second.read() as tx:
        assert tx.rows("select table_name from duckdb_tables() where database_name = 'temp'") == []
        with pytest.raises(StoreError, match="words"):
            tx.rows("select * from words")
        ours = f"{tmp_path / 'second.duckdb'}.tmp"
        assert tx.row("select current_setting('temp_directory')") == (ours,)
        assert tx.row("select getvariable('word')") == (None,)
    assert left.spill.name == "second.duckdb.tmp"
    second.close()


def test_stores_that_are_open_at_once_have_instances_of_their_own(tmp_path: Path) -> None:
    first, second = opened(tmp_path, "first"), opened(tmp_path, "second")
    for engine in (first, second):
        with engine.write() as tx:
            tx.execute("create table words (word text)")
            tx.execute("insert into words values ($1)", engine.location)
    for engine in (first, second):
        with engine.read() as tx:
            assert tx.rows("select word from words") == [(engine.location,)]
        engine.close()


def test_an_instance_in_which_something_failed_is_not_kept(
    tmp_path: Path, spare: list[duckdb_instance.Instance]
) -> None:
    engine = opened(tmp_path, "first")
    with pytest.raises(StoreError), engine.read() as tx:
        tx.rows("select error('broken')")
    engine.close()
    assert not spare


def test_an_instance_that_spilled_is_not_kept_so_that_nothing_stays_beside_the_store(
    tmp_path: Path, spare: list[duckdb_instance.Instance]
) -> None:
    engine = opened(tmp_path, "first")
    with engine.read() as tx:
        tx.rows("set memory_limit = '20MB'")
        tx.rows("create temporary table much as select i, i::text || 'x' from range(2000000) t(i)")
    assert (tmp_path / "first.duckdb.tmp").exists()
    engine.close()
    assert not spare
    assert not (tmp_path / "first.duckdb.tmp").exists()


def test_no_more_are_kept_than_two(tmp_path: Path, spare: list[duckdb_instance.Instance]) -> None:
    engines = [opened(tmp_path, str(number)) for number in range(4)]
    for engine in engines:
        engine.close()
    assert len(spare) == 2


def test_a_forked_child_starts_its_own(
    tmp_path: Path, spare: list[duckdb_instance.Instance]
) -> None:
    opened(tmp_path, "first").close()
    assert len(spare) == 1
    child = os.fork()
    if not child:
        code = 1
        try:
            if not spare:
                opened(tmp_path, "second").close()
                code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(spare) == 1
    opened(tmp_path, "second").close()
