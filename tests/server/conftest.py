"""Servers to ask: real ones on loopback, over both engines, with tokens of two organisations."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import httpx
import pytest
import uvicorn
import uvicorn.server

from anvil_nb.server import Options, create_app
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.services.conftest import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

GENEROUS = Options(rate="1000000/minute", write_rate="1000000/minute", failed_rate="1000/second")
API = "/api/v1"


class _Impatient:
    """``asyncio`` for uvicorn's server, which looks every 100 ms for what it waits for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    @staticmethod
    async def sleep(seconds: float) -> None:
        """Sleep a twentieth as long: hundreds of servers are started and stopped."""
        await asyncio.sleep(seconds / 20)


vars(uvicorn.server)["asyncio"] = _Impatient()


@contextmanager
def listening(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve an application, on a free port where none is named; yields the URL."""
    listener = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


class Asker(Protocol):
    """Gives a client with a token."""

    def __call__(
        self, *scopes: str, organisation: str = "acme", expires: str = "1d"
    ) -> httpx.Client: ...


@dataclass
class Server:
    """A server at work.

    Args:
        url: Where it is.
        app: The application.
        ask: Gives a client with a token of an organisation.
        workspaces: Open workspaces on its store, by organisation.
    """

    url: str
    app: Any
    ask: Asker
    workspaces: dict[str, Workspace]


class Starter(Protocol):
    """Starts a server on the test's store."""

    def __call__(self, options: Options = ..., **settings: Any) -> Server: ...


@pytest.fixture
def clock() -> Clock:
    """The time in workspaces and servers."""
    return Clock()


@pytest.fixture
def start(store: str, clock: Clock) -> Iterator[Starter]:
    """Start servers, and stop them."""
    with ExitStack() as running:
        workspaces: dict[str, Workspace] = {}
        for organisation in ("acme", "rival"):
            settings = Settings(None, store, organisation, "ada")
            workspaces[organisation] = running.enter_context(Workspace(settings, clock=clock))
        made = iter(range(1_000_000))

        def starter(options: Options = GENEROUS, **settings: Any) -> Server:
            app = create_app(store, options, clock=clock, **settings)
            url = running.enter_context(listening(app))

            def ask(*scopes: str, organisation: str = "acme", expires: str = "1d") -> httpx.Client:
                made_token = workspaces[organisation].create_token(
                    f"test-{next(made)}", scopes or ("admin",), expires=expires
                )
                headers = {"Authorization": f"Bearer {made_token.secret}"}
                client = httpx.Client(base_url=url + API, headers=headers, timeout=30)
                return running.enter_context(client)

            return Server(url, app, ask, workspaces)

        yield starter


@pytest.fixture
def server(start: Starter) -> Server:
    """A server that counts no requests."""
    return start()


@pytest.fixture
def admin(server: Server) -> httpx.Client:
    """A client that may do everything in ``acme``."""
    return server.ask("admin")


@pytest.fixture
def ws(server: Server) -> Workspace:
    """The workspace of ``acme``, on the server's store."""
    return server.workspaces["acme"]


PROMPT = "prompts/by_address/desk/emails/welcome"
SET = "prompt_sets/by_address/desk/emails"


@pytest.fixture
def desk(ws: Workspace) -> Workspace:
    """A workspace with a published set and a changed draft."""
    ws.save("desk/emails/welcome", "Hello {{ name }}", metadata={"description": "Greets"})
    ws.publish("desk/emails", message="First")
    ws.label("desk/emails@1.0.0", "production")
    ws.save("desk/emails/welcome", "Welcome {{ name }}")
    return ws


def error_of(response: httpx.Response) -> dict[str, Any]:
    """Return the error of an answer, whose shape is always the same."""
    body = response.json()
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert set(error) == {
        "type", "code", "message", "hint", "details", "context", "request_id",
    }  # fmt: skip
    assert error["request_id"] == response.headers["X-Request-Id"]
    assert all(set(one) == {"field", "message"} for one in error["details"])
    return error
