"""Rows of versions: written once, never changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version. ``reasons`` says per prompt why the bump is what it is."""

    id: UUID
    set_id: UUID
    number: str
    digest: str
    message: str
    bump: str
    reasons: tuple[str, ...]
    source: str | None
    sequence: int
    published_by: str
    published_at: datetime


def insert(tx: Transaction, actor: Actor, row: VersionRow) -> None:
    """Add a version.

    Raises:
        UniqueViolationError: when the number is taken.
    """
    tx.execute(
        """
        insert into versions
            (id, organisation_id, set_id, number, digest, message, bump, reasons, source,
             sequence, published_by, published_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        row.id,
        actor.organisation_id,
        row.set_id,
        row.number,
        row.digest,
        row.message,
        row.bump,
        json.dumps(row.reasons, ensure_ascii=False),
        row.source,
        row.sequence,
        actor.user_id,
        row.published_at,
    )


def of_set(tx: Transaction, set_id: UUID) -> list[VersionRow]:
    """Return the versions of a set in the order they were published, newest first."""
    rows = tx.rows(
        """
        select v.id, v.set_id, v.number, v.digest, v.message, v.bump, v.reasons, v.source,
               v.sequence, coalesce(o.published_by, u.name, ''), v.published_at
        from versions v
        left join users u on u.id = v.published_by
        left join version_origins o on o.version_id = v.id -- by whom it was, elsewhere
        where v.set_id = $1 order by v.sequence desc
        """,
        set_id,
    )
    return [VersionRow(*(*row[:6], tuple(json.loads(row[6])), *row[7:])) for row in rows]


def numbers(tx: Transaction, organisation_id: UUID, path: str) -> list[str]:
    """Return the version numbers of the set at ``path``."""
    rows = tx.rows(
        """
        select v.number from prompt_sets s join versions v on v.set_id = s.id
        where s.organisation_id = $1 and s.path = $2
        """,
        organisation_id,
        path,
    )
    return [row[0] for row in rows]


def digest_of(tx: Transaction, set_id: UUID, number: str) -> str:
    """Return the digest of a version that is there."""
    rows = tx.rows("select digest from versions where set_id = $1 and number = $2", set_id, number)
    return str(rows[0][0])


def by_digest(tx: Transaction, set_id: UUID, prefix: str) -> list[tuple[str, str]]:
    """Return digest and number of the versions whose tree digest begins with ``prefix``."""
    return tx.rows(
        """
        select digest, number from versions where set_id = $1 and starts_with(digest, $2)
        order by sequence desc
        """,
        set_id,
        prefix,
    )


def count_in_project(tx: Transaction, project_id: UUID) -> int:
    """Return how many versions the sets of a project have."""
    rows = tx.rows(
        "select count(*) from versions v join prompt_sets s on s.id = v.set_id "
        "where s.project_id = $1",
        project_id,
    )
    return int(rows[0][0])


def remove(tx: Transaction, set_id: UUID, number: str) -> None:
    """Remove a version: only an import that is undone takes back what it brought."""
    tx.execute("delete from versions where set_id = $1 and number = $2", set_id, number)
