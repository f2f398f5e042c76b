"""Screens in the notebook: what a cell shows when it ends with one of these."""

# ruff: noqa: PLC0415 - a method imports its view when called: programs show none

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from anvil_nb.results.run import Run
    from anvil_nb.widgets.diff import DiffView
    from anvil_nb.widgets.history import HistoryView
    from anvil_nb.widgets.runs import RunsView


class Views(State):
    """What is shown and worked with in a notebook. Each returns a view, which shows itself."""

    def compare(self, a: str, b: str | None = None) -> DiffView:
        """Show how two versions, labels or drafts differ, side by side; choose others in place.

        Args:
            a: A set or a prompt; its latest version without a selector.
            b: The other side; the draft of the same place when ``None`` or without a selector.

        Raises:
            NotFoundError: when one side is not there.
            RefusedError: when one is a set and the other a prompt.
        """
        from anvil_nb.widgets.diff import DiffView

        return DiffView(cast("Any", self), a, b)

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
