"""Two moves of files that the system makes in one step, so that nothing is replaced unseen.

``exchange`` swaps two files: whatever stood at the place that is written, even if it came a moment
ago, is then at the other one. ``move_new`` moves a file only where nothing stands. Linux has them
as ``renameat2``, macOS as ``renameatx_np``; some file systems have neither.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_UNKNOWN: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)
_LIBRARY: Final = ctypes.CDLL(None, use_errno=True)
_NEW, _SWAP = (4, 2) if sys.platform == "darwin" else (1, 2)
_RENAME: Final[Callable[[int, bytes, int, bytes, int], int] | None] = getattr(
    _LIBRARY, "renameatx_np" if sys.platform == "darwin" else "renameat2", None
)
_SYNC: Final[Callable[[int], int] | None] = getattr(_LIBRARY, "syncfs", None)


def exchange(folder: int, name: str, other_folder: int, other: str) -> bool:
    """Swap two files of one file system; return whether it can be done here at all.

    Args:
        folder: Descriptor of the folder of the first file.
        name: Of the first file.
        other_folder: Descriptor of the folder of the other file.
        other: Name of the other file.

    Raises:
        OSError: when one is missing, or it is not allowed.
    """
    return _rename(folder, name, other_folder, other, _SWAP)


def move_new(folder: int, name: str, new_folder: int, new: str) -> None:
    """Move a file of ours to a place where nothing stands.

    Not for a file that others may replace: where the system has no such move, it is two steps.

    Raises:
        FileExistsError: when something stands there.
        OSError: when it cannot be done.
    """
    if not _rename(folder, name, new_folder, new, _NEW):
        os.link(name, new, src_dir_fd=folder, dst_dir_fd=new_folder, follow_symlinks=False)
        with suppress(OSError):  # it has two names then, which loses nothing
            os.unlink(name, dir_fd=folder)


def sync_all(folder: int) -> None:
    """Return when all that was written to the file system of a folder lasts."""
    if _SYNC is None or _SYNC(folder) != 0:
        os.sync()


def _rename(folder: int, name: str, new_folder: int, new: str, flag: int) -> bool:
    if _RENAME is None:
        return False
    if _RENAME(folder, os.fsencode(name), new_folder, os.fsencode(new), flag) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), name, None, new)
