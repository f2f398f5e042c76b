"""The folder ``.anvil`` of a tree: where what we keep beside the content lies."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from anvil_nb.errors import AnvilError
from anvil_nb.trees.ignoring import OURS

if TYPE_CHECKING:
    from pathlib import Path

_NOT_FOR_GIT = b"*\n"


def make_own_folder(root: str | Path) -> str:
    """Return the path of ``.anvil`` in a tree, which is made where it is missing.

    Git is told to leave it out.

    Raises:
        OSError: when it cannot be made, or something else stands there.
    """
    path = os.path.join(root, OURS)  # noqa: PTH118 - called for each scan
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        with suppress(FileExistsError):  # another process was first
            os.mkdir(path, 0o700)  # noqa: PTH102 - as above
        mode = os.lstat(path).st_mode
        _tell_git(path)
    if not stat.S_ISDIR(mode):
        raise NotADirectoryError(errno.ENOTDIR, "it is no folder", path)
    return path


def _tell_git(path: str) -> None:
    ignored = os.path.join(path, ".gitignore")  # noqa: PTH118 - as above
    with suppress(FileExistsError):
        descriptor = os.open(ignored, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, _NOT_FOR_GIT)
        finally:
            os.close(descriptor)


def unwritable(path: str, error: OSError, then: str = "run this again") -> AnvilError:
    """Return what to say where the system does not let something be written."""
    return AnvilError(
        f"{path} cannot be written: {error.strerror or error}",
        f"Make room or get the right to write there, then {then}.",
    )
