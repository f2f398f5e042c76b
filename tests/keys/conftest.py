"""Key rings in folders of their own, at a time that is known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import pytest

from anvil_nb.keys import KeyRing
from anvil_nb.keys.locking import LEAST_MEMORY, Cost

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 21, 5, 12, tzinfo=UTC)
CHEAP = Cost(operations=1, memory=LEAST_MEMORY)
"""Argon2id at the least it takes: what is tested is not how long a guess takes."""


class MakeRing(Protocol):
    """Opens the ring of somebody; the same name is the same folder."""

    def __call__(self, name: str) -> KeyRing: ...


@pytest.fixture
def make_ring(tmp_path: Path) -> MakeRing:
    """Rings of several people."""

    def make(name: str) -> KeyRing:
        return KeyRing.open(tmp_path / name / "keys", clock=lambda: NOW)

    return make


@pytest.fixture
def ring(make_ring: MakeRing) -> KeyRing:
    """An empty ring."""
    return make_ring("mine")


def line_of(make_ring: MakeRing, name: str = "grace") -> str:
    """Return the line with the key of somebody else."""
    theirs = make_ring(name)
    if not theirs.ls():
        theirs.generate(name)
    return theirs.export(name)
