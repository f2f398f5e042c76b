"""Servers of a desk over HTTP, for those who have a token."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from anvil_nb.mcp_server.http import create_app
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.server.conftest import GENEROUS, listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anvil_nb.mcp_server.desk import Desk
    from anvil_nb.server import Options
    from tests.services.conftest import Clock

ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
MODERN = "2026-07-28"
LEGACY = "2025-11-25"


@dataclass
class Place:
    """A server at work.

    Args:
        url: Where it is.
        workspaces: Open workspaces on its store, by organisation.
    """

    url: str
    workspaces: dict[str, Workspace]

    def token(self, *scopes: str, organisation: str = "acme", expires: str = "1d") -> str:
        ws = self.workspaces[organisation]
        name = f"t{len(ws.tokens().tokens)}"
        return ws.create_token(name, scopes or ("admin",), expires=expires).secret

    def post(self, token: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        """Send a request as it is."""
        said = {**ACCEPT, "Authorization": f"Bearer {token}", **headers}
        return httpx.post(self.url, json=body, headers=said, timeout=60)


@pytest.fixture
def start(desk: Desk, ws: Workspace, clock: Clock) -> Iterator[Callable[..., Place]]:
    """Start servers of the desk, and stop them."""
    with ExitStack() as running:
        settings = Settings(None, ws.settings.store, "rival", "eve")
        rival = running.enter_context(Workspace(settings, clock=clock))
        rival.save("secret/plans/takeover", "Buy them")

        def starter(options: Options = GENEROUS, at: Desk = desk, **how: Any) -> Place:
            app = create_app(at, options, clock=clock, **how)
            url = running.enter_context(listening(app))
            return Place(f"{url}/mcp", {"acme": ws, "rival": rival})

        yield starter


@pytest.fixture
def place(start: Callable[..., Place]) -> Place:
    """A server that counts no requests."""
    return start()
