"""The files of a folder of services as a replica: each file is a key by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.filetree import Leaf, digest_of_file
from anvil_nb.domain.sync.tree import Entry, Tree
from anvil_nb.sync.folder import ServicesFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.sync.replica import Fetch, Outcome, Run, Wanted


class DiskFiles(ServicesFolder):
    """Every file of some folders below the services."""

    def tree(self) -> Tree:
        """Return all files."""
        if not self.is_there:
            return Tree({})
        scan = self.folder.scan()
        entries = {}
        for path, state in scan.files.items():
            leaf = Leaf(path, state.digest, state.size, state.executable)
            entries[path] = Entry(path, digest_of_file(leaf), (leaf,), path)
        return Tree(entries, scan.problems)

    def read(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        """Return bytes, each checked against its digest."""
        return self.bytes_of(wanted, _path)

    def apply(self, changes: Sequence[Change], fetch: Fetch, run: Run) -> Iterator[Outcome]:
        """Write and delete files."""
        return self.carry_out(changes, fetch, run, _path)


def _path(entry: Entry, leaf: Leaf) -> str:
    del entry
    return leaf.path
