"""How far a long command is: shown after half a second, ten times a second at most.

Owns the counting and the pace. Where it is shown is the surface's: it hands in a function that
takes the line to show, and whether it is the last.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TypeAlias

    from anvil_nb.results.moving import Moving

    Show: TypeAlias = Callable[[str, bool], None]

DELAY = 0.5
"""What takes less is not worth a line, in seconds."""
INTERVAL = 0.1
_CELLS = 20


class Progress:
    """A line that says how many parts are done; used in a ``with`` block, called by any thread.

    Args:
        show: Takes the line, and ``True`` for the last one.
        clock: Returns seconds.
    """

    def __init__(self, show: Show, clock: Callable[[], float] = time.monotonic) -> None:
        self._show = show
        self._clock = clock
        self._lock = threading.Lock()
        self._started = self._shown_at = 0.0
        self._shown = False
        self._done = self._total = 0
        self._words = ""

    def __enter__(self) -> Self:
        self._started = self._clock()
        return self

    def __call__(self, done: int, total: int) -> None:
        """Take note that ``done`` of ``total`` parts are done."""
        with self._lock:
            self._done, self._total = max(done, self._done), total
            self._words = f"{self._done}/{total}"
            self._tell()

    def moved(self, now: Moving) -> None:
        """Take note of how far an export or an import is."""
        with self._lock:
            self._words, self._done, self._total = now.to_text(), now.size, now.total
            if not now.total:  # bytes are not counted
                self._done, self._total = now.items, now.all_items
            self._tell()

    def _tell(self) -> None:
        """Show the line when it is time to."""
        now = self._clock()
        if now - self._started < DELAY or (self._shown and now - self._shown_at < INTERVAL):
            return
        self._shown, self._shown_at = True, now
        self._write(last=False)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            if self._shown:
                self._write(last=True)

    def _write(self, *, last: bool) -> None:
        full = round(_CELLS * self._done / self._total) if self._total else _CELLS
        bar = "█" * full + "░" * (_CELLS - full)
        elapsed = self._clock() - self._started
        self._show(f"{bar} {self._words}  {elapsed:.1f} s", last)


def on_terminal(stream: TextIO) -> Show:
    """Return a function that shows the line in place, and leaves the last one standing."""

    def show(line: str, last: bool) -> None:  # noqa: FBT001 - called by position, here only
        stream.write(f"\r{line}\x1b[K")
        stream.write("\n" * last)
        stream.flush()

    return show
