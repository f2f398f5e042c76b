"""What stands beside a widget as text and HTML, kept up to date wherever it is shown.

JupyterLab shows a red line where a saved notebook has a widget and the kernel is gone. What stands
beside the widget still says what is true then; while the widget is alive its page hides it.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from anvil_nb.results import html

if TYPE_CHECKING:
    from anvil_nb.widgets.view import View


class Beside:
    """The static outputs of one view.

    Args:
        view: What they tell of.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._lock = Lock()
        self._outputs: dict[str, tuple[str, list[Any]]] = {}

    def put(self, handle: Any, cell: str, run: str) -> None:
        """Show it once more.

        Args:
            handle: IPython's handle to an output that is not displayed yet.
            cell: Where it is shown.
            run: Of that cell: what an earlier one showed there is gone.
        """
        # What changes meanwhile waits, so that it is told after this is shown, and not lost.
        with self._lock:
            before, handles = self._outputs.get(cell, (run, []))
            self._outputs[cell] = (run, [*(handles if before == run else ()), handle])
            handle.display(self._said(), raw=True)

    def update(self) -> None:
        """Bring every one of them up to date."""
        with self._lock:
            if not self._outputs:
                return
            said = self._said()
            for _, handles in self._outputs.values():
                for one in handles:
                    one.update(said, raw=True)

    def end(self) -> None:
        """Leave them as they are from here on: the view is closed."""
        with self._lock:
            self._outputs.clear()

    def _said(self) -> dict[str, str]:
        view = self._view
        name = f"anvil-beside-{view.widget.model_id}"
        shown = html.element("div", view.to_html(), class_=f"anvil-beside {name}")
        return {"text/plain": view.to_text(), "text/html": str(shown)}
