"""How many requests are taken: per token, and per client where no token holds.

Counted in fixed windows by the `limits` library, in memory or, for several instances, in Redis.
Where Redis does not answer, an instance counts for itself until it does.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import anyio.to_thread
from limits import parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string

from anvil_nb.errors import SettingsError, TooManyRequestsError
from anvil_nb.server.counters import Counters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from limits import RateLimitItem
    from starlette.requests import Request

    from anvil_nb.accounts.tokens import Bearer
    from anvil_nb.server.options import Options

LOG = logging.getLogger("anvil_nb.server")
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_QUIET_SECONDS = 60


class RateLimits:
    """Counts requests and refuses those that are too many.

    Args:
        options: How many, and where they are counted.

    Raises:
        SettingsError: for a rate that is none, or a place that cannot be used.
    """

    def __init__(self, options: Options) -> None:
        self._all = _parsed(options.rate)
        self._writes = _parsed(options.write_rate)
        self._failed = _parsed(options.failed_rate)
        self._here = Counters()
        self._shared: Storage | None = None
        self._complained = 0.0
        if not options.rates_in.startswith("memory:"):
            self._shared = _storage(options.rates_in)

    async def count(
        self, request: Request, bearer: Bearer | None, *, writes: bool | None = None
    ) -> None:
        """Count a request; the headers that tell of it are left for its answer.

        Args:
            request: It.
            bearer: Whose token it came with; ``None`` without one that holds.
            writes: Whether it counts as a write; as its method says when ``None``.

        Raises:
            TooManyRequestsError: for one too many.
        """
        if bearer is None:
            client = request.client.host if request.client else "unknown"
            await self._count(request, [("failed", client, self._failed)])
            return
        key = bearer.id.hex
        counted = [("all", key, self._all)]
        if request.method in _WRITES if writes is None else writes:
            counted.append(("writes", key, self._writes))
        await self._count(request, counted)

    async def count_write(self, request: Request, bearer: Bearer) -> None:
        """Count a write of a request that was counted before it was known to write.

        Raises:
            TooManyRequestsError: for one too many.
        """
        await self._count(request, [("writes", bearer.id.hex, self._writes)])

    async def _count(
        self, request: Request, counted: list[tuple[str, str, Sequence[RateLimitItem]]]
    ) -> None:
        if self._shared is None:
            told = _hit(self._here, counted)
        else:
            try:
                told = await anyio.to_thread.run_sync(_hit, self._shared, counted)
            except StorageError as error:
                self._complain(error)
                told = _hit(self._here, counted)
        taken, limit, remaining, reset = told
        request.state.headers = (
            (b"x-ratelimit-limit", b"%d" % limit),
            (b"x-ratelimit-remaining", b"%d" % remaining),
            (b"x-ratelimit-reset", b"%d" % reset),
        )
        if not taken:
            wait = max(1, round(reset - time.time()))
            msg = f"more than {limit:,} requests in this window"
            hint = f"Wait for {wait} seconds, as the header Retry-After says."
            raise TooManyRequestsError(msg, hint, retry_after=wait)

    def _complain(self, error: Exception) -> None:
        now = time.monotonic()
        if now - self._complained > _QUIET_SECONDS:
            self._complained = now
            LOG.warning("rate limits are counted by this instance alone: %s", type(error).__name__)


def _hit(
    storage: Storage, counted: Sequence[tuple[str, str, Sequence[RateLimitItem]]]
) -> tuple[bool, int, int, float]:
    """Count one request in fixed windows, which begin with their first request.

    The same as the library's ``FixedWindowRateLimiter``, which asks its storage three times.

    Returns:
        Whether it is taken; and of the window that has the least left: its limit, what is left,
        and when it begins anew.
    """
    told: list[tuple[bool, int, int, float]] = []
    for kind, key, items in counted:
        for item in items:
            name = item.key_for(kind, key)
            left = item.amount - storage.incr(name, item.get_expiry())
            told.append((left >= 0, item.amount, max(0, left), storage.get_expiry(name)))
            if left < 0:
                return told[-1]
    return told[0] if len(told) == 1 else min(told, key=lambda one: one[2])


def _parsed(rate: str) -> Sequence[RateLimitItem]:
    try:
        return parse_many(rate)
    except ValueError as error:
        msg = f"'{rate}' is no rate"
        raise SettingsError(msg, "For example: 6000/minute") from error


def _storage(place: str) -> Storage:
    try:
        found = storage_from_string(place, wrap_exceptions=True)
    except ConfigurationError as error:
        msg = f"rates cannot be counted in '{place.partition('://')[0]}://…'"
        hint = 'Use memory://, or redis://host:6379 with: pip install "anvil-nb[server,redis]"'
        raise SettingsError(msg, hint) from error
    if not isinstance(found, Storage):
        msg = "rates are counted by calls that wait, and async+… is for those that do not"
        raise SettingsError(msg, "Leave out async+ from the URL.")
    return found
