"""A screen: what it shows at first, what the page may call, what it leaves behind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from anvil_nb.errors import RefusedError
from anvil_nb.widgets.holding import hold, let_go

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.html import Html
    from anvil_nb.widgets.widget import AnvilWidget
    from anvil_nb.workspace import Workspace


class View(ABC):
    """The parent of all views.

    Args:
        workspace: Whose prompts it is about. Views use a handle of their own to the same store,
            so that they go on when that one is closed.

    Attributes:
        name: What the page calls the module that draws it.
        title: What it is called for people.
    """

    name: ClassVar[str]
    title: str

    def __init__(self, workspace: Workspace) -> None:
        self._handle = self.ws = hold(workspace)
        self._closed = False
        self._tell: Callable[[str, Json], None] = lambda *_: None
        self._changed: Callable[[], None] = lambda: None
        self._open: Callable[[View], Json] | None = None
        self._widget: AnvilWidget | None = None

    @abstractmethod
    def state(self) -> dict[str, Json]:
        """Return what the page draws first: small, and all it needs to be useful at once."""

    @abstractmethod
    def to_html(self) -> Html:
        """Return what is true now without a page that runs: for saved notebooks, and GitHub."""

    @abstractmethod
    def to_text(self) -> str:
        """Return the same for a terminal."""

    def to_json(self) -> Json:
        """Return what the page draws first."""
        return self.state()

    # What a view says to its page

    def tell(self, event: str, value: Json = None) -> None:
        """Tell the page of an event."""
        self._tell(event, value)

    def changed(self) -> None:
        """Bring what stands beside the page up to date: something was done."""
        self._changed()

    def open(self, view: View) -> Json:
        """Open another view in the same page, and return what the page mounts it by."""
        if self._open is None:
            msg = "a view opens others once it is on a desk"
            raise RuntimeError(msg)
        return self._open(view)

    def put_on(
        self,
        *,
        tell: Callable[[str, Json], None],
        changed: Callable[[], None],
        opener: Callable[[View], Json],
    ) -> None:
        """Connect the view to the desk that it lies on from here on."""
        self._tell, self._changed, self._open = tell, changed, opener

    def close(self) -> None:
        """Let go of the store: nothing shows the view any more. Again, it does nothing."""
        if not self._closed:
            self._closed = True
            let_go(self._handle)

    # What Jupyter and marimo ask

    @property
    def widget(self) -> AnvilWidget:
        """The widget that shows this view, the same each time.

        Raises:
            RefusedError: when the view was closed.
        """
        if self._closed:
            msg = f"this view was closed: {self.title}"
            raise RefusedError(msg, "Make it anew: run the line that made it.")
        if self._widget is None:
            from anvil_nb.widgets.widget import AnvilWidget  # noqa: PLC0415 - loads ipywidgets

            self._widget = AnvilWidget(self)
        return self._widget

    def _ipython_display_(self) -> None:
        """Show the widget, and beside it what is true without one."""
        from anvil_nb.widgets.showing import show  # noqa: PLC0415 - loads IPython

        show(self)

    def _display_(self) -> AnvilWidget:
        """Show the widget alone: a page of marimo's is never without its kernel."""
        return self.widget

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Return the view without a page, for whoever shows no widgets."""
        del include, exclude
        return {"text/plain": self.to_text(), "text/html": str(self.to_html())}
