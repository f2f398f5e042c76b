"""Machines to test the whole with: servers in processes of their own, and laptops."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest

from anvil_nb.keys import KeyRing
from tests.faults.machines import Cloud, Laptop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The keys of everybody: the server trusts those who push, and they trust it."""
    folder = tmp_path / "keys"
    monkeypatch.setenv("ANVIL_KEYS", str(folder))
    KeyRing.open().generate("ada")
    return folder


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    """A server that does not run yet."""
    made = Cloud(tmp_path / "cloud", str(tmp_path / "cloud.duckdb"), options=("--sign", "ada"))
    yield made
    made.kill()


class Maker(Protocol):
    """Makes laptops, with a token of the server."""

    def __call__(
        self, name: str, *, url: str = "", tenant: str = "acme", token: str = ""
    ) -> Laptop: ...


@pytest.fixture
def make(cloud: Cloud, tmp_path: Path) -> Iterator[Maker]:
    """Make laptops; the server runs by then, or a line to it is named."""
    with ExitStack() as made:

        def maker(name: str, *, url: str = "", tenant: str = "acme", token: str = "") -> Laptop:
            laptop = Laptop(name, tmp_path / name, url or cloud.url, token or cloud.token(), tenant)
            made.callback(laptop.close)
            return laptop

        yield maker


@dataclass
class Disk:
    """A disk of its own, which is small until it grows.

    Args:
        place: Where it is.
    """

    place: Path

    def mount(self, megabytes: int, *options: str) -> bool:
        """Mount it, or give it another size; tell whether that worked."""
        said = ",".join((*options, f"size={megabytes}m"))
        mount = ["mount", "-t", "tmpfs", "-o", said, "tmpfs", str(self.place)]
        return subprocess.run(mount, capture_output=True, check=False).returncode == 0

    def grow(self, megabytes: int) -> None:
        """Make room."""
        assert self.mount(megabytes, "remount")


class DiskMaker(Protocol):
    """Makes small disks."""

    def __call__(self, place: Path, megabytes: int) -> Disk: ...


@pytest.fixture
def disk() -> Iterator[DiskMaker]:
    """Make small disks."""
    with ExitStack() as mounted:

        def maker(place: Path, megabytes: int) -> Disk:
            place.mkdir(parents=True, exist_ok=True)
            made = Disk(place)
            if sys.platform != "linux" or not made.mount(megabytes):
                pytest.skip("mounting a small disk takes root")
            mounted.callback(subprocess.run, ["umount", "--lazy", str(place)], check=True)
            return made

        yield maker
