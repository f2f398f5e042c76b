"""Organisations and users: whose rows these are, and who acts.

A new store gets a personal organisation and its owner the first time somebody opens it.
Membership, roles and keys are not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Engine, Transaction


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and for which organisation.

    ``scopes`` are the rights of the token that is used; ``None`` at a workspace, whose owner may
    everything.
    """

    organisation_id: UUID
    organisation: str
    user_id: UUID
    name: str
    scopes: frozenset[str] | None = None


def find_actor(tx: Transaction, organisation: str, name: str) -> Actor | None:
    """Return the user ``name`` of ``organisation``, or ``None`` where either is missing."""
    row = tx.row(
        """
        select o.id, u.id
        from organisations o join users u on u.organisation_id = o.id
        where o.slug = $1 and u.name = $2
        """,
        organisation,
        name,
    )
    return None if row is None else Actor(row[0], organisation, row[1], name)


def of_user(tx: Transaction, name: str) -> list[str]:
    """Return the organisations in which a user of that name is known, in order."""
    rows = tx.rows(
        """
        select o.slug from organisations o join users u on u.organisation_id = o.id
        where u.name = $1 order by o.slug
        """,
        name,
    )
    return [slug for (slug,) in rows]


def ensure_actor(engine: Engine, organisation: str, name: str, now: datetime) -> Actor:
    """Return the user ``name`` of ``organisation``, making both where they are missing."""
    with engine.read() as tx:
        found = find_actor(tx, organisation, name)
    if found is not None:
        return found
    with engine.write() as tx:
        tx.execute(
            """
            insert into organisations (id, slug, title, personal, created_at)
            values ($1, $2, $3, $4, $5) on conflict (slug) do nothing
            """,
            new_id(),
            organisation,
            organisation,
            True,  # noqa: FBT003 - a column's value
            now,
        )
        rows = tx.rows("select id from organisations where slug = $1", organisation)
        organisation_id: UUID = rows[0][0]
        tx.execute(
            """
            insert into users (id, organisation_id, name, created_at)
            values ($1, $2, $3, $4) on conflict (organisation_id, name) do nothing
            """,
            new_id(),
            organisation_id,
            name,
            now,
        )
        rows = tx.rows(
            "select id from users where organisation_id = $1 and name = $2", organisation_id, name
        )
        return Actor(organisation_id, organisation, rows[0][0], name)


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation."""

    id: UUID
    slug: str
    title: str
    personal: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One user of an organisation."""

    id: UUID
    name: str
    created_at: datetime


def by_id(tx: Transaction, organisation_id: UUID) -> OrganisationRow:
    """Return an organisation that is there."""
    rows = tx.rows(
        "select id, slug, title, personal, created_at from organisations where id = $1",
        organisation_id,
    )
    return OrganisationRow(*rows[0])


def set_title(tx: Transaction, organisation_id: UUID, title: str) -> None:
    """Write an organisation's title."""
    tx.execute("update organisations set title = $2 where id = $1", organisation_id, title)


def members(tx: Transaction, organisation_id: UUID, after: str, limit: int) -> list[MemberRow]:
    """Return the users of an organisation in order of their names, behind the name ``after``."""
    rows = tx.rows(
        """
        select id, name, created_at from users
        where organisation_id = $1 and name collate "C" > $2 order by name collate "C" limit $3
        """,
        organisation_id,
        after,
        limit,
    )
    return [MemberRow(*row) for row in rows]


def member(tx: Transaction, organisation_id: UUID, name: str) -> MemberRow | None:
    """Return the user of an organisation with a name or an id, or ``None``."""
    row = tx.row(
        """
        select id, name, created_at from users
        where organisation_id = $1 and (name = $2 or cast(id as text) = $2)
        """,
        organisation_id,
        name,
    )
    return None if row is None else MemberRow(*row)
