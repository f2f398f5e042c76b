"""Screens in the notebook: what a cell shows when it ends with one of these."""

# ruff: noqa: PLC0415 - a method imports its view when called: programs show none

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from anvil_nb.widgets.browser import BrowserView
    from anvil_nb.widgets.export import ExportView
    from anvil_nb.widgets.history import HistoryView


class Views(State):
    """What is shown and worked with in a notebook. Each returns a view, which shows itself."""

    def exporting(self, *addresses: str) -> ExportView:
        """Choose what goes into a bundle, write it, and take it away.

        Args:
            addresses: What is chosen at first: projects, sets, versions or prompts.

        Raises:
            NotFoundError: for an address at which there is nothing.
            RefusedError: where nothing is published.
        """
        from anvil_nb.widgets.export import ExportView

        return ExportView(cast("Any", self), addresses)

    def history(self, address: str) -> HistoryView:
        """Show the versions of a set on a line: read, compare, roll back, label.

        Args:
            address: ``project/set``.

        Raises:
            NotFoundError: when there is no such set.
        """
        from anvil_nb.widgets.history import HistoryView

        return HistoryView(cast("Any", self), address)

    def ui(self) -> BrowserView:
        """Show projects, sets and prompts as a tree, to look at, change and open.

        Raises:
            StoreUnavailableError: when there is no store yet.
        """
        from anvil_nb.widgets.browser import BrowserView

        return BrowserView(cast("Any", self))
