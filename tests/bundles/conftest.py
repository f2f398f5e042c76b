"""Instances that send bundles to each other, on both engines, and bundles made by hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import pytest

from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.bundles.handmade import Handmade, support_desk
from tests.bundles.stores import ALL, state
from tests.services.conftest import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class EmptyStore(Protocol):
    """Makes an empty store of a name, in a folder if it is a file; returns where it is."""

    def __call__(self, name: str, folder: Path, /) -> str: ...


class Locate(Protocol):
    """Returns where the store of an instance is: an empty one, the first time it is asked for."""

    def __call__(self, instance: str) -> str: ...


class Opener(Protocol):
    """Opens the store of an instance, ``ours`` or ``theirs``."""

    def __call__(
        self,
        instance: str = "ours",
        *,
        organisation: str = "acme",
        actor: str = "ada",
        signatures: str = "required",
    ) -> Workspace: ...


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of keys, which is not there yet."""
    folder = tmp_path / "keys"
    monkeypatch.setenv("ANVIL_KEYS", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles say when they were made, unless a test says when."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture(params=["duckdb", "postgres"], scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """The engine that all stores of a test are on."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def empty_store(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> EmptyStore:
    """Makes an empty store. One that was used before is emptied: that is faster than a new one."""
    if engine == "duckdb":
        made = tmp_path_factory.mktemp("empty") / "store.duckdb"
        Workspace(Settings(None, str(made), "empty", "nobody")).close()
        return lambda name, folder: str(shutil.copy(made, folder / f"{name}.duckdb"))

    import psycopg

    server: str = request.getfixturevalue("postgres_server")
    urls: dict[str, str] = {}

    def emptied(name: str, _: Path) -> str:
        url = server.replace("/postgres?", f"/bundles_{name}?")
        with psycopg.connect(urls.get(name, server), autocommit=True) as connection:
            if name in urls:
                for table in ALL:
                    connection.execute(f"truncate {table}".encode())
            else:
                connection.execute(f"create database bundles_{name}".encode())
        return urls.setdefault(name, url)

    return emptied


@pytest.fixture
def locate(empty_store: EmptyStore, tmp_path: Path) -> Locate:
    """Where the stores of instances are, all on one engine."""
    known: dict[str, str] = {}

    def locate(instance: str) -> str:
        if instance not in known:
            known[instance] = empty_store(instance, tmp_path)
        return known[instance]

    return locate


@pytest.fixture
def clock() -> Clock:
    """The time in all workspaces of the test."""
    return Clock()


@pytest.fixture
def open_workspace(locate: Locate, clock: Clock) -> Iterator[Opener]:
    """Open workspaces; they are closed when the test ends."""
    with ExitStack() as opened:

        def opener(
            instance: str = "ours",
            *,
            organisation: str = "acme",
            actor: str = "ada",
            signatures: str = "required",
        ) -> Workspace:
            settings = Settings(None, locate(instance), organisation, actor, signatures)
            return opened.enter_context(Workspace(settings, clock=clock))

        yield opener


@pytest.fixture
def ours(open_workspace: Opener) -> Workspace:
    """Where bundles arrive: the organisation ``acme`` with the actor ``ada``."""
    return open_workspace("ours")


@pytest.fixture
def theirs(open_workspace: Opener) -> Workspace:
    """Where bundles come from: the organisation ``umbra`` with the actor ``bob``."""
    return open_workspace("theirs", organisation="umbra", actor="bob")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Where a bundle is to be."""
    return tmp_path / "desk.anvil"


@pytest.fixture
def handmade() -> Handmade:
    """A sound bundle made by hand, to be made unsound."""
    return support_desk()


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace that refuses what is unsound: that is no matter of its engine."""
    location = tmp_path_factory.mktemp("reader") / "store.duckdb"
    with Workspace(Settings(None, str(location), "acme", "ada")) as workspace:
        yield workspace
        assert not any(state(workspace).values())


PREAMBLE = """
import sys
from pathlib import Path
from anvil_nb import errors
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
store, organisation, *arguments = sys.argv[1:]
ws = Workspace(Settings(None, store, organisation, "other"))
"""


class Starter(Protocol):
    """Starts a program in another process, with ``ws`` on an instance's store."""

    def __call__(
        self, instance: str, organisation: str, program: str, *arguments: str | Path
    ) -> subprocess.Popen[str]: ...


@pytest.fixture
def start(locate: Locate) -> Iterator[Starter]:
    """Start Python programs; those that still run when the test ends are killed."""
    with ExitStack() as started:

        def starter(
            instance: str, organisation: str, program: str, *arguments: str | Path
        ) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", PREAMBLE + program, locate(instance), organisation]
            process = subprocess.Popen(
                [*command, *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.enter_context(process)
            started.callback(process.kill)
            return process

        yield starter
