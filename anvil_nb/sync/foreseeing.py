"""Foreseeing: what a side would refuse all of is found out before anything is done.

What a side cannot take of single keys it says as it is planned (``Restricted``). A signature that
is not trusted, a key that stays locked or a server that takes nothing from us stops a whole apply,
and perhaps in its middle: so a preview asks for that too, and an apply before it begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from anvil_nb.errors import AnvilError, RemoteAnswerError, RemoteUnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.engine import Planned
    from anvil_nb.sync.replica import Replica


@runtime_checkable
class Foreseeing(Protocol):
    """A replica that may refuse all of an apply."""

    def foresee(self, changes: Sequence[Change]) -> None:
        """Raise what carrying out these changes would raise, and do nothing."""


def refusal(sides: Sides, planned: Planned) -> AnvilError | None:
    """Return the error that carrying out a plan would end in, as far as it can be known.

    Raises:
        RemoteUnreachableError: when there is nobody to ask.
        RemoteAnswerError: when the answer is none.
    """
    try:
        check((sides.far, planned.there), (sides.near, planned.here))
    except (RemoteUnreachableError, RemoteAnswerError):
        raise
    except AnvilError as error:
        return error
    return None


def check(*written: tuple[Replica, Sequence[Change]]) -> None:
    """Raise what writing changes on sides would end in, as far as it can be known."""
    for side, changes in written:
        if changes and isinstance(side, Foreseeing):
            side.foresee(changes)


def one_of_each_project(changes: Sequence[Change]) -> dict[str, str]:
    """Return a version of each project by key, with its digest: keys are trusted by project."""
    found: dict[str, tuple[str, str]] = {}
    for change in changes:
        if change.source is not None:
            project = change.key.partition("/")[0]
            found.setdefault(project, (change.key, change.source.digest))
    return dict(found.values())
