"""Pairs of replicas: who this store is, which two belong together, what both agreed on last."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction

GONE = ""
"""The digest of a key that both sides agreed to have nothing at."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two replicas that are kept equal in one respect.

    Args:
        id: Which the folder on disk carries too.
        target: What is kept equal.
        near: Where our side is.
        far: Where their side is.
        far_identity: The id by which their side knows itself.
    """

    id: UUID
    target: str
    near: str
    far: str
    far_identity: str


def identity(tx: Transaction, organisation_id: UUID) -> UUID | None:
    """Return the id by which others know what this store has of an organisation."""
    row = tx.row("select id from replicas where organisation_id = $1", organisation_id)
    return None if row is None else row[0]


def make_identity(tx: Transaction, organisation_id: UUID, now: datetime) -> UUID:
    """Make that id; the one that is there already where somebody was first."""
    tx.execute(
        """
        insert into replicas (organisation_id, id, made_at) values ($1, $2, $3)
        on conflict (organisation_id) do nothing
        """,
        organisation_id,
        new_id(),
        now,
    )
    found = identity(tx, organisation_id)
    assert found is not None
    return found


def take_turn(tx: Transaction, organisation_id: UUID, now: datetime) -> None:
    """Wait until nobody else who does so is at it; what they wrote is seen from here on."""
    make_identity(tx, organisation_id, now)
    tx.execute("update replicas set id = id where organisation_id = $1", organisation_id)


def pairs(tx: Transaction, organisation_id: UUID, target: str | None = None) -> list[Pair]:
    """Return the pairs of an organisation, the oldest first; of one target where it is said."""
    rows = tx.rows(
        """
        select id, target, near, far, far_identity from sync_pairs
        where organisation_id = $1 and ($2::text is null or target = $2::text)
        order by made_at, id
        """,
        organisation_id,
        target,
    )
    return [Pair(*row) for row in rows]


def insert_pair(tx: Transaction, organisation_id: UUID, pair: Pair, now: datetime) -> None:
    """Record a pair."""
    tx.execute(
        """
        insert into sync_pairs (id, organisation_id, target, near, far, far_identity, made_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        pair.id,
        organisation_id,
        pair.target,
        pair.near,
        pair.far,
        pair.far_identity,
        now,
    )


def place_pair(tx: Transaction, organisation_id: UUID, pair: Pair) -> None:
    """Record where the sides of a pair are by now."""
    tx.execute(
        """
        update sync_pairs set near = $3, far = $4, far_identity = $5
        where organisation_id = $1 and id = $2
        """,
        organisation_id,
        pair.id,
        pair.near,
        pair.far,
        pair.far_identity,
    )


def base(tx: Transaction, organisation_id: UUID, pair_id: UUID) -> dict[str, str]:
    """Return what both sides agreed on last: digests by key, ``GONE`` where that was nothing."""
    return dict(
        tx.rows(
            "select key, digest from sync_bases where organisation_id = $1 and pair_id = $2",
            organisation_id,
            pair_id,
        )
    )


def base_files(
    tx: Transaction, organisation_id: UUID, pair_id: UUID, keys: Collection[str]
) -> dict[str, list[list[Any]]]:
    """Return the files that both sides had at keys, as ``Leaf.to_json`` writes them."""
    rows = tx.rows(
        """
        select key, files from sync_bases
        where organisation_id = $1 and pair_id = $2 and key = any($3::text[])
        """,
        organisation_id,
        pair_id,
        sorted(keys),
    )
    return {key: json.loads(files) for key, files in rows}


def agree(
    tx: Transaction,
    organisation_id: UUID,
    pair_id: UUID,
    agreed: Mapping[str, tuple[str, str] | None],
) -> None:
    """Record what both sides have now: digest and files by key, ``None`` where it is gone.

    That it is gone is recorded too: what comes back later was made anew, and is no older copy of
    what was deleted.
    """
    keys = sorted(agreed)
    said = [agreed[key] or (GONE, "[]") for key in keys]
    tx.execute(
        """
        delete from sync_bases
        where organisation_id = $1 and pair_id = $2 and key = any($3::text[])
        """,
        organisation_id,
        pair_id,
        keys,
    )
    # Another sync of the pair may record the same keys at this moment.
    tx.execute(
        """
        insert into sync_bases (organisation_id, pair_id, key, digest, files)
        select $1::uuid, $2::uuid, n.*
        from (select unnest($3::text[]) as key, unnest($4::text[]) as digest,
                     unnest($5::text[]) as files) n
        where true
        on conflict (pair_id, key) do update set digest = excluded.digest, files = excluded.files
        """,
        organisation_id,
        pair_id,
        keys,
        [digest for digest, _ in said],
        [files for _, files in said],
    )
