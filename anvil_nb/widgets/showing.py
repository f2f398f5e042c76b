"""Showing a view in a notebook: the widget, and a static output beside it that is kept up to date.

JupyterLab shows a red line where a saved notebook has a widget and the kernel is gone. What stands
beside the widget still says what is true then; while the widget is alive its page hides it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle, display

from anvil_nb.results import html

if TYPE_CHECKING:
    from anvil_nb.widgets.view import View


def show(view: View) -> None:
    """Show a view where this is called from."""
    if not hasattr(get_ipython(), "kernel"):
        print(view.to_text())  # noqa: T201 - a terminal shows text
        return
    widget = view.widget
    display(widget)  # type: ignore[no-untyped-call]  # IPython's own
    handle: Any = DisplayHandle()  # type: ignore[no-untyped-call]  # IPython's own
    handle.display(_beside(view), raw=True)
    widget.beside = lambda: handle.update(_beside(view), raw=True)


def _beside(view: View) -> dict[str, str]:
    name = f"anvil-beside-{view.widget.model_id}"
    shown = html.element("div", view.to_html(), class_=f"anvil-beside {name}")
    return {"text/plain": view.to_text(), "text/html": str(shown)}
