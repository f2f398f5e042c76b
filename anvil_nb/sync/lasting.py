"""What lasts: replicas of what was published, of which nothing is deleted and nothing changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from anvil_nb.domain.sync.planning import Action

if TYPE_CHECKING:
    from anvil_nb.domain.sync.planning import SyncPlan
    from anvil_nb.domain.sync.tree import Entry
    from anvil_nb.sync.conflicts import Sides


@runtime_checkable
class Lasting(Protocol):
    """A replica of which nothing is deleted."""

    lasting: str
    """Why."""


@runtime_checkable
class Telling(Protocol):
    """A replica whose entries have no files, and are told as texts."""

    def texts(self, entry: Entry) -> dict[str, bytes]:
        """Return texts by name."""


def deletes(sides: Sides) -> bool:
    """Tell whether a sync of these sides may delete."""
    return not isinstance(sides.far, Lasting)


def explained(made: SyncPlan, sides: Sides) -> SyncPlan:
    """Return a plan in which what only one side has left says why the other keeps it."""
    far = sides.far
    if not isinstance(far, Lasting):
        return made
    waiting = tuple(
        replace(one, why=far.lasting) if one.action is Action.DELETE else one
        for one in made.waiting
    )
    return replace(made, waiting=waiting)
