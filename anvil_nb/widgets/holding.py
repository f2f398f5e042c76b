"""One handle to a store for all views of one workspace: a hundred cells hold one connection.

A view goes on when the workspace that it was made of is closed, so it holds a handle of its own;
and a notebook makes views without end, each time that a cell runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace


@dataclass(slots=True)
class _Held:
    """A handle, and how many views use it."""

    handle: Workspace
    views: int = 0


_lock = Lock()
_held: WeakKeyDictionary[Workspace, _Held] = WeakKeyDictionary()
"""By the workspace that views were made of, and by the handle itself: views open others."""


def hold(workspace: Workspace) -> Workspace:
    """Return the handle that a view uses until it calls ``let_go``.

    Args:
        workspace: Of which the view is made; it may be closed from here on.
    """
    with _lock:
        held = _held.get(workspace)
        if held is None:
            held = _Held(workspace.again())
            _held[workspace] = _held[held.handle] = held
        held.views += 1
        return held.handle


def let_go(handle: Workspace) -> None:
    """Close a handle when no other view uses it.

    Args:
        handle: What ``hold`` returned.
    """
    with _lock:
        held = _held.get(handle)
        if held is None:
            return  # the program ends, and views are let go in no order
        held.views -= 1
        if held.views:
            return
        for one in [one for one, of in _held.items() if of is held]:
            del _held[one]
    handle.close()
