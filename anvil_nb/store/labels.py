"""Labels: named pointers from a set to a version, and every move they made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor
    from anvil_nb.store.sets import SetRow


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One move of a label; no version before it was made, none after it was removed."""

    name: str
    from_version: str | None
    to_version: str | None
    message: str
    moved_by: str
    moved_at: datetime


def of_set(tx: Transaction, set_id: UUID) -> dict[str, str]:
    """Return the versions that a set's labels point to, by label."""
    rows = tx.rows("select name, version from labels where set_id = $1", set_id)
    return dict(sorted(rows))


def move(tx: Transaction, actor: Actor, in_set: SetRow, row: MoveRow) -> None:
    """Point a label of a set, which is locked, to a version or nowhere; record the move."""
    if row.to_version is None:
        tx.execute("delete from labels where set_id = $1 and name = $2", in_set.id, row.name)
    else:
        tx.execute(
            """
            insert into labels (organisation_id, set_id, name, version, moved_at)
            values ($1, $2, $3, $4, $5)
            on conflict (set_id, name) do update
            set version = excluded.version, moved_at = excluded.moved_at
            """,
            actor.organisation_id,
            in_set.id,
            row.name,
            row.to_version,
            row.moved_at,
        )
    tx.execute(
        """
        insert into label_moves
            (id, organisation_id, set_id, name, from_version, to_version, message, moved_by,
             moved_at, sequence)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        new_id(),
        actor.organisation_id,
        in_set.id,
        row.name,
        row.from_version,
        row.to_version,
        row.message,
        actor.user_id,
        row.moved_at,
        in_set.revision,
    )


def moves(tx: Transaction, set_id: UUID) -> list[MoveRow]:
    """Return all moves of a set's labels, newest first."""
    rows = tx.rows(
        """
        select m.name, m.from_version, m.to_version, m.message, coalesce(u.name, ''), m.moved_at
        from label_moves m left join users u on u.id = m.moved_by
        where m.set_id = $1 order by m.sequence desc
        """,
        set_id,
    )
    return [MoveRow(*row) for row in rows]


def moves_of(tx: Transaction, set_ids: Sequence[UUID]) -> dict[UUID, list[MoveRow]]:
    """Return all moves of the labels of many sets, by the set, newest first."""
    rows = tx.rows(
        """
        select m.set_id, m.name, m.from_version, m.to_version, m.message, coalesce(u.name, ''),
               m.moved_at
        from label_moves m left join users u on u.id = m.moved_by
        where m.set_id = any($1::uuid[]) order by m.sequence desc
        """,
        list(set_ids),
    )
    found: dict[UUID, list[MoveRow]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(MoveRow(*row[1:]))
    return found
