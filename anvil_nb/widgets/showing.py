"""Showing a view in a notebook: the widget, and what is true without one beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle, display

if TYPE_CHECKING:
    from anvil_nb.widgets.view import View


def show(view: View) -> None:
    """Show a view where this is called from.

    Raises:
        RefusedError: when it was closed.
    """
    shell: Any = get_ipython()
    if not hasattr(shell, "kernel"):
        print(view.to_text())  # noqa: T201 - a terminal shows text
        return
    widget = view.widget
    display(widget)  # type: ignore[no-untyped-call]  # IPython's own
    parent: Any = shell.get_parent()
    run = str(parent.get("header", {}).get("msg_id", ""))
    # Where the page names no cell, none is known to be gone.
    cell = str(parent.get("metadata", {}).get("cellId") or run)
    widget.beside.put(DisplayHandle(), cell, run)  # type: ignore[no-untyped-call]  # IPython's own
