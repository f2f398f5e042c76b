"""The history of drafts: every save, removal and rename, with what stood there before."""

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


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a draft: ``digest`` is what it left, ``None`` where it removed the prompt."""

    prompt_id: UUID
    slug: str
    action: str
    digest: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of a draft's history."""

    sequence: int
    prompt_id: UUID
    slug: str
    action: str
    digest: str | None
    previous: str | None
    message: str
    actor: str
    at: datetime


def append(  # noqa: PLR0913 - the columns
    tx: Transaction,
    actor: Actor,
    set_id: UUID,
    sequence: int,
    changes: Sequence[Change],
    *,
    message: str,
    at: datetime,
) -> None:
    """Record changes of a draft."""
    tx.execute(
        """
        insert into draft_log
            (id, organisation_id, set_id, sequence, prompt_id, slug, action, digest, previous,
             message, actor_id, saved_at)
        select unnest($1::uuid[]), $2::uuid, $3::uuid, $4::bigint, unnest($5::uuid[]),
               unnest($6::text[]), unnest($7::text[]), unnest($8::text[]), unnest($9::text[]),
               $10::text, $11::uuid, $12::timestamp
        """,
        [new_id() for _ in changes],
        actor.organisation_id,
        set_id,
        sequence,
        [change.prompt_id for change in changes],
        [change.slug for change in changes],
        [change.action for change in changes],
        [change.digest for change in changes],
        [change.previous for change in changes],
        message,
        actor.user_id,
        at,
    )


def log(
    tx: Transaction, set_id: UUID, slug: str | None, before: int, limit: int
) -> list[LogRow]:
    """Return the history of a draft, newest first.

    Args:
        tx: Where to read.
        set_id: Whose draft.
        slug: One prompt only, under any name it had; ``None`` for all.
        before: Only what has a lower sequence.
        limit: How many at most.
    """
    rows = tx.rows(
        """
        select d.sequence, d.prompt_id, d.slug, d.action, d.digest, d.previous, d.message,
               coalesce(u.name, ''), d.saved_at
        from draft_log d left join users u on u.id = d.actor_id
        where d.set_id = $1 and d.sequence < $3
              and ($2::text is null
                   or d.prompt_id in (select prompt_id from draft_log
                                      where set_id = $1 and slug = $2::text))
        order by d.sequence desc, d.slug limit $4
        """,
        set_id,
        slug,
        before,
        limit,
    )
    return [LogRow(*row) for row in rows]


def last_id_of(tx: Transaction, set_id: UUID, slug: str) -> UUID | None:
    """Return the id of the prompt that last had the name ``slug``, or ``None``."""
    row = tx.row(
        "select prompt_id from draft_log where set_id = $1 and slug = $2 "
        "order by sequence desc limit 1",
        set_id,
        slug,
    )
    return None if row is None else row[0]


def digests_of(tx: Transaction, set_id: UUID, prompt_id: UUID, prefix: str) -> list[str]:
    """Return at most two digests that a prompt's draft has had and that begin with ``prefix``."""
    rows = tx.rows(
        """
        select distinct digest from draft_log
        where set_id = $1 and prompt_id = $2 and starts_with(digest, $3) order by digest limit 2
        """,
        set_id,
        prompt_id,
        prefix,
    )
    return [row[0] for row in rows]


def last_ids(tx: Transaction, set_id: UUID) -> dict[str, UUID]:
    """Return the id of the prompt that last had each name."""
    rows = tx.rows(
        "select slug, prompt_id from draft_log where set_id = $1 order by sequence", set_id
    )
    return dict(rows)
