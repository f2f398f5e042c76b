"""Replicas: what a sync asks of a folder, of the store, and of a cloud.

A replica shows its tree, hands out bytes by their digests, and applies changes, each on the
condition that what stands at its key is still what the plan was made from. What moved meanwhile
is left as it is and said to have moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from anvil_nb.sync.cancelling import never

if TYPE_CHECKING:
    from uuid import UUID

    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.domain.sync.tree import Entry, Problem, Tree
    from anvil_nb.sync.cancelling import Cancelled

Wanted = tuple["Entry", "Leaf"]
"""A leaf of an entry, whose bytes are wanted."""

Fetch = Callable[[Sequence[Wanted]], Iterator[bytes]]
"""Returns the bytes of leaves, in their order, each checked against its digest."""


class Status(Enum):
    """What became of a change."""

    DONE = "done"
    MOVED = "moved"
    """What stands there is not what the plan was made from any more."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change.

    Args:
        key: Of the change.
        status: Whether it was done; once this is said it lasts.
        message: Why it was not.
        hint: What to do about it.
    """

    key: str
    status: Status
    message: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """An apply that is under way.

    Args:
        id: Of its record; names the folder in the trash.
        cancelled: Tells whether to begin no other step.
    """

    id: UUID
    cancelled: Cancelled = never


class Replica(Protocol):
    """One side of a sync."""

    name: str
    """How messages call it: ``disk``, ``store`` or ``cloud``."""

    location: str
    """Where it is, for people and to know it again: a folder, ``store``, or a URL and tenant."""

    def identity(self) -> str:
        """Return the id by which it knows itself, whatever its location."""

    def recover(self) -> None:
        """Finish, or undo, what an apply that was killed has left half done."""

    def tree(self) -> Tree:
        """Return all that it has."""

    def read(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        """Return bytes, in the order wanted, each checked against its digest.

        Raises:
            ConflictError: when something is not there any more, or has changed.
        """

    def apply(self, changes: Sequence[Change], fetch: Fetch, run: Run) -> Iterable[Outcome]:
        """Carry out changes, each on the condition that ``Change.standing`` still stands.

        It asks before each step whether the run was cancelled, and ends there if it was.

        Args:
            changes: With what is to stand there, and what stands there now.
            fetch: Hands out the bytes of what is to stand there.
            run: The apply that this is a part of.

        Returns:
            An outcome for each change, as it is confirmed; none for what was not begun.
        """


@runtime_checkable
class Restricted(Protocol):
    """A replica that cannot take everything: a folder, whose rules leave out some paths."""

    def refused(self, changes: Sequence[Change]) -> Iterable[Problem]:
        """Return why changes cannot be carried out, as problems of their keys."""
