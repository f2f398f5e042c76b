"""The skills, content or agents of a folder of services as a replica."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.filetree import Leaf
from anvil_nb.domain.items.shelving import disk_paths, shelve
from anvil_nb.domain.items.sources import CONFIGS, Source, source_of, sources_of
from anvil_nb.domain.sync.planning import BELOW
from anvil_nb.domain.sync.tree import Problem, Tree
from anvil_nb.errors import PlanMovedError
from anvil_nb.store import items
from anvil_nb.sync.folder import ServicesFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from anvil_nb.access import Access
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.domain.items.shelving import Shelf
    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.domain.sync.tree import Entry
    from anvil_nb.trees.reading import FileState

CONTENT: Final = "content"
_FOLDERS: Mapping[Kind, str] = {"skill": "skills", "agent": "agents", "content": ""}
"""The folder of each kind; pages lie wherever the content config says."""
_TRIES: Final = 3
"""How often a folder is looked at that somebody is editing."""


class DiskItems(ServicesFolder):
    """All items of one kind in a folder of services.

    Args:
        services: The folder.
        kind: ``skill``, ``content`` or ``agent``.
        access: The store, which knows the keys of what it has: those files are not read again.
    """

    def __init__(self, services: Path, kind: Kind, access: Access) -> None:
        super().__init__(services, (_FOLDERS[kind] or CONTENT,))
        self._kind, self._access = kind, access
        self._prefix = f"{_FOLDERS[kind]}/" if _FOLDERS[kind] else ""
        self._sources: tuple[Source, ...] = ()
        self._configured = False
        self._at: dict[str, Mapping[str, str]] = {}

    def tree(self) -> Tree:
        """Return all items.

        Raises:
            ItemError: for a content config that cannot be read.
        """
        if not self.is_there:
            self._at, self.owners = {}, {}
            return Tree({})
        for _ in range(_TRIES - 1):
            with suppress(PlanMovedError):  # a file was edited between the scan and the reading
                return self._look()
        return self._look()

    def path(self, entry: Entry, leaf: Leaf) -> str:
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

    def room(self, path: str) -> str:
        """Return the path of a file; of a skill its folder, which holds nothing else."""
        return "/".join(path.split("/")[:2]) if self._kind == "skill" else path

    def fault(self, change: Change, path: str) -> str:
        """Return why a page would not be found again where it lies."""
        said = change.source.meta.get("source") if change.source else None
        if self._kind != "content" or said is None:
            return ""
        source = source_of(self._sources, path)
        if source is None and not self._configured:
            source = source_of([Source(str(said), f"{CONTENT}/{said}")], path)
        return "" if source and source.id == said else f"is in no source '{said}' of {CONFIGS[0]}"

    def _look(self) -> Tree:
        self._look_for_sources()
        folder = self.folder
        scan = folder.scan()
        files = {path.removeprefix(self._prefix): one for path, one in scan.files.items()}
        leaves = {path: _leaf(path, state) for path, state in files.items()}
        with self._access.read("sync") as tx:
            known = items.tree_of(tx, self._access.organisation_id, self._kind)

        def read(path: str) -> bytes:
            return folder.read(self._prefix + path, files[path].digest)

        shelf = shelve(self._kind, leaves, read, known=known)
        self._at = {key: found.paths for key, found in shelf.found.items()}
        self.owners = {self.room(path): path for path in scan.files}
        for key, paths in self._at.items():
            rooms = {self.room(self._prefix + path) for path in paths.values()}
            self.owners |= dict.fromkeys(rooms, key)
        problems = (*shelf.tree.problems, *self._problems(scan.problems, shelf, known))
        return Tree(shelf.tree.entries, problems)

    def _look_for_sources(self) -> None:
        """Find out where pages lie, and look there."""
        if self._kind != "content":
            return
        self.tops = (CONTENT,)
        scan = self.folder.scan()
        configs = {path: None for path in CONFIGS if path in scan.files}
        self._configured = bool(configs)
        if configs:
            self._sources = sources_of(configs, self.folder.read)
            folders = {source.folder.partition("/")[0] for source in self._sources}
            self.tops = (CONTENT, *sorted(folders - {CONTENT}))
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
