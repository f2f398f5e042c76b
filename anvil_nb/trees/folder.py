"""A folder on disk as a tree: every file in it that is content, with its digest.

What cannot be a file of a tree is said as a problem and never passed over: symbolic links, devices,
names that mean something else on another system, files that cannot be read. Empty folders are no
content.
"""

from __future__ import annotations

from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filepaths import printable
from anvil_nb.errors import InvalidInputError, PlanMovedError
from anvil_nb.trees.ignoring import read_rules
from anvil_nb.trees.reading import read_file
from anvil_nb.trees.scanning import Scan, Scanning
from anvil_nb.trees.scope import DEFAULT_LIMITS, FolderLimits, Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from anvil_nb.trees.ignoring import IgnoreRules

__all__ = ["DEFAULT_LIMITS", "Folder", "FolderLimits", "Scan"]


class Folder:
    """A folder on disk.

    Args:
        root: Where it is.
        tops: Names at its top that belong to the tree; everything when left out.
        rules: What is ignored; by its ``.anvilignore`` and the defaults when left out.
        limits: How large it may be.

    Raises:
        InvalidInputError: when it is no folder, or its ``.anvilignore`` cannot be used.
    """

    def __init__(
        self,
        root: str | Path,
        *,
        tops: Collection[str] | None = None,
        rules: IgnoreRules | None = None,
        limits: FolderLimits = DEFAULT_LIMITS,
    ) -> None:
        self.root = Path(root).absolute()
        if not self.root.is_dir():
            raise InvalidInputError(
                f"{printable(str(root))} is no folder", "Make it first, or name another one."
            )
        chosen = None if tops is None else frozenset(tops)
        self.scope = Scope(rules or read_rules(str(self.root)), chosen, limits)

    def scan(self, *, remember: bool = True) -> Scan:
        """Return every file with its digest; only what changed since the last scan is read.

        Args:
            remember: Whether to keep what is found for the next scan, in the folder's ``.anvil``.

        Raises:
            InvalidInputError: when the folder itself cannot be listed, or holds too many files.
        """
        return Scanning(str(self.root), self.scope, remember=remember).run()

    def fault(self, path: str) -> str:
        """Return why the tree can have no file at ``path``; empty when it can.

        What another side has at such a path cannot come here, nor does it count as deleted here.
        """
        return self.scope.fault(path)

    def read(self, path: str, digest: str | None = None) -> bytes:
        """Return the bytes of a file.

        Args:
            path: Of the file.
            digest: What they must be; anything when left out.

        Raises:
            PlanMovedError: when it is not there any more, or is something else.
        """
        try:
            data = read_file(f"{self.root}/{path}")
        except OSError as error:
            raise _moved(path, f"it cannot be read: {error.strerror}") from error
        if digest is not None and digest_of_bytes(data) != digest:
            raise _moved(path, "it holds something else now")
        return data

    def read_all(self, wanted: Iterable[tuple[str, str | None]]) -> Iterator[bytes]:
        """Return the bytes of files, in their order, each read when it is asked for.

        Args:
            wanted: Path and digest of each, as for :meth:`read`.

        Raises:
            PlanMovedError: as for :meth:`read`.
        """
        return starmap(self.read, wanted)


def _moved(path: str, why: str) -> PlanMovedError:
    return PlanMovedError(
        f"{printable(path)} changed since it was looked at: {why}", "Run the sync again."
    )
