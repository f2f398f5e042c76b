"""Tokens as a running server knows them: read once, and again after the store has changed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import anyio.to_thread

from anvil_nb.accounts import tokens
from anvil_nb.accounts.tokens import hash_of, is_token
from anvil_nb.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.accounts.tokens import Bearer
    from anvil_nb.store.engine import Engine

MAX_KNOWN = 10_000
"""Most tokens that are kept in memory."""
RECORD_SECONDS = 60.0
"""The uses of all tokens are recorded at most this often, in one write."""


class Bearers:
    """Finds whose token was sent, and keeps when it was.

    Args:
        engine: The store.
        now: Returns the time: UTC, without saying so.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._known: dict[str, tuple[int, Bearer]] = {}
        self._used: dict[UUID, datetime] = {}
        self._recorded = -RECORD_SECONDS

    async def find(self, token: str) -> Bearer | None:
        """Return the bearer of a token that holds, or ``None``."""
        if not is_token(token):
            return None
        digest = hash_of(token)
        known = self._known.get(digest)
        if known is not None and known[0] == self._engine.generation():
            bearer: Bearer | None = known[1]
        else:
            bearer, generation = await anyio.to_thread.run_sync(tokens.find, self._engine, digest)
            self._keep(digest, bearer, generation)
        now = self._now()
        if bearer is None or not bearer.holds(now):
            return None
        self._used[bearer.id] = now
        return bearer

    def _keep(self, digest: str, bearer: Bearer | None, generation: int) -> None:
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        if bearer is None:
            self._known.pop(digest, None)
        else:
            self._known[digest] = (generation, bearer)

    @property
    def has_uses(self) -> bool:
        """Whether uses are to be recorded now."""
        return bool(self._used) and time.monotonic() - self._recorded >= RECORD_SECONDS

    def record_uses(self) -> None:
        """Record when tokens were last used; what fails is tried again a minute later."""
        self._recorded = time.monotonic()
        used, self._used = self._used, {}
        if not used:
            return
        try:
            tokens.record_uses(self._engine, used)
        except StoreError:
            self._used = {**used, **self._used}
