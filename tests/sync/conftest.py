"""Laptops to sync: on both engines where the store matters, else on DuckDB."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.services.conftest import Clock, clock
from tests.sync.apart import fallen_apart
from tests.sync.laptops import Laptop, laptop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stores import NewStore

__all__ = ["clock"]


class Maker(Protocol):
    """Makes a laptop with a folder of its own, on the test's store or another."""

    def __call__(self, name: str = "services", store: str = "") -> Laptop: ...


@pytest.fixture
def on_both(store: str, tmp_path: Path, clock: Clock) -> Iterator[Maker]:
    """Make laptops; the test runs on both engines."""
    yield from _maker(store, tmp_path, clock)


@pytest.fixture
def make(tmp_path: Path, new_store: NewStore, clock: Clock) -> Iterator[Maker]:
    """Make laptops; the test runs on DuckDB alone."""
    yield from _maker(new_store(tmp_path / "store.duckdb"), tmp_path, clock)


@pytest.fixture
def apart(make: Maker) -> Laptop:
    """A skill that both sides changed apart, and one that was changed here alone."""
    return fallen_apart(make())


@pytest.fixture
def one(make: Maker) -> Laptop:
    """A laptop."""
    return make()


def _maker(store: str, folder: Path, clock: Clock) -> Iterator[Maker]:
    with ExitStack() as opened:

        def maker(name: str = "services", other: str = "") -> Laptop:
            made = laptop(folder / name, other or store, clock)
            opened.enter_context(made.ws)
            return made

        yield lambda name="services", store="": maker(name, store)
