"""The one widget that shows every view: a shell that carries messages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import Dict, Unicode

from anvil_nb.widgets.beside import Beside
from anvil_nb.widgets.desk import Desk

if TYPE_CHECKING:
    from anvil_nb.widgets.view import View

_STATIC = Path(__file__).parent / "static"


class AnvilWidget(anywidget.AnyWidget):
    """A view as Jupyter shows it. Closed, it lets go of the view too.

    Args:
        view: What it shows.

    Attributes:
        beside: What stands beside it as text: as often as it is shown.
    """

    _esm = _STATIC / "anvil.js"
    _css = _STATIC / "anvil.css"

    view = Unicode(help="What draws it.").tag(sync=True)
    title = Unicode(help="What it is called for people.").tag(sync=True)
    state = Dict(help="What is drawn first.").tag(sync=True)

    def __init__(self, view: View) -> None:
        self._view = view
        self.beside = Beside(view)
        super().__init__(view=view.name, title=view.title, state=view.state())
        self.desk = Desk(view, self.send, self._changed)
        self.state = view.state()  # what a thread of the view came to before the desk stood
        self.comm.on_close(lambda _: self.close())
        self.on_msg(lambda _, content, buffers: self.desk.receive(content, buffers))

    def _changed(self) -> None:
        if self.comm is None:  # work that was under way when it was closed
            return
        # A page that is loaded again begins with what is true now.
        self.state = self._view.state()
        self.beside.update()

    def close(self) -> None:
        """Take the widget away, and let go of the view: what runs in it is cancelled."""
        super().close()
        self.beside.end()
        self.desk.close()

    def _repr_mimebundle_(self, **keywords: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**keywords)
        if bundle is not None:
            # The whole of it stands beside, for pages without widgets.
            bundle[0]["text/plain"] = self._view.title
        return bundle
