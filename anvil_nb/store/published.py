"""All that an organisation has published, for those who compare it with another store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One version.

    Args:
        path: ``project/set``.
        number: Of the version.
        digest: Of its tree.
        published_at: UTC, without saying so.
        origin_number: The number that it had in the bundle which brought it; ``None`` where it
            was published here.
        origin_digest: The digest that it had there.
    """

    path: str
    number: str
    digest: str
    published_at: datetime
    origin_number: str | None
    origin_digest: str | None


def of_organisation(tx: Transaction, organisation_id: UUID) -> list[PublishedRow]:
    """Return all versions of an organisation, by path and in the order of their publication."""
    rows = tx.rows(
        """
        select s.path, v.number, v.digest, v.published_at, o.number, o.digest
        from prompt_sets s
        join versions v on v.set_id = s.id
        left join version_origins o on o.version_id = v.id
        where s.organisation_id = $1
        order by s.path collate "C", v.sequence, v.id
        """,
        organisation_id,
    )
    return [PublishedRow(*row) for row in rows]


def projects_of(tx: Transaction, organisation_id: UUID) -> frozenset[str]:
    """Return the names of all projects of an organisation."""
    rows = tx.rows("select slug from projects where organisation_id = $1", organisation_id)
    return frozenset(row[0] for row in rows)
