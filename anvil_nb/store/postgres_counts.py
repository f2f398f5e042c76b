"""Counts of requests that several servers share: a row a window, a statement a request.

Apart from the transactions of the store: it tells nobody, since nothing that is remembered depends
on a count, and it has connections of its own, so that a count waits for no request and no request
for a count. What is lost when PostgreSQL itself is killed are the counts of its last second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from anvil_nb.store.postgres_connections import MOST_CONNECTIONS, Connections
from anvil_nb.store.postgres_errors import store_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.store.engine import Counted
    from anvil_nb.store.postgres_errors import Location

_WAIT_SECONDS = 0.25
_SETTINGS = {"statement_timeout": "250ms", "synchronous_commit": "off"}

# Windows by the clock of the database: those of the servers may differ. In the order of their
# names, so that no two statements wait for each other.
_COUNT = b"""
insert into rate_counts as known (name, requests, ends_at)
select name, 1, now() at time zone 'utc' + seconds * interval '1 second'
from unnest($1::text[], $2::bigint[]) as asked (name, seconds)
order by name
on conflict (name) do update
set requests = case
        when known.ends_at > now() at time zone 'utc' then known.requests + 1 else 1
    end,
    ends_at = case
        when known.ends_at > now() at time zone 'utc' then known.ends_at else excluded.ends_at
    end
returning name, requests, extract(epoch from ends_at - now() at time zone 'utc')::float8
"""
_FORGET = b"""
delete from rate_counts where name in (
    select name from rate_counts where ends_at <= now() at time zone 'utc'
    for update skip locked
)
"""


class PostgresCounts:
    """Counts in a PostgreSQL database; see ``engine.Counts``.

    Args:
        where: The database.
    """

    def __init__(self, where: Location) -> None:
        self._where = where
        self._connections = Connections(where, _WAIT_SECONDS, _SETTINGS)

    def count(self, windows: Sequence[tuple[str, int]]) -> dict[str, Counted]:
        """Count one request in some windows, in one round trip."""
        names, seconds = [name for name, _ in windows], [length for _, length in windows]
        found = self._run(_COUNT, names, seconds).fetchall()
        return {name: (requests, left) for name, requests, left in found}

    def forget(self) -> None:
        """Remove the windows that are over; waits for none that is being counted in."""
        self._run(_FORGET)

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def after_fork_in_child(self) -> None:
        """Begin anew: the connections are the parent's."""
        self._connections.after_fork_in_child()

    def _run(self, sql: bytes, *params: object) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run a statement by itself.

        A connection that the server has closed meanwhile says so only now: the next one is tried.
        """
        for attempt in range(MOST_CONNECTIONS + 1):
            connection = self._connections.take()
            try:
                return connection.execute(sql, params)
            except psycopg.Error as error:
                if not connection.closed or attempt == MOST_CONNECTIONS:
                    raise store_error(error, self._where) from error
            except BaseException:
                connection.close()
                raise
            finally:
                self._connections.give_back(connection)
        raise AssertionError("the last attempt returns or raises")
