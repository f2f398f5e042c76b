"""Progress under a cell: one output that is updated in place."""

from __future__ import annotations

import sys
from html import escape
from typing import TYPE_CHECKING, Any

from anvil_nb.cli.progress import on_terminal

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from anvil_nb.cli.progress import Show


def show_progress(shell: InteractiveShell) -> Show:
    """Return what shows a line of progress: in a kernel as an output, in a terminal in place."""
    if not hasattr(shell, "kernel"):
        return on_terminal(sys.stderr)
    from IPython.display import DisplayHandle  # noqa: PLC0415 - loads much

    handle: Any = None

    def show(line: str, last: bool) -> None:  # noqa: FBT001 - called by position
        nonlocal handle
        del last  # the last line simply stays
        bundle = {"text/plain": line, "text/html": f"<pre>{escape(line)}</pre>"}
        if handle is None:
            handle = DisplayHandle()  # type: ignore[no-untyped-call]  # IPython's own
            handle.display(bundle, raw=True)
        else:
            handle.update(bundle, raw=True)

    return show
