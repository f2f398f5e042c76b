"""The versions of a set on a line: read, compare, roll back, label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.widgets.calls import call
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.results.html import Html
    from anvil_nb.workspace import Workspace


class HistoryView(View):
    """The history of one set.

    Args:
        workspace: Whose set it is.
        address: ``project/set``.
    """

    name = "history"

    def __init__(self, workspace: Workspace, address: str) -> None:
        super().__init__(workspace)
        self._history = self.ws.log(address)
        self.address = self._history.address
        self.title = f"History of {self.address}"

    def state(self) -> dict[str, Json]:
        """Return the versions and the moves of labels, newest first."""
        found = self._history.to_json()
        assert isinstance(found, dict)
        return found

    def to_html(self) -> Html:
        """Return versions and moves as tables."""
        return self._history.to_html()

    def to_text(self) -> str:
        """Return versions and moves as tables."""
        return self._history.to_text()

    @call
    def refresh(self) -> Json:
        """Return what is true now."""
        self._history = self.ws.log(self.address)
        self.changed()
        return self.state()

    @call
    def label(self, version: str, name: str, expect: str, message: str = "") -> Json:
        """Point a label to a version; ``expect`` is where the page saw it last."""
        self.ws.label(f"{self.address}@{version}", name, message=message, expect=expect)
        return self.refresh()

    @call
    def roll_back(self, version: str, message: str = "", *, draft: bool = False) -> Json:
        """Publish the content of an old version as a new one."""
        self.ws.rollback(f"{self.address}@{version}", message=message, draft=draft)
        return self.refresh()
