"""The standard streams: taken by the protocol for as long as the process lives.

What comes in and goes out there are messages, and nothing else may read or write among them: no
``print`` of somebody's callback, no program that is started, nothing that is still buffered when
the process ends. So the protocol keeps copies of both, and they themselves lead to nowhere and to
standard error from then on.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import threading
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_INPUT: Final = 0
_OUTPUT: Final = 1
_ERRORS: Final = 2
_PART: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """Copies of both, for the protocol alone."""

    input: int
    output: int


def take_streams() -> Taken:
    """Take both, to the end of the process."""
    sys.stdout.flush()
    taken = Taken(os.dup(_INPUT), os.dup(_OUTPUT))
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, _INPUT)
    os.close(nowhere)
    os.dup2(_ERRORS, _OUTPUT)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    return taken


class Lines:
    """The lines that come in, as the SDK reads them; made in the event loop that reads them.

    They are read by a thread that nobody waits for, so that the process can end while a client
    that says nothing keeps its end open.

    Args:
        source: The descriptor to read.
    """

    def __init__(self, source: int) -> None:
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._there: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._ended = False

    def end(self) -> None:
        """Let there be no more lines; called in the event loop."""
        self._ended = True
        while not self._there.empty():
            self._there.get_nowait()
        self._there.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[str]:
        """Yield each line once it is there."""
        threading.Thread(target=self._read, name="anvil-mcp-input", daemon=True).start()
        while (line := await self._there.get()) is not None and not self._ended:
            yield line.decode("utf-8", "replace")

    def _read(self) -> None:
        with open(self._source, "rb", buffering=_PART, closefd=False) as source:
            for line in source:
                if not self._put(line):
                    return
        self._put(None)

    def _put(self, line: bytes | None) -> bool:
        """Hand a line over, and wait until there is room for the next."""
        putting = self._there.put(line)
        try:
            asyncio.run_coroutine_threadsafe(putting, self._loop).result()
        except (CancelledError, RuntimeError):  # the loop is over
            putting.close()
            return False
        return True


class Output:
    """What goes out, as the SDK writes it.

    Args:
        target: The descriptor to write.
        lines: What comes in; it ends when nobody reads any more what goes out.
    """

    def __init__(self, target: int, lines: Lines) -> None:
        self._target = target
        self._lines = lines
        self._broken = False

    async def write(self, text: str) -> None:
        """Write a message, unless nobody is there to read it."""
        if self._broken:
            return
        try:
            await anyio.to_thread.run_sync(self._write, text.encode("utf-8", "replace"))
        except OSError:
            self._broken = True
            self._lines.end()

    async def flush(self) -> None:
        """Do nothing: what was written is on its way."""

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._target, left) :]
