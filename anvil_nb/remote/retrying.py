"""When to ask again: after "not now" and lost connections, at moments that spread.

Full jitter (M. Brooker, "Exponential Backoff and Jitter", 2015): the wait is anything up to a
bound that doubles, so that many who were cut off at once do not come back at once. Only requests
that may arrive twice are sent twice: reads, writes of bytes by their digest, and writes that
carry an ``Idempotency-Key``.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, TypeVar

from anvil_nb.errors import RemoteBusyError, RemoteError, RemoteUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

BUSY: Final = frozenset({429, 502, 503, 504})
"""Statuses that say: not now."""

_T = TypeVar("_T")


def _clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Retries:
    """How often to ask again, and how long to wait before.

    Args:
        attempts: How often to ask at most.
        first_seconds: The bound of the first wait; it doubles with each.
        most_seconds: The largest bound.
        most_asked_seconds: The longest wait that the other side may ask for; a longer one is
            left to whoever called.
        clock: Returns the time, with its zone.
        uniform: Returns a number between two.
        sleep: Waits for so many seconds.
    """

    attempts: int = 6
    first_seconds: float = 0.25
    most_seconds: float = 20.0
    most_asked_seconds: float = 120.0
    clock: Callable[[], datetime] = _clock
    uniform: Callable[[float, float], float] = random.uniform
    sleep: Callable[[float], None] = time.sleep

    def run(
        self,
        attempt: Callable[[], _T],
        *,
        repeatable: bool = True,
        reached: Callable[[], int] = int,
    ) -> _T:
        """Return what ``attempt`` returns, asked again while that may help.

        Args:
            attempt: Asks once.
            repeatable: Whether the request may arrive twice.
            reached: Tells how far attempts have come; one that comes further than all before
                begins the count anew, so that what is cut off again and again still arrives.

        Raises:
            RemoteError: the last one, when all attempts failed, or the first that asking again
                does not help with.
        """
        number, furthest = 0, reached()
        while True:
            try:
                return attempt()
            except (RemoteBusyError, RemoteUnreachableError) as error:
                if reached() > furthest:
                    number, furthest = 0, reached()
                wait = self._wait(error, number)
                number += 1
                if wait is None or not repeatable or number >= self.attempts:
                    raise
            self.sleep(wait)

    def _wait(self, error: RemoteError, number: int) -> float | None:
        """Return how long to wait, or ``None`` where that is too long."""
        asked = error.retry_after if isinstance(error, RemoteBusyError) else None
        if asked is None:
            return self.uniform(0, min(self.most_seconds, self.first_seconds * 2**number))
        if asked > self.most_asked_seconds:
            return None
        # Later rather than sooner, and not all who were told the same at the same moment.
        return asked + self.uniform(0, asked / 4)


def asked_wait(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a ``Retry-After`` header means (RFC 9110, 10.2.3).

    Args:
        header: Seconds, or a date; what is neither counts as nothing.
        now: The time, with its zone.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
