"""The folders of a tree, opened one within the other and never through a symbolic link.

So a file is written in the tree and nowhere else, whatever a path or its folders have become.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from anvil_nb.domain.filepaths import folded
from anvil_nb.trees.ignoring import OURS

if TYPE_CHECKING:
    from pathlib import Path

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Places:
    """The folders of a tree.

    Args:
        root: Of the tree.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._open: tuple[str, int] | None = None
        self._names: dict[str, dict[str, str]] = {}
        self.touched: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go()
        os.close(self.root)

    def find(self, path: str) -> tuple[int, str]:
        """Return a descriptor of the folder of a path, and its name there; valid until the next.

        Raises:
            OSError: when there is no such folder.
        """
        parent, _, name = path.rpartition("/")
        if not parent:
            return self.root, name
        if self._open is None or self._open[0] != parent:
            self._let_go()
            self._open = parent, self._walk(parent)
        return self._open[1], name

    def make(self, path: str) -> tuple[int, str]:
        """Do as :meth:`find`, and make the folders that are missing.

        Raises:
            OSError: when one cannot be made: ``FileExistsError`` when there is one that some
                system takes for the same.
        """
        try:
            return self.find(path)
        except FileNotFoundError:
            parent, _, _ = path.rpartition("/")
            self._make(parent)
            return self.find(path)

    def check_new(self, path: str) -> None:
        """Refuse a name that some system takes for one that is there.

        Raises:
            FileExistsError: that says which.
        """
        parent, _, name = path.rpartition("/")
        there = self._names.get(parent)
        if there is None:
            folder = self.find(path)[0]
            there = {folded(one): one for one in os.listdir(folder)}  # noqa: PTH208 - a descriptor
            self._names[parent] = there
        other = there.setdefault(folded(name), name)
        if other != name:
            raise FileExistsError(errno.EEXIST, f"{other!r} differs by case alone", path)

    def prune(self, path: str) -> None:
        """Remove the folders above a path that hold nothing any more, but not the tree itself."""
        parent = path
        while parent := parent.rpartition("/")[0]:
            self._names.pop(parent, None)
            self._let_go()
            try:
                folder, name = self.find(parent)
                os.rmdir(name, dir_fd=folder)
            except FileNotFoundError:
                continue  # it went before
            except OSError:
                break  # it holds something
            self.touched.add(parent.rpartition("/")[0])
        self._names.pop(parent, None)

    def sync(self) -> None:
        """Make what was done in the touched folders last."""
        for parent in sorted(self.touched):
            with suppress(FileNotFoundError, NotADirectoryError):  # it went with its last file
                os.fsync(self.find(f"{parent}/." if parent else ".")[0])
        self.touched.clear()

    def _let_go(self) -> None:
        if self._open is not None:
            os.close(self._open[1])
            self._open = None

    def _walk(self, parent: str) -> int:
        folder = os.dup(self.root)
        for part in parent.split("/"):
            try:
                below = os.open(part, _FOLDER, dir_fd=folder)
            finally:
                os.close(folder)
            folder = below
        return folder

    def _make(self, parent: str) -> None:
        at = 0
        while at >= 0:
            at = parent.find("/", at + 1)
            path = parent if at < 0 else parent[:at]
            if path.partition("/")[0] != OURS and not self._is_there(path):
                self.check_new(path)
            folder, name = self.find(path)
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=folder)
                self.touched.add(path.rpartition("/")[0])

    def _is_there(self, path: str) -> bool:
        folder, name = self.find(path)
        try:
            os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True


def remove_hollow(folder: int, name: str) -> None:
    """Remove a folder that holds nothing but folders.

    Args:
        folder: Descriptor of the folder that it is in.
        name: Of the folder.

    Raises:
        OSError: ``ENOTEMPTY`` when there is anything else in it.
    """
    opened = os.open(name, _FOLDER, dir_fd=folder)
    try:
        with os.scandir(opened) as entries:
            found = list(entries)
        if not all(entry.is_dir(follow_symlinks=False) for entry in found):
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), name)
        for entry in found:
            remove_hollow(opened, entry.name)
    finally:
        os.close(opened)
    os.rmdir(name, dir_fd=folder)
