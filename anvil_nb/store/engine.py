"""What the rest of the program knows of a store: transactions, and a number that tells of writes.

Two engines keep these promises: ``duckdb`` for one file on this machine, ``postgres`` for a
server. Both run the same literal SQL with ``$1`` parameters and give rows as tuples. Ids are
``uuid.UUID``; times are naive and UTC. The drivers are imported when a store is opened, not
before: they take longer to import than the rest of the program.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from anvil_nb.errors import StoreError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from anvil_nb.store.known import Known

WAIT_SECONDS = 30.0
"""How long a call waits for another one to be done with the store."""

_URL = re.compile(r"postgres(ql)?://", re.IGNORECASE)


class UniqueViolationError(StoreError):
    """A row whose key is there already. For the services, which know what the key names."""

    code = "unique"


class Transaction(Protocol):
    """One transaction, valid until its ``with`` block ends."""

    @property
    def generation(self) -> int:
        """The engine's generation when this transaction began.

        Whoever remembers what was read here remembers it under this number, not under one asked
        for later: a write that came between would go unnoticed.
        """

    @property
    def known(self) -> Known:
        """What a write need not read, since the write before it left it so."""

    @property
    def alone(self) -> bool:
        """Whether nobody else can write until this ends, so that what was read here stands.

        A key that was seen to be free is then free, and need not be asked for again: for DuckDB,
        ``on conflict`` is up to half of what it takes to insert thousands of rows.
        """

    def rows(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""

    def row(self, sql: str, *params: object) -> tuple[Any, ...] | None:
        """Return the first row of a statement, or ``None``."""

    def execute(self, sql: str, *params: object) -> None:
        """Run a statement for its effect.

        Raises:
            UniqueViolationError: when it would put a key twice.
        """


Counted: TypeAlias = tuple[int, float]
"""How many requests a window has with this one, and the seconds until it is over."""


class Counts(Protocol):
    """Counts of requests, which all servers of one store share."""

    def count(self, windows: Sequence[tuple[str, int]]) -> Mapping[str, Counted]:
        """Count one request in some windows, which begin with their first request.

        Args:
            windows: Name and length in seconds of each; each name once.

        Raises:
            StoreError: when the database does not answer, within a fraction of a second.
        """

    def forget(self) -> None:
        """Remove the windows that are over."""


class Engine(Protocol):
    """A store that is open.

    A thread has one transaction at a time: to begin a second one inside it is a mistake in the
    program (``RuntimeError``). Threads and forks need no care.
    """

    kind: str
    """``duckdb`` or ``postgres``."""

    location: str
    """The path, or the URL without its password, for messages."""

    def read(self) -> AbstractContextManager[Transaction]:
        """Read one consistent state.

        Raises:
            StoreBusyError: when others hold the store for longer than the limit.
            StoreUnavailableError: when it cannot be reached.
        """

    def write(self) -> AbstractContextManager[Transaction]:
        """Read and write. All of it lasts when the block ends; none of it when it raises.

        Raises:
            ConflictError: when another writer's transaction cannot go together with this one.
            StoreBusyError: when others hold the store for longer than the limit.
            StoreUnavailableError: when it cannot be reached or has no space.
        """

    def burst(self) -> AbstractContextManager[None]:
        """Keep the store open between the calls inside the block. Others still get their turn."""

    def generation(self) -> int:
        """Return a number that has changed whenever any process has committed a write.

        Cheap enough to ask before each use of something remembered. Another process's write
        shows within 100 ms.
        """

    def counts(self) -> Counts | None:
        """Return what counts requests for all servers of this store; ``None`` where it has one."""

    def close(self) -> None:
        """Give everything back. One ``close`` belongs to each ``open_engine``."""


def open_engine(
    location: str | Path, *, wait_seconds: float = WAIT_SECONDS, create: bool = True
) -> Engine:
    """Open the store at ``location`` and bring its schema up to date.

    Args:
        location: Path of a DuckDB file, or a ``postgresql://`` URL.
        wait_seconds: How long a call waits for its turn before it gives up.
        create: Whether a store that is not there is made, with the folders above it.

    Raises:
        StoreBusyError: when others hold the store for longer than ``wait_seconds``.
        StoreDamagedError: when the file is not a store, or cut off.
        StoreTooNewError: when a newer program has written it.
        StoreUnavailableError: when it is not there, or cannot be read and written.
    """
    if isinstance(location, str) and _URL.match(location):
        try:
            from anvil_nb.store.postgres import open_postgres  # noqa: PLC0415 - see above
        except ImportError as error:
            raise StoreUnavailableError(
                f"a store on PostgreSQL needs a driver that cannot be imported: {error}",
                'Try: pip install "anvil-nb[postgres]"',
            ) from error
        return open_postgres(location, wait_seconds=wait_seconds, create=create)
    from anvil_nb.store.duckdb import open_duckdb  # noqa: PLC0415 - see above

    return open_duckdb(Path(location), wait_seconds=wait_seconds, create=create)
