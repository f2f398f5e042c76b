"""Over standard input and output: one client, which started this process, acts as its owner.

The store is held only while a call uses it. The server ends when the client closes its end, goes
away, or sends a signal; work that is going on stops at its next step, and what it did lasts.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

import anyio
from mcp.server.stdio import stdio_server

from anvil_nb.mcp_server.faults import masked
from anvil_nb.mcp_server.server import create_server
from anvil_nb.mcp_server.streams import Lines, Output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from anvil_nb.mcp_server.desk import Desk
    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.mcp_server.streams import Taken

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def serve(desk: Desk, streams: Taken) -> None:
    """Serve a desk until its client is done.

    Args:
        desk: Where the agent works.
        streams: The client's; taken before anything of somebody else's could write there.
    """
    # First of all, for the SDK would log in its own way.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Masked("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    anyio.run(_serve, create_server(desk), streams)


async def _serve(server: AnvilServer, taken: Taken) -> None:
    lines = Lines(taken.input)
    output = Output(taken.output, lines)
    # Both have what the SDK uses of files.
    streams = stdio_server(cast("Any", lines), cast("Any", output))
    with _ended_by_signals(lines.end):
        async with streams as (read, write):
            await server.run_over(read, write)


@contextmanager
def _ended_by_signals(end: Callable[[], None]) -> Iterator[None]:
    """Let signals end the server; who sends a second one does not wait."""
    loop = asyncio.get_running_loop()

    def ask(number: int, frame: FrameType | None) -> None:
        del frame
        signal.signal(number, signal.SIG_DFL)
        loop.call_soon_threadsafe(end)

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Masked(logging.Formatter):
    """Formats records without what looks like a secret."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text."""
        return masked(super().format(record))
