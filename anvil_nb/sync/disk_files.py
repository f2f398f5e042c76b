"""The files of a folder of services as a replica: each file is a key by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.filetree import Leaf, digest_of_file
from anvil_nb.domain.sync.tree import Entry, Tree
from anvil_nb.sync.folder import ServicesFolder

if TYPE_CHECKING:
    from anvil_nb.trees.reading import FileState


class DiskFiles(ServicesFolder):
    """Every file of some folders below the services."""

    def tree(self) -> Tree:
        """Return all files."""
        if not self.is_there:
            return Tree({})
        scan = self.folder.scan()
        return Tree({path: _entry(path, one) for path, one in scan.files.items()}, scan.problems)

    def path(self, entry: Entry, leaf: Leaf) -> str:
        """Return where a file lies, or belongs."""
        del entry
        return leaf.path


def _entry(path: str, state: FileState) -> Entry:
    leaf = Leaf(path, state.digest, state.size, state.executable)
    return Entry(path, digest_of_file(leaf), (leaf,), path)
