"""The trash of a tree: what a sync replaced or deleted, kept for a while at ``.anvil/trash``.

A run has a folder there, in which each file has the path that it had in the tree; what a run took
away from one path again lies in a second folder, ``RUN~2``.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Final

from anvil_nb.trees import exchanging
from anvil_nb.trees.changes import is_same
from anvil_nb.trees.ignoring import OURS
from anvil_nb.trees.reading import read_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.trees.places import Places
    from anvil_nb.trees.reading import FileState

FOLDER: Final = "trash"
KEPT: Final = 90 * 24 * 60 * 60
"""How long a run's trash is kept, in seconds."""


def trashed(run: str, path: str) -> str:
    """Return where in the tree a file that a run took away lies."""
    return f"{OURS}/{FOLDER}/{run}/{path}"


def throw(trash: Places, run: str, path: str, slots: int, slot: str) -> None:
    """Move what was taken away into the trash; what lies there already stays beside it.

    Args:
        trash: The folders of the tree.
        run: That took it away.
        path: Where it stood in the tree.
        slots: Descriptor of the folder where it lies now.
        slot: Its name there.

    Raises:
        OSError: when it cannot be moved; it lies where it lay.
    """
    for place in _places(run, path):
        with suppress(NotADirectoryError):  # a file lies where a folder is needed now
            folder, name = trash.make(place)
            try:
                exchanging.move_new(slots, slot, folder, name)
            except FileExistsError:
                if None is not _digest(slot, slots) == _digest(name, folder):
                    os.unlink(slot, dir_fd=slots)
                    return
            else:
                trash.touched.add(place.rpartition("/")[0])
                return


def find_thrown(trash: Places, run: str, path: str, state: FileState) -> str | None:
    """Return where a file lies that a run took away from a path; nothing when it did not."""
    for place in _places(run, path):
        try:
            folder, name = trash.find(place)
            if is_same(read_state(name, folder)[0], state):
                return place
        except (FileNotFoundError, NotADirectoryError):
            return None
    return None


def _places(run: str, path: str) -> Iterator[str]:
    yield trashed(run, path)
    for number in count(2):
        yield trashed(f"{run}~{number}", path)


def _digest(name: str, folder: int) -> str | None:
    with suppress(OSError):
        return read_state(name, folder)[0].digest
    return None


def clean(root: str, kept: float = KEPT) -> None:
    """Delete the trash of runs that are longer ago; what cannot be deleted stays.

    Args:
        root: Of the tree.
        kept: For how long trash is kept, in seconds.
    """
    oldest = time.time() - kept
    with suppress(OSError), os.scandir(f"{root}/{OURS}/{FOLDER}") as runs:
        for run in runs:
            with suppress(OSError):
                status = run.stat(follow_symlinks=False)
                if status.st_mtime < oldest and run.is_dir(follow_symlinks=False):
                    shutil.rmtree(run.path, ignore_errors=True)
