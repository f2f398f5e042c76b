"""Who wrote what through a server: entries that stand or fall with the write they tell of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from anvil_nb.store import idempotency
from anvil_nb.store.identity import new_id_texts

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.idempotency import Claim
    from anvil_nb.store.organisations import Actor


@dataclass(frozen=True, slots=True)
class Note:
    """What one write did: ``before`` and ``after`` are digests, where there are any."""

    action: str
    resource: str
    before: str | None = None
    after: str | None = None


@dataclass(slots=True)
class Trail:
    """What the entries of one request have in common, and what its services noted so far.

    Args:
        request_id: Of the request that writes.
        token_id: Of the token it came with.
        otherwise: What is entered for a write of which no service noted anything.
        claim: The idempotency key of the request, taken with its first write.
        tool: What an agent called, which stands before each action; empty for requests of others.
    """

    request_id: str
    token_id: UUID
    otherwise: Note
    claim: Claim | None = None
    tool: str = ""
    _notes: list[Note] = field(default_factory=list)

    def begin(self) -> None:
        """Forget what was noted by a write that did not come about."""
        self._notes.clear()

    def note(self, note: Note) -> None:
        """Keep what a write did, until it ends."""
        self._notes.append(note)

    def record(self, tx: Transaction, actor: Actor, now: datetime) -> None:
        """Enter what was noted into the transaction that did it."""
        notes = self._notes
        if self.tool:
            notes = [replace(note, action=f"{self.tool}: {note.action}") for note in notes]
        append(tx, actor, self, notes or [self.otherwise], now)
        if self.claim is not None:
            idempotency.take(tx, actor.organisation_id, self.claim, now)

    def committed(self) -> None:
        """Remember that the write lasts."""
        if self.claim is not None:
            self.claim.taken = True


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry; ``at`` is UTC, without saying so."""

    id: UUID
    at: datetime
    user: str
    token_id: UUID | None
    token: str | None
    action: str
    resource: str
    before: str | None
    after: str | None
    request_id: str


def append(tx: Transaction, actor: Actor, trail: Trail, notes: list[Note], now: datetime) -> None:
    """Enter notes of a write."""
    tx.execute(
        """
        insert into audit
            (id, organisation_id, written_at, user_id, token_id, action, resource, digest_before,
             digest_after, request_id)
        select n.id, $2::uuid, $3::timestamp, $4::uuid, $5::uuid, n.action, n.resource, n.before,
               n.after, $10::text
        from (select unnest($1::uuid[]) as id, unnest($6::text[]) as action,
                     unnest($7::text[]) as resource, unnest($8::text[]) as before,
                     unnest($9::text[]) as after) n
        """,
        new_id_texts(len(notes)),
        actor.organisation_id,
        now,
        actor.user_id,
        trail.token_id,
        [note.action for note in notes],
        [note.resource for note in notes],
        [note.before for note in notes],
        [note.after for note in notes],
        trail.request_id,
    )


def page(
    tx: Transaction, organisation_id: UUID, resource: str, before: UUID | None, limit: int
) -> list[AuditRow]:
    """Return entries, the newest first.

    Args:
        tx: Where to read.
        organisation_id: Whose.
        resource: How their resources begin.
        before: The id of the last entry of the page before.
        limit: How many at most.
    """
    rows = tx.rows(
        """
        select a.id, a.written_at, coalesce(u.name, ''), a.token_id, t.name, a.action, a.resource,
               a.digest_before, a.digest_after, a.request_id
        from audit a
        left join users u on u.id = a.user_id
        left join tokens t on t.id = a.token_id
        where a.organisation_id = $1 and starts_with(a.resource, $2)
              and ($3::uuid is null or a.id < $3::uuid)
        order by a.id desc limit $4
        """,
        organisation_id,
        resource,
        before,
        limit,
    )
    return [AuditRow(*row) for row in rows]
