"""Files under a temporary name beside their place, and what killed processes left of such.

Whose name it is tells a lock, which ends with its process: a name that nobody holds is removed by
the next one that writes into that folder.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MARK, _END = ".anvil-", ".tmp"


def new_name(folder: Path) -> Path:
    """Make up a temporary name in ``folder``."""
    return folder / f"{_MARK}{os.urandom(8).hex()}{_END}"


def create(folder: Path) -> tuple[int, Path]:
    """Make an empty file with a temporary name; return its descriptor, to write and read."""
    while True:
        name = new_name(folder)
        descriptor = os.open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o666)
        hold(descriptor)
        if name.exists():
            return descriptor, name
        os.close(descriptor)  # it was removed before it was held


def hold(descriptor: int) -> None:
    """Keep the file from being taken for one that was left behind, as long as it is open."""
    with suppress(OSError):  # where there are no locks, nothing is removed either
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def remove_abandoned(folder: Path) -> None:
    """Remove the temporary files in ``folder`` whose processes are no more."""
    with suppress(OSError):
        for name in folder.glob(f"{_MARK}*{_END}"):
            with suppress(OSError):
                _remove_abandoned(name)


def _remove_abandoned(name: Path) -> None:
    descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        name.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
