"""Conflicts of syncs, kept until somebody settles them, and after."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor

SUPERSEDED = "superseded"
"""The choice of a conflict in whose place another stands: a side moved on meanwhile."""


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A conflict, kept until somebody settles it.

    Args:
        id: Of the record.
        pair_id: Of the pair.
        target: Of the pair.
        key: By which both sides know it.
        name: How people call it.
        kind: What happened on the two sides.
        base: The JSON form of what both had last; ``None`` where that was nothing or is unknown.
        ours: That of our side.
        theirs: That of their side.
        opened_at: When it was found first.
        choice: How it was settled; ``None`` while it is open.
        settled_at: When.
    """

    id: UUID
    pair_id: UUID
    target: str
    key: str
    name: str
    kind: str
    base: dict[str, Any] | None
    ours: dict[str, Any] | None
    theirs: dict[str, Any] | None
    opened_at: datetime
    choice: str | None = None
    settled_at: datetime | None = None

    @property
    def sides(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None, dict[str, Any] | None]:
        """Base, ours and theirs."""
        return self.base, self.ours, self.theirs


def open_conflicts(
    tx: Transaction, organisation_id: UUID, pair_id: UUID | None = None
) -> list[ConflictRow]:
    """Return the conflicts that nobody has settled, by target and name."""
    return _conflicts(
        tx.rows(
            """
            select c.id, c.pair_id, p.target, c.key, c.name, c.kind, c.base, c.ours, c.theirs,
                   c.opened_at, c.choice, c.settled_at
            from sync_conflicts c join sync_pairs p on p.id = c.pair_id
            where c.organisation_id = $1 and c.choice is null
              and ($2::uuid is null or c.pair_id = $2::uuid)
            order by p.target, c.name, c.id
            """,
            organisation_id,
            pair_id,
        )
    )


def conflicts_at(
    tx: Transaction, organisation_id: UUID, pair_id: UUID, key: str
) -> list[ConflictRow]:
    """Return all conflicts that there ever were at a key, the newest first."""
    return _conflicts(
        tx.rows(
            """
            select c.id, c.pair_id, p.target, c.key, c.name, c.kind, c.base, c.ours, c.theirs,
                   c.opened_at, c.choice, c.settled_at
            from sync_conflicts c join sync_pairs p on p.id = c.pair_id
            where c.organisation_id = $1 and c.pair_id = $2 and c.key = $3
            order by c.id desc
            """,
            organisation_id,
            pair_id,
            key,
        )
    )


def put_conflicts(tx: Transaction, actor: Actor, rows: Sequence[ConflictRow]) -> None:
    """Keep conflicts."""
    tx.execute(
        """
        insert into sync_conflicts
            (organisation_id, opened_by, id, pair_id, key, name, kind, base, ours, theirs,
             opened_at)
        select $1::uuid, $2::uuid, unnest($3::uuid[]) as id, unnest($4::uuid[]) as pair_id,
               unnest($5::text[]) as key, unnest($6::text[]) as name, unnest($7::text[]) as kind,
               unnest($8::text[]) as base, unnest($9::text[]) as ours,
               unnest($10::text[]) as theirs, unnest($11::timestamp[]) as opened_at
        """,
        actor.organisation_id,
        actor.user_id,
        [row.id for row in rows],
        [row.pair_id for row in rows],
        [row.key for row in rows],
        [row.name for row in rows],
        [row.kind for row in rows],
        [_text(row.base) for row in rows],
        [_text(row.ours) for row in rows],
        [_text(row.theirs) for row in rows],
        [row.opened_at for row in rows],
    )


def settle(  # noqa: PLR0913, PLR0917 - what was decided, by whom and when
    tx: Transaction, actor: Actor, pair_id: UUID, keys: Iterable[str], choice: str, now: datetime
) -> None:
    """Record that the conflicts at ``keys`` are settled."""
    tx.execute(
        """
        update sync_conflicts set choice = $4, settled_by = $5, settled_at = $6
        where organisation_id = $1 and pair_id = $2 and key = any($3::text[]) and choice is null
        """,
        actor.organisation_id,
        pair_id,
        sorted(keys),
        choice,
        actor.user_id,
        now,
    )


def _conflicts(rows: Iterable[tuple[Any, ...]]) -> list[ConflictRow]:
    return [ConflictRow(*[*row[:6], *map(_value, row[6:9]), *row[9:]]) for row in rows]


def _text(value: dict[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _value(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)
