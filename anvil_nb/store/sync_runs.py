"""Runs of syncs: plans that were looked at, and what was carried out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor

MOST_PLANNED = 100
"""How many plans that were only looked at are remembered for a target."""


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


def end_run(  # noqa: PLR0913, PLR0917 - all that a run ends with
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
        _text(report),
        now,
    )


def forget_plans(tx: Transaction, organisation_id: UUID, target: str, plan: str) -> None:
    """Forget a plan that was only looked at, and the oldest of too many."""
    tx.execute(
        """
        delete from sync_runs
        where organisation_id = $1 and target = $2 and state = 'planned'
          and (plan = $3 or id not in (
            select id from sync_runs
            where organisation_id = $1 and target = $2 and state = 'planned'
            order by begun_at desc, id desc limit $4
          ))
        """,
        organisation_id,
        target,
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
    return [RunRow(*[*row[:6], json.loads(row[6]), json.loads(row[7]), *row[8:]]) for row in rows]


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
