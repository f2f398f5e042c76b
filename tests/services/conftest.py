"""Workspaces to test the services in: on both engines, with a clock that the test sets."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
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


PREAMBLE = """
import sys
from anvil_nb import errors
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
ws = Workspace(Settings(None, sys.argv[1], "acme", "other"))
arguments = sys.argv[2:]
"""


class Starter(Protocol):
    """Starts a program in another process, with ``ws`` on the test's store and ``arguments``."""

    def __call__(self, program: str, *arguments: str | Path) -> subprocess.Popen[str]: ...


@pytest.fixture
def start(store: str) -> Iterator[Starter]:
    """Start Python programs; those that still run when the test ends are killed."""
    with ExitStack() as started:

        def starter(program: str, *arguments: str | Path) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", PREAMBLE + program, store, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.enter_context(process)
            started.callback(process.kill)
            return process

        yield starter
