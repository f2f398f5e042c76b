"""What every test runs under: a home of its own, no network but loopback, deterministic CI.

A test marked ``alone`` runs while no other test does, on any worker: all tests take a lock before
they start, shared or, for those, exclusive.
"""

from __future__ import annotations

import fcntl
import ipaddress
import os
import signal
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest.nodeid import NodeId
from hypothesis import settings

from tests.stores import (
    new_store,
    postgres_server,
    postgres_store,
    postgres_template,
    postgres_url,
    store,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "new_store",
    "postgres_server",
    "postgres_store",
    "postgres_template",
    "postgres_url",
    "store",
]

REPOSITORY = Path(__file__).resolve().parents[1]
LOCKS = pytest.StashKey[Path]()

# Locally each run tries new examples and remembers what failed; CI tries the same ones each time.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")


# A shell starts what runs in the background with Ctrl-C ignored, and so would be every process
# that a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


class OutsideConnectionError(AssertionError):
    """A test reached for an address that is not on this machine."""


outside_addresses: list[str] = []


def is_loopback(host: str) -> bool:
    """Tell whether ``host``, a name or an address, means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_outside_connections(event: str, arguments: tuple[object, ...]) -> None:
    """Fail a connection to another machine, whoever makes it: an audit hook (PEP 578)."""
    if event not in {"socket.connect", "socket.sendto"}:
        return
    address = arguments[1]
    # A path, or bytes for the abstract namespace, names a Unix socket.
    if isinstance(address, tuple) and not is_loopback(str(address[0])):
        outside_addresses.append(f"{address[0]}:{address[1]}")
        raise OutsideConnectionError(f"a test may not connect to {outside_addresses[-1]}")


def pytest_configure(config: pytest.Config) -> None:
    """Guard the connections and agree on one folder for the locks of all workers."""
    sys.addaudithook(refuse_outside_connections)
    config.stash[LOCKS] = config.rootpath / ".pytest_cache" / "locks"
    config.stash[LOCKS].mkdir(parents=True, exist_ok=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of a group on one worker, which xdist 3.8 does not under pytest 9.2.

    It says the group at the end of a test's id, but where pytest no longer looks for one
    (https://github.com/pytest-dev/pytest-xdist/issues/1386).
    """
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group is not None and not item.nodeid.endswith(f"@{group.args[0]}"):
            item._id = NodeId.parse(f"{item.nodeid}@{group.args[0]}")


@contextmanager
def locked(path: Path, kind: int) -> Iterator[None]:
    """Hold an advisory lock of ``kind`` on the file at ``path``."""
    with path.open("w") as file:
        fcntl.flock(file, kind)
        try:
            yield
        finally:
            # Closing is not enough: a process that the test forked may still hold a copy.
            fcntl.flock(file, fcntl.LOCK_UN)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Let tests run side by side, but those marked ``alone`` by themselves."""
    folder = item.config.stash[LOCKS]
    alone = item.get_closest_marker("alone") is not None
    with ExitStack() as room:
        # Whoever waits for the room keeps the door, so that newcomers cannot overtake for ever.
        with locked(folder / "door", fcntl.LOCK_EX):
            room.enter_context(locked(folder / "room", fcntl.LOCK_EX if alone else fcntl.LOCK_SH))
        return (yield)


@pytest.fixture(scope="session")
def outer_environment() -> dict[str, str]:
    """The environment as the developer or CI set it, for what needs their pip settings."""
    return dict(os.environ)


@pytest.fixture(scope="session", autouse=True)
def private_home(
    outer_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A home folder of the session's own: nobody's settings, history or kernels are seen."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in outer_environment:
            if name.startswith(("ANVIL_", "JUPYTER", "IPYTHON", "XDG_", "PG")):
                patch.delenv(name)
        for name, folder in {
            "HOME": ".",
            "IPYTHONDIR": "ipython",
            "JUPYTER_CONFIG_DIR": "jupyter/config",
            "JUPYTER_DATA_DIR": "jupyter/data",
            "JUPYTER_RUNTIME_DIR": "jupyter/runtime",
            "JUPYTERLAB_SETTINGS_DIR": "jupyter/settings",
            "JUPYTERLAB_WORKSPACES_DIR": "jupyter/workspaces",
        }.items():
            (home / folder).mkdir(parents=True, exist_ok=True)
            patch.setenv(name, str(home / folder))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        yield home


@pytest.fixture(autouse=True)
def no_outside_connections() -> Iterator[None]:
    """Fail a test that reached outside, even where the code under test caught the error."""
    outside_addresses.clear()
    yield
    assert not outside_addresses, f"connections to other machines: {outside_addresses}"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the checkout."""
    return REPOSITORY
