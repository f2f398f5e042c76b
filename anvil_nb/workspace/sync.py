"""Sync: what is here and what is elsewhere, made equal without loss."""

# ruff: noqa: PLC0415 - a method imports its service when called

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from anvil_nb.workspace.arguments import check_functions, check_mappings, check_texts, check_words
from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from anvil_nb.access import Access
    from anvil_nb.remote.api import Api
    from anvil_nb.results.done import Done
    from anvil_nb.results.settled import SyncSettled
    from anvil_nb.results.standing import SyncConflicts, SyncDifference, SyncHistory, SyncStatus
    from anvil_nb.results.sync import SyncReport
    from anvil_nb.settings import Settings
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.targets import Places

    Progress = Callable[[int, int], None]
    Cancelled = Callable[[], bool]


class Sync(State):
    """What keeps disk, store and server equal."""

    _connections: Mapping[tuple[str, str, str], Api] = MappingProxyType({})
    """By server, organisation and token: a token that is another one by now opens its own."""
    _lender: Sync | None = None
    """Whose connection is used where it is not one's own."""

    def acting_as(self, access: Access, settings: Settings | None = None) -> Self:
        """Return this workspace as somebody else acts on it; closing that closes nothing."""
        found = super().acting_as(access, settings)
        found._lender = self  # noqa: SLF001 - it is of this class
        return found

    def close(self) -> None:
        """Let go of the store, and hang up."""
        super().close()
        for one in self._connections.values():
            one.calls.connection.close()
        self._connections = {}

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
        cancelled: Cancelled | None = None,
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
            cancelled: Is asked before each step whether to end there: what was begun is finished,
                the rest is not begun, and the report says which. The next sync goes on.

        Raises:
            InvalidInputError: for what there is nothing of, and a filter that matches nothing.
            PlanMovedError: when ``plan`` does not hold any more; nothing was done.
            SyncConflictError: for conflicts under ``stop``, with the report; nothing was done.
            SyncGuardError: for what looks like an accident, without ``force``; nothing was done.
            RemoteError: when the server cannot be reached, or refuses.
        """
        from anvil_nb.sync import engine, everything, targets
        from anvil_nb.sync.cancelling import never
        from anvil_nb.sync.options import Options, direction_of

        check_words(target=target, direction=direction, filter=filter, on_conflict=on_conflict)
        check_texts(plan=plan)
        check_functions(progress=progress, cancelled=cancelled)
        ends = cancelled or never
        options = Options(
            direction_of(direction), dry_run, filter, delete, force, on_conflict, plan
        )
        targets.check_target(target, also=(targets.ALL,))
        with self._to_write.engine.burst():
            if target == targets.ALL:
                return everything.sync_all(
                    self._access, self._places(), options, self.settings.deploy, progress, ends
                )
            return engine.sync(self._access, self._sides(target), options, progress, ends)

    def sync_status(self, *, remote: bool = True) -> SyncStatus:
        """Return where every target stands.

        Args:
            remote: Whether to ask the server, where there is one.
        """
        from anvil_nb.sync import status

        return status.status(
            self._access, self._places(), remote=remote and self.settings.remote is not None
        )

    def sync_diff(self, key: str, *, kept: bool = False) -> SyncDifference:
        """Return how two sides differ at a key such as ``skills/inspect_agents``.

        Args:
            key: Target and name.
            kept: As they were when the latest conflict there was kept, whatever became of it.

        Raises:
            NotFoundError: when neither side has it; for ``kept`` where there was no conflict.
        """
        from anvil_nb.sync import differing
        from anvil_nb.sync.targets import split_key

        check_words(key=key)
        target, name = split_key(key)
        compare = differing.kept_difference if kept else differing.difference
        return compare(self._access, self._sides(target), name)

    def sync_conflicts(self) -> SyncConflicts:
        """Return the conflicts that nobody has settled."""
        from anvil_nb.sync import listing

        return listing.open_conflicts(self._access)

    def sync_resolve(
        self,
        key: str,
        choice: str,
        *,
        merged: str | bytes | Path | Mapping[str, str | bytes] | None = None,
        plan: str | None = None,
        dry_run: bool = False,
    ) -> Done | SyncSettled:
        """Make both sides the same at a key, or at all that are in conflict and like a glob.

        What is given up is kept.

        Args:
            key: Such as ``skills/inspect_agents``, or ``skills/*``; ``merged`` is for one alone.
            choice: ``ours``, ``theirs``, ``both``, or ``merged``.
            merged: What is to stand on both sides: the text of the file that differs, the path of
                such a file or of a folder, or texts by path.
            plan: The id of the plan that was looked at; refused when it does not hold any more.
            dry_run: Only say what would be settled.

        Returns:
            What was done to one key; for a glob, a plan and a dry run what became of each, which
            for a glob may be that it moved and was left.

        Raises:
            NotFoundError: when neither side has it.
            InvalidInputError: for a choice that does not fit, a text that makes nothing, and a
                glob that no conflict is like.
            SyncGuardError: when it is not certain that the two sides belong together.
            ConflictError: when a side moved since the conflict was kept; nothing was done.
            PlanMovedError: when ``plan`` does not hold any more; nothing was done.
        """
        from anvil_nb.sync import resolving, settling
        from anvil_nb.sync.given import given
        from anvil_nb.sync.targets import split_key

        check_words(key=key, choice=choice)
        check_texts(plan=plan)
        target, name = split_key(key)
        if merged is not None and resolving.is_glob(name):
            raise resolving.one_alone()
        files = None if merged is None else given(merged)
        if dry_run or plan is not None or resolving.is_glob(name):
            sides = self._sides(target)
            return resolving.resolve(
                self._access, sides, name, choice, files, plan=plan, dry_run=dry_run
            )
        return settling.settle(self._access, self._sides(target), name, choice, files)

    def sync_settle(
        self,
        decisions: Mapping[str, Any],
        *,
        plan: str | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> SyncSettled:
        """Settle conflicts together, each by a choice of its own. What is given up is kept.

        Args:
            decisions: By the key of a conflict ``ours``, ``theirs`` or ``both``; or
                ``{"merged": text}`` as ``sync_resolve`` takes it.
            plan: The id of the plan that was looked at; refused when it does not hold any more.
            dry_run: Only say what would be settled.
            progress: Is told of how many conflicts it is over with, of how many.
            cancelled: Is asked between conflicts whether to end there: what is settled by then is,
                the rest is as undecided as before, and the result says which.

        Raises:
            NotFoundError: when neither side has it.
            InvalidInputError: for what is no decision, and for none at all.
            SyncGuardError: when it is not certain that the two sides belong together.
            PlanMovedError: when ``plan`` does not hold any more; nothing was done.
        """
        from anvil_nb.sync import deciding
        from anvil_nb.sync.cancelling import never

        check_mappings(decisions=decisions)
        check_texts(plan=plan)
        check_functions(progress=progress, cancelled=cancelled)
        return deciding.decide(
            self._access,
            self._sides,
            decisions,
            plan=plan,
            dry_run=dry_run,
            progress=progress,
            cancelled=cancelled or never,
        )

    def sync_history(self, target: str | None = None, *, limit: int = 50) -> SyncHistory:
        """Return the syncs that were carried out, newest first."""
        from anvil_nb.sync import listing
        from anvil_nb.sync.targets import check_target

        check_texts(target=target)
        if target is not None:
            check_target(target)
        return listing.history(self._access, target, limit)

    def _sides(self, target: str) -> Sides:
        from anvil_nb.sync.targets import sides_of

        return sides_of(self._access, self._places(), target)

    def _places(self) -> Places:
        from anvil_nb.keys.unattended import key_passphrase
        from anvil_nb.sync.targets import Places

        settings = self.settings
        root = settings.root or settings.services.parent
        return Places(
            settings.services,
            settings.directories,
            root / ".anvil",
            self._cloud,
            () if settings.sign is None else (settings.sign,),
            key_passphrase(),
            settings.signatures,
            settings.follow,
        )

    def _cloud(self) -> Api:
        from anvil_nb.remote.connecting import connected
        from anvil_nb.remote.credentials import token_for
        from anvil_nb.sync.targets import no_remote

        if self._lender is not None:
            return self._lender._cloud()  # noqa: SLF001 - as above
        url = self.settings.remote
        if url is None:
            raise no_remote()
        said = url, self.settings.tenant or self.settings.organisation, token_for(url)
        found = self._connections.get(said)
        if found is None:
            found = connected(*said)
            self._connections = {**self._connections, said: found}
        return found
