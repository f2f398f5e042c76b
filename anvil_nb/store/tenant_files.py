"""A tenant's files: which blob stands at each path, and one row that says what all of them are.

That row is what writers wait for each other at: a change begins by counting its revision up, on
the condition that its digest is still the one the change was made for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.filetree import Leaf, digest_of_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """What all files of a tenant are together.

    Args:
        digest: Of them.
        files: How many.
        size: Of all of them, in bytes.
        revision: How often they were changed.
        updated_at: When they last were.
    """

    digest: str
    files: int
    size: int
    revision: int
    updated_at: datetime


def manifest(tx: Transaction, organisation_id: UUID) -> ManifestRow | None:
    """Return what all files are; ``None`` where there never were any."""
    row = tx.row(
        """
        select digest, files, size, revision, updated_at
        from tenant_manifests where organisation_id = $1
        """,
        organisation_id,
    )
    return None if row is None else ManifestRow(*row)


def leaves(tx: Transaction, organisation_id: UUID) -> list[Leaf]:
    """Return all files, in the order of their paths."""
    rows = tx.rows(
        """
        select path, digest, size, executable from tenant_files where organisation_id = $1
        order by path collate "C"
        """,
        organisation_id,
    )
    return [Leaf(*row) for row in rows]


def gone(tx: Transaction, organisation_id: UUID, since: datetime) -> dict[str, str]:
    """Return the digests of files deleted since a time, as entries, by path."""
    rows = tx.rows(
        """
        select path, digest from tenant_file_tombstones
        where organisation_id = $1 and deleted_at >= $2
        """,
        organisation_id,
        since,
    )
    return dict(rows)


def begin(tx: Transaction, organisation_id: UUID, expected: str, empty: str, now: datetime) -> bool:
    """Take the files for this transaction, if their digest is the one expected.

    Args:
        tx: The transaction that is to change them.
        organisation_id: Whose.
        expected: The digest.
        empty: The digest of no files at all.
        now: The time.
    """
    tx.execute(
        """
        insert into tenant_manifests (organisation_id, digest, files, size, revision, updated_at)
        values ($1, $2, 0, 0, 0, $3) on conflict (organisation_id) do nothing
        """,
        organisation_id,
        empty,
        now,
    )
    rows = tx.rows(
        """
        update tenant_manifests set revision = revision + 1
        where organisation_id = $1 and digest = $2 returning revision
        """,
        organisation_id,
        expected,
    )
    return bool(rows)


def record(tx: Transaction, organisation_id: UUID, row: ManifestRow) -> None:
    """Say what all files are now."""
    tx.execute(
        """
        update tenant_manifests set digest = $2, files = $3, size = $4, updated_at = $5
        where organisation_id = $1
        """,
        organisation_id,
        row.digest,
        row.files,
        row.size,
        row.updated_at,
    )


def put(
    tx: Transaction,
    actor: Actor,
    fresh: Sequence[Leaf],
    changed: Sequence[Leaf],
    now: datetime,
) -> None:
    """Write files: those at paths that had none, and those at paths that had another."""
    if fresh:
        tx.execute(
            """
            insert into tenant_files
                (organisation_id, path, digest, size, executable, updated_by, updated_at)
            select $1::uuid, unnest($2::text[]) as path, unnest($3::text[]) as digest,
                   unnest($4::bigint[]) as size, unnest($5::boolean[]) as executable, $6::uuid,
                   $7::timestamp
            """,
            actor.organisation_id,
            *_columns(fresh),
            actor.user_id,
            now,
        )
        _forget(tx, actor.organisation_id, [leaf.path for leaf in fresh])
    if changed:
        tx.execute(
            """
            update tenant_files
            set digest = c.digest, size = c.size, executable = c.executable,
                updated_by = $6::uuid, updated_at = $7::timestamp
            from (select unnest($2::text[]) as path, unnest($3::text[]) as digest,
                         unnest($4::bigint[]) as size, unnest($5::boolean[]) as executable) c
            where tenant_files.organisation_id = $1 and tenant_files.path = c.path
            """,
            actor.organisation_id,
            *_columns(changed),
            actor.user_id,
            now,
        )


def delete(tx: Transaction, actor: Actor, there: Sequence[Leaf], now: datetime) -> None:
    """Delete files, and remember that they were there."""
    if not there:
        return
    paths = [leaf.path for leaf in there]
    tx.execute(
        "delete from tenant_files where organisation_id = $1 and path = any($2::text[])",
        actor.organisation_id,
        paths,
    )
    tx.execute(
        """
        insert into tenant_file_tombstones
            (organisation_id, path, digest, deleted_by, deleted_at)
        select $1::uuid, unnest($2::text[]) as path, unnest($3::text[]) as digest, $4::uuid,
               $5::timestamp
        """,
        actor.organisation_id,
        paths,
        [digest_of_file(leaf) for leaf in there],
        actor.user_id,
        now,
    )


def _forget(tx: Transaction, organisation_id: UUID, paths: Iterable[str]) -> None:
    """Drop the tombstones of paths that have a file again."""
    tx.execute(
        """
        delete from tenant_file_tombstones
        where organisation_id = $1 and path = any($2::text[])
        """,
        organisation_id,
        list(paths),
    )


def _columns(some: Sequence[Leaf]) -> tuple[list[str], list[str], list[int], list[bool]]:
    return (
        [leaf.path for leaf in some],
        [leaf.digest for leaf in some],
        [leaf.size for leaf in some],
        [leaf.executable for leaf in some],
    )
