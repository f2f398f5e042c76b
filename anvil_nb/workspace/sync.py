"""Sync: what is here and what is elsewhere, made equal without loss."""

# ruff: noqa: PLC0415 - a method imports its service when called

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anvil_nb.remote.api import Api
    from anvil_nb.results.done import Done
    from anvil_nb.results.sync import (
        SyncConflicts,
        SyncDifference,
        SyncHistory,
        SyncReport,
        SyncStatus,
    )
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.targets import Places

    Progress = Callable[[int, int], None]


class Sync(State):
    """What keeps disk, store and server equal."""

    def sync(  # noqa: PLR0913 - what a sync may say
        self,
        target: str,
        direction: str,
        *,
        dry_run: bool = True,
        filter: str = "",  # noqa: A002 - the word of the option
        delete: bool = False,
        force: bool = False,
        on_conflict: str = "stop",
        plan: str | None = None,
        progress: Progress | None = None,
    ) -> SyncReport:
        """Plan a sync, or carry it out. Nothing is asked, and nothing is overwritten silently.

        Args:
            target: ``skills``, ``content`` or ``agents`` (disk and store), ``files``, ``database``
                or ``bundles`` (here and the server), or ``all`` of the latter.
            direction: ``push`` or ``pull``.
            dry_run: Only say what would be done; so unless told otherwise.
            filter: Globs over names, with commas between them.
            delete: Delete at the destination what was deleted at the source.
            force: Go on although it looks like an accident.
            on_conflict: ``stop`` to do nothing at all, ``ours`` or ``theirs`` to take a side (the
                other is kept), ``keep`` to do all the rest.
            plan: The id of the plan that was looked at; refused when it does not hold any more.
            progress: Is told how many changes are done, of how many.

        Raises:
            InvalidInputError: for what there is nothing of, and a filter that matches nothing.
            PlanMovedError: when ``plan`` does not hold any more; nothing was done.
            SyncConflictError: for conflicts under ``stop``, with the report; nothing was done.
            SyncGuardError: for what looks like an accident, without ``force``; nothing was done.
            RemoteError: when the server cannot be reached, or refuses.
        """
        from anvil_nb.sync import everything, targets
        from anvil_nb.sync.engine import Options, direction_of

        options = Options(
            direction_of(direction), dry_run, filter, delete, force, on_conflict, plan
        )
        with self._to_write.engine.burst():
            if targets.check_target(target, also=(targets.ALL,)) == targets.ALL:
                return everything.sync_all(
                    self._access, self._places(), options, self.settings.deploy, progress
                )
            from anvil_nb.sync import engine

            return engine.sync(self._access, self._sides(target), options, progress)

    def sync_status(self, *, remote: bool = True) -> SyncStatus:
        """Return where every target stands.

        Args:
            remote: Whether to ask the server, where there is one.
        """
        from anvil_nb.sync import status

        return status.status(
            self._access, self._places(), remote=remote and self.settings.remote is not None
        )

    def sync_diff(self, key: str) -> SyncDifference:
        """Return how two sides differ at a key such as ``skills/inspect_agents``.

        Raises:
            NotFoundError: when neither side has it.
        """
        from anvil_nb.sync import settling
        from anvil_nb.sync.targets import split_key

        target, name = split_key(key)
        return settling.difference(self._access, self._sides(target), name)

    def sync_conflicts(self) -> SyncConflicts:
        """Return the conflicts that nobody has settled."""
        from anvil_nb.sync import settling

        return settling.open_conflicts(self._access)

    def sync_resolve(
        self,
        key: str,
        choice: str,
        *,
        merged: str | bytes | Path | Mapping[str, str | bytes] | None = None,
    ) -> Done:
        """Make both sides the same at a key. What is given up is kept.

        Args:
            key: Such as ``skills/inspect_agents``.
            choice: ``ours``, ``theirs``, ``both``, or ``merged``.
            merged: What is to stand on both sides: the text of the file that differs, the path of
                such a file or of a folder, or texts by path.

        Raises:
            NotFoundError: when neither side has it.
            ConflictError: when a side moved since the conflict was kept; nothing was done.
        """
        from anvil_nb.sync import settling
        from anvil_nb.sync.given import given
        from anvil_nb.sync.targets import split_key

        target, name = split_key(key)
        files = None if merged is None else given(merged)
        return settling.settle(self._access, self._sides(target), name, choice, files)

    def sync_history(self, target: str | None = None, *, limit: int = 50) -> SyncHistory:
        """Return the syncs that were carried out, newest first."""
        from anvil_nb.sync import settling

        return settling.history(self._access, target, limit)

    def _sides(self, target: str) -> Sides:
        from anvil_nb.sync.targets import sides_of

        return sides_of(self._access, self._places(), target)

    def _places(self) -> Places:
        from anvil_nb.sync.targets import Places

        root = self.settings.root or self.settings.services.parent
        return Places(
            self.settings.services, self.settings.directories, root / ".anvil", self._cloud
        )

    def _cloud(self) -> Api:
        from anvil_nb.remote.credentials import token_for
        from anvil_nb.remote.connecting import connected
        from anvil_nb.sync.targets import no_remote

        if self.settings.remote is None:
            raise no_remote()
        tenant = self.settings.tenant or self.settings.organisation
        return connected(self.settings.remote, tenant, token_for(self.settings.remote))
