"""The steps of the schema, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import StoreError, StoreTooNewError
from anvil_nb.store import open_engine
from anvil_nb.store.duckdb import DuckDBEngine
from anvil_nb.store.migrations import MIGRATIONS, Migration
from anvil_nb.store.postgres import PostgresEngine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from anvil_nb.store import Engine

SECOND = Migration(2, "second", ("create table second (a int)", "insert into second values (1)"))
THIRD = Migration(3, "third", ("alter table second add column b int",))


@pytest.fixture
def engines() -> Iterator[list[DuckDBEngine | PostgresEngine]]:
    engines: list[DuckDBEngine | PostgresEngine] = []
    yield engines
    for engine in engines:
        if isinstance(engine, DuckDBEngine):
            engine.shut()
        else:
            engine.close()


@pytest.fixture
def open_with(location: str, engines: list[DuckDBEngine | PostgresEngine], tmp_path: Path) -> Any:
    """Open the store as a program does that knows these steps."""

    def open_with(steps: Sequence[Migration]) -> Engine:
        engine: DuckDBEngine | PostgresEngine
        if location.startswith("postgresql"):
            engine = PostgresEngine(location, 5, steps)
        else:
            engine = DuckDBEngine(tmp_path / "store.duckdb", steps)
            engine.wait_seconds = 5
        engines.append(engine)
        engine.open(create=True)
        return engine

    return open_with


def steps(engine: Engine) -> list[tuple[int, str]]:
    with engine.read() as tx:
        return [(a, b) for a, b in tx.rows("select number, name from schema_migrations order by 1")]


def test_a_new_store_has_had_all_steps_and_says_when(location: str) -> None:
    before = datetime.now(UTC).replace(tzinfo=None) - timedelta(milliseconds=1)
    engine = open_engine(location)
    assert steps(engine) == [(step.number, step.name) for step in MIGRATIONS]
    with engine.read() as tx:
        moments = [moment for (moment,) in tx.rows("select applied_at from schema_migrations")]
    after = datetime.now(UTC).replace(tzinfo=None)
    assert all(before <= moment <= after for moment in moments)
    engine.close()


def test_the_steps_are_numbered_from_one_without_gaps() -> None:
    assert [step.number for step in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_an_older_store_takes_the_steps_it_has_not_had(open_with: Any) -> None:
    open_with(MIGRATIONS[:1])
    engine = open_with((MIGRATIONS[0], SECOND, THIRD))
    assert steps(engine) == [(1, "foundation"), (2, "second"), (3, "third")]
    with engine.read() as tx:
        assert tx.rows("select a, b from second") == [(1, None)]


def test_opening_again_takes_no_step_twice(open_with: Any) -> None:
    first = open_with((MIGRATIONS[0], SECOND))
    before = first.generation()
    second = open_with((MIGRATIONS[0], SECOND))
    assert first.generation() == before
    with second.read() as tx:
        assert tx.row("select count(*) from second") == (1,)


def test_a_step_that_fails_leaves_nothing_and_the_ones_before_it_stay(open_with: Any) -> None:
    broken = Migration(
        3, "broken", ("create table third (a int)", "insert into nowhere values (1)")
    )
    open_with(MIGRATIONS[:1])
    with pytest.raises(StoreError, match="nowhere"):
        open_with((MIGRATIONS[0], SECOND, broken))
    engine = open_with((MIGRATIONS[0], SECOND))
    assert steps(engine) == [(1, "foundation"), (2, "second")]
    with engine.read() as tx:
        assert not tx.rows("select 1 from information_schema.tables where table_name = 'third'")


def test_a_first_step_that_fails_leaves_no_store(open_with: Any) -> None:
    broken = Migration(1, "broken", (*MIGRATIONS[0].statements, "insert into nowhere values (1)"))
    with pytest.raises(StoreError, match="nowhere"):
        open_with((broken,))
    engine = open_with(MIGRATIONS)
    assert steps(engine) == [(one.number, one.name) for one in MIGRATIONS]


def test_a_store_of_a_newer_program_is_refused_with_both_numbers(open_with: Any) -> None:
    open_with((MIGRATIONS[0], SECOND, THIRD))
    with pytest.raises(StoreTooNewError, match=r"schema 3\b.* up to 1\b") as caught:
        open_with(MIGRATIONS[:1])
    assert "pip install --upgrade anvil-nb" in caught.value.hint


def test_a_program_that_runs_while_a_newer_one_takes_a_step_stops_using_the_store(
    open_with: Any,
) -> None:
    older = open_with(MIGRATIONS[:1])
    before = older.generation()
    with older.read() as tx:
        tx.rows("select * from users")
    open_with((MIGRATIONS[0], SECOND))
    while older.generation() == before:
        pass  # on PostgreSQL the notice takes its way
    for _ in range(2):
        with pytest.raises(StoreTooNewError), older.read() as tx:
            tx.rows("select * from users")
        with pytest.raises(StoreTooNewError), older.burst(), older.write() as tx:
            tx.rows("select * from users")


def test_every_table_belongs_to_an_organisation(location: str) -> None:
    engine = open_engine(location)
    with engine.read() as tx:
        tables = {
            name
            for (name,) in tx.rows(
                "select table_name from information_schema.tables "
                "where table_schema = current_schema() and table_catalog = current_database() "
                "and table_type = 'BASE TABLE'"
            )
        }
        owned = {
            name
            for (name,) in tx.rows(
                "select table_name from information_schema.columns "
                "where column_name = 'organisation_id' and is_nullable = 'NO'"
            )
        }
    engine.close()
    # Requests are counted of those, too, of whom nobody knows whose they are.
    assert tables - owned == {"schema_migrations", "organisations", "rate_counts"}
