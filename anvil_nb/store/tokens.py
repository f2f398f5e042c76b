"""Rows of API tokens. What is kept of a token is its SHA-256, never the token."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token: whose it is, what it may do, and how long it holds.

    Args:
        id, organisation_id: Of the token, and of the one organisation that it belongs to.
        organisation: Its slug.
        user_id, user: On whose behalf the token acts.
        name: What it is called, for people.
        hash: SHA-256 of the token, in hexadecimal.
        scopes: What it may do.
        created_at, expires_at, revoked_at, last_used_at: UTC, without saying so.
    """

    id: UUID
    organisation_id: UUID
    organisation: str
    user_id: UUID
    user: str
    name: str
    hash: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Tell whether it is neither revoked nor over at ``now``."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def insert(tx: Transaction, row: TokenRow, created_by: UUID) -> None:
    """Add a token."""
    tx.execute(
        """
        insert into tokens
            (id, organisation_id, user_id, name, hash, scopes, created_by, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        row.id,
        row.organisation_id,
        row.user_id,
        row.name,
        row.hash,
        json.dumps(row.scopes),
        created_by,
        row.created_at,
        row.expires_at,
    )


def by_hash(tx: Transaction, digest: str) -> TokenRow | None:
    """Return the token whose hash is ``digest``, or ``None``."""
    row = tx.row(
        """
        select t.id, t.organisation_id, o.slug, t.user_id, u.name, t.name, t.hash, t.scopes,
               t.created_at, t.expires_at, t.revoked_at, t.last_used_at
        from tokens t
        join organisations o on o.id = t.organisation_id
        join users u on u.id = t.user_id
        where t.hash = $1
        """,
        digest,
    )
    return None if row is None else _row(row)


def of_organisation(tx: Transaction, organisation_id: UUID) -> list[TokenRow]:
    """Return all tokens of an organisation, the newest first."""
    rows = tx.rows(
        """
        select t.id, t.organisation_id, o.slug, t.user_id, u.name, t.name, t.hash, t.scopes,
               t.created_at, t.expires_at, t.revoked_at, t.last_used_at
        from tokens t
        join organisations o on o.id = t.organisation_id
        join users u on u.id = t.user_id
        where t.organisation_id = $1 order by t.id desc
        """,
        organisation_id,
    )
    return [_row(row) for row in rows]


def revoke(tx: Transaction, organisation_id: UUID, token_id: UUID, now: datetime) -> None:
    """End a token for ever; one that is revoked already keeps its time."""
    tx.execute(
        """
        update tokens set revoked_at = coalesce(revoked_at, $3)
        where id = $1 and organisation_id = $2
        """,
        token_id,
        organisation_id,
        now,
    )


def record_uses(tx: Transaction, uses: Mapping[UUID, datetime]) -> None:
    """Note when tokens were last used."""
    for token_id, at in uses.items():
        tx.execute(
            """
            update tokens set last_used_at = greatest(coalesce(last_used_at, $2), $2)
            where id = $1
            """,
            token_id,
            at,
        )


def _row(row: tuple[object, ...]) -> TokenRow:
    return TokenRow(*(*row[:7], tuple(json.loads(str(row[7]))), *row[8:]))  # type: ignore[arg-type]  # the columns above
