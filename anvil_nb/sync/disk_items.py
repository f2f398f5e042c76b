"""The skills, content or agents of a folder of services as a replica."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.filetree import Leaf
from anvil_nb.domain.items.shelving import disk_paths, shelve
from anvil_nb.domain.items.sources import CONFIGS, sources_of
from anvil_nb.domain.sync.planning import BELOW
from anvil_nb.domain.sync.tree import Problem, Tree
from anvil_nb.store import items
from anvil_nb.sync.folder import ServicesFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from anvil_nb.access import Access
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.domain.items.shelving import Shelf
    from anvil_nb.domain.items.sources import Source
    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.domain.sync.tree import Entry
    from anvil_nb.sync.replica import Fetch, Outcome, Run, Wanted
    from anvil_nb.trees.reading import FileState

_FOLDERS: Mapping[Kind, str] = {"skill": "skills", "agent": "agents", "content": ""}
"""The folder of each kind; pages lie wherever the content config says."""


class DiskItems(ServicesFolder):
    """All items of one kind in a folder of services.

    Args:
        services: The folder.
        kind: ``skill``, ``content`` or ``agent``.
        access: The store, which knows the keys of what it has: those files are not read again.
    """

    def __init__(self, services: Path, kind: Kind, access: Access) -> None:
        super().__init__(services, (_FOLDERS[kind],))
        self._kind, self._access = kind, access
        self._prefix = f"{_FOLDERS[kind]}/" if _FOLDERS[kind] else ""
        self._sources: tuple[Source, ...] = ()
        self._at: dict[str, Mapping[str, str]] = {}

    def tree(self) -> Tree:
        """Return all items.

        Raises:
            ItemError: for a content config that cannot be read.
        """
        if not self.is_there:
            return Tree({})
        self._look_for_sources()
        scan = self.folder.scan()
        files = {path.removeprefix(self._prefix): one for path, one in scan.files.items()}
        leaves = {path: _leaf(path, state) for path, state in files.items()}
        with self._access.read("sync") as tx:
            known = items.tree_of(tx, self._access.organisation_id, self._kind)

        def read(path: str) -> bytes:
            return self.folder.read(self._prefix + path, files[path].digest)

        shelf = shelve(self._kind, leaves, read, known=known)
        self._at = {key: found.paths for key, found in shelf.found.items()}
        problems = (*shelf.tree.problems, *self._problems(scan.problems, shelf, known))
        return Tree(shelf.tree.entries, problems)

    def read(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        """Return bytes, each checked against its digest."""
        return self.bytes_of(wanted, self._path)

    def apply(self, changes: Sequence[Change], fetch: Fetch, run: Run) -> Iterator[Outcome]:
        """Write and delete items, the files of each together."""
        return self.carry_out(changes, fetch, run, self._path)

    def _path(self, entry: Entry, leaf: Leaf) -> str:
        """Return where a file of an item lies, or belongs."""
        found = self._at.get(entry.key, {})
        if leaf.path in found:
            return self._prefix + found[leaf.path]
        place = entry.meta
        if found and self._kind == "skill":  # a file that is new in a folder that is there
            folder = next(iter(found.values())).partition("/")[0]
            place = {**entry.meta, "folder": folder}
        made = disk_paths(self._kind, entry.key, place, (leaf.path,), self._sources)
        return self._prefix + made[leaf.path]

    def _look_for_sources(self) -> None:
        """Find out where pages lie, and look there."""
        if self._kind != "content":
            return
        self.tops = ("content",)
        scan = self.folder.scan()
        configs = {path: None for path in CONFIGS if path in scan.files}
        if configs:
            self._sources = sources_of(configs, self.folder.read)
            folders = {source.folder.partition("/")[0] for source in self._sources}
            self.tops = ("content", *sorted(folders - {"content"}))
        else:
            self._sources = sources_of(scan.files, self.folder.read)

    def _problems(
        self, problems: Iterable[Problem], shelf: Shelf, known: Tree
    ) -> Iterator[Problem]:
        """Yield what cannot be read on disk as problems of the items that it belongs to."""
        if not problems:
            return
        places = {path: key for key, found in shelf.found.items() for path in found.paths.values()}
        for entry in known.entries.values():
            own = tuple(leaf.path for leaf in entry.leaves)
            made = disk_paths(self._kind, entry.key, entry.meta, own, self._sources)
            places |= dict.fromkeys(made.values(), entry.key)
        for one in problems:
            path = one.key.removesuffix(BELOW).removeprefix(self._prefix)
            folder = f"{path.partition('/')[0]}/" if self._kind == "skill" else f"{path}/"
            keys = {
                key
                for place, key in places.items()
                if place == path or place.startswith((f"{path}/", folder))
            }
            for key in sorted(keys or {path}):
                yield Problem(key, one.message, one.hint)


def _leaf(path: str, state: FileState) -> Leaf:
    return Leaf(path, state.digest, state.size, state.executable)
