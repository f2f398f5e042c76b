"""A server with a store of its own, on either engine, and workspaces that sync with it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from anvil_nb.keys import KeyRing
from anvil_nb.server import create_app
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.server.conftest import GENEROUS, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stores import NewStore

__all__ = ["Cloud", "Opener", "cloud", "keys", "opener", "ours", "there", "there_on_duckdb"]


class Opener(Protocol):
    """Opens a workspace that syncs with the server."""

    def __call__(self, name: str = ..., **settings: Any) -> Workspace: ...


@dataclass
class Cloud:
    """The server.

    Args:
        ws: A workspace on its store.
        url: Where it is.
    """

    ws: Workspace
    url: str


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The keys of who syncs, and trusted by the server, which runs in this process too."""
    folder = tmp_path / "keys"
    monkeypatch.setenv("ANVIL_KEYS", str(folder))
    KeyRing.open().generate("ada")
    return folder


@pytest.fixture(params=["duckdb", "postgres"])
def there(request: pytest.FixtureRequest, new_store: NewStore, tmp_path: Path) -> str:
    """Where the server's store is."""
    if request.param == "duckdb":
        return new_store(tmp_path / "cloud.duckdb")
    url: str = request.getfixturevalue("postgres_store")
    return url


@pytest.fixture(name="there")
def there_on_duckdb(tmp_path: Path) -> str:
    """The same, for what is one on either engine."""
    return str(tmp_path / "cloud.duckdb")


@pytest.fixture
def cloud(there: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A server that signs by its own key, which is trusted here, as ours is there."""
    with ExitStack() as running:
        ws = running.enter_context(Workspace(Settings(None, there, "acme", "bob")))
        signers = (KeyRing.open().signer("ada"),)
        app = create_app(there, replace(GENEROUS, signers=signers))
        url = running.enter_context(listening(app))
        token = ws.create_token("sync", ["sync", "deploy"], expires="1d").secret
        monkeypatch.setenv("ANVIL_TOKEN", token)
        yield Cloud(ws, url)


@pytest.fixture
def opener(cloud: Cloud, tmp_path: Path) -> Iterator[Opener]:
    """Open workspaces, each with a store of its own."""
    with ExitStack() as opened:

        def open_one(name: str = "ours", **settings: Any) -> Workspace:
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            said = Settings(
                folder,
                str(folder / "store.duckdb"),
                "acme",
                "ada",
                remote=cloud.url,
                services=folder / "services",
                **settings,
            )
            return opened.enter_context(Workspace(said))

        yield open_one


@pytest.fixture
def ours(opener: Opener) -> Workspace:
    """A workspace that syncs with the server."""
    return opener()
