"""The connections of a process to PostgreSQL: at most eight, each for one thread at a time.

Not ``psycopg_pool``: taking a connection from it and giving it back costs a fifth of a look-up
(0.1 ms against 2 µs here), it connects in threads of its own, which a fork loses, and when the
server refuses it says so only after its time limit, without the reason.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from anvil_nb.errors import StoreBusyError, StoreError, StoreUnavailableError
from anvil_nb.store.inherited import leave_to_parent
from anvil_nb.store.postgres_errors import Location, store_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

MOST_CONNECTIONS = 8
"""How many threads of a process can be in transactions at once."""


class Connections:
    """Connections to one database.

    Args:
        where: The database.
        wait_seconds: How long to wait for a connection, and a statement for a lock.
        settings: Of PostgreSQL, for each connection.
    """

    def __init__(
        self, where: Location, wait_seconds: float, settings: Mapping[str, str] | None = None
    ) -> None:
        self._where = where
        self._wait_seconds = wait_seconds
        self._settings = settings or {}
        self._arguments = _arguments(where)
        self._mine = _Thread()
        self._begin()

    def _begin(self) -> None:
        """Set what belongs to this process alone."""
        self._idle: list[Connection] = []
        self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._closed = False

    def connect(self) -> Connection:
        """Make a connection that commits by itself and belongs to the caller.

        Raises:
            psycopg.Error: when the server refuses, or is not there.
        """
        connection = psycopg.Connection[tuple[Any, ...]].connect(**self._arguments)
        # Zero would mean to wait for ever.
        limit = f"{max(1, int(self._wait_seconds * 1000))}ms"
        try:
            for one in {"lock_timeout": limit, **self._settings}.items():
                connection.execute(b"select set_config($1, $2, false)", one)
        except BaseException:
            connection.close()
            raise
        return connection

    def take(self) -> Connection:
        """Take a connection: that of this thread's burst, one that is idle, or a new one.

        Raises:
            StoreBusyError: when all are in use for too long.
            StoreUnavailableError: when the server refuses, or is not there.
        """
        kept, self._mine.kept = self._mine.kept, None
        if kept is not None and _settle(kept):
            return kept
        if not self._room.acquire(timeout=min(self._wait_seconds, threading.TIMEOUT_MAX)):
            raise StoreBusyError(
                f"the {MOST_CONNECTIONS} connections of this process to {self._where.shown} are "
                "in use for longer than this call may wait",
                "Wait until other threads are done; then try again.",
            )
        try:
            return self._idle_one() or self.connect()
        except psycopg.Error as error:
            self._room.release()
            raise store_error(error, self._where) from error
        except BaseException:
            self._room.release()
            raise

    def _idle_one(self) -> Connection | None:
        """Return a connection that nobody uses, the last one put back, or ``None``."""
        if self._closed:
            raise StoreError(f"the store {self._where.shown} was closed", "Open it again.")
        while self._idle:
            connection = self._idle.pop()
            if _settle(connection):
                return connection
        return None

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for this thread's burst, or put it back for all."""
        if self._mine.bursts and not connection.closed and not self._closed:
            self._mine.kept = connection
            return
        if self._closed:
            connection.close()
        elif not connection.closed:
            self._idle.append(connection)
        self._room.release()

    @contextmanager
    def burst(self) -> Iterator[None]:
        """Keep this thread's connection between transactions."""
        self._mine.bursts += 1
        try:
            yield
        finally:
            self._mine.bursts -= 1
            kept = self._mine.kept
            if kept is not None and not self._mine.bursts:
                self._mine.kept = None
                self.give_back(kept)

    def close(self) -> None:
        """Close all connections; those in use are closed when they are given back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def after_fork_in_child(self) -> None:
        """Begin anew: the connections are the parent's."""
        leave_to_parent(self._idle, self._mine.kept)
        self._mine.kept = None
        self._begin()


class _Thread(threading.local):
    """What a thread has at the moment."""

    def __init__(self) -> None:
        self.bursts = 0
        self.kept: Connection | None = None


def _settle(connection: Connection) -> bool:
    """Take in the answer to the commit that was not waited for; tell whether all is well."""
    while not connection.closed and connection.pgconn.get_result() is not None:
        pass
    return not connection.closed


def _arguments(where: Location) -> dict[str, Any]:
    """Return how to connect: what the URL says, and what it leaves open."""
    try:
        given = conninfo_to_dict(where.url)
    except psycopg.ProgrammingError as error:
        raise StoreUnavailableError(
            f"the URL {where.shown} cannot be read: {where.hide(str(error).strip())}",
            "Write it as postgresql://user:password@host:5432/database, with %40 for an @ in it.",
        ) from None
    return {
        "application_name": "anvil",
        "connect_timeout": 10,
        "keepalives_idle": 5,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        **given,
        "client_encoding": "utf8",
        # Transactions are begun by our own statement, which names their isolation.
        "autocommit": True,
        "cursor_factory": psycopg.RawCursor,
    }
