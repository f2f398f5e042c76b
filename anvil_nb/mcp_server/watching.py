"""Watching: those who listen are told that the store changed, whoever changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio
from mcp.server.subscriptions import PromptsListChanged, ResourcesListChanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server.subscriptions import SubscriptionBus

SECONDS: Final = 0.5
"""How long a change may be unknown."""


async def watch(
    generation: Callable[[], int], bus: SubscriptionBus, seconds: float = SECONDS
) -> None:
    """Tell of each change until this is cancelled.

    Args:
        generation: Returns a number that is another after each write of any process; it costs
            next to nothing.
        bus: Those who listen.
        seconds: How often to look.
    """
    known = generation()
    while True:
        await anyio.sleep(seconds)
        found = generation()
        if found != known:
            known = found
            await bus.publish(PromptsListChanged())
            await bus.publish(ResourcesListChanged())
