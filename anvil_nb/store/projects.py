"""Rows of projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project."""

    id: UUID
    slug: str
    title: str
    description: str
    created_at: datetime
    updated_at: datetime

    @property
    def state(self) -> str:
        """What tells one state of the project from another."""
        return f"{self.id.hex}-{self.updated_at:%Y%m%d%H%M%S%f}"


def by_slug(tx: Transaction, organisation_id: UUID, slug: str) -> ProjectRow | None:
    """Return the project ``slug``, or ``None``."""
    row = tx.row(
        """
        select id, slug, title, description, created_at, updated_at
        from projects where organisation_id = $1 and slug = $2
        """,
        organisation_id,
        slug,
    )
    return None if row is None else ProjectRow(*row)


def slug_of(tx: Transaction, organisation_id: UUID, project_id: UUID) -> str | None:
    """Return the name of the project with an id, or ``None``."""
    row = tx.row(
        "select slug from projects where id = $1 and organisation_id = $2",
        project_id,
        organisation_id,
    )
    return None if row is None else row[0]


def insert(  # noqa: PLR0913 - the columns
    tx: Transaction, actor: Actor, slug: str, *, title: str, description: str, now: datetime
) -> UUID | None:
    """Add a project and return its id, or ``None`` when there is one of that name."""
    row = tx.row(
        """
        insert into projects
            (id, organisation_id, slug, title, description, created_at, created_by, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $6)
        on conflict (organisation_id, slug) do nothing returning id
        """,
        new_id(),
        actor.organisation_id,
        slug,
        title,
        description,
        now,
        actor.user_id,
    )
    return None if row is None else row[0]


def hold(tx: Transaction, project_id: UUID) -> ProjectRow | None:
    """Keep others from changing a project until the transaction ends, and leave it as it is.

    Returns:
        The project, or ``None`` when another writer has deleted it.
    """
    row = tx.row(
        """
        update projects set title = title where id = $1
        returning id, slug, title, description, created_at, updated_at
        """,
        project_id,
    )
    return None if row is None else ProjectRow(*row)


def lock(tx: Transaction, project_id: UUID, now: datetime) -> ProjectRow | None:
    """Mark a project as changed, and keep others from changing it until the transaction ends.

    Whoever adds a set to it, renames or deletes it takes this before they look at its sets.

    Returns:
        The project as it is now, or ``None`` when another writer has deleted it.
    """
    row = tx.row(
        """
        update projects set updated_at = greatest(updated_at, $2) where id = $1
        returning id, slug, title, description, created_at, updated_at
        """,
        project_id,
        now,
    )
    return None if row is None else ProjectRow(*row)


def update(tx: Transaction, row: ProjectRow) -> None:
    """Write a project's name, title and description.

    Raises:
        UniqueViolationError: when another project has that name.
    """
    tx.execute(
        "update projects set slug = $2, title = $3, description = $4 where id = $1",
        row.id,
        row.slug,
        row.title,
        row.description,
    )


def delete(tx: Transaction, project_id: UUID) -> None:
    """Remove a project that has no sets."""
    tx.execute("delete from projects where id = $1", project_id)


def page(
    tx: Transaction, organisation_id: UUID, prefix: str, after: str, limit: int
) -> list[tuple[str, str, str, int]]:
    """Return name, title, description and number of sets of projects in order of their names.

    Args:
        tx: Where to read.
        organisation_id: Whose.
        prefix: How the names begin.
        after: The last name of the page before, or ``""``.
        limit: How many at most.
    """
    return tx.rows(
        """
        select p.slug, p.title, p.description,
               (select count(*) from prompt_sets s where s.project_id = p.id)
        from projects p
        where p.organisation_id = $1 and starts_with(p.slug, $2) and p.slug collate "C" > $3
        order by p.slug collate "C" limit $4
        """,
        organisation_id,
        prefix,
        after,
        limit,
    )
