"""Files under a temporary name beside their place, and what killed processes left of such.

Whose name it is tells a lock, which ends with its process: a name that nobody holds is removed by
the next one that writes into that folder.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"\.anvil-[0-9a-f]{16}\.tmp")


def new_name(folder: Path) -> Path:
    """Make up a temporary name in ``folder``."""
    return folder / f".anvil-{os.urandom(8).hex()}.tmp"


def create(folder: Path, mode: int = 0o666) -> tuple[int, Path]:
    """Make an empty file with a temporary name; return its descriptor, to write and read."""
    while True:
        name = new_name(folder)
        descriptor = os.open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, mode)
        hold(descriptor)
        if name.exists():
            return descriptor, name
        os.close(descriptor)  # it was removed before it was held


def hold(descriptor: int) -> None:
    """Keep the file from being taken for one that was left behind, as long as it is open."""
    with suppress(OSError):  # where locks are refused, nothing is removed either
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def remove_abandoned(folder: Path) -> None:
    """Remove the temporary files in ``folder`` whose processes are no more."""
    with suppress(OSError):
        for name in folder.glob(".anvil-*.tmp"):
            if _NAME.fullmatch(name.name):
                with suppress(OSError):
                    _remove_abandoned(name)


def _remove_abandoned(name: Path) -> None:
    descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            name.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
