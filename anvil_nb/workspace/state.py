"""What every part of a workspace stands on: an open store, who acts on it, and what was read."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self

from anvil_nb.access import Access
from anvil_nb.errors import StoreError, StoreUnavailableError
from anvil_nb.store.engine import open_engine
from anvil_nb.store.organisations import ensure_actor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from anvil_nb.results.prompt import Prompt
    from anvil_nb.settings import Settings
    from anvil_nb.store.engine import Engine


def _clock() -> datetime:
    return datetime.now(UTC)


class State:
    """An open store and what is remembered of it; closed at the end of a ``with`` block.

    A store that is not there yet is made when something is first written (unless ``create`` makes
    it at once): a path that was mistyped is told, and leaves nothing behind.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = _clock,
        wait_seconds: float = 30.0,
        create: bool = True,
        access: Access | None = None,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._wait_seconds = wait_seconds
        self._opened: Access | None = None
        self._opening = Lock()
        self._closed = False
        self._location = settings.store  # of a file: a server is opened, and says it, at once
        self._bursts_to_come: list[ExitStack] = []
        self._generation: Callable[[], int] = int  # the engine's own, once there is one
        self._cache: dict[str, tuple[int, Prompt]] = {}
        self._owns = access is None
        if access is not None:
            self._opened = access
            self._location = access.engine.location
            self._generation = access.engine.generation
        elif create or self._is_there():
            self._open(create=create)
        else:
            self._check_folder()

    def _is_there(self) -> bool:
        file = self.settings.file
        try:
            # A log without its store is damage, which is for the engine to tell.
            return file is None or file.exists() or Path(f"{file}.wal").exists()
        except OSError:  # nobody may look: so is that
            return True

    def _check_folder(self) -> None:
        """Refuse a store that was named, in a folder that is not there: it was mistyped."""
        file = self.settings.file
        if self.settings.passed and file is not None and not file.parent.is_dir():
            msg = f"there is no folder {file.parent} for the store {file.name}"
            raise StoreUnavailableError(msg, "Check the path, or make the folder first.")

    def _open(self, *, create: bool) -> Access:
        with self._opening:
            if self._opened is not None:
                return self._opened
            if self._closed:
                raise StoreError(f"the store {self.location} was closed", "Open it again.")
            if not create and not self._is_there():
                raise self._missing()
            settings = self.settings
            make = create or settings.file is None
            engine = open_engine(settings.store, wait_seconds=self._wait_seconds, create=make)
            now = self._clock().astimezone(UTC).replace(tzinfo=None)
            try:
                actor = ensure_actor(engine, settings.organisation, settings.actor, now)
            except BaseException:
                engine.close()
                raise
            self._generation = engine.generation
            self._location = engine.location
            self._opened = Access(engine, actor, self._clock)
            for waiting in self._bursts_to_come:
                waiting.enter_context(engine.burst())
            return self._opened

    def _missing(self) -> StoreUnavailableError:
        """Return why nothing can be read of a store that nothing was written to yet."""
        root = self.settings.root
        hint = "Check the path. The first prompt that is saved or loaded makes the store."
        if root is not None and not self.settings.passed:
            hint = f"Try: anvil init {root}   The first prompt that is saved makes it, too."
        return StoreUnavailableError(f"there is no store at {self.location}", hint)

    @property
    def _access(self) -> Access:
        """What services are handed that read, or change what is there.

        Raises:
            StoreUnavailableError: when there is no store.
        """
        opened = self._opened
        return opened if opened is not None else self._open(create=False)

    @property
    def _engine(self) -> Engine:
        return self._access.engine

    @property
    def _to_write(self) -> Access:
        """What services are handed that begin something new; makes the store when it is new."""
        opened = self._opened
        if opened is not None:
            return opened
        if not self._is_there():
            self._check_folder()
        return self._open(create=True)

    def __repr__(self) -> str:
        return f"<Workspace @{self.settings.organisation} {self.location}>"

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
        return self._location

    def generation(self) -> int:
        """Return a number that is another after each write, whichever process it was of.

        It costs next to nothing; another process's write shows within 100 ms.
        """
        return self._generation()

    @property
    def access(self) -> Access:
        """What the services are handed."""
        return self._access

    def acting_as(self, access: Access, settings: Settings | None = None) -> Self:
        """Return this workspace as somebody else acts on it; closing that closes nothing.

        Args:
            access: To the same store, for whoever acts.
            settings: That hold for them; the same when ``None``.
        """
        return type(self)(settings or self.settings, clock=self._clock, access=access)

    def again(self) -> Self:
        """Return another handle to the same store, for what goes on when this one is closed."""
        if not self._owns:
            return self.acting_as(self._access)
        made = type(self)(self.settings, clock=self._clock, create=False)
        made._wait_seconds = self._wait_seconds  # noqa: SLF001 - it is of this class
        return made

    def close(self) -> None:
        """Let go of the store; a workspace that is closed does nothing more."""
        self._cache.clear()
        with self._opening:
            self._closed = True
            opened = self._opened
            if self._owns:
                self._opened = None
        if opened is not None and self._owns:
            opened.engine.close()

    def burst(self) -> AbstractContextManager[None]:
        """Keep the store open between calls, so that many calls in a row are fast.

        It gives way to other processes that wait. Use it as ``with ws.burst(): …``.
        """
        opened = self._opened
        return self._burst_to_come() if opened is None else opened.engine.burst()

    @contextmanager
    def _burst_to_come(self) -> Iterator[None]:
        """Begin a burst when the store is made, or found, inside the block."""
        with ExitStack() as burst:
            self._bursts_to_come.append(burst)
            try:
                yield
            finally:
                self._bursts_to_come.remove(burst)
