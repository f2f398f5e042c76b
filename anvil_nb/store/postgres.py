"""The engine for a PostgreSQL server: many processes on many machines, all at once.

Each transaction takes a connection from a pool; inside ``burst`` a thread keeps its own. A read
is ``repeatable read``, so that all its statements see one state. A write is ``read committed``:
the services lock the row of the set they write to before they read, and a statement after that
lock must see what the one before has committed.
"""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import threading
import time
import weakref
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from anvil_nb.errors import StoreBusyError, StoreError, StoreUnavailableError
from anvil_nb.store.inherited import leave_to_parent
from anvil_nb.store.migrations import (
    MIGRATIONS,
    Migration,
    applied_number,
    migrate,
    recorded_number,
)
from anvil_nb.store.postgres_errors import Location, store_error
from anvil_nb.store.postgres_listener import SCHEMA, Listener

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import LiteralString, TypeAlias

    Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_MOST_CONNECTIONS = 8
_ASK_WHY_SECONDS = 2.0
_MIGRATION_LOCK = 0x616E76696C  # "anvil"
_BEGIN_READ = "begin isolation level repeatable read read only"
_BEGIN_WRITE = "begin isolation level read committed read write"

# The pool tells of each attempt to connect; what it leads to is told by our errors.
logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())


class PostgresTransaction:
    """A transaction of the PostgreSQL engine; see ``engine.Transaction``."""

    __slots__ = ("_connection", "_location", "generation")

    def __init__(self, connection: Connection, location: Location, generation: int) -> None:
        self._connection = connection
        self._location = location
        self.generation = generation

    def rows(self, sql: LiteralString, *params: object) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""
        cursor = self._run(sql, params)
        return cursor.fetchall() if cursor.description is not None else []

    def row(self, sql: LiteralString, *params: object) -> tuple[Any, ...] | None:
        """Return the first row of a statement, or ``None``."""
        cursor = self._run(sql, params)
        return cursor.fetchone() if cursor.description is not None else None

    def execute(self, sql: LiteralString, *params: object) -> None:
        """Run a statement for its effect."""
        self._run(sql, params)

    def _run(
        self, sql: LiteralString, params: Sequence[object]
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, params)
        except psycopg.Error as error:
            raise store_error(error, self._location) from error


class _Thread(threading.local):
    """What a thread has at the moment."""

    def __init__(self) -> None:
        self.in_transaction = False
        self.bursts = 0
        self.kept: Connection | None = None


class PostgresEngine:
    """The store in a PostgreSQL database; see ``engine.Engine``."""

    kind = "postgres"

    def __init__(
        self, url: str, wait_seconds: float, migrations: Sequence[Migration] = MIGRATIONS
    ) -> None:
        self._where = Location(url)
        self.location = self._where.shown
        self._wait_seconds = wait_seconds
        self._migrations = migrations
        self._name = secrets.token_hex(8)
        self._arguments = self._connect_arguments()
        self._listener = Listener(self._connect, self._name)
        # The method itself, not one that calls it: this is asked before each use of a cache.
        self.generation = self._listener.value
        self._begin()

    def _begin(self) -> None:
        """Set what belongs to this process alone."""
        self._mine = _Thread()
        self._making = threading.Lock()
        self._pool: ConnectionPool[Connection] | None = None
        self._closed = False
