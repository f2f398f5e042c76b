"""How many requests are taken: per token, and per client where no token holds.

Counted in fixed windows: in memory, or for several instances together in Redis, by the `limits`
library, or in the store's own database. Where these do not answer in time, an instance counts for
itself for some seconds, and then asks again: no request fails, or waits, for its count.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import anyio
import anyio.to_thread
from limits import parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string

from anvil_nb.errors import SettingsError, StoreError, TooManyRequestsError
from anvil_nb.server.counters import Counters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from limits import RateLimitItem
    from starlette.requests import Request

    from anvil_nb.accounts.tokens import Bearer
    from anvil_nb.server.options import Options
    from anvil_nb.store.engine import Counts, Engine

    Counted: TypeAlias = Sequence[tuple[str, str, Sequence[RateLimitItem]]]
    """What is counted, whose, and the windows of each."""
    Told: TypeAlias = tuple[bool, int, int, float]
    """Whether a request is taken; and of the window that has the least left: its limit, what is
    left, and when it begins anew."""
    Hit: TypeAlias = Callable[[Counted], Told]

LOG = logging.getLogger("anvil_nb.server")
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_QUIET_SECONDS = 60
_ALONE_SECONDS = 5.0
"""How long an instance counts for itself before it asks again."""
_ANSWER_SECONDS = 0.5
_SWEEP_SECONDS = 60.0
_THREADS = 8
_MOST_FULL = 20_000
DATABASE = "database"
"""The place that is the store's own database."""


class RateLimits:
    """Counts requests and refuses those that are too many.

    Args:
        options: How many, and where they are counted.
        engine: The store.

    Raises:
        SettingsError: for a rate that is none, or a place that cannot be used.
    """

    def __init__(self, options: Options, engine: Engine) -> None:
        self._all = _parsed(options.rate)
        self._writes = _parsed(options.write_rate)
        self._failed = _parsed(options.failed_rate)
        self._here = Counters()
        self._shared: Hit | None = None
        self._complained = self._alone_until = 0.0
        self._threads = anyio.CapacityLimiter(_THREADS)
        if options.rates_in == DATABASE:
            self._shared = _InDatabase(_counts(engine))
        elif not options.rates_in.startswith("memory:"):
            self._shared = partial(_hit, _storage(options.rates_in))

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

    async def _count(self, request: Request, counted: Counted) -> None:
        told = None if self._shared is None else await self._together(self._shared, counted)
        taken, limit, remaining, reset = told or _hit(self._here, counted)
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

    async def _together(self, shared: Hit, counted: Counted) -> Told | None:
        """Count where all instances do; ``None`` where that does not answer."""
        if time.monotonic() < self._alone_until:
            return None
        try:
            with anyio.fail_after(_ANSWER_SECONDS):
                return await anyio.to_thread.run_sync(
                    shared, counted, abandon_on_cancel=True, limiter=self._threads
                )
        except (StorageError, StoreError, TimeoutError) as error:
            self._alone_until = time.monotonic() + _ALONE_SECONDS
            self._complain(error)
            return None

    def _complain(self, error: Exception) -> None:
        now = time.monotonic()
        if now - self._complained > _QUIET_SECONDS:
            self._complained = now
            LOG.warning("rate limits are counted by this instance alone: %s", type(error).__name__)


class _InDatabase:
    """Counts in the store's database: one round trip for a request, none for one too many.

    Args:
        counts: Of the database.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        # When windows end that are known to be full. To count in them would only add to those
        # of longer windows: who is refused for a minute has not used up the hour.
        self._full: dict[str, float] = {}
        self._sweep_at = time.monotonic() + _SWEEP_SECONDS

    def __call__(self, counted: Counted) -> Told:
        items = {item.key_for(kind, key): item for kind, key, some in counted for item in some}
        now = time.time()
        for name, item in items.items():
            if (ends := self._full.get(name, 0.0)) > now:
                return False, item.amount, 0, ends
        found = self._counts.count([(name, item.get_expiry()) for name, item in items.items()])
        told: list[Told] = []
        for name, item in items.items():
            requests, seconds = found[name]
            left = item.amount - requests
            told.append((left >= 0, item.amount, max(0, left), now + seconds))
            if left <= 0:
                self._keep(name, now + seconds)
        self._sweep()
        return min(told, key=lambda one: (one[0], one[2]))

    def _keep(self, name: str, ends: float) -> None:
        if len(self._full) >= _MOST_FULL:
            self._full.clear()
        self._full[name] = ends

    def _sweep(self) -> None:
        """Remove what is over, once a minute; the request that this falls to waits for it."""
        if (now := time.monotonic()) >= self._sweep_at:
            self._sweep_at = now + _SWEEP_SECONDS
            with suppress(StoreError):
                self._counts.forget()


def _hit(storage: Storage, counted: Counted) -> Told:
    """Count one request in fixed windows, which begin with their first request.

    The same as the library's ``FixedWindowRateLimiter``, which asks its storage three times.

    """
    told: list[Told] = []
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


def _counts(engine: Engine) -> Counts:
    found = engine.counts()
    if found is None:
        msg = "rates are counted in the database by several servers on one PostgreSQL"
        hint = "A DuckDB file has one server, which counts in memory: leave out --rates-in."
        raise SettingsError(msg, hint)
    return found


def _storage(place: str) -> Storage:
    try:
        found = storage_from_string(place, wrap_exceptions=True)
    except ConfigurationError as error:
        msg = f"rates cannot be counted in '{place.partition('://')[0]}://…'"
        hint = (
            "Use memory://, database on PostgreSQL, or redis://host:6379 with: "
            'pip install "anvil-nb[server,redis]"'
        )
        raise SettingsError(msg, hint) from error
    if not isinstance(found, Storage):
        msg = "rates are counted by calls that wait, and async+… is for those that do not"
        raise SettingsError(msg, "Leave out async+ from the URL.")
    return found
