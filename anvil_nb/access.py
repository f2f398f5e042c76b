"""A store as one actor sees it: what every service is handed first."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from anvil_nb.domain.rights import check_right
from anvil_nb.errors import ConflictError, MovedSinceError, NotFoundError
from anvil_nb.store import objects
from anvil_nb.store.audit import Note
from anvil_nb.store.engine import UniqueViolationError
from anvil_nb.store.objects import Recent
from anvil_nb.store.organisations import find_actor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from uuid import UUID

    from anvil_nb.domain.address import Address, Prefix
    from anvil_nb.domain.prompt import Content
    from anvil_nb.domain.rights import Right
    from anvil_nb.store.audit import Trail
    from anvil_nb.store.engine import Engine, Transaction
    from anvil_nb.store.organisations import Actor


def _clock() -> datetime:
    return datetime.now(UTC)


TRIES = 5
"""How often a write is begun that other writers come in between of."""

_T = TypeVar("_T")


class UnchangedError(Exception):
    """Ends a write that turned out to change nothing; see ``Access.write``."""


class MovedError(Exception):
    """Ends a write that another writer came in between of; see ``again``."""


@dataclass(frozen=True, slots=True)
class Access:
    """A store, who acts on it, and what time it is.

    Args:
        engine: The store.
        actor: Who acts, and for which organisation.
        clock: Returns the time, with its zone.
        recent: Contents that need not be read again.
        trail: Enters each write among those of a server; ``None`` where nothing is entered.
        expect: The state that the set or project to be written to must be in; ``None`` for any.
    """

    engine: Engine
    actor: Actor
    clock: Callable[[], datetime] = _clock
    recent: Recent = field(default_factory=Recent)
    trail: Trail | None = None
    expect: str | None = None

    @property
    def organisation_id(self) -> UUID:
        """The organisation that all rows read and written belong to."""
        return self.actor.organisation_id

    def now(self) -> datetime:
        """Return the time as the store keeps it: UTC, without saying so."""
        return self.clock().astimezone(UTC).replace(tzinfo=None)

    def read(self, right: Right = "read:prompts") -> AbstractContextManager[Transaction]:
        """Begin a read.

        Raises:
            ForbiddenError: when the actor has no such right.
        """
        check_right(self.actor.scopes, right)
        return self.engine.read()

    @contextmanager
    def write(self, right: Right = "write:prompts") -> Iterator[Transaction]:
        """Begin a write.

        One that turns out to change nothing raises ``UnchangedError``: the block ends there, and
        the store is as if it had not begun. So nobody who remembers what they read has to read
        it again, and the set does not count as changed.

        Raises:
            ForbiddenError: when the actor has no such right.
        """
        check_right(self.actor.scopes, right)
        trail = self.trail
        with suppress(UnchangedError):
            if trail is None:
                with self.engine.write() as tx:
                    yield tx
                return
            trail.begin()
            with self.engine.write() as tx:
                yield tx
                trail.record(tx, self.actor, self.now())
            trail.committed()

    def note(
        self, action: str, resource: str, before: str | None = None, after: str | None = None
    ) -> None:
        """Say what the write that is going on does, for the audit of a server.

        Args:
            action: In a word: ``save``.
            resource: The address, or kind and id, of what is written to.
            before: The digest that stood there, where there was one.
            after: The digest that stands there now.
        """
        if self.trail is not None:
            self.trail.note(Note(action, resource, before, after))

    def check_state(self, state: str) -> None:
        """Refuse a write to a set or project that is not in the expected state.

        Raises:
            MovedSinceError: for one that moved.
        """
        if self.expect not in (None, state):
            msg = "it was changed since it was read, and nothing was written"
            raise MovedSinceError(msg, "Read it again, and send what it is now as If-Match.")

    def content(self, tx: Transaction, digest: str) -> Content:
        """Return the content of a digest that an entry or a history names.

        Raises:
            StoreDamagedError: when it is not there.
        """
        found = self.recent.find(digest)
        if found is None:
            found = objects.get(tx, self.organisation_id, digest)
            self.recent.keep(digest, found)
        return found

    def contents(self, tx: Transaction, digests: Iterable[str]) -> dict[str, Content]:
        """Return many contents that entries or a history name, by digest.

        Raises:
            StoreDamagedError: when one is not there.
        """
        wanted = set(digests)
        kept = {one: found for one in wanted if (found := self.recent.find(one)) is not None}
        return kept | objects.get_all(tx, self.organisation_id, wanted - kept.keys())

    def check_organisation(self, address: Address | Prefix) -> None:
        """Refuse an address of another organisation.

        Raises:
            NotFoundError: for one; what it has is not said.
        """
        if address.organisation not in (None, self.actor.organisation):
            msg = f"there is no organisation '@{address.organisation}' here"
            raise NotFoundError(msg, f"Leave it out to mean @{self.actor.organisation}.")


def acting_in(access: Access, organisation: str) -> Access:
    """Return the same store for the same actor, in another organisation.

    Raises:
        NotFoundError: when there is none in which the actor is known.
    """
    actor = None
    if access.actor.scopes is None:  # a token belongs to one organisation, and acts in no other
        with access.read() as tx:
            actor = find_actor(tx, organisation, access.actor.name)
    if actor is None:
        msg = f"there is no organisation '{organisation}' here in which {access.actor.name} may act"
        raise NotFoundError(msg, f"Leave it out to mean {access.actor.organisation}.")
    return Access(access.engine, actor, access.clock)


def again(write: Callable[[int], _T]) -> _T:
    """Return what a write returns; begin it again where another writer came in between.

    That is: where it ends by ``MovedError``, or another transaction has stored the same content
    first, which on PostgreSQL shows as a key that is there already.

    Args:
        write: Is told how often it was begun before.

    Raises:
        ConflictError: when it keeps happening.
    """
    for number in range(TRIES):
        with suppress(MovedError, UniqueViolationError):
            return write(number)
    msg = "other writers keep changing the same projects and sets, and nothing was written"
    raise ConflictError(msg, "Try again.")
