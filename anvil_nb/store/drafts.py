"""The history of drafts: every save, removal and rename, with what stood there before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.store.identity import new_id, new_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor
    from anvil_nb.store.sets import SetRow


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


def append(
    tx: Transaction, actor: Actor, row: SetRow, changes: Sequence[Change], *, message: str
) -> None:
    """Record changes of a draft.

    Args:
        tx: Where to write.
        actor: Who made them.
        row: The set, locked: its revision and time are those of the changes.
        changes: At most one for each name.
        message: Why.
    """
    if len(changes) == 1:
        _append_one(tx, actor, row, changes[0], message)
        return
    tx.execute(
        """
        insert into draft_log
            (id, organisation_id, set_id, sequence, prompt_id, slug, action, digest, previous,
             message, actor_id, saved_at)
        select unnest($1::uuid[]) as id, $2::uuid, $3::uuid, $4::bigint,
               unnest($5::uuid[]) as prompt_id, unnest($6::text[]) as slug,
               unnest($7::text[]) as action, unnest($8::text[]) as digest,
               unnest($9::text[]) as previous, $10::text, $11::uuid, $12::timestamp
        """,
        new_ids(len(changes)),
        actor.organisation_id,
        row.id,
        row.revision,
        [change.prompt_id for change in changes],
        [change.slug for change in changes],
        [change.action for change in changes],
        [change.digest for change in changes],
        [change.previous for change in changes],
        message,
        actor.user_id,
        row.updated_at,
    )


def _append_one(tx: Transaction, actor: Actor, row: SetRow, change: Change, message: str) -> None:
    """Record one change: DuckDB takes a third less for values than for arrays of them."""
    tx.execute(
        """
        insert into draft_log
            (id, organisation_id, set_id, sequence, prompt_id, slug, action, digest, previous,
             message, actor_id, saved_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        new_id(),
        actor.organisation_id,
        row.id,
        row.revision,
        change.prompt_id,
        change.slug,
        change.action,
        change.digest,
        change.previous,
        message,
        actor.user_id,
        row.updated_at,
    )


def log(
    tx: Transaction, set_id: UUID, slug: str | None, before: tuple[int, str], limit: int
) -> list[LogRow]:
    """Return the history of a draft, newest first.

    Args:
        tx: Where to read.
        set_id: Whose draft.
        slug: One prompt only, under any name it had; ``None`` for all.
        before: Sequence and name of the last line of the page before.
        limit: How many at most.
    """
    rows = tx.rows(
        """
        select d.sequence, d.prompt_id, d.slug, d.action, d.digest, d.previous, d.message,
               coalesce(u.name, ''), d.saved_at
        from draft_log d left join users u on u.id = d.actor_id
        where d.set_id = $1
              and (d.sequence < $3 or (d.sequence = $3 and d.slug collate "C" > $4))
              and ($2::text is null
                   or d.prompt_id in (select prompt_id from draft_log
                                      where set_id = $1 and slug = $2::text))
        order by d.sequence desc, d.slug collate "C" limit $5
        """,
        set_id,
        slug,
        *before,
        limit,
    )
    return [LogRow(*row) for row in rows]


def digests_of(tx: Transaction, set_id: UUID, slug: str, prefix: str) -> list[str]:
    """Return at most two digests that begin with ``prefix``, of what the draft has had at a name.

    A prompt that had the name once is looked at under all its names, as ``log`` shows it.
    """
    rows = tx.rows(
        """
        select distinct digest from draft_log
        where set_id = $1 and starts_with(digest, $3)
              and prompt_id in (select prompt_id from draft_log where set_id = $1 and slug = $2)
        order by digest limit 2
        """,
        set_id,
        slug,
        prefix,
    )
    return [row[0] for row in rows]


def last_of(
    tx: Transaction, set_id: UUID, wanted: Mapping[str, tuple[UUID, Sequence[str]]]
) -> dict[str, str]:
    """Return for each of many names that of its digests which its prompt had last, if any.

    What an import brought that was undone does not count: it is as if it had not come.

    Args:
        tx: Where to read.
        set_id: Whose draft.
        wanted: A prompt of the draft and digests, by any names.
    """
    asked = [
        (name, prompt_id, digest)
        for name, (prompt_id, digests) in wanted.items()
        for digest in digests
    ]
    if not asked:
        return {}
    rows = tx.rows(
        """
        with wanted as (
            select unnest($2::text[]) as name, unnest($3::uuid[]) as prompt_id,
                   unnest($4::text[]) as digest
        ),
        undone as (
            select prompt_id, previous as digest, max(sequence) as sequence from draft_log
            where set_id = $1 and action = 'undo' group by prompt_id, previous
        )
        select w.name, d.digest
        from draft_log d
        join wanted w on w.prompt_id = d.prompt_id and w.digest = d.digest
        left join undone u on u.prompt_id = d.prompt_id and u.digest = d.digest
        where d.set_id = $1 and (u.sequence is null or u.sequence <= d.sequence)
        order by d.sequence
        """,
        set_id,
        *(list(column) for column in zip(*asked, strict=True)),
    )
    return dict(rows)


def was_there(tx: Transaction, set_id: UUID, slug: str) -> bool:
    """Tell whether the draft ever had a prompt of that name."""
    row = tx.row("select 1 from draft_log where set_id = $1 and slug = $2 limit 1", set_id, slug)
    return row is not None


def id_for(tx: Transaction, set_id: UUID, slug: str) -> UUID:
    """Return the id for a name that is not in the draft: ``ids_for`` says which."""
    return ids_for(tx, set_id, [slug])[slug]


def ids_for(tx: Transaction, set_id: UUID, slugs: Sequence[str]) -> dict[str, UUID]:
    """Return the ids for names that are not in the draft.

    A name goes on with the prompt that last had it, so that its history does too; but not where
    that prompt is in the draft under another name.
    """
    rows = tx.rows(
        """
        select d.slug, d.prompt_id from draft_log d
        where d.set_id = $1 and d.slug = any($2::text[])
              and d.prompt_id not in (select e.prompt_id from entries e
                                      where e.set_id = $1 and e.selector = 'draft')
        order by d.sequence
        """,
        set_id,
        list(slugs),
    )
    last: dict[str, UUID] = dict(rows)
    # Two of the names may have belonged to one prompt; it goes on under the first.
    free = set(last.values())
    made: dict[str, UUID] = {}
    for slug in slugs:
        found = last.get(slug)
        made[slug] = found if found in free else new_id()
        free.discard(made[slug])
    return made
