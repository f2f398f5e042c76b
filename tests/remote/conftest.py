"""Clients of a proxy that fails, and of real servers behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from anvil_nb.remote.calls import Calls
from anvil_nb.remote.http import Connection, Timeouts
from anvil_nb.remote.retrying import Retries
from tests.remote.faulty import FaultyProxy, faulty_proxy
from tests.server.conftest import clock, server, start

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["clock", "server", "start"]

TOKEN = "ank_not-a-real-one"  # noqa: S105 - and no secret
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Waits:
    """Notes how long was to be waited, and does not."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def retries(waits: Waits) -> Retries:
    return Retries(clock=lambda: NOW, uniform=lambda _, most: most, sleep=waits)


@pytest.fixture
def proxy() -> Iterator[FaultyProxy]:
    with faulty_proxy() as running:
        yield running


@pytest.fixture
def connection(proxy: FaultyProxy) -> Iterator[Connection]:
    made = Connection(proxy.url, TOKEN, timeouts=Timeouts(connect=5, read=5, write=5))
    yield made
    made.close()


@pytest.fixture
def calls(connection: Connection, retries: Retries) -> Calls:
    return Calls(connection, retries)
