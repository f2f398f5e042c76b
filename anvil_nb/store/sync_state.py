"""What a sync remembers: who this store is, what two sides agreed on, conflicts, and runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor

MOST_PLANNED = 100
"""How many plans that were only looked at are remembered for a pair."""


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


@dataclass(frozen=True, slots=True)
class RunRow:
    """A sync that was planned or carried out.

    Args:
        id: Of the record.
        pair_id: Of the pair.
        target: Of the pair.
        direction: ``push`` or ``pull``.
        plan: The id of its plan.
        state: ``planned``, ``running``, ``completed``, ``partial`` or ``failed``.
        inputs: Base, ours and theirs of every key at which they are not all the same.
        report: What was done.
        by: The name of who began it.
        begun_at: When.
        ended_at: When it ended; ``None`` while it runs, and where it was killed.
    """

    id: UUID
    pair_id: UUID
    target: str
    direction: str
    plan: str
    state: str
    inputs: dict[str, Any]
    report: dict[str, Any]
    by: str
    begun_at: datetime
    ended_at: datetime | None


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


def pairs(tx: Transaction, organisation_id: UUID, target: str | None = None) -> list[Pair]:
    """Return the pairs of an organisation, the oldest first; those of one target where it is said."""
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
    """Return what both sides agreed on last: digests by key."""
    return dict(
        tx.rows(
            "select key, digest from sync_bases where organisation_id = $1 and pair_id = $2",
            organisation_id,
            pair_id,
        )
    )


def base_files(
    tx: Transaction, organisation_id: UUID, pair_id: UUID, key: str
) -> list[list[Any]] | None:
    """Return the files that both sides had at a key, as ``Leaf.to_json`` writes them."""
    row = tx.row(
        """
        select files from sync_bases where organisation_id = $1 and pair_id = $2 and key = $3
        """,
        organisation_id,
        pair_id,
        key,
    )
    return None if row is None else json.loads(row[0])


def agree(
    tx: Transaction,
    organisation_id: UUID,
    pair_id: UUID,
    agreed: Mapping[str, tuple[str, str] | None],
) -> None:
    """Record what both sides have now: digest and files by key, ``None`` where it is gone."""
    tx.execute(
        """
        delete from sync_bases
        where organisation_id = $1 and pair_id = $2 and key = any($3::text[])
        """,
        organisation_id,
        pair_id,
        sorted(agreed),
    )
    there = {key: said for key, said in agreed.items() if said is not None}
    if there:
        tx.execute(
            """
            insert into sync_bases (organisation_id, pair_id, key, digest, files)
            select $1::uuid, $2::uuid, unnest($3::text[]), unnest($4::text[]), unnest($5::text[])
            """,
            organisation_id,
            pair_id,
            list(there),
            [digest for digest, _ in there.values()],
            [files for _, files in there.values()],
        )


def open_conflicts(
    tx: Transaction, organisation_id: UUID, pair_id: UUID | None = None
) -> list[ConflictRow]:
    """Return the conflicts that nobody has settled, by target and key."""
    rows = tx.rows(
        """
        select c.id, c.pair_id, p.target, c.key, c.name, c.kind, c.base, c.ours, c.theirs,
               c.opened_at
        from sync_conflicts c join sync_pairs p on p.id = c.pair_id
        where c.organisation_id = $1 and c.choice is null
          and ($2::uuid is null or c.pair_id = $2::uuid)
        order by p.target, c.name, c.id
        """,
        organisation_id,
        pair_id,
    )
    return [
        ConflictRow(*row[:6], _value(row[6]), _value(row[7]), _value(row[8]), row[9])
        for row in rows
    ]


def put_conflicts(tx: Transaction, actor: Actor, rows: Iterable[ConflictRow]) -> None:
    """Keep conflicts, each in the place of an older record of its key that is still open."""
    for row in rows:
        tx.execute(
            """
            delete from sync_conflicts
            where organisation_id = $1 and pair_id = $2 and key = $3 and choice is null
            """,
            actor.organisation_id,
            row.pair_id,
            row.key,
        )
        tx.execute(
            """
            insert into sync_conflicts
                (id, organisation_id, pair_id, key, name, kind, base, ours, theirs, opened_by,
                 opened_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            row.id,
            actor.organisation_id,
            row.pair_id,
            row.key,
            row.name,
            row.kind,
            _text(row.base),
            _text(row.ours),
            _text(row.theirs),
            actor.user_id,
            row.opened_at,
        )


def settle(
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


def begin_run(tx: Transaction, actor: Actor, row: RunRow) -> None:
    """Record a plan that was looked at, or an apply that begins."""
    tx.execute(
        """
        insert into sync_runs
            (id, organisation_id, pair_id, target, direction, plan, state, inputs, report,
             begun_by, begun_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        row.id,
        actor.organisation_id,
        row.pair_id,
        row.target,
        row.direction,
        row.plan,
        row.state,
        _text(row.inputs),
        _text(row.report),
        actor.user_id,
        row.begun_at,
    )


def end_run(
    tx: Transaction,
    organisation_id: UUID,
    run_id: UUID,
    state: str,
    report: Mapping[str, Any],
    now: datetime,
) -> None:
    """Record how an apply ended."""
    tx.execute(
        """
        update sync_runs set state = $3, report = $4, ended_at = $5
        where organisation_id = $1 and id = $2
        """,
        organisation_id,
        run_id,
        state,
        _text(dict(report)),
        now,
    )


def forget_plans(tx: Transaction, organisation_id: UUID, pair_id: UUID, plan: str) -> None:
    """Forget a plan that was only looked at, and the oldest of too many."""
    tx.execute(
        """
        delete from sync_runs
        where organisation_id = $1 and pair_id = $2 and state = 'planned'
          and (plan = $3 or id not in (
            select id from sync_runs
            where organisation_id = $1 and pair_id = $2 and state = 'planned'
            order by begun_at desc, id desc limit $4
          ))
        """,
        organisation_id,
        pair_id,
        plan,
        MOST_PLANNED,
    )


def planned(tx: Transaction, organisation_id: UUID, plan: str) -> RunRow | None:
    """Return the latest record of a plan, whatever became of it."""
    found = _runs(tx, organisation_id, plan, None, 1)
    return found[0] if found else None


def runs(tx: Transaction, organisation_id: UUID, target: str | None, limit: int) -> list[RunRow]:
    """Return what was carried out, newest first."""
    return _runs(tx, organisation_id, None, target, limit)


def _runs(
    tx: Transaction, organisation_id: UUID, plan: str | None, target: str | None, limit: int
) -> list[RunRow]:
    rows = tx.rows(
        """
        select r.id, r.pair_id, r.target, r.direction, r.plan, r.state, r.inputs, r.report,
               u.name, r.begun_at, r.ended_at
        from sync_runs r join users u on u.id = r.begun_by
        where r.organisation_id = $1 and ($2::text is null or r.plan = $2::text)
          and ($2::text is not null or r.state <> 'planned')
          and ($3::text is null or r.target = $3::text)
        order by r.begun_at desc, r.id desc
        limit $4
        """,
        organisation_id,
        plan,
        target,
        limit,
    )
    return [RunRow(*row[:6], json.loads(row[6]), json.loads(row[7]), *row[8:]) for row in rows]


def _text(value: dict[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _value(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)
