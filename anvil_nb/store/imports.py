"""Imports: the record of each, and where the sets and versions that they brought came from."""

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


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import.

    Args:
        id: Of the record.
        bundle: Digest of the bundle's manifest.
        file: Digest of the file that was read.
        source: The file's name.
        signers: Key ids and names.
        decisions: The strategy, and the choice for each conflict.
        made: What it did, for its report and to undo it.
        by: The name of who imported.
        at: When.
        undone_at: When it was undone; ``None`` while it stands.
    """

    id: UUID
    bundle: str
    file: str
    source: str
    signers: list[dict[str, Any]]
    decisions: dict[str, Any]
    made: dict[str, Any]
    by: str
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionOrigin:
    """Where a version came from: its number and digest in the bundle, and who published it."""

    version_id: UUID
    set_id: UUID
    number: str
    digest: str
    published_by: str


def insert(tx: Transaction, actor: Actor, row: ImportRow) -> None:
    """Record an import."""
    tx.execute(
        """
        insert into imports
            (id, organisation_id, bundle, file, source, signers, decisions, made, imported_by,
             imported_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        row.id,
        actor.organisation_id,
        row.bundle,
        row.file,
        row.source,
        _text(row.signers),
        _text(row.decisions),
        _text(row.made),
        actor.user_id,
        row.at,
    )


def listed(tx: Transaction, organisation_id: UUID, limit: int) -> list[ImportRow]:
    """Return the newest imports, newest first."""
    rows = tx.rows(
        """
        select i.id, i.bundle, i.file, i.source, i.signers, i.decisions, i.made,
               coalesce(u.name, ''), i.imported_at, i.undone_at
        from imports i left join users u on u.id = i.imported_by
        where i.organisation_id = $1 order by i.imported_at desc, i.id desc limit $2
        """,
        organisation_id,
        limit,
    )
    return [_row(row) for row in rows]


def find(tx: Transaction, organisation_id: UUID, prefix: str) -> list[ImportRow]:
    """Return the imports whose ids begin with ``prefix``; two at most."""
    rows = tx.rows(
        """
        select i.id, i.bundle, i.file, i.source, i.signers, i.decisions, i.made,
               coalesce(u.name, ''), i.imported_at, i.undone_at
        from imports i left join users u on u.id = i.imported_by
        where i.organisation_id = $1 and starts_with(cast(i.id as text), $2) limit 2
        """,
        organisation_id,
        prefix,
    )
    return [_row(row) for row in rows]


def of_bundle(tx: Transaction, organisation_id: UUID, bundle: str) -> bool:
    """Tell whether a bundle was imported, and that import stands."""
    row = tx.row(
        """
        select 1 from imports
        where organisation_id = $1 and bundle = $2 and undone_at is null limit 1
        """,
        organisation_id,
        bundle,
    )
    return row is not None


def standing(tx: Transaction, organisation_id: UUID) -> list[ImportRow]:
    """Return all imports that were not undone, newest first."""
    rows = tx.rows(
        """
        select i.id, i.bundle, i.file, i.source, i.signers, i.decisions, i.made,
               coalesce(u.name, ''), i.imported_at, i.undone_at
        from imports i left join users u on u.id = i.imported_by
        where i.organisation_id = $1 and i.undone_at is null
        order by i.imported_at desc, i.id desc
        """,
        organisation_id,
    )
    return [_row(row) for row in rows]


def update_made(tx: Transaction, import_id: UUID, made: dict[str, Any]) -> None:
    """Record anew what undoing an import needs."""
    tx.execute("update imports set made = $2 where id = $1", import_id, _text(made))


def mark_undone(tx: Transaction, actor: Actor, import_id: UUID, now: datetime) -> None:
    """Record that an import was undone."""
    tx.execute(
        """
        update imports set undone_by = $3, undone_at = $4
        where organisation_id = $1 and id = $2
        """,
        actor.organisation_id,
        import_id,
        actor.user_id,
        now,
    )


def set_origins(
    tx: Transaction, organisation_id: UUID, origins: Iterable[UUID]
) -> dict[tuple[UUID, str], UUID]:
    """Return which of our sets came from which: by its id in the bundle and the path wanted."""
    rows = tx.rows(
        """
        select o.origin_id, o.path, o.set_id
        from set_origins o join prompt_sets s on s.id = o.set_id
        where o.organisation_id = $1 and o.origin_id = any($2::uuid[])
        """,
        organisation_id,
        list(origins),
    )
    return {(origin, path): set_id for origin, path, set_id in rows}


def add_set_origins(
    tx: Transaction, actor: Actor, import_id: UUID, rows: Sequence[tuple[UUID, str, UUID]]
) -> None:
    """Record origin id, path wanted and set id of sets; those of sets that are gone give way."""
    if not rows:
        return
    tx.execute(
        """
        insert into set_origins (organisation_id, origin_id, path, set_id, import_id)
        select $1::uuid, unnest($2::uuid[]) as origin_id, unnest($3::text[]) as path,
               unnest($4::uuid[]) as set_id, $5::uuid
        on conflict (organisation_id, origin_id, path) do update
        set set_id = excluded.set_id, import_id = excluded.import_id
        """,
        actor.organisation_id,
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        import_id,
    )


def version_origins(tx: Transaction, set_ids: Iterable[UUID]) -> dict[tuple[UUID, str, str], str]:
    """Return what versions from elsewhere are here: by set, number and digest there."""
    rows = tx.rows(
        """
        select o.set_id, o.number, o.digest, v.number
        from version_origins o join versions v on v.id = o.version_id
        where o.set_id = any($1::uuid[])
        """,
        list(set_ids),
    )
    return {(set_id, number, digest): here for set_id, number, digest, here in rows}


def add_version_origins(
    tx: Transaction, actor: Actor, import_id: UUID, rows: Sequence[VersionOrigin]
) -> None:
    """Record where versions came from."""
    if not rows:
        return
    tx.execute(
        """
        insert into version_origins
            (version_id, organisation_id, set_id, number, digest, published_by, import_id)
        select unnest($1::uuid[]) as version_id, $2::uuid, unnest($3::uuid[]) as set_id,
               unnest($4::text[]) as number, unnest($5::text[]) as digest,
               unnest($6::text[]) as published_by, $7::uuid
        """,
        [row.version_id for row in rows],
        actor.organisation_id,
        [row.set_id for row in rows],
        [row.number for row in rows],
        [row.digest for row in rows],
        [row.published_by for row in rows],
        import_id,
    )


def remove_origins(tx: Transaction, import_id: UUID) -> None:
    """Forget what an import that is undone has brought."""
    tx.execute("delete from set_origins where import_id = $1", import_id)
    tx.execute("delete from version_origins where import_id = $1", import_id)


def _row(row: tuple[Any, ...]) -> ImportRow:
    return ImportRow(*row[:4], *(json.loads(text) for text in row[4:7]), *row[7:])


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
