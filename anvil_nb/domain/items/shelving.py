"""Finding the items in a folder of files, and the folder's files of an item.

Paths are relative to the folder of the kind: the folder that holds the skills' folders, or the
agents' files; for content, the services folder, where ``content/config.yaml`` names the sources.
What cannot be read is a problem at its key, never absent: as well as its key can be told, by what
was known of it before, and by where it lies.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from anvil_nb.domain.digest import canonical_json
from anvil_nb.domain.filetree import Leaf, digest_of_leaves
from anvil_nb.domain.items import agents, contexts, pages
from anvil_nb.domain.items.composing import safe_name
from anvil_nb.domain.items.parsing import Lazy, parse
from anvil_nb.domain.items.sources import Source, source_of, sources_of
from anvil_nb.domain.sync.tree import Entry, Problem, Tree
from anvil_nb.errors import ItemError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.items.kinds import Kind, ParsedItem

Read: TypeAlias = "Callable[[str], bytes]"
"""Returns the bytes of a file of the folder, by its path."""


@dataclass(frozen=True, slots=True)
class Found:
    """Files that should be one item.

    Args:
        where: The folder or the file, for messages.
        place: Where it belongs, for ``parse``.
        paths: The path in the folder of each file, by its path in the item.
        guess: The key that where it lies suggests.
        kinds: Of pages: what their ``kind`` may be, as their source says; anything when empty.
    """

    where: str
    place: Mapping[str, Json]
    paths: Mapping[str, str]
    guess: str
    kinds: tuple[str, ...] = ()

    def noted(self, made: ParsedItem) -> ParsedItem:
        """Return the record with a note where the source does not take its kind."""
        said = made.fields.get("kind")
        if not self.kinds or said is None or said in self.kinds:
            return made
        note = f"kind: '{said}' is none of its source's: {', '.join(self.kinds)}"
        return replace(made, notes=(*made.notes, note))


@dataclass(frozen=True, slots=True)
class Shelf:
    """The items of a folder.

    Args:
        tree: Of them.
        found: Where the files of each lie, by its key.
        parsed: The records of those that were read, by their keys; not of those known before.
    """

    tree: Tree
    found: Mapping[str, Found] = field(default_factory=dict)
    parsed: Mapping[str, ParsedItem] = field(default_factory=dict)


def shelve(
    kind: Kind, leaves: Mapping[str, Leaf], read: Read, *, known: Tree | None = None
) -> Shelf:
    """Return the items that lie in a folder.

    Args:
        kind: What is looked for.
        leaves: Every file of the folder, by its path.
        read: Returns the bytes of one; called for those that say something, and are not known.
        known: Items that were made of files before: what has the same files at the same place has
            the same key, and is not read again.

    Raises:
        ItemError: when it cannot be told where the items are: the content config cannot be read.
    """
    before = _Known.of(known)
    parsed: dict[str, ParsedItem] = {}
    entries: dict[str, list[tuple[Found, Entry]]] = defaultdict(list)
    problems: list[Problem] = []
    for found in find(kind, leaves, read):
        own = _own_leaves(found, leaves)
        digest = digest_of_leaves(own)
        key = before.key(digest, found)
        meta: dict[str, Json] = dict(found.place)
        if key is None:
            try:
                made = found.noted(parse(kind, Lazy(found.paths, read), found.place))
            except ItemError as error:
                problems += _problems(error, before.key_at(found) or found.guess, found.where)
                continue
            key = made.key
            parsed[key] = made
            if made.notes:
                meta["notes"] = list(made.notes)
        entries[key].append((found, Entry(key, digest, own, key, meta)))
    for key, several in entries.items():
        if len(several) > 1:
            problems.append(_twice(kind, key, [found.where for found, _ in several]))
            parsed.pop(key, None)
    alone = {key: several[0] for key, several in entries.items() if len(several) == 1}
    tree = Tree({key: entry for key, (_, entry) in alone.items()}, tuple(problems))
    return Shelf(tree, {key: found for key, (found, _) in alone.items()}, parsed)


def find(kind: Kind, paths: Mapping[str, object], read: Read) -> Iterator[Found]:
    """Yield what should be items, in the order of their places.

    Raises:
        ItemError: when the content config cannot be read.
    """
    if kind == "skill":
        yield from _skills(paths)
    elif kind == "content":
        yield from _pages(paths, read)
    elif kind == "agent":
        for path in sorted(paths):
            if "/" not in path and path.endswith(agents.SUFFIXES):
                yield Found(path, {}, {path: path}, path.rpartition(".")[0])
    else:
        for path in sorted(paths):
            folder, _, name = path.rpartition("/")
            if name == contexts.FILE and folder and "/" not in folder:
                yield Found(path, {}, {name: path}, folder)


def disk_paths(
    kind: Kind,
    key: str,
    place: Mapping[str, Json],
    leaf_paths: Iterable[str],
    sources: tuple[Source, ...] = (),
) -> dict[str, str]:
    """Return where the files of an item belong in the folder of its kind.

    Args:
        kind: What it is.
        key: Of the item.
        place: As it was found, or made.
        leaf_paths: Its files' paths in the item.
        sources: Of content, as the config of the folder says.
    """
    if kind == "skill":
        folder = str(place.get("folder") or safe_name(key))
    elif kind == "content":
        folder = _source_folder(place, sources)
    else:
        folder = safe_name(key) if kind == "context" else ""
    return {path: f"{folder}/{path}" if folder else path for path in leaf_paths}


def _skills(paths: Mapping[str, object]) -> Iterator[Found]:
    folders: dict[str, dict[str, str]] = defaultdict(dict)
    for path in sorted(paths):
        folder, slash, inner = path.partition("/")
        if slash:
            folders[folder][inner] = path
    for folder, inside in folders.items():
        yield Found(f"{folder}/", {"folder": folder}, inside, folder)


def _pages(paths: Mapping[str, object], read: Read) -> Iterator[Found]:
    sources = sources_of(paths, read)
    for path in sorted(paths):
        source = source_of(sources, path)
        if source is not None:
            inner = path.removeprefix(f"{source.folder}/")
            place: dict[str, Json] = {"source": source.id, "folder": source.folder}
            guess = f"{source.id}/{pages.slug_of(inner)}"
            yield Found(path, place, {inner: path}, guess, source.kinds)


def _source_folder(place: Mapping[str, Json], sources: tuple[Source, ...]) -> str:
    source, said = str(place.get("source")), place.get("folder")
    folders = [one.folder for one in sources if one.id == source]
    if said in folders or not folders:
        return str(said or f"content/{safe_name(source)}")
    return folders[0]


def _own_leaves(found: Found, leaves: Mapping[str, Leaf]) -> tuple[Leaf, ...]:
    return tuple(
        Leaf(inner, leaves[path].digest, leaves[path].size, leaves[path].executable)
        for inner, path in sorted(found.paths.items())
    )


def _problems(error: ItemError, guess: str, where: str) -> list[Problem]:
    return [Problem(key, f"{where}: {error.message}", error.hint) for key in error.keys or (guess,)]


def _twice(kind: Kind, key: str, where: list[str]) -> Problem:
    places = " and ".join([", ".join(where[:-1]), where[-1]])
    return Problem(
        key,
        f"{places} are both the {kind} '{key}'",
        "Keep one of them, or give the other another name in its files.",
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What the files of items are called that were read before."""

    by_files: Mapping[tuple[str, bytes], str]
    by_place: Mapping[tuple[bytes, str], str]

    @classmethod
    def of(cls, tree: Tree | None) -> _Known:
        """Return what a tree knows."""
        entries = tree.entries.values() if tree else ()
        return cls(
            {(one.digest, _place(one.meta)): one.key for one in entries},
            {(_place(one.meta), leaf.path): one.key for one in entries for leaf in one.leaves},
        )

    def key(self, digest: str, found: Found) -> str | None:
        """Return the key of what has these files at this place."""
        return self.by_files.get((digest, _place(found.place)))

    def key_at(self, found: Found) -> str | None:
        """Return the key of what had files of these names at this place."""
        place = _place(found.place)
        keys = (self.by_place.get((place, path)) for path in found.paths)
        return next((key for key in keys if key is not None), None)


_PLACE = ("folder", "source")


def _place(meta: Mapping[str, Json]) -> bytes:
    return canonical_json({name: meta.get(name) for name in _PLACE})
