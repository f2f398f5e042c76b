"""The statements that change items, their tombstones and their history, each for many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anvil_nb.store.identity import new_id_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor

CREATED, CHANGED, DELETED, RENAMED = "created", "changed", "deleted", "renamed"
"""What a line of the history tells of."""


_MANY: Final = 1_000
"""So many keys and ids take longer to say than to count what there is."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a change has to know of an item that stands, or stood; JSON as it is kept."""

    id: UUID
    kind: str
    key: str
    digest: str
    files: str
    place: str
    extra: str


@dataclass(frozen=True, slots=True)
class FullRow:
    """All that is written of an item.

    Args:
        row: As it will stand.
        fields: JSON: what was read from its files.
        expect: The digest that must stand; ``None`` for one that is new.
        was: The key that it had; ``None`` for one that is new.
        created_at: Of one that is new.
        updated_at: Of any.
    """

    row: Row
    fields: str
    expect: str | None
    was: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A line for the history: ``row`` is what it left, or what it took away."""

    row: Row
    action: str
    before: str | None


def are_fewer(tx: Transaction, organisation_id: UUID, number: int) -> bool:
    """Tell whether there are fewer items than some thousands that are asked for.

    Then it takes less to read them all than to say which ones.
    """
    if number < _MANY:
        return False
    row = tx.row("select count(*) from items where organisation_id = $1", organisation_id)
    return row is not None and row[0] < number


def standing(
    tx: Transaction,
    organisation_id: UUID,
    kinds: Sequence[str],
    keys: Sequence[str],
    ids: Sequence[UUID],
) -> list[Row]:
    """Return the items that have one of these ids, or one of the kinds and one of the keys.

    Others may be among them.
    """
    if are_fewer(tx, organisation_id, len(keys)):
        rows = tx.rows(
            """
            select id, kind, key, digest, files, place, extra from items
            where organisation_id = $1
            """,
            organisation_id,
        )
    else:
        rows = tx.rows(
            """
            select id, kind, key, digest, files, place, extra from items
            where organisation_id = $1
                  and ((kind = any($2::text[]) and key = any($3::text[])) or id = any($4::uuid[]))
            """,
            organisation_id,
            list(kinds),
            list(keys),
            list(ids),
        )
    return [Row(*row) for row in rows]


_CREATE_ALONE: Final = """
    insert into items
        (organisation_id, id, kind, key, digest, files, place, fields, extra, created_at,
         updated_at, updated_by)
    select $1::uuid, n.id, n.kind, n.key, n.digest, n.files, n.place, n.fields, n.extra,
           n.created_at, n.updated_at, $12::uuid
    from (select unnest($2::uuid[]) as id, unnest($3::text[]) as kind, unnest($4::text[]) as key,
                 unnest($5::text[]) as digest, unnest($6::text[]) as files,
                 unnest($7::text[]) as place, unnest($8::text[]) as fields,
                 unnest($9::text[]) as extra, unnest($10::timestamp[]) as created_at,
                 unnest($11::timestamp[]) as updated_at) n
    """
_CREATE: Final = _CREATE_ALONE + "on conflict do nothing returning id"


def create(tx: Transaction, actor: Actor, rows: Sequence[FullRow]) -> set[UUID]:
    """Add items, and return the ids of those whose key and id were free."""
    if not rows:
        return set()
    ids = [one.row.id for one in rows]
    seen = tx.alone and len(set(ids)) == len(ids)  # that all are free, when these were read
    values = (
        actor.organisation_id,
        ids,
        [one.row.kind for one in rows],
        [one.row.key for one in rows],
        [one.row.digest for one in rows],
        [one.row.files for one in rows],
        [one.row.place for one in rows],
        [one.fields for one in rows],
        [one.row.extra for one in rows],
        [one.created_at for one in rows],
        [one.updated_at for one in rows],
        actor.user_id,
    )
    if seen:
        tx.execute(_CREATE_ALONE, *values)
        return set(ids)
    return {row[0] for row in tx.rows(_CREATE, *values)}


def change(tx: Transaction, actor: Actor, rows: Sequence[FullRow]) -> set[UUID]:
    """Change items, and return the ids of those that were still as expected."""
    if not rows:
        return set()
    # In one order for everybody, as far as the engine keeps to it.
    ordered = sorted(rows, key=lambda one: one.row.id)
    changed = tx.rows(
        """
        update items
        set digest = n.digest, files = n.files, place = n.place, fields = n.fields,
            extra = n.extra, updated_at = n.updated_at, updated_by = $2
        from (select unnest($3::uuid[]) as id, unnest($4::text[]) as expect,
                     unnest($5::text[]) as digest, unnest($6::text[]) as files,
                     unnest($7::text[]) as place, unnest($8::text[]) as fields,
                     unnest($9::text[]) as extra, unnest($10::timestamp[]) as updated_at) n
        where items.organisation_id = $1 and items.id = n.id and items.digest = n.expect
        returning items.id
        """,
        actor.organisation_id,
        actor.user_id,
        [one.row.id for one in ordered],
        [one.expect for one in ordered],
        [one.row.digest for one in ordered],
        [one.row.files for one in ordered],
        [one.row.place for one in ordered],
        [one.fields for one in ordered],
        [one.row.extra for one in ordered],
        [one.updated_at for one in ordered],
    )
    done = {row[0] for row in changed}
    for one in ordered:
        # Apart from the rest: DuckDB takes an update of an indexed column for delete and insert.
        if one.row.id in done and one.was != one.row.key:
            tx.execute(
                "update items set key = $3 where organisation_id = $1 and id = $2",
                actor.organisation_id,
                one.row.id,
                one.row.key,
            )
    return done


def take(
    tx: Transaction, organisation_id: UUID, ready: Sequence[tuple[UUID, str]]
) -> dict[UUID, Row]:
    """Delete items that still have the digests given, and return them by id."""
    if not ready:
        return {}
    rows = tx.rows(
        """
        delete from items
        using (select unnest($2::uuid[]) as id, unnest($3::text[]) as expect) n
        where items.organisation_id = $1 and items.id = n.id and items.digest = n.expect
        returning items.id, items.kind, items.key, items.digest, items.files, items.place,
                  items.extra
        """,
        organisation_id,
        [item_id for item_id, _ in ready],
        [expect for _, expect in ready],
    )
    return {row[0]: Row(*row) for row in rows}


def bury(tx: Transaction, actor: Actor, now: datetime, gone: Mapping[UUID, Row]) -> None:
    """Leave tombstones for items that were deleted."""
    if gone:
        tx.execute(
            """
            insert into tombstones
                (organisation_id, item_id, kind, key, digest, deleted_by, deleted_at)
            select $1::uuid, unnest($2::uuid[]) as item_id, unnest($3::text[]) as kind,
                   unnest($4::text[]) as key, unnest($5::text[]) as digest, $6::uuid, $7::timestamp
            """,
            actor.organisation_id,
            list(gone),
            [row.kind for row in gone.values()],
            [row.key for row in gone.values()],
            [row.digest for row in gone.values()],
            actor.user_id,
            now,
        )


def revive(tx: Transaction, organisation_id: UUID, rows: Sequence[Row]) -> None:
    """Drop the tombstones of keys and ids that are there again."""
    some = "select 1 from tombstones where organisation_id = $1 limit 1"
    if rows and tx.row(some, organisation_id) is not None:
        tx.execute(
            """
            delete from tombstones
            where organisation_id = $1
                  and (item_id = any($2::uuid[]) or kind || '/' || key = any($3::text[]))
            """,
            organisation_id,
            [row.id for row in rows],
            [f"{row.kind}/{row.key}" for row in rows],
        )


def record(tx: Transaction, actor: Actor, now: datetime, lines: Sequence[Line], why: str) -> None:
    """Add lines to the history, each of an item as it stands now or was deleted."""
    left = [line for line in lines if line.action != DELETED]
    if left:
        # What stands is read from there: thousands of files and keys are not said again.
        tx.execute(
            """
            insert into item_log
                (id, organisation_id, item_id, kind, key, action, digest_before, digest_after,
                 files, place, extra, why, changed_by, changed_at)
            select n.id, i.organisation_id, i.id, i.kind, i.key, n.action, n.before, i.digest,
                   i.files, i.place, i.extra, $6::text, $7::uuid, $8::timestamp
            from (select unnest($2::uuid[]) as id, unnest($3::uuid[]) as item_id,
                         unnest($4::text[]) as action, unnest($5::text[]) as before) n
            join items i on i.organisation_id = $1 and i.id = n.item_id
            """,
            actor.organisation_id,
            new_id_texts(len(left)),
            [line.row.id for line in left],
            [line.action for line in left],
            [line.before for line in left],
            why,
            actor.user_id,
            now,
        )
    gone = [line for line in lines if line.action == DELETED]
    if gone:
        tx.execute(
            """
            insert into item_log
                (id, organisation_id, item_id, kind, key, action, digest_before, files, place,
                 extra, why, changed_by, changed_at)
            select n.id, $2::uuid, n.item_id, n.kind, n.key, $6::text, n.before, n.files, n.place,
                   n.extra, $11::text, $12::uuid, $13::timestamp
            from (select unnest($1::uuid[]) as id, unnest($3::uuid[]) as item_id,
                         unnest($4::text[]) as kind, unnest($5::text[]) as key,
                         unnest($7::text[]) as before, unnest($8::text[]) as files,
                         unnest($9::text[]) as place, unnest($10::text[]) as extra) n
            """,
            new_id_texts(len(gone)),
            actor.organisation_id,
            [line.row.id for line in gone],
            [line.row.kind for line in gone],
            [line.row.key for line in gone],
            DELETED,
            [line.before for line in gone],
            [line.row.files for line in gone],
            [line.row.place for line in gone],
            [line.row.extra for line in gone],
            why,
            actor.user_id,
            now,
        )
