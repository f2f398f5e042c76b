"""What one running server holds: its store, the tokens it knows, what it counted and read."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio.to_thread

from anvil_nb.access import Access
from anvil_nb.deploying.hosting import Hosting
from anvil_nb.domain.rights import scopes_within
from anvil_nb.files.uploads import Uploads
from anvil_nb.server.answers import Answers
from anvil_nb.server.bearers import Bearers
from anvil_nb.server.limits import RateLimits
from anvil_nb.store import open_engine
from anvil_nb.store.audit import Note, Trail
from anvil_nb.store.objects import Recent
from anvil_nb.store.organisations import Actor

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from starlette.requests import Request

    from anvil_nb.accounts.tokens import Bearer
    from anvil_nb.domain.rights import Right
    from anvil_nb.server.options import Options

_FORGET_SECONDS = 3600.0
_LONGEST = 500
"""The most characters of a path that the audit keeps."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def _clock() -> datetime:
    return datetime.now(UTC)


class Instance:
    """A server at work. Make one through ``create_app``.

    Args:
        store: Path of a DuckDB file, or a ``postgresql://`` URL.
        options: Of the server.
        clock: Returns the time, with its zone.

    Raises:
        StoreError: when the store cannot be opened.
        SettingsError: for options that cannot be.
    """

    def __init__(
        self, store: str, options: Options, clock: Callable[[], datetime] = _clock
    ) -> None:
        self.options = options
        self.clock = clock
        self._closing = ExitStack()
        with ExitStack() as opened:
            self.uploads = opened.enter_context(Uploads(options.uploads))
            self.engine = open_engine(store)
            opened.callback(self.engine.close)
            self.limits = RateLimits(options, self.engine)
            # Gives way to notebooks that wait, and spares the opening of the file otherwise.
            opened.enter_context(self.engine.burst())
            self._closing = opened.pop_all()
        self.bearers = Bearers(self.engine, self.now)
        self.hosting = Hosting(self.engine, self.now, options.deploy_hooks)
        self.answers = Answers(self.engine)
        self._recents: dict[UUID, Recent] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._forget_at = 0.0
        self.stopping = False

    def now(self) -> datetime:
        """Return the time as the store keeps it: UTC, without saying so."""
        return self.clock().astimezone(UTC).replace(tzinfo=None)

    def access(self, request: Request, bearer: Bearer, right: Right) -> Access:
        """Return what services are handed for a request, with the rights of one route.

        A write is entered in the audit under the name of the route, unless its service says more.
        """
        found = self.acting(bearer, right)
        self.note_uses()
        if request.method in _READS:
            return found
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        route = getattr(request.scope.get("route"), "name", request.method)
        otherwise = Note(route, path[:_LONGEST])
        claim = getattr(request.state, "claim", None)
        trail = Trail(request.state.request_id, bearer.id, otherwise, claim)
        return replace(found, trail=trail)

    def acting(self, bearer: Bearer, right: Right) -> Access:
        """Return what services are handed that act for a token under one right."""
        actor = Actor(
            bearer.organisation_id,
            bearer.organisation,
            bearer.user_id,
            bearer.user,
            scopes_within(right),
        )
        recent = self._recents.setdefault(bearer.organisation_id, Recent())
        return Access(self.engine, actor, self.clock, recent)

    def note_uses(self) -> None:
        """Record when tokens were used, now and then, behind the answer."""
        if self.bearers.has_uses:
            self.later(self.bearers.record_uses)

    def later(self, work: Callable[[], None]) -> None:
        """Do something in a thread, behind the answer."""
        task = asyncio.get_running_loop().create_task(anyio.to_thread.run_sync(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forgets_keys(self) -> bool:
        """Tell whether it is time to remove old idempotency keys: at first, then once an hour."""
        now = time.monotonic()
        due = now >= self._forget_at
        if due:
            self._forget_at = now + _FORGET_SECONDS
        return due

    def close(self) -> None:
        """Give everything back; asked again, do nothing."""
        if not self.stopping:
            self.stopping = True
            self.hosting.close()
            self.bearers.record_uses()
            self._closing.close()
