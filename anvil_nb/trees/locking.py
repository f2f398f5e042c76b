"""One writer of a tree at a time: a lock on a file, which a killed process lets go."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import ConflictError
from anvil_nb.trees.own_folder import make_own_folder, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE: Final = "lock"
PATIENCE: Final = 30.0
"""How long another writer is waited for, in seconds."""
_AGAIN: Final = 0.02


@contextmanager
def writing(root: str, patience: float = PATIENCE) -> Iterator[None]:
    """Be the only writer of a tree while the block lasts.

    Args:
        root: Of the tree.
        patience: How long to wait for another, in seconds.

    Raises:
        ConflictError: when another writer took longer.
        AnvilError: when the tree cannot be written.
    """
    try:
        path = os.path.join(make_own_folder(root), FILE)  # noqa: PTH118 - made to text by then
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unwritable(root, error) from error
    try:
        _take(descriptor, root, time.monotonic() + patience)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, root: str, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise ConflictError(
                    f"another sync is writing {root}", "Run this again when it has ended."
                ) from None
            time.sleep(_AGAIN)
        else:
            return
