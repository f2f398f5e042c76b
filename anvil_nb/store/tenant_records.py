"""The items that are records: agents, skills and contexts, all of them at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anvil_nb.domain.filetree import leaf_from_json
from anvil_nb.domain.records import LISTS, digest_of_record
from anvil_nb.store.item_statements import are_fewer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One record as it stands, but for what was read from its files.

    Args:
        id: Lasting.
        kind: Of the item.
        key: Of the item.
        item_digest: Of its files.
        digest: Of the record.
        leaves: Its files.
        place: Where it belongs on disk.
        extra: What nobody here knows.
        created_at: UTC.
        updated_at: UTC.
    """

    id: UUID
    kind: Kind
    key: str
    item_digest: str
    digest: str
    leaves: tuple[Leaf, ...]
    place: Mapping[str, Json]
    extra: Mapping[str, Json]
    created_at: datetime
    updated_at: datetime


def every(tx: Transaction, organisation_id: UUID) -> list[RecordRow]:
    """Return all records, by kind and key."""
    rows = tx.rows(
        """
        select id, kind, key, digest, files, place, extra, created_at, updated_at
        from items where organisation_id = $1 and kind = any($2::text[])
        order by kind, key collate "C"
        """,
        organisation_id,
        list(LISTS),
    )
    return _records(rows)


def with_ids(
    tx: Transaction, organisation_id: UUID, ids: Collection[UUID]
) -> dict[UUID, RecordRow]:
    """Return those records that have one of these ids, by it."""
    if are_fewer(tx, organisation_id, len(ids)):
        wanted = set(ids)
        return {one.id: one for one in every(tx, organisation_id) if one.id in wanted}
    rows = tx.rows(
        """
        select id, kind, key, digest, files, place, extra, created_at, updated_at
        from items where organisation_id = $1 and kind = any($2::text[]) and id = any($3::uuid[])
        """,
        organisation_id,
        list(LISTS),
        list(ids),
    )
    return {one.id: one for one in _records(rows)}


def fields_of(
    tx: Transaction, organisation_id: UUID, ids: Collection[UUID]
) -> dict[UUID, dict[str, Json]]:
    """Return what was read from the files of some records, by id."""
    rows = tx.rows(
        "select id, fields from items where organisation_id = $1 and id = any($2::uuid[])",
        organisation_id,
        sorted(ids),
    )
    return {item_id: json.loads(fields) for item_id, fields in rows}


def taken_keys(tx: Transaction, organisation_id: UUID, kind: str) -> set[str]:
    """Return the keys that items of a kind have."""
    rows = tx.rows(
        "select key from items where organisation_id = $1 and kind = $2", organisation_id, kind
    )
    return {row[0] for row in rows}


def _records(rows: Sequence[tuple[Any, ...]]) -> list[RecordRow]:
    # As one text: there are thousands, and each call of the reader costs more than what it reads.
    files = json.loads(f"[{','.join([row[4] for row in rows])}]")
    return [
        _record(item_id, kind, key, digest, one, *rest)
        for (item_id, kind, key, digest, _, *rest), one in zip(rows, files, strict=True)
    ]


def _record(  # noqa: PLR0913, PLR0917 - the columns
    item_id: UUID,
    kind: Kind,
    key: str,
    digest: str,
    files: list[list[Json]],
    place: str,
    extra: str,
    created_at: datetime,
    updated_at: datetime,
) -> RecordRow:
    besides = json.loads(extra) if extra != "{}" else {}
    return RecordRow(
        item_id,
        kind,
        key,
        digest,
        digest_of_record(kind, key, digest, besides),
        tuple(map(leaf_from_json, files)),
        json.loads(place) if place != "{}" else {},
        besides,
        created_at,
        updated_at,
    )
