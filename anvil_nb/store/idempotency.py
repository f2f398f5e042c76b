"""Answers to repeat: a request that comes again under the same key is answered, not done again.

The key is taken in the transaction of the request's first write, so that a write that lasts is
known to have been done even where the program ends before its answer is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.errors import RepeatedError
from anvil_nb.store.engine import UniqueViolationError

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction

UNANSWERED = 0
"""The status of a request that has written, and whose answer is not known."""


@dataclass(slots=True)
class Claim:
    """A key, and what came under it.

    Args:
        key: Of the request, with the token's id before it.
        request: Digest of method, path and body.
        taken: Whether a write took it.
    """

    key: str
    request: str
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a request, and the digest of that request."""

    request: str
    status: int
    headers: dict[str, str]
    body: str


def take(tx: Transaction, organisation_id: UUID, claim: Claim, now: datetime) -> None:
    """Take a key, once, in the transaction of a write.

    Raises:
        RepeatedError: when another request has it; the transaction has to end.
    """
    if claim.taken:
        return
    try:
        tx.execute(
            """
            insert into idempotency_keys
                (organisation_id, key, request, status, headers, body, made_at)
            values ($1, $2, $3, $4, '{}', '', $5)
            """,
            organisation_id,
            claim.key,
            claim.request,
            UNANSWERED,
            now,
        )
    except UniqueViolationError as error:
        msg = "another request with this idempotency key came first"
        raise RepeatedError(msg, "Send it again to get the answer that one got.") from error


def find(tx: Transaction, organisation_id: UUID, key: str) -> Answer | None:
    """Return what was answered under a key, or ``None`` where nothing was done."""
    row = tx.row(
        """
        select request, status, headers, body
        from idempotency_keys where organisation_id = $1 and key = $2
        """,
        organisation_id,
        key,
    )
    return None if row is None else Answer(row[0], row[1], json.loads(row[2]), row[3])


def keep(tx: Transaction, organisation_id: UUID, key: str, answer: Answer, now: datetime) -> None:
    """Keep the answer to a request, of which a write took the key or none was needed."""
    tx.execute(
        """
        insert into idempotency_keys
            (organisation_id, key, request, status, headers, body, made_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (organisation_id, key) do update
        set status = excluded.status, headers = excluded.headers, body = excluded.body
        """,
        organisation_id,
        key,
        answer.request,
        answer.status,
        json.dumps(answer.headers),
        answer.body,
        now,
    )


def forget(tx: Transaction, before: datetime) -> None:
    """Remove the keys taken before a time."""
    tx.execute("delete from idempotency_keys where made_at < $1", before)
