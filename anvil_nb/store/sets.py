"""Rows of prompt sets.

``revision`` counts the writes to a set. Taking it is the first thing every write does: on
PostgreSQL it locks the row, so that two writers of one set are one after the other.
"""

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
class SetRow:
    """One prompt set; ``path`` is ``project/set``."""

    id: UUID
    project_id: UUID
    path: str
    slug: str
    title: str
    description: str
    revision: int
    created_at: datetime
    updated_at: datetime


def by_path(tx: Transaction, organisation_id: UUID, path: str) -> SetRow | None:
    """Return the set at ``path``, or ``None``."""
    row = tx.row(
        """
        select id, project_id, path, slug, title, description, revision, created_at, updated_at
        from prompt_sets where organisation_id = $1 and path = $2
        """,
        organisation_id,
        path,
    )
    return None if row is None else SetRow(*row)


def of_project(tx: Transaction, project_id: UUID) -> list[SetRow]:
    """Return the sets of a project in order of their names."""
    rows = tx.rows(
        """
        select id, project_id, path, slug, title, description, revision, created_at, updated_at
        from prompt_sets where project_id = $1 order by slug
        """,
        project_id,
    )
    return [SetRow(*row) for row in rows]


def insert(  # noqa: PLR0913 - the columns
    tx: Transaction,
    actor: Actor,
    project_id: UUID,
    path: str,
    *,
    title: str,
    description: str,
    now: datetime,
) -> SetRow:
    """Add a set.

    Raises:
        UniqueViolationError: when there is one at that path.
    """
    slug = path.partition("/")[2]
    row = SetRow(new_id(), project_id, path, slug, title, description, 0, now, now)
    tx.execute(
        """
        insert into prompt_sets
            (id, organisation_id, project_id, path, slug, title, description, revision,
             created_at, created_by, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $8)
        """,
        row.id,
        actor.organisation_id,
        project_id,
        path,
        slug,
        title,
        description,
        now,
        actor.user_id,
    )
    return row


def touch(tx: Transaction, set_id: UUID, now: datetime) -> tuple[int, datetime]:
    """Count one more write to a set, and lock it until the transaction ends.

    Returns:
        The new revision, and the time of the write: ``now``, or the last write's time where the
        clock went backwards since.
    """
    row = tx.row(
        """
        update prompt_sets
        set revision = revision + 1, updated_at = greatest(updated_at, $2)
        where id = $1 returning revision, updated_at
        """,
        set_id,
        now,
    )
    assert row is not None
    return row[0], row[1]


def update(tx: Transaction, row: SetRow) -> None:
    """Write a set's path, title and description."""
    tx.execute(
        """
        update prompt_sets
        set path = $2, slug = $3, title = $4, description = $5, updated_at = $6 where id = $1
        """,
        row.id,
        row.path,
        row.slug,
        row.title,
        row.description,
        row.updated_at,
    )


def delete(tx: Transaction, set_id: UUID) -> None:
    """Remove a set with its draft, history, versions and labels; objects stay."""
    tx.execute("delete from entries where set_id = $1", set_id)
    tx.execute("delete from draft_log where set_id = $1", set_id)
    tx.execute("delete from versions where set_id = $1", set_id)
    tx.execute("delete from labels where set_id = $1", set_id)
    tx.execute("delete from label_moves where set_id = $1", set_id)
    tx.execute("delete from prompt_sets where id = $1", set_id)


def page(
    tx: Transaction, organisation_id: UUID, prefix: str, after: str, limit: int
) -> list[tuple[str, str, str, int, str | None]]:
    """Return path, title, description, prompts in the draft and latest version, in order."""
    return tx.rows(
        """
        select s.path, s.title, s.description,
               (select count(*) from entries e where e.set_id = s.id and e.selector = 'draft'),
               (select min(e.version) from entries e
                where e.set_id = s.id and e.selector = 'latest')
        from prompt_sets s
        where s.organisation_id = $1 and starts_with(s.path, $2) and s.path > $3
        order by s.path limit $4
        """,
        organisation_id,
        prefix,
        after,
        limit,
    )
