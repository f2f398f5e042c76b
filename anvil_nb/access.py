"""A store as one actor sees it: what every service is handed first."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from anvil_nb.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from anvil_nb.domain.address import Address, Prefix
    from anvil_nb.store.engine import Engine, Transaction
    from anvil_nb.store.organisations import Actor


def _clock() -> datetime:
    return datetime.now(UTC)


class UnchangedError(Exception):
    """Ends a write that turned out to change nothing; see ``Access.write``."""


@dataclass(frozen=True, slots=True)
class Access:
    """A store, who acts on it, and what time it is.

    Args:
        engine: The store.
        actor: Who acts, and for which organisation.
        clock: Returns the time, with its zone.
    """

    engine: Engine
    actor: Actor
    clock: Callable[[], datetime] = _clock

    @property
    def organisation_id(self) -> UUID:
        """The organisation that all rows read and written belong to."""
        return self.actor.organisation_id

    def now(self) -> datetime:
        """Return the time as the store keeps it: UTC, without saying so."""
        return self.clock().astimezone(UTC).replace(tzinfo=None)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Begin a write.

        One that turns out to change nothing raises ``UnchangedError``: the block ends there, and
        the store is as if it had not begun. So nobody who remembers what they read has to read
        it again, and the set does not count as changed.
        """
        with suppress(UnchangedError), self.engine.write() as tx:
            yield tx

    def check_organisation(self, address: Address | Prefix) -> None:
        """Refuse an address of another organisation.

        Raises:
            NotFoundError: for one; what it has is not said.
        """
        if address.organisation not in (None, self.actor.organisation):
            msg = f"there is no organisation '@{address.organisation}' here"
            raise NotFoundError(msg, f"Leave it out to mean @{self.actor.organisation}.")
