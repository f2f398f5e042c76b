"""What every part of a workspace stands on: an open store, who acts on it, and what was read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from anvil_nb.access import Access
from anvil_nb.store.engine import open_engine
from anvil_nb.store.organisations import ensure_actor

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from anvil_nb.results.prompt import Prompt
    from anvil_nb.settings import Settings


def _clock() -> datetime:
    return datetime.now(UTC)


class State:
    """An open store and what is remembered of it; closed at the end of a ``with`` block."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = _clock,
        wait_seconds: float = 30.0,
    ) -> None:
        self.settings = settings
        self._engine = open_engine(settings.store, wait_seconds=wait_seconds)
        now = clock().astimezone(UTC).replace(tzinfo=None)
        try:
            actor = ensure_actor(self._engine, settings.organisation, settings.actor, now)
        except BaseException:
            self._engine.close()
            raise
        self._access = Access(self._engine, actor, clock)
        self._generation = self._engine.generation
        self._cache: dict[str, tuple[int, Prompt]] = {}

    def __repr__(self) -> str:
        return f"<Workspace @{self.settings.organisation} {self._engine.location}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def root(self) -> Path | None:
        """The folder of ``anvil.toml``, or ``None``."""
        return self.settings.root

    @property
    def location(self) -> str:
        """Where the store is; a URL without its password."""
        return self._engine.location

    @property
    def access(self) -> Access:
        """What the services are handed."""
        return self._access

    def close(self) -> None:
        """Let go of the store."""
        self._cache.clear()
        self._engine.close()

    def burst(self) -> AbstractContextManager[None]:
        """Keep the store open between calls, so that many calls in a row are fast.

        It gives way to other processes that wait. Use it as ``with ws.burst(): …``.
        """
        return self._engine.burst()
