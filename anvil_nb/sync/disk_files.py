"""The files of a folder of services as a replica: each file is a key by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.filetree import Leaves
from anvil_nb.domain.sync.tree import FileEntries, Tree
from anvil_nb.store.bulk import in_bulk
from anvil_nb.sync.folder import ServicesFolder

if TYPE_CHECKING:
    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.domain.sync.tree import Entry


class DiskFiles(ServicesFolder):
    """Every file of some folders below the services."""

    def tree(self) -> Tree:
        """Return all files."""
        if not self.is_there:
            return Tree({})
        with in_bulk():
            scan = self.folder.scan()
            return Tree(FileEntries(Leaves(scan.files)), scan.problems)

    def path(self, entry: Entry, leaf: Leaf) -> str:
        """Return where a file lies, or belongs."""
        del entry
        return leaf.path
