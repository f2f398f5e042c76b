"""The generation of a store on PostgreSQL: a count of the writes that this process heard of.

Every write notifies a channel inside its transaction, so PostgreSQL delivers the notice if and
when the write is committed, and not before others can see it. A connection of its own listens.

What is remembered under an old number is used for at most 100 ms after another process's commit:
the connection is asked at most every 50 ms whether notices have come in, without waiting for any,
and a notice takes as long as the network does. While there is no connection the number changes
each time it is looked at, so nothing that is remembered is used. The one exception is a network
that falls silent without closing the connection: TCP notices that after some 8 seconds.
"""

from __future__ import annotations

import secrets
import threading
import time
from typing import TYPE_CHECKING

from psycopg import OperationalError

from anvil_nb.store.inherited import leave_to_parent

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from psycopg import Connection

SCHEMA = " schema"
"""What the notice of a write ends with that has changed the schema."""

_LOOK_AGAIN_SECONDS = 0.05
_RECONNECT_SECONDS = 1.0


class Listener:
    """Counts the writes of this process and of others.

    Args:
        connect: Makes a connection that commits by itself.
    """

    def __init__(self, connect: Callable[[], Connection[Any]]) -> None:
        self._connect = connect
        # What this process's own notices begin with: it has counted those itself.
        self.name = secrets.token_hex(8)
        self._connection: Connection[Any] | None = None
        self._connect_at = 0.0
        self._number = time.time_ns()
        self._look_at = 0.0
        self._looking = threading.Lock()
        self.schema_changed = False

    def value(self) -> int:
        """Return the generation."""
        if time.monotonic() >= self._look_at and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looking.release()
        return self._number

    def count(self) -> None:
        """Count a write of this process, after its commit and before its caller goes on."""
        with self._looking:
            self._number += 1

    def start(self) -> None:
        """Listen.

        Raises:
            psycopg.OperationalError: when the server cannot be reached.
        """
        connection = self._connect()
        try:
            connection.execute("listen anvil")
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def close(self) -> None:
        """Listen no longer."""
        with self._looking:
            self._drop()
            self._connect_at = float("inf")

    def after_fork_in_child(self) -> None:
        """Begin anew: the connection is the parent's."""
        if self._connection is not None:
            leave_to_parent(self._connection)
        self._connection = None
        self._looking = threading.Lock()
        self._connect_at = self._look_at = 0.0
        self.name = secrets.token_hex(8)

    def _look(self) -> None:
        self._look_at = time.monotonic() + _LOOK_AGAIN_SECONDS
        try:
            if self._connection is None:
                self._reconnect()
            else:
                self._take_notices(self._connection)
        except OperationalError:
            self._drop()
            self._number += 1

    def _take_notices(self, connection: Connection[Any]) -> None:
        """Take in what has arrived, without waiting for more."""
        connection.pgconn.consume_input()
        while (notice := connection.pgconn.notifies()) is not None:
            text = notice.extra.decode()
            if not text.startswith(self.name):
                self._number += 1
                self.schema_changed |= text.endswith(SCHEMA)

    def _reconnect(self) -> None:
        """Listen again, and count what may have been missed meanwhile."""
        if self._look_at >= self._connect_at:
            self._connect_at = time.monotonic() + _RECONNECT_SECONDS
            self.start()
            self.schema_changed = True
        self._number += 1

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
