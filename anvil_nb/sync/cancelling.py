"""Ending an apply between its steps: what was begun is finished, and the rest is not begun.

A step is what lasts whole or not at all: a transaction of the store, the swap of all files of a
folder, one change of all files or records at a server, a bundle. Until its bytes are read it is
not begun.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Cancelled: TypeAlias = Callable[[], bool]


class NotBegunError(Exception):
    """Ends the reading for a step that is not to begin; no outcome is made of it."""


def never() -> bool:
    """Tell that nobody cancels."""
    return False
