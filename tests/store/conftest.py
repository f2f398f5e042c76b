"""Stores to test with: real DuckDB files, and databases of a real PostgreSQL server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.store import Engine, open_engine
from tests.stores import short_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
