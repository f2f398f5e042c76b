"""The views that others open, by name: what their buttons say, where they are, how they are made.

A page builds its buttons of this table, so that there is none that opens nothing.
"""

# ruff: noqa: PLC0415 - a view is imported when it is opened

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


def _conflicts(workspace: Workspace, _: str) -> View:
    from anvil_nb.widgets.settling import ConflictsView
    from anvil_nb.widgets.sync_settlement import SyncSettlement

    return ConflictsView(workspace, SyncSettlement)


def _diff(workspace: Workspace, address: str) -> View:
    from anvil_nb.widgets.diff import DiffView

    return DiffView(workspace, address.partition("@")[0])


def _edit(workspace: Workspace, address: str) -> View:
    from anvil_nb.widgets.editor import EditorView

    return EditorView(workspace, address.partition("@")[0])


def _export(workspace: Workspace, address: str) -> View:
    from anvil_nb.widgets.export import ExportView

    return ExportView(workspace, (address,) if address else ())


def _history(workspace: Workspace, address: str) -> View:
    from anvil_nb.widgets.history import HistoryView

    return HistoryView(workspace, set_of(address))


def _import(workspace: Workspace, _: str) -> View:
    from anvil_nb.widgets.importing import ImportView

    return ImportView(workspace)


def _sync(workspace: Workspace, _: str) -> View:
    from anvil_nb.widgets.syncing import SyncView

    return SyncView(workspace)


def set_of(address: str) -> str:
    """Return the address of the set that an address is in."""
    return "/".join(address.partition("@")[0].split("/")[:2])


OPENERS = {
    "editor": Opener("Edit", ("prompt",), _edit),
    "history": Opener("History", ("set", "prompt"), _history),
    "diff": Opener("Compare", ("set", "prompt"), _diff),
    "export": Opener("Export", (EVERYWHERE, "project", "set", "prompt"), _export),
    "import": Opener("Import", (EVERYWHERE,), _import),
    "sync": Opener("Sync", (EVERYWHERE,), _sync),
    "conflicts": Opener("Conflicts", (EVERYWHERE,), _conflicts),
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
