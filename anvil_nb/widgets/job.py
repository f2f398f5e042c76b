"""Work that takes long: it says how far it is, and can be cancelled while it runs."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING

from anvil_nb.errors import AnvilError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.domain.digest import Json

INTERVAL = 0.1
"""The least time between two notes of progress, in seconds."""


class CancelledError(AnvilError):
    """The work was cancelled; nothing of it was done."""

    code = "cancelled"

    def __init__(self, message: str, hint: str = "Begin again if you still want to.") -> None:
        super().__init__(message, hint)


class Job:
    """One piece of work in a thread.

    Args:
        tell: Is told how far it is: a sentence, and a share from 0 to 1 where one is known.
        clock: Returns seconds.
    """

    def __init__(
        self,
        tell: Callable[[Json], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._told = -INTERVAL
        self._cancelled = Event()
        self._finishing = ""

    @property
    def cancelled(self) -> bool:
        """Whether the work is to end."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """End the work at its next step."""
        before = self._cancelled.is_set()
        self._cancelled.set()
        if self._finishing and not before:
            self._tell({"text": self._finishing, "share": None})

    def finishes(self, text: str) -> None:
        """Say from here on of a cancel that the step under way is finished before the work ends.

        Args:
            text: What is said while it is.
        """
        self._finishing = text
        if self.cancelled:
            self._tell({"text": text, "share": None})

    def went_on(self, text: str, share: float | None = None) -> None:
        """Say how far the work is, and go on: it asks by itself whether it was cancelled."""
        if not self.cancelled:
            self._say(text, share)

    def check(self) -> None:
        """End here when the work was cancelled.

        Raises:
            CancelledError: when it was.
        """
        if self._cancelled.is_set():
            raise CancelledError("cancelled: nothing was changed")

    def progress(self, text: str, share: float | None = None) -> None:
        """Say how far the work is; end when it was cancelled.

        Raises:
            CancelledError: when it was.
        """
        self.check()
        self._say(text, share)

    def _say(self, text: str, share: float | None) -> None:
        now = self._clock()
        if now - self._told >= INTERVAL or share == 1:
            self._told = now
            self._tell({"text": text, "share": share})
