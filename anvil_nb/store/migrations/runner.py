"""Take the steps of the schema that a store has not had yet.

Each step and the row that records it are one transaction: a step that fails, or is killed, leaves
nothing. The engine sees to it that one process at a time comes here: the lock on DuckDB, an
advisory lock on PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.errors import StoreTooNewError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from anvil_nb.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its number (from 1, without gaps), a name for people, and its statements."""

    number: int
    name: str
    statements: tuple[str, ...]


def applied_number(tx: Transaction, location: str, migrations: Sequence[Migration]) -> int | None:
    """Return the number of the last step that a store has had; ``None`` for no schema at all.

    Raises:
        StoreTooNewError: when that is a step this program does not know.
    """
    # Named whole, since other programs' schemas in the same database may have such a table too.
    found = tx.row(
        """
        select 1 from information_schema.tables
        where table_catalog = current_database() and table_schema = current_schema()
              and table_name = 'schema_migrations'
        """
    )
    return None if found is None else recorded_number(tx, location, migrations)


def recorded_number(tx: Transaction, location: str, migrations: Sequence[Migration]) -> int:
    """Do as ``applied_number`` does, for a store that is known to have the table. 0.3 ms.

    Raises:
        StoreTooNewError: when the last step is one this program does not know.
    """
    last = max((number for (number,) in tx.rows("select number from schema_migrations")), default=0)
    if last > len(migrations):
        raise StoreTooNewError(
            f"the store {location} has schema {last}, and this program knows schemas up to "
            f"{len(migrations)}: a newer program has written it",
            "Try: pip install --upgrade anvil-nb",
        )
    return last


def migrate(
    write: Callable[[], AbstractContextManager[Transaction]],
    location: str,
    migrations: Sequence[Migration],
    now: datetime,
) -> None:
    """Take all steps that are missing.

    Args:
        write: Begins a transaction in which no other process takes steps.
        location: The store, for messages.
        migrations: All steps this program knows, in order.
        now: When, UTC.

    Raises:
        StoreTooNewError: when the store has had a step that is not in ``migrations``.
    """
    last = 0
    while last < len(migrations):
        with write() as tx:
            # Asked again each time: another process may have taken the step meanwhile.
            if last:
                last = recorded_number(tx, location, migrations)
            else:
                last = applied_number(tx, location, migrations) or 0
            if last < len(migrations):
                _take(tx, migrations[last], now)
                last += 1


def build(tx: Transaction, migrations: Sequence[Migration], now: datetime) -> None:
    """Take all steps at once, in a store that is new and that nobody else can see yet."""
    for step in migrations:
        _take(tx, step, now)


def _take(tx: Transaction, step: Migration, now: datetime) -> None:
    for statement in step.statements:
        tx.execute(statement)
    tx.execute(
        "insert into schema_migrations (number, name, applied_at) values ($1, $2, $3)",
        step.number,
        step.name,
        now,
    )
