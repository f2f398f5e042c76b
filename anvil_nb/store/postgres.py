"""The engine for a PostgreSQL server: many processes on many machines, all at once.

Each transaction takes a connection; inside ``burst`` a thread keeps its own. A read is
``repeatable read``, so that all its statements see one state. A write is ``read committed``: the
services lock the row of the set they write to before they read, and a statement after that lock
must see what others committed before it.
"""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg

from anvil_nb.errors import StoreUnavailableError
from anvil_nb.store.migrations import (
    MIGRATIONS,
    Migration,
    applied_number,
    migrate,
    recorded_number,
)
from anvil_nb.store.postgres_connections import Connections
from anvil_nb.store.postgres_counts import PostgresCounts
from anvil_nb.store.postgres_errors import Location, store_error
from anvil_nb.store.postgres_listener import SCHEMA, Listener
from anvil_nb.store.postgres_transaction import BEGIN_READ, BEGIN_WRITE, PostgresTransaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

_MIGRATION_LOCK = 0x616E76696C  # "anvil"


class PostgresEngine:
    """The store in a PostgreSQL database; see ``engine.Engine``.

    Args:
        url: The database, ``postgresql://…``.
        wait_seconds: How long a call waits for a connection, and a statement for a lock.
        migrations: The schema.
    """

    kind = "postgres"

    def __init__(
        self, url: str, wait_seconds: float, migrations: Sequence[Migration] = MIGRATIONS
    ) -> None:
        self._where = Location(url)
        self.location = self._where.shown
        self._migrations = migrations
        self._connections = Connections(self._where, wait_seconds)
        self._listener = Listener(self._connections.connect)
        # The method itself, not one that calls it: this is asked before each use of a cache.
        self.generation = self._listener.value
        self._counts = PostgresCounts(self._where)
        self._mine = _Thread()

    def open(self, *, create: bool) -> None:
        """Connect, and make the schema or bring it up to date."""
        atexit.register(self.close)
        try:
            self._listener.start()
        except psycopg.Error as error:
            raise store_error(error, self._where) from error
        with self.read() as tx:
            number = applied_number(tx, self.location, self._migrations)
        if number is None and not create:
            raise StoreUnavailableError(
                f"there is no store in the database {self.location}",
                "Try: anvil init, with this URL as the store.",
            )
        if (number or 0) < len(self._migrations):
            now = datetime.now(UTC).replace(tzinfo=None)
            migrate(self._migration, self.location, self._migrations, now)

    @contextmanager
    def read(self) -> Iterator[PostgresTransaction]:
        """Read one consistent state."""
        with self._transaction(BEGIN_READ) as transaction:
            yield transaction
            transaction.end()

    def write(self) -> AbstractContextManager[PostgresTransaction]:
        """Read and write; all of it lasts or none."""
        return self._write(self._listener.name)

    def burst(self) -> AbstractContextManager[None]:
        """Keep this thread's connection between the calls inside the block."""
        return self._connections.burst()

    def counts(self) -> PostgresCounts:
        """Return what counts requests for all servers of the database."""
        return self._counts

    def close(self) -> None:
        """Close all connections."""
        atexit.unregister(self.close)
        self._listener.close()
        self._counts.close()
        self._connections.close()

    def after_fork_in_child(self) -> None:
        """Begin anew: the connections are the parent's."""
        self._listener.after_fork_in_child()
        self._connections.after_fork_in_child()
        self._counts.after_fork_in_child()
        self._mine = _Thread()

    @contextmanager
    def _write(self, notice: str) -> Iterator[PostgresTransaction]:
        with self._transaction(BEGIN_WRITE) as transaction:
            yield transaction
            try:
                transaction.commit(notice)
            finally:
                # Also when it fails: a connection lost in the middle may have committed.
                self._listener.count()

    @contextmanager
    def _migration(self) -> Iterator[PostgresTransaction]:
        with self._write(self._listener.name + SCHEMA) as transaction:
            transaction.execute("select pg_advisory_xact_lock($1::bigint)", _MIGRATION_LOCK)
            yield transaction

    @contextmanager
    def _transaction(self, begin: bytes) -> Iterator[PostgresTransaction]:
        mine = self._mine
        if mine.in_transaction:
            raise RuntimeError("this thread has a transaction of this store open already")
        mine.in_transaction = True
        # The generation first, so that no write can come between it and what is read.
        generation = self._listener.value()
        transaction = PostgresTransaction(self._connections, self._where, begin, generation)
        try:
            if self._listener.schema_changed:
                recorded_number(transaction, self.location, self._migrations)
                self._listener.schema_changed = False
            yield transaction
        except BaseException:
            transaction.abandon()
            raise
        finally:
            mine.in_transaction = False


class _Thread(threading.local):
    """What a thread does at the moment."""

    def __init__(self) -> None:
        self.in_transaction = False


_engines: weakref.WeakSet[PostgresEngine] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for engine in list(_engines):
        engine.after_fork_in_child()


os.register_at_fork(after_in_child=_after_fork_in_child)


def open_postgres(url: str, *, wait_seconds: float, create: bool) -> PostgresEngine:
    """Open the store in a PostgreSQL database; see ``engine.open_engine``."""
    engine = PostgresEngine(url, wait_seconds)
    _engines.add(engine)
    try:
        engine.open(create=create)
    except BaseException:
        engine.close()
        raise
    return engine
