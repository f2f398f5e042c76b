"""One transaction on PostgreSQL, with as few round trips as it can have.

``begin`` travels with the first statement, the notice of a write with its ``commit``, and the
``commit`` of a read is not waited for: whoever takes the connection next takes its answer in.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import psycopg

from anvil_nb.errors import StoreError
from anvil_nb.store.known import Known
from anvil_nb.store.postgres_connections import MOST_CONNECTIONS
from anvil_nb.store.postgres_errors import Location, store_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.store.postgres_connections import Connection, Connections

BEGIN_READ = b"begin isolation level repeatable read read only"
BEGIN_WRITE = b"begin isolation level read committed read write"


class PostgresTransaction:
    """A transaction of the PostgreSQL engine; see ``engine.Transaction``.

    Args:
        connections: Where to take one, at the first statement.
        where: The database, for messages.
        begin: ``BEGIN_READ`` or ``BEGIN_WRITE``.
        generation: The engine's, from before this transaction sees anything.
    """

    alone = False

    def __init__(
        self, connections: Connections, where: Location, begin: bytes, generation: int
    ) -> None:
        self.generation = generation
        self.known = Known()  # nothing: other processes write at the same time
        self._connections = connections
        self._where = where
        self._begin = begin
        self._process = os.getpid()
        self._connection: Connection | None = None

    def rows(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""
        cursor = self._run(sql, params)
        return cursor.fetchall() if cursor.description else []

    def row(self, sql: str, *params: object) -> tuple[Any, ...] | None:
        """Return the first row of a statement, or ``None``."""
        cursor = self._run(sql, params)
        return cursor.fetchone() if cursor.description else None

    def execute(self, sql: str, *params: object) -> None:
        """Run a statement for its effect."""
        self._run(sql, params)

    def commit(self, notice: str) -> None:
        """Make what was written last, and tell all who listen with ``notice``.

        Raises:
            StoreError: when a statement had failed, even if the caller went on after it.
        """
        connection = self._own()
        if connection is None:
            return
        try:
            with connection.pipeline():
                connection.execute(b"select pg_notify('anvil', $1)", (notice,))
                connection.execute(b"commit")
        except psycopg.Error as error:
            raise store_error(error, self._where) from error
        self._give_back(connection)

    def end(self) -> None:
        """End a transaction that has only read."""
        connection = self._own()
        if connection is not None:
            connection.pgconn.send_query(b"commit")
            connection.pgconn.flush()
            self._give_back(connection)

    def abandon(self) -> None:
        """Undo everything."""
        connection = self._connection
        if connection is None or self._process != os.getpid():
            return
        try:
            connection.execute(b"rollback")
        except psycopg.Error:
            connection.close()  # which undoes it too; what went wrong before is being told
        except BaseException:
            connection.close()
            raise
        finally:
            self._give_back(connection)

    def _run(self, sql: str, params: Sequence[object]) -> psycopg.Cursor[tuple[Any, ...]]:
        connection = self._own()
        try:
            # As bytes, which the driver takes from anywhere; text it wants to see in the source.
            if connection is None:
                return self._first(sql.encode(), params)
            return connection.execute(sql.encode(), params)
        except psycopg.Error as error:
            raise store_error(error, self._where) from error

    def _first(self, sql: bytes, params: Sequence[object]) -> psycopg.Cursor[tuple[Any, ...]]:
        """Begin with the first statement.

        A connection that the server has closed meanwhile says so only now. As nothing can have
        happened on it, the next one is tried.
        """
        for attempt in range(MOST_CONNECTIONS + 1):
            connection = self._connection = self._connections.take()
            try:
                with connection.pipeline():
                    connection.execute(self._begin)
                    return connection.execute(sql, params)
            except psycopg.OperationalError:
                if not connection.closed or attempt == MOST_CONNECTIONS:
                    raise
                self._give_back(connection)
            except psycopg.Error:
                raise
            except BaseException:
                connection.close()
                raise
        raise AssertionError("the last attempt returns or raises")

    def _own(self) -> Connection | None:
        """Return the connection, if this is still the process that began."""
        if self._process != os.getpid():
            raise StoreError(
                "this transaction of the store began before the process was forked",
                "Begin another one in the child.",
            )
        return self._connection

    def _give_back(self, connection: Connection) -> None:
        self._connection = None
        self._connections.give_back(connection)
