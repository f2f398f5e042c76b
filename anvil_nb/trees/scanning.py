"""One scan of a folder: walked folder by folder, with one look at each file that did not change."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.filepaths import folded, path_fault, printable
from anvil_nb.domain.sync.planning import BELOW
from anvil_nb.domain.sync.tree import Problem
from anvil_nb.errors import InvalidInputError
from anvil_nb.trees.ignoring import OURS
from anvil_nb.trees.reading import read_state
from anvil_nb.trees.stat_cache import (
    StatCache,
    clock,
    is_settled,
    load_cache,
    save_cache,
    stamp_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.trees.reading import FileState
    from anvil_nb.trees.scope import Scope
    from anvil_nb.trees.stat_cache import Stamp

_LARGE: Final = 1 << 20
_RENAME: Final = "Rename it, or name it in .anvilignore."
_REPLACE: Final = "Put a plain file in its place, or name it in .anvilignore."
_READABLE: Final = "Get the right to read it, or name it in .anvilignore."


def _stamp(entry: os.DirEntry[str]) -> Stamp | None:
    """Return by what a file is known again; nothing where it was deleted just now."""
    try:
        return stamp_of(entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class Scan:
    """What a folder holds.

    Args:
        files: By path, in no order.
        problems: What is there and cannot be content; a key that ends with ``/**`` stands for a
            folder and everything below it.
        ignored: Paths that the rules leave out, folders with ``/`` behind them.
    """

    files: Mapping[str, FileState]
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()


class Scanning:
    """A scan under way.

    Args:
        root: The folder.
        scope: What in it is content.
        remember: Whether to keep what is found in the folder, for the next scan.
    """

    def __init__(self, root: str, scope: Scope, *, remember: bool = True) -> None:
        self.root, self.scope, self.remember = root, scope, remember
        self.began = clock(root) if remember else None
        self.cache = load_cache(root, scope.digest)
        self.as_known: list[str] = []
        self.files: dict[str, FileState] = {}
        self.stamps: dict[str, Stamp] = {}
        self.unread: list[str] = []
        self.problems: list[Problem] = []
        self.ignored: list[str] = []

    def run(self) -> Scan:
        """Return what the folder holds."""
        below = [""]
        while below:
            below += self._list(below.pop())
            if len(self.as_known) + len(self.unread) > self.scope.limits.files:
                raise self._too_many()
        self._keep()
        self._read()
        self._remember()
        problems = tuple(sorted(self.problems, key=lambda one: one.key))
        return Scan(self.files, problems, tuple(sorted(self.ignored)))

    def _list(self, parent: str) -> list[str]:
        """Look at what is in a folder; return the folders in it, each with ``/`` behind it."""
        names: list[str] = []
        folders: list[str] = []
        unread: list[str] = []
        stamp_of_known = self.cache.stamps.get
        first, new = len(self.as_known), False
        try:
            with os.scandir(f"{self.root}/{parent}") as entries:
                for entry in entries:
                    name = entry.name
                    path = parent + name
                    known = stamp_of_known(path)
                    if known is not None and known == _stamp(entry):
                        names.append(name)
                        self.as_known.append(path)
                    elif self._is_content(entry, path):
                        names.append(name)
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(f"{path}/")
                            new = new or path not in self.cache.folders
                        else:
                            unread.append(path)
                            new = new or known is None
        except OSError as error:
            if not parent:
                raise self._unlisted(error) from error
            if not isinstance(error, FileNotFoundError):  # else it was deleted just now
                why = f"cannot be listed: {error.strerror}"
                self._problem(parent[:-1], why, _READABLE, below=True)
            del self.as_known[first:]
            return []
        # Names that stood beside each other before still can.
        twins = self._twins(parent, names) if new else frozenset()
        if twins:
            kept = [path for path in self.as_known[first:] if path not in twins]
            self.as_known[first:] = kept
        self.unread += [path for path in unread if path not in twins]
        return [path for path in folders if path[:-1] not in twins]

    def _keep(self) -> None:
        """Take the files that are what they were at the last scan."""
        stamps, states = self.cache.stamps, self.cache.states
        if len(self.as_known) == len(stamps):
            self.stamps, self.files = {**stamps}, {**states}
        else:
            self.stamps = {path: stamps[path] for path in self.as_known}
            self.files = {path: states[path] for path in self.as_known}

    def _is_content(self, entry: os.DirEntry[str], path: str) -> bool:
        """Tell whether there is a file or a folder that belongs to the tree, and say why not."""
        folder = entry.is_dir(follow_symlinks=False)
        if folder and path in self.cache.folders:
            return True
        if path == OURS:
            return False
        if "/" not in path and not self.scope.has_top(path):
            return False
        if self.scope.rules.ignores_one(path, folder=folder):
            self.ignored.append(f"{printable(path)}/" if folder else printable(path))
            return False
        if fault := path_fault(path):
            self._problem(path, f"has a name that {fault}", _RENAME, below=folder)
        elif entry.is_symlink():
            leads_to_folder = os.path.isdir(f"{self.root}/{path}")  # noqa: PTH112 - path is text
            self._problem(path, "is a symbolic link", _REPLACE, below=leads_to_folder)
        elif folder or entry.is_file(follow_symlinks=False):
            return True
        else:
            self._problem(path, "is neither a file nor a folder", _REPLACE)
        return False

    def _twins(self, parent: str, names: list[str]) -> frozenset[str]:
        """Refuse names that some system takes for one; return the paths of them."""
        together = "/".join(names)
        if together.isascii() and len({*together.lower().split("/")}) == max(len(names), 1):
            return frozenset()
        alike: dict[str, list[str]] = {}
        for name in sorted(names):
            alike.setdefault(folded(name), []).append(name)
        twins = {name: some for some in alike.values() if len(some) > 1 for name in some}
        for name, some in twins.items():
            other = next(one for one in some if one != name)
            path = parent + name
            folder = os.path.isdir(f"{self.root}/{path}")  # noqa: PTH112 - path is text
            self._problem(path, f"differs from {other!r} by case alone", _RENAME, below=folder)
        return frozenset(parent + name for name in twins)

    def _read(self) -> None:
        """Read what is new: small files one by one, for threads would cost more than they save."""
        large: list[str] = []
        for path in self.unread:
            size = self._size(path)
            if isinstance(size, int) and _LARGE < size <= self.scope.limits.file_bytes:
                large.append(path)
            else:
                self._take(path, self._look(path, size))
        if large:
            with ThreadPoolExecutor(min(len(large), os.cpu_count() or 1)) as pool:
                for path, found in zip(large, pool.map(self._look, large), strict=True):
                    self._take(path, found)

    def _size(self, path: str) -> int | OSError:
        try:
            return os.lstat(f"{self.root}/{path}").st_size
        except OSError as error:
            return error

    def _look(self, path: str, size: int | OSError = 0) -> tuple[FileState, Stamp] | OSError | int:
        """Return what a file is; its size alone where it is too large; or why it cannot be read."""
        if isinstance(size, OSError) or size > self.scope.limits.file_bytes:
            return size
        try:
            state, status = read_state(f"{self.root}/{path}")
        except OSError as error:
            return error
        return state, stamp_of(status)

    def _take(self, path: str, found: tuple[FileState, Stamp] | OSError | int) -> None:
        if isinstance(found, int):
            most = self.scope.limits.file_bytes
            why = f"is {found:,} bytes large; {most:,} are allowed"
            self._problem(path, why, "Make it smaller, or name it in .anvilignore.")
        elif isinstance(found, OSError):
            if not isinstance(found, FileNotFoundError):  # else it was deleted just now
                self._problem(path, f"cannot be read: {found.strerror}", _READABLE)
        else:
            self.files[path], stamp = found
            if self.began is not None and is_settled(stamp, self.began):
                self.stamps[path] = stamp

    def _remember(self) -> None:
        if self.remember and self.stamps != self.cache.stamps:
            states = {path: self.files[path] for path in self.stamps}
            save_cache(self.root, StatCache(self.scope.digest, self.stamps, states))

    def _problem(self, path: str, why: str, hint: str, *, below: bool = False) -> None:
        shown = printable(path)
        self.problems.append(Problem(shown + BELOW if below else shown, f"{shown} {why}", hint))

    def _unlisted(self, error: OSError) -> InvalidInputError:
        return InvalidInputError(
            f"the folder {printable(self.root)} cannot be listed: {error.strerror}",
            "Get the right to read it, or name another folder.",
        )

    def _too_many(self) -> InvalidInputError:
        return InvalidInputError(
            f"{printable(self.root)} holds more than {self.scope.limits.files:,} files",
            "Name what is no content in .anvilignore, or choose a smaller folder.",
        )
