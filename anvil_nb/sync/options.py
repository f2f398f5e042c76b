"""How a sync goes about it: which way, what of it, and what to do where both sides moved."""

from __future__ import annotations

from dataclasses import dataclass

from anvil_nb.domain.sync.planning import Direction
from anvil_nb.errors import InvalidInputError

STOP, OURS, THEIRS, KEEP = ON_CONFLICT = ("stop", "ours", "theirs", "keep")
"""What to do about conflicts: nothing at all, take a side, or all the rest."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a sync goes about it.

    Args:
        direction: Which side is written.
        dry_run: Whether nothing is to be done.
        filter: Globs over names; empty for everything.
        delete: Whether what the source deleted is deleted on the destination.
        force: Whether guards are overruled.
        on_conflict: One of ``ON_CONFLICT``.
        plan: The id of the plan that was looked at; ``None`` for whatever the plan is now.

    Raises:
        InvalidInputError: for another ``on_conflict``.
    """

    direction: Direction
    dry_run: bool = True
    filter: str = ""
    delete: bool = False
    force: bool = False
    on_conflict: str = STOP
    plan: str | None = None

    def __post_init__(self) -> None:
        if self.on_conflict not in ON_CONFLICT:
            msg = f"'{self.on_conflict}' says nothing about conflicts"
            raise InvalidInputError(msg, f"It is one of: {', '.join(ON_CONFLICT)}")

    @property
    def pushes(self) -> bool:
        """Whether the far side is written."""
        return self.direction is Direction.PUSH

    @property
    def side(self) -> str | None:
        """The side that is taken where both moved; ``None`` where no side is."""
        return self.on_conflict if self.on_conflict in {OURS, THEIRS} else None


def direction_of(said: str) -> Direction:
    """Return a direction.

    Raises:
        InvalidInputError: for what is none.
    """
    try:
        return Direction(said)
    except ValueError as error:
        msg = f"a sync goes push or pull, found {said!r}"
        raise InvalidInputError(
            msg, "push: from here to there; pull: from there to here."
        ) from error
