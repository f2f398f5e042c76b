"""Rows of prompt sets.

``revision`` counts the writes to a set. Every write begins with ``lock``, which takes the next
one: on PostgreSQL that locks the row, so that two writers of one set are one after the other, and
what a writer reads behind it stays as it is until it is done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor


def state_of(set_id: UUID, revision: int) -> str:
    """Return what tells one state of a set from another."""
    return f"{set_id.hex}-{revision}"


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

    @property
    def state(self) -> str:
        """What tells one state of the set from another."""
        return state_of(self.id, self.revision)


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


def path_of(tx: Transaction, organisation_id: UUID, set_id: UUID) -> str | None:
    """Return the path of the set with an id, or ``None``."""
    row = tx.row(
        "select path from prompt_sets where id = $1 and organisation_id = $2",
        set_id,
        organisation_id,
    )
    return None if row is None else row[0]


def of_project(tx: Transaction, project_id: UUID) -> list[SetRow]:
    """Return the sets of a project in order of their names."""
    rows = tx.rows(
        """
        select id, project_id, path, slug, title, description, revision, created_at, updated_at
        from prompt_sets where project_id = $1 order by slug collate "C"
        """,
        project_id,
    )
    return [SetRow(*row) for row in rows]


def rows(
    tx: Transaction, organisation_id: UUID, prefix: str, after: str, limit: int
) -> list[SetRow]:
    """Return the sets whose paths begin with ``prefix``, in order, behind the path ``after``."""
    found = tx.rows(
        """
        select id, project_id, path, slug, title, description, revision, created_at, updated_at
        from prompt_sets
        where organisation_id = $1 and starts_with(path, $2) and path collate "C" > $3
        order by path collate "C" limit $4
        """,
        organisation_id,
        prefix,
        after,
        limit,
    )
    return [SetRow(*row) for row in found]


def count(tx: Transaction, project_id: UUID) -> int:
    """Return how many sets a project has."""
    rows = tx.rows("select count(*) from prompt_sets where project_id = $1", project_id)
    return int(rows[0][0])


def insert(  # noqa: PLR0913 - the columns
    tx: Transaction,
    actor: Actor,
    project_id: UUID,
    path: str,
    *,
    title: str,
    description: str,
    now: datetime,
) -> UUID | None:
    """Add a set and return its id, or ``None`` when there is one at that path."""
    row = tx.row(
        """
        insert into prompt_sets
            (id, organisation_id, project_id, path, slug, title, description, revision,
             created_at, created_by, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $8)
        on conflict (organisation_id, path) do nothing returning id
        """,
        new_id(),
        actor.organisation_id,
        project_id,
        path,
        path.partition("/")[2],
        title,
        description,
        now,
        actor.user_id,
    )
    return None if row is None else row[0]


def lock(tx: Transaction, set_id: UUID, now: datetime) -> SetRow | None:
    """Count one more write to a set, and keep other writers out until the transaction ends.

    Returns:
        The set as it is now, or ``None`` when another writer has deleted it. Its ``revision``
        and ``updated_at`` are those of this write: ``now``, or the last write's time where the
        clock went backwards since.
    """
    row = tx.row(
        """
        update prompt_sets
        set revision = revision + 1, updated_at = greatest(updated_at, $2)
        where id = $1
        returning id, project_id, path, slug, title, description, revision, created_at, updated_at
        """,
        set_id,
        now,
    )
    return None if row is None else SetRow(*row)


def lock_path(tx: Transaction, organisation_id: UUID, path: str, now: datetime) -> SetRow | None:
    """Do what ``lock`` does with the set at ``path``, or return ``None`` when there is none."""
    known = tx.known.take_set(organisation_id, path)
    if known is not None:
        return _lock_known(tx, known, now)
    row = tx.row(
        """
        update prompt_sets
        set revision = revision + 1, updated_at = greatest(updated_at, $3)
        where organisation_id = $1 and path = $2
        returning id, project_id, path, slug, title, description, revision, created_at, updated_at
        """,
        organisation_id,
        path,
        now,
    )
    return None if row is None else SetRow(*row)


def _lock_known(tx: Transaction, row: SetRow, now: datetime) -> SetRow:
    """Do it without reading: DuckDB deletes and inserts a row that an update is to return."""
    row = replace(row, revision=row.revision + 1, updated_at=max(row.updated_at, now))
    tx.execute(
        "update prompt_sets set revision = $2, updated_at = $3 where id = $1",
        row.id,
        row.revision,
        row.updated_at,
    )
    return row


def update(tx: Transaction, row: SetRow) -> None:
    """Write a set's path, title and description.

    Raises:
        UniqueViolationError: when another set has that path.
    """
    tx.execute(
        "update prompt_sets set path = $2, slug = $3, title = $4, description = $5 where id = $1",
        row.id,
        row.path,
        row.slug,
        row.title,
        row.description,
    )


def rename_project(tx: Transaction, project_id: UUID, slug: str, now: datetime) -> None:
    """Give all sets of a project the paths that its new name makes."""
    tx.execute(
        """
        update prompt_sets
        set path = $2 || '/' || slug, revision = revision + 1,
            updated_at = greatest(updated_at, $3)
        where project_id = $1
        """,
        project_id,
        slug,
        now,
    )


def delete(tx: Transaction, set_id: UUID) -> None:
    """Remove a set with its draft, history, versions and labels; objects stay."""
    tx.execute("delete from entries where set_id = $1", set_id)
    tx.execute("delete from draft_log where set_id = $1", set_id)
    tx.execute("delete from versions where set_id = $1", set_id)
    tx.execute("delete from labels where set_id = $1", set_id)
    tx.execute("delete from label_moves where set_id = $1", set_id)
    tx.execute("delete from set_origins where set_id = $1", set_id)
    tx.execute("delete from version_origins where set_id = $1", set_id)
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
        where s.organisation_id = $1 and starts_with(s.path, $2) and s.path collate "C" > $3
        order by s.path collate "C" limit $4
        """,
        organisation_id,
        prefix,
        after,
        limit,
    )
