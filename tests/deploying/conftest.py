"""Deployments run by real programs: a docker that only takes notes, and a server on loopback."""

from __future__ import annotations

import http.server
import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from anvil_nb.server import create_app
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.server.conftest import GENEROUS, listening

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from anvil_nb.deploying.hooks import Hook
    from tests.stores import NewStore

DOCKER = """#!/bin/sh
printf '%s\\n' "$*" >> "$DOCKER_NOTES"
if [ "$1" = login ]; then
    read -r password
    [ "$password" = "$DOCKER_EXPECTS" ] || { echo "wrong password: $password"; exit 3; }
    echo "Login of $password succeeded"
fi
if [ "$1" = "$DOCKER_FAILS" ]; then echo "no $1 today"; exit 7; fi
echo "docker $1 done"
"""
PASSWORD = "s3cret-of-the-registry"  # noqa: S105 - it opens nothing


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which docker takes notes."""
    programs = tmp_path / "programs"
    programs.mkdir()
    docker = programs / "docker"
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    notes = tmp_path / "notes"
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_NOTES", str(notes))
    monkeypatch.setenv("DOCKER_FAILS", "")
    monkeypatch.setenv("DOCKER_EXPECTS", PASSWORD)
    return notes


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The folder of the workspace, at a commit of git."""
    folder = tmp_path / "app"
    refs = folder / ".git" / "refs" / "heads"
    refs.mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (refs / "main").write_text("0123456789abcdef0123456789abcdef01234567\n")
    return folder


class Health(http.server.BaseHTTPRequestHandler):
    """Answers what the test says, each status once and the last for ever."""

    statuses: list[int]

    def do_GET(self) -> None:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


class HealthStarter(Protocol):
    """Starts an application that tells how it is; returns the URL to ask."""

    def __call__(self, *statuses: int) -> str: ...


@pytest.fixture
def health() -> Iterator[HealthStarter]:
    """Start applications that tell how they are."""
    with ExitStack() as running:

        def start(*statuses: int) -> str:
            handler = type("Answers", (Health,), {"statuses": list(statuses)})
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()

            def stop() -> None:
                server.shutdown()
                thread.join()
                server.server_close()

            running.callback(stop)
            return f"http://127.0.0.1:{server.server_address[1]}/health"

        yield start


@dataclass
class Host:
    """A server that deploys."""

    url: str
    app: Any
    ws: Workspace


class HostStarter(Protocol):
    """Starts a server with hooks."""

    def __call__(self, hooks: Mapping[str, Hook], **options: Any) -> Host: ...


@pytest.fixture
def host(
    tmp_path: Path, new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HostStarter]:
    """Start servers that deploy; the token of ``acme`` stands in the environment."""
    with ExitStack() as running:
        store = new_store(tmp_path / "cloud.duckdb")
        ws = running.enter_context(Workspace(Settings(None, store, "acme", "bob")))
        token = ws.create_token("ci", ["deploy"], expires="1d").secret
        monkeypatch.setenv("ANVIL_TOKEN", token)

        def start(hooks: Mapping[str, Hook], **options: Any) -> Host:
            made = create_app(store, replace(GENEROUS, deploy_hooks=hooks, **options))
            return Host(running.enter_context(listening(made)), made, ws)

        yield start


class Opener(Protocol):
    """Opens the workspace with what its file says of deploying."""

    def __call__(self, deploy: Mapping[str, Any], remote: str | None = ...) -> Workspace: ...


@pytest.fixture
def workspace(app: Path, new_store: NewStore, tmp_path: Path) -> Iterator[Opener]:
    """Open the workspace."""
    ours = new_store(tmp_path / "ours.duckdb")
    with ExitStack() as opened:

        def opener(deploy: Mapping[str, Any], remote: str | None = None) -> Workspace:
            said = Settings(
                app,
                ours,
                "acme",
                "ada",
                remote=remote,
                services=app / "services",
                deploy=deploy,
            )
            return opened.enter_context(Workspace(said))

        yield opener
