"""Screens in the notebook: what a cell shows when it ends with one of these."""

# ruff: noqa: PLC0415 - a method imports its view when called: programs show none

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from anvil_nb.widgets.editor import EditorView
    from anvil_nb.widgets.history import HistoryView


class Views(State):
    """What is shown and worked with in a notebook. Each returns a view, which shows itself."""

    def edit(self, address: str) -> EditorView:
        """Edit a prompt of a draft: checked and previewed as it is typed, saved, published.

        Args:
            address: ``project/set/prompt``; a prompt that is not there yet starts empty.

        Raises:
            AddressError: for an address that is none.
            RefusedError: for a version, which never changes.
        """
        from anvil_nb.widgets.editor import EditorView

        return EditorView(cast("Any", self), address)

    def history(self, address: str) -> HistoryView:
        """Show the versions of a set on a line: read, compare, roll back, label.

        Args:
            address: ``project/set``.

        Raises:
            NotFoundError: when there is no such set.
        """
        from anvil_nb.widgets.history import HistoryView

        return HistoryView(cast("Any", self), address)
