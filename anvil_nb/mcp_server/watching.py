"""Watching: those who listen are told that the store changed, whoever changed it.

The store has a number that every write of any process counts up. While somebody listens it is
looked at now and then, which costs next to nothing; when it is another, the lists may have
changed, and what is subscribed to is read again. Bundle files are not in the store: nobody is told
of them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread
from mcp.server.mcpserver.exceptions import ResourceError
from mcp.server.subscriptions import (
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
)

from anvil_nb.errors import AnvilError, InvalidInputError
from anvil_nb.mcp_server.faults import refusal
from anvil_nb.mcp_server.resources import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mcp.server.subscriptions import SubscriptionBus
    from mcp.types import SubscriptionsListenRequestParams, SubscriptionsListenResult

    from anvil_nb.mcp_server.views import View

SECONDS: Final = 0.5
"""How long a change may be unknown."""
MOST: Final = 100
"""The most resources that one stream subscribes to."""
_ELSEWHERE: Final = "bundle://"


class Stream:
    """Somebody who listens.

    Args:
        view: What they may see.
        uris: What they subscribe to.
        generation: Of the store, before it is first read.
    """

    def __init__(self, view: View, uris: Iterable[str], generation: int) -> None:
        self.view = view
        self.generation = generation
        self._marks = {uri: "" for uri in uris if not uri.startswith(_ELSEWHERE)}

    def look(self) -> list[str]:
        """Return the URIs that read otherwise than the last time."""
        if not self._marks:
            return []
        before = self._marks
        try:
            with self.view.desk.workspace.burst():
                self._marks = {uri: self._mark(uri) for uri in before}
        except AnvilError:  # the store cannot be opened now; it is looked at after the next change
            return []
        return [uri for uri, mark in self._marks.items() if mark != before[uri]]

    def _mark(self, uri: str) -> str:
        try:
            found = read(self.view, uri)
        except ResourceError:
            return ""
        if found is None:
            return ""
        said = found[0] if isinstance(found[0], bytes) else found[0].encode("utf-8", "replace")
        return hashlib.sha256(said).hexdigest()


class Listeners(ListenHandler):
    """Serves those who listen, and looks at the store for as long as there are some.

    Args:
        bus: Through which they are told.
        generation: Returns a number that is another after each write of any process.
        view: Returns what the caller of a request may see.
    """

    def __init__(
        self, bus: SubscriptionBus, generation: Callable[[], int], view: Callable[[Any], View]
    ) -> None:
        super().__init__(bus)
        self._generation = generation
        self._view = view
        self._listening: set[Stream] = set()
        self._somebody = anyio.Event()

    async def __call__(
        self, ctx: Any, params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        """Serve one of them until they hang up."""
        uris = params.notifications.resource_subscriptions or []
        if len(uris) > MOST:
            msg = f"one stream subscribes to at most {MOST} resources, and this one to {len(uris)}"
            raise refusal(InvalidInputError(msg, "Listen to lists, or with several streams."))
        stream = Stream(self._view(ctx), uris, self._generation())
        await anyio.to_thread.run_sync(stream.look)
        self._listening.add(stream)
        self._somebody.set()
        try:
            return await super().__call__(ctx, params)
        finally:
            self._listening.discard(stream)
            if not self._listening:
                self._somebody = anyio.Event()

    async def watch(self, seconds: float = SECONDS) -> None:
        """Tell of changes until this is cancelled.

        Args:
            seconds: How often to look while somebody listens.
        """
        while True:
            await self._somebody.wait()
            await anyio.sleep(seconds)
            now = self._generation()
            behind = [one for one in self._listening if one.generation != now]
            if behind:
                await self._tell(behind, now)

    async def _tell(self, behind: list[Stream], now: int) -> None:
        changed: set[str] = set()
        for stream in behind:
            stream.generation = now
            changed.update(await anyio.to_thread.run_sync(stream.look))
        await self._bus.publish(PromptsListChanged())
        await self._bus.publish(ResourcesListChanged())
        for uri in sorted(changed):
            await self._bus.publish(ResourceUpdated(uri))
