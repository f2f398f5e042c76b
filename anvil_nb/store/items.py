"""Items: skills, content, agents and contexts, as they stand and as they were.

The files of an item are its truth, kept byte for byte as blobs; ``fields`` are what was read from
them, and ``digest`` is that of the files. Changing them is ``item_changes``'s, whose names stand
here too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anvil_nb.domain.filetree import leaf_from_json
from anvil_nb.domain.sync.tree import Entry, Tree
from anvil_nb.store.item_changes import (
    ItemDelete,
    ItemWrite,
    Written,
    delete,
    derived_id,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.store.engine import Transaction

__all__ = [
    "ItemChange",
    "ItemDelete",
    "ItemRow",
    "ItemWrite",
    "Written",
    "delete",
    "derived_id",
    "find",
    "find_by_id",
    "find_many",
    "keys_of",
    "log",
    "page",
    "tree_of",
    "was",
    "write",
]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item as it stands."""

    id: UUID
    kind: str
    key: str
    digest: str
    leaves: tuple[Leaf, ...]
    place: dict[str, Json]
    fields: dict[str, Json]
    extra: dict[str, Json]
    created_at: datetime
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One line of an item's history: its files as they were left, or as a delete found them."""

    id: UUID
    item_id: UUID
    key: str
    action: str
    before: str | None
    after: str | None
    leaves: tuple[Leaf, ...]
    place: dict[str, Json]
    extra: dict[str, Json]
    why: str
    changed_by: str
    changed_at: datetime

    @property
    def digest(self) -> str:
        """Of ``leaves``."""
        return self.after or self.before or ""


def tree_of(tx: Transaction, organisation_id: UUID, kind: str) -> Tree:
    """Return all items of a kind; ``meta`` of an entry has its ``id`` and its place on disk."""
    rows = tx.rows(
        "select id, key, digest, files, place from items where organisation_id = $1 and kind = $2",
        organisation_id,
        kind,
    )
    entries = {
        key: Entry(key, digest, _leaves(files), key, {"id": str(item_id), **json.loads(place)})
        for item_id, key, digest, files, place in rows
    }
    gone = tx.rows(
        "select key, digest from tombstones where organisation_id = $1 and kind = $2",
        organisation_id,
        kind,
    )
    return Tree(entries, gone={key: digest for key, digest in gone if key not in entries})


def hold(tx: Transaction, organisation_id: UUID, kind: str, key: str) -> None:
    """Let other writers of an item wait until this transaction ends; nothing where there is none.

    On DuckDB they wait already.
    """
    tx.execute(
        """
        update items set updated_at = updated_at
        where organisation_id = $1 and kind = $2 and key = $3
        """,
        organisation_id,
        kind,
        key,
    )


def find(tx: Transaction, organisation_id: UUID, kind: str, key: str) -> ItemRow | None:
    """Return an item, or ``None``."""
    return find_many(tx, organisation_id, kind, [key]).get(key)


def find_many(
    tx: Transaction, organisation_id: UUID, kind: str, keys: Iterable[str]
) -> dict[str, ItemRow]:
    """Return items by key; those that are not there are left out."""
    rows = tx.rows(
        """
        select i.id, i.kind, i.key, i.digest, i.files, i.place, i.fields, i.extra, i.created_at,
               i.updated_at, coalesce(u.name, '')
        from items i left join users u on u.id = i.updated_by
        where i.organisation_id = $1 and i.kind = $2 and i.key = any($3::text[])
        """,
        organisation_id,
        kind,
        sorted(set(keys)),
    )
    return {row[2]: _item(row) for row in rows}


def find_by_id(tx: Transaction, organisation_id: UUID, item_id: UUID) -> ItemRow | None:
    """Return the item with an id, or ``None``."""
    row = tx.row(
        """
        select i.id, i.kind, i.key, i.digest, i.files, i.place, i.fields, i.extra, i.created_at,
               i.updated_at, coalesce(u.name, '')
        from items i left join users u on u.id = i.updated_by
        where i.organisation_id = $1 and i.id = $2
        """,
        organisation_id,
        item_id,
    )
    return None if row is None else _item(row)


def page(  # noqa: PLR0913, PLR0917 - what a page may say
    tx: Transaction, organisation_id: UUID, kind: str, prefix: str, after: str | None, limit: int
) -> list[ItemRow]:
    """Return items in order of their keys.

    Args:
        tx: Where to read.
        organisation_id: Whose.
        kind: Which.
        prefix: How the keys begin.
        after: The last key of the page before; ``None`` for the first page.
        limit: How many at most.
    """
    rows = tx.rows(
        """
        select i.id, i.kind, i.key, i.digest, i.files, i.place, i.fields, i.extra, i.created_at,
               i.updated_at, coalesce(u.name, '')
        from items i left join users u on u.id = i.updated_by
        where i.organisation_id = $1 and i.kind = $2 and starts_with(i.key, $3)
              and ($4::text is null or i.key collate "C" > $4::text)
        order by i.key collate "C" limit $5
        """,
        organisation_id,
        kind,
        prefix,
        after,
        limit,
    )
    return [_item(row) for row in rows]


def keys_of(tx: Transaction, organisation_id: UUID, kind: str) -> list[str]:
    """Return the keys of all items of a kind, in order."""
    rows = tx.rows(
        """
        select key from items where organisation_id = $1 and kind = $2 order by key collate "C"
        """,
        organisation_id,
        kind,
    )
    return [row[0] for row in rows]


def log(  # noqa: PLR0913, PLR0917 - what a page may say
    tx: Transaction, organisation_id: UUID, kind: str, key: str, after: UUID | None, limit: int
) -> list[ItemChange]:
    """Return the changes of an item under all keys that it had, newest first.

    Args:
        tx: Where to read.
        organisation_id: Whose.
        kind: Of the item.
        key: That it has, or had.
        after: The id of the last line of the page before; ``None`` for the first page.
        limit: How many at most.
    """
    rows = tx.rows(
        """
        select l.id, l.item_id, l.key, l.action, l.digest_before, l.digest_after, l.files, l.place,
               l.extra, l.why, coalesce(u.name, ''), l.changed_at
        from item_log l left join users u on u.id = l.changed_by
        where l.item_id in (select item_id from item_log
                            where organisation_id = $1 and kind = $2 and key = $3)
              and l.organisation_id = $1
              and ($4::uuid is null
                   or l.changed_at < (select changed_at from item_log where id = $4::uuid)
                   or (l.changed_at = (select changed_at from item_log where id = $4::uuid)
                       and l.id < $4::uuid))
        order by l.changed_at desc, l.id desc limit $5
        """,
        organisation_id,
        kind,
        key,
        after,
        limit,
    )
    return [_change(row) for row in rows]


def was(
    tx: Transaction, organisation_id: UUID, kind: str, key: str, prefix: str
) -> list[ItemChange]:
    """Return what an item was under all keys that it had, by the beginning of its digest.

    Returns:
        The newest line of the history for each such digest, newest first.
    """
    rows = tx.rows(
        """
        select l.id, l.item_id, l.key, l.action, l.digest_before, l.digest_after, l.files, l.place,
               l.extra, l.why, coalesce(u.name, ''), l.changed_at
        from item_log l left join users u on u.id = l.changed_by
        where l.item_id in (select item_id from item_log
                            where organisation_id = $1 and kind = $2 and key = $3)
              and l.organisation_id = $1
              and starts_with(coalesce(l.digest_after, l.digest_before), $4)
        order by l.changed_at desc, l.id desc
        """,
        organisation_id,
        kind,
        key,
        prefix,
    )
    newest: dict[str, ItemChange] = {}
    for row in rows:
        one = _change(row)
        newest.setdefault(one.digest, one)
    return list(newest.values())


def _item(row: tuple[Any, ...]) -> ItemRow:
    item_id, kind, key, digest, files, place, fields, extra, made, changed, by = row
    return ItemRow(
        id=item_id,
        kind=kind,
        key=key,
        digest=digest,
        leaves=_leaves(files),
        place=json.loads(place),
        fields=json.loads(fields),
        extra=json.loads(extra),
        created_at=made,
        updated_at=changed,
        updated_by=by,
    )


def _change(row: tuple[Any, ...]) -> ItemChange:
    line_id, item_id, key, action, before, after, files, place, extra, why, by, at = row
    return ItemChange(
        id=line_id,
        item_id=item_id,
        key=key,
        action=action,
        before=before,
        after=after,
        leaves=_leaves(files),
        place=json.loads(place),
        extra=json.loads(extra),
        why=why,
        changed_by=by,
        changed_at=at,
    )


def _leaves(files: str) -> tuple[Leaf, ...]:
    return tuple(map(leaf_from_json, json.loads(files)))
