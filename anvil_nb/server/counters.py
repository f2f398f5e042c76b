"""Rate limits of one instance, in memory: a storage for the `limits` library.

Its own one starts a thread every 10 ms while requests come, each of which holds up the loop for a
millisecond. This one forgets what is over in passing.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from limits.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_KEPT = 20_000
"""How many counters there may be before those that are over are looked for."""


class Counters(Storage):
    """Counts by name, in windows that begin with the first request.

    Args:
        clock: Returns the time in seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(None, wrap_exceptions=False)
        self._clock = clock
        self._counts: dict[str, tuple[int, float]] = {}
        self._lock = Lock()

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What a failing storage raises; this one never fails."""
        return ()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and return what the count is now.

        Args:
            key: What is counted.
            expiry: How long a window is, in seconds.
            amount: How many.
        """
        now = self._clock()
        with self._lock:
            count, ends = self._counts.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
                if len(self._counts) >= MAX_KEPT:
                    self._sweep(now)
            count += amount
            self._counts[key] = count, ends
        return count

    def get(self, key: str) -> int:
        """Return a count."""
        count, ends = self._counts.get(key, (0, 0.0))
        return count if ends > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        """Return when a window ends, in seconds since 1970."""
        return self._counts.get(key, (0, self._clock()))[1]

    def check(self) -> bool:
        """Tell that it can be used."""
        return True

    def reset(self) -> int | None:
        """Forget all counts; return how many there were."""
        with self._lock:
            count = len(self._counts)
            self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one count."""
        with self._lock:
            self._counts.pop(key, None)

    def _sweep(self, now: float) -> None:
        self._counts = {key: one for key, one in self._counts.items() if one[1] > now}
