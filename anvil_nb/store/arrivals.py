"""What arrives by the thousand, with an import: rows of all tables, each with few statements."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from anvil_nb.store.identity import new_ids
from anvil_nb.store.sets import SetRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.drafts import Change
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.entries import Leaf
    from anvil_nb.store.organisations import Actor
    from anvil_nb.store.versions import VersionRow

_T = TypeVar("_T")
_ROWS = 5_000
"""The most rows of one statement."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry; ``path`` is that of its set."""

    path: str
    set_id: UUID
    selector: str
    slug: str
    leaf: Leaf
    version: str | None
    tree: str | None


def add_projects(
    tx: Transaction, actor: Actor, rows: Sequence[tuple[UUID, str, str, str]], now: datetime
) -> None:
    """Add projects: id, name, title and description of each.

    Raises:
        UniqueViolationError: when another writer made one of them meanwhile.
    """
    for row in rows:
        tx.execute(
            """
            insert into projects
                (id, organisation_id, slug, title, description, created_at, created_by, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $6)
            """,
            row[0],
            actor.organisation_id,
            *row[1:],
            now,
            actor.user_id,
        )


def add_sets(tx: Transaction, actor: Actor, rows: Sequence[SetRow]) -> None:
    """Add sets as their rows say.

    Raises:
        UniqueViolationError: when another writer made one of them meanwhile.
    """
    for part in _parts(rows):
        tx.execute(
            """
            insert into prompt_sets
                (id, organisation_id, project_id, path, slug, title, description, revision,
                 created_at, created_by, updated_at)
            select unnest($1::uuid[]) as id, $2::uuid, unnest($3::uuid[]) as project_id,
                   unnest($4::text[]) as path, unnest($5::text[]) as slug,
                   unnest($6::text[]) as title, unnest($7::text[]) as description,
                   unnest($8::bigint[]) as revision, $9::timestamp, $10::uuid, $9::timestamp
            """,
            [row.id for row in part],
            actor.organisation_id,
            [row.project_id for row in part],
            [row.path for row in part],
            [row.slug for row in part],
            [row.title for row in part],
            [row.description for row in part],
            [row.revision for row in part],
            part[0].created_at,
            actor.user_id,
        )


def lock_sets(tx: Transaction, writes: Mapping[UUID, int], now: datetime) -> dict[UUID, SetRow]:
    """Count writes to sets, and keep other writers out until the transaction ends.

    Args:
        tx: Where to write.
        writes: How many, by the set; taken in order of the ids, so that nobody waits crosswise.
        now: When.

    Returns:
        The sets as they are now, by id; those that are gone are left out.
    """
    found: dict[UUID, SetRow] = {}
    for set_id, number in sorted(writes.items()):
        row = tx.row(
            """
            update prompt_sets
            set revision = revision + $3, updated_at = greatest(updated_at, $2)
            where id = $1
            returning id, project_id, path, slug, title, description, revision, created_at,
                      updated_at
            """,
            set_id,
            now,
            number,
        )
        if row is not None:
            found[set_id] = SetRow(*row)
    return found


def missing(tx: Transaction, organisation_id: UUID, digests: Sequence[str]) -> list[str]:
    """Return those of ``digests`` whose contents are not there."""
    rows = tx.rows(
        """
        select digest from objects
        where organisation_id = $1 and digest in (select unnest($2::text[]) as digest)
        """,
        organisation_id,
        list(digests),
    )
    there = {row[0] for row in rows}
    return [digest for digest in digests if digest not in there]


def add_bodies(tx: Transaction, organisation_id: UUID, bodies: Mapping[str, str]) -> None:
    """Store contents that are not there, by their digests and canonical JSON, which was checked."""
    read = [json.loads(body) for body in bodies.values()]
    tx.execute(
        """
        insert into objects (organisation_id, digest, body, summary, content)
        select $1::uuid, unnest($2::text[]) as digest, unnest($3::text[]) as body,
               unnest($4::text[]) as summary, unnest($5::text[]) as content
        """,
        organisation_id,
        list(bodies),
        list(bodies.values()),
        [
            "\n".join((one["metadata"]["description"], *one["metadata"]["tags"])).casefold()
            for one in read
        ],
        [one["template"].casefold() for one in read],
    )


def add_versions(tx: Transaction, actor: Actor, rows: Sequence[VersionRow]) -> None:
    """Add versions.

    Raises:
        UniqueViolationError: when another writer took one of the numbers meanwhile.
    """
    for part in _parts(rows):
        tx.execute(
            """
            insert into versions
                (id, organisation_id, set_id, number, digest, message, bump, reasons, source,
                 sequence, published_by, published_at)
            select unnest($1::uuid[]) as id, $2::uuid, unnest($3::uuid[]) as set_id,
                   unnest($4::text[]) as number, unnest($5::text[]) as digest,
                   unnest($6::text[]) as message, unnest($7::text[]) as bump,
                   unnest($8::text[]) as reasons, unnest($9::text[]) as source,
                   unnest($10::bigint[]) as sequence, $11::uuid,
                   unnest($12::timestamp[]) as published_at
            """,
            [row.id for row in part],
            actor.organisation_id,
            [row.set_id for row in part],
            [row.number for row in part],
            [row.digest for row in part],
            [row.message for row in part],
            [row.bump for row in part],
            [json.dumps(row.reasons, ensure_ascii=False) for row in part],
            [row.source for row in part],
            [row.sequence for row in part],
            actor.user_id,
            [row.published_at for row in part],
        )


def add_entries(tx: Transaction, actor: Actor, rows: Iterable[EntryRow]) -> None:
    """Add entries where there are none. They are taken as they are written, not all at once."""
    rest = iter(rows)
    while part := list(islice(rest, _ROWS)):
        tx.execute(
            """
            insert into entries
                (organisation_id, address, set_id, selector, slug, prompt_id, digest, version,
                 tree)
            select $1::uuid, unnest($2::text[]) as address, unnest($3::uuid[]) as set_id,
                   unnest($4::text[]) as selector, unnest($5::text[]) as slug,
                   unnest($6::uuid[]) as prompt_id, unnest($7::text[]) as digest,
                   unnest($8::text[]) as version, unnest($9::text[]) as tree
            """,
            actor.organisation_id,
            [f"{row.path}/{row.slug}@{row.selector}" for row in part],
            [row.set_id for row in part],
            [row.selector for row in part],
            [row.slug for row in part],
            [row.leaf.prompt_id for row in part],
            [row.leaf.digest for row in part],
            [row.version for row in part],
            [row.tree for row in part],
        )


def add_draft_log(
    tx: Transaction,
    actor: Actor,
    rows: Sequence[tuple[UUID, int, Change]],
    *,
    message: str,
    now: datetime,
) -> None:
    """Record changes of many drafts: set, sequence and change of each."""
    for part in _parts(rows):
        tx.execute(
            """
            insert into draft_log
                (id, organisation_id, set_id, sequence, prompt_id, slug, action, digest, previous,
                 message, actor_id, saved_at)
            select unnest($1::uuid[]) as id, $2::uuid, unnest($3::uuid[]) as set_id,
                   unnest($4::bigint[]) as sequence, unnest($5::uuid[]) as prompt_id,
                   unnest($6::text[]) as slug, unnest($7::text[]) as action,
                   unnest($8::text[]) as digest, unnest($9::text[]) as previous, $10::text,
                   $11::uuid, $12::timestamp
            """,
            new_ids(len(part)),
            actor.organisation_id,
            [row[0] for row in part],
            [row[1] for row in part],
            [row[2].prompt_id for row in part],
            [row[2].slug for row in part],
            [row[2].action for row in part],
            [row[2].digest for row in part],
            [row[2].previous for row in part],
            message,
            actor.user_id,
            now,
        )


def _parts(rows: Sequence[_T]) -> Iterable[Sequence[_T]]:
    return (rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS))
