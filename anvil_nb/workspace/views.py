"""Screens in the notebook: what a cell shows when it ends with one of these."""

# ruff: noqa: PLC0415 - a method imports its view when called: programs show none

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from anvil_nb.results.run import Run
    from anvil_nb.widgets.browser import BrowserView
    from anvil_nb.widgets.diff import DiffView
    from anvil_nb.widgets.editor import EditorView
    from anvil_nb.widgets.export import ExportView
    from anvil_nb.widgets.history import HistoryView
    from anvil_nb.widgets.importing import ImportView
    from anvil_nb.widgets.runs import RunsView
    from anvil_nb.widgets.settling import ConflictsView


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
        """Show versions on a line: read, compare, roll back, label.

        Args:
            address: ``project/set``; a project, for the versions of all its sets; or a prompt, for
                those in which it was added, changed or removed, and its changes in the draft.

        Raises:
            NotFoundError: when there is nothing there, and never was.
        """
        from anvil_nb.widgets.history import HistoryView

        return HistoryView(cast("Any", self), address)

    def importing(
        self,
        path: str | Path | None = None,
        *,
        strategy: str = "manual",
        resolutions: Mapping[str, Any] | None = None,
        **how: Any,
    ) -> ImportView:
        """Import a bundle by hand: verified step by step, conflicts settled, the plan seen first.

        Args:
            path: Of the file; without one it is dropped, or chosen, in the page.
            strategy: What to choose for conflicts, to begin with.
            resolutions: Choices by the keys of conflicts, to begin with.
            how: What else ``import_bundle`` takes: ``renames``, ``into``, ``organisation``,
                ``labels``, ``allow_unsigned`` and ``passphrase``.

        Raises:
            InvalidInputError: for what ``import_bundle`` does not take.
        """
        from anvil_nb.widgets.importing import ImportView

        return ImportView(
            cast("Any", self), path, strategy=strategy, resolutions=resolutions, **how
        )

    def settle(self) -> ConflictsView:
        """Settle what syncs left in conflict: both sides seen, and one result for each."""
        from anvil_nb.widgets.settling import ConflictsView
        from anvil_nb.widgets.sync_settlement import SyncSettlement

        return ConflictsView(cast("Any", self), SyncSettlement)

    def ui(self) -> BrowserView:
        """Show projects, sets and prompts as a tree, to look at, change and open.

        Raises:
            StoreUnavailableError: when there is no store yet.
        """
        from anvil_nb.widgets.browser import BrowserView

        return BrowserView(cast("Any", self))
