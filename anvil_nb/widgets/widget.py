"""The one widget that shows every view: a shell that carries messages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import Dict, Unicode

from anvil_nb.widgets.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.widgets.view import View

_STATIC = Path(__file__).parent / "static"


class AnvilWidget(anywidget.AnyWidget):
    """A view as Jupyter shows it.

    Args:
        view: What it shows.
        changed: Is called when what stands beside the widget is to be brought up to date.
    """

    _esm = _STATIC / "anvil.js"
    _css = _STATIC / "anvil.css"

    view = Unicode(help="What draws it.").tag(sync=True)
    title = Unicode(help="What it is called for people.").tag(sync=True)
    state = Dict(help="What is drawn first.").tag(sync=True)

    def __init__(self, view: View, changed: Callable[[], None] = lambda: None) -> None:
        self._view = view
        self.beside = changed
        super().__init__(view=view.name, title=view.title, state=view.state())
        self.desk = Desk(view, self.send, self._changed)
        self.state = view.state()  # what a thread of the view came to before the desk stood
        self.on_msg(lambda _, content, buffers: self.desk.receive(content, buffers))

    def _changed(self) -> None:
        # A page that is loaded again begins with what is true now.
        self.state = self._view.state()
        self.beside()

    def _repr_mimebundle_(self, **keywords: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**keywords)
        if bundle is not None:
            # The whole of it stands beside, for pages without widgets.
            bundle[0]["text/plain"] = self._view.title
        return bundle
