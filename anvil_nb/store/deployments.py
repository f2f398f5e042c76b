"""Rows of deployments: what was announced to a server, and what came of it.

One that runs says now and then that it does (``alive_at``): where it falls silent, the process
that ran it is no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor

RUNNING, LIVE, FAILED = "running", "live", "failed"


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """One deployment.

    Args:
        id: Of the record.
        image: That was announced.
        status: ``running``, ``live`` or ``failed``.
        detail: Why it failed.
        app_url: Where it is to be seen; empty where nobody said.
        by: The name of who announced it.
        requested_at, alive_at, ended_at: UTC, without saying so.
    """

    id: UUID
    image: str
    status: str
    detail: str
    app_url: str
    by: str
    requested_at: datetime
    alive_at: datetime
    ended_at: datetime | None


def hold(tx: Transaction, organisation_id: UUID) -> None:
    """Let no other transaction of the organisation by that wants to hold it, too."""
    tx.execute("update organisations set title = title where id = $1", organisation_id)


def insert(tx: Transaction, actor: Actor, row: DeploymentRow) -> None:
    """Record a deployment that begins."""
    tx.execute(
        """
        insert into deployments
            (id, organisation_id, image, status, detail, app_url, requested_by, requested_at,
             alive_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        row.id,
        actor.organisation_id,
        row.image,
        row.status,
        row.detail,
        row.app_url,
        actor.user_id,
        row.requested_at,
        row.alive_at,
    )


def get(tx: Transaction, organisation_id: UUID, deployment_id: UUID) -> DeploymentRow | None:
    """Return a deployment of an organisation, or ``None``."""
    row = tx.row(
        """
        select d.id, d.image, d.status, d.detail, d.app_url, coalesce(u.name, ''),
               d.requested_at, d.alive_at, d.ended_at
        from deployments d left join users u on u.id = d.requested_by
        where d.id = $1 and d.organisation_id = $2
        """,
        deployment_id,
        organisation_id,
    )
    return None if row is None else DeploymentRow(*row)


def listed(tx: Transaction, organisation_id: UUID, limit: int) -> list[DeploymentRow]:
    """Return the deployments of an organisation, the newest first."""
    rows = tx.rows(
        """
        select d.id, d.image, d.status, d.detail, d.app_url, coalesce(u.name, ''),
               d.requested_at, d.alive_at, d.ended_at
        from deployments d left join users u on u.id = d.requested_by
        where d.organisation_id = $1 order by d.requested_at desc, d.id desc limit $2
        """,
        organisation_id,
        limit,
    )
    return [DeploymentRow(*row) for row in rows]


def running(tx: Transaction, organisation_id: UUID) -> list[DeploymentRow]:
    """Return the deployments of an organisation that have not ended."""
    rows = tx.rows(
        """
        select d.id, d.image, d.status, d.detail, d.app_url, coalesce(u.name, ''),
               d.requested_at, d.alive_at, d.ended_at
        from deployments d left join users u on u.id = d.requested_by
        where d.organisation_id = $1 and d.status = 'running'
        """,
        organisation_id,
    )
    return [DeploymentRow(*row) for row in rows]


def stay_alive(tx: Transaction, deployment_id: UUID, now: datetime) -> None:
    """Say that a deployment is still at it."""
    tx.execute("update deployments set alive_at = $2 where id = $1", deployment_id, now)


def end(tx: Transaction, deployment_id: UUID, status: str, detail: str, now: datetime) -> None:
    """Record how a deployment ended; one that has ended stays as it is."""
    tx.execute(
        """
        update deployments set status = $2, detail = $3, ended_at = $4
        where id = $1 and status = 'running'
        """,
        deployment_id,
        status,
        detail,
        now,
    )
