"""The views that others open, by name: what their buttons say, and at what they stand.

How each is made the workspace knows; here an address of the page is turned into what it takes.

A page builds its buttons of this table, so that there is none that opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.domain.digest import Json
    from anvil_nb.widgets.view import View
    from anvil_nb.workspace import Workspace

EVERYWHERE = ""
"""The kind of a button that belongs to no project, set or prompt."""


@dataclass(frozen=True, slots=True)
class Opener:
    """What opens a view.

    Args:
        label: What its button says.
        kinds: At what it stands: ``project``, ``set``, ``prompt``, or ``EVERYWHERE``.
        make: Makes the view, of a workspace and the address at which it is opened.
    """

    label: str
    kinds: tuple[str, ...]
    make: Callable[[Workspace, str], View]


def _bare(address: str) -> str:
    return address.partition("@")[0]


def set_of(address: str) -> str:
    """Return the address of the set that an address is in."""
    return "/".join(_bare(address).split("/")[:2])


def _run(workspace: Workspace, address: str) -> View:
    from anvil_nb.widgets.trying import TryView  # noqa: PLC0415 - loaded where it is opened

    return TryView(workspace, _bare(address))


def _sync(workspace: Workspace, _: str) -> View:
    from anvil_nb.widgets.syncing import SyncView  # noqa: PLC0415 - it opens others by this table

    return SyncView(workspace)


_BOTH = ("set", "prompt")

OPENERS = {
    "editor": Opener("Edit", ("prompt",), lambda ws, at: ws.edit(_bare(at))),
    "history": Opener("History", ("project", *_BOTH), lambda ws, at: ws.history(_bare(at))),
    "diff": Opener("Compare", _BOTH, lambda ws, at: ws.compare(_bare(at))),
    "run": Opener("Run…", _BOTH, _run),
    "export": Opener(
        "Export", (EVERYWHERE, "project", *_BOTH), lambda ws, at: ws.exporting(*filter(None, [at]))
    ),
    "import": Opener("Import", (EVERYWHERE,), lambda ws, _: ws.importing()),
    "sync": Opener("Sync", (EVERYWHERE,), _sync),
    "conflicts": Opener("Conflicts", (EVERYWHERE,), lambda ws, _: ws.settle()),
}
"""By the name of the view, in the order of the buttons."""


def offered() -> list[Json]:
    """Return the buttons there are, as a page takes them."""
    return [
        {"name": name, "label": one.label, "kinds": [*one.kinds]} for name, one in OPENERS.items()
    ]


def opened(workspace: Workspace, name: str, address: str = "") -> View:
    """Return a view by its name.

    Raises:
        InvalidInputError: when there is none of that name.
    """
    if name not in OPENERS:
        msg = f"there is no view '{name}' to open"
        raise InvalidInputError(msg, f"It is one of: {', '.join(OPENERS)}")
    return OPENERS[name].make(workspace, address)
