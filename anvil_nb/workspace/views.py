"""Screens in the notebook: what a cell shows when it ends with one of these."""

# ruff: noqa: PLC0415 - a method imports its view when called: programs show none

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from anvil_nb.results.run import Run
    from anvil_nb.widgets.history import HistoryView
    from anvil_nb.widgets.runs import RunsView


class Views(State):
    """What is shown and worked with in a notebook. Each returns a view, which shows itself."""

    def grid(self, run: Run) -> RunsView:
        """Show a run as a grid of rows by versions: filter it, and read a row whole.

        Args:
            run: What ``ws.run(…)`` gave.
        """
        from anvil_nb.widgets.runs import RunsView

        return RunsView(cast("Any", self), run)

    def history(self, address: str) -> HistoryView:
        """Show the versions of a set on a line: read, compare, roll back, label.

        Args:
            address: ``project/set``.

        Raises:
            NotFoundError: when there is no such set.
        """
        from anvil_nb.widgets.history import HistoryView

        return HistoryView(cast("Any", self), address)
