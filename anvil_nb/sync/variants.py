"""Variants of an entry: with other files, and beside it under another name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf, digest_of_file, digest_of_leaves
from anvil_nb.domain.items.parsing import parse
from anvil_nb.domain.items.renaming import rename
from anvil_nb.domain.sync.tree import Entry
from anvil_nb.errors import InvalidInputError, ItemError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from anvil_nb.domain.items.kinds import Kind

    Bodies = Callable[[Sequence[Leaf]], Mapping[str, bytes]]

KINDS: Mapping[str, Kind] = {"skills": "skill", "content": "content", "agents": "agent"}
"""The kind of item that each target between disk and store is about."""

BESIDE = "theirs"
"""What the name of the other side's version ends with, where both are kept."""


def of_files(target: str, model: Entry, leaves: tuple[Leaf, ...], bodies: Bodies) -> Entry:
    """Return an entry with other files.

    Args:
        target: Of the sync.
        model: Whose key and place it has.
        leaves: Its files.
        bodies: Returns their bytes by path.

    Raises:
        InvalidInputError: when they make no such thing, or one with another key.
    """
    leaves = tuple(sorted(leaves, key=lambda leaf: leaf.path))
    if target == "files":
        if len(leaves) != 1 or leaves[0].path != model.key:
            msg = f"{model.key} is one file"
            raise InvalidInputError(msg, "Give the text of that file alone.")
        return replace(model, digest=digest_of_file(leaves[0]), leaves=leaves)
    if target == "database":
        from anvil_nb.sync.records import with_files  # noqa: PLC0415 - only for this target

        return with_files(model, leaves, bodies(leaves))
    if target not in KINDS:
        msg = f"{model.name} is a whole that was published, and cannot be merged"
        raise InvalidInputError(msg, "Take one of the two: --ours or --theirs")
    try:
        made = parse(KINDS[target], bodies(leaves), model.meta)
    except ItemError as error:
        raise InvalidInputError(error.message, error.hint) from error
    if made.key != model.key:
        msg = f"the merged text makes '{made.key}', not '{model.key}'"
        raise InvalidInputError(msg, "Keep its id, slug or name as it is.")
    return replace(model, digest=digest_of_leaves(leaves), leaves=leaves)


def beside(
    target: str, entry: Entry, files: Mapping[str, bytes], taken: Collection[str]
) -> tuple[Entry, Mapping[str, bytes]]:
    """Return an entry under a name of its own, and its files.

    Args:
        target: Of the sync.
        entry: What stands beside ours from here on.
        files: Its bytes by path.
        taken: The keys and names that are in use.

    Raises:
        InvalidInputError: when there cannot be two of it.
    """
    if target == "files":
        path = _free(lambda suffix: with_suffix(entry.key, suffix), taken)
        leaf = replace(entry.leaves[0], path=path)
        made = Entry(path, digest_of_file(leaf), (leaf,), path)
        return made, {path: files[entry.key]}
    if target == "database":
        from anvil_nb.sync.records import beside as record_beside  # noqa: PLC0415 - see above

        return record_beside(entry, files, taken, BESIDE)
    if target not in KINDS:
        msg = f"{entry.name} is a version, and there is one of each number"
        raise InvalidInputError(msg, "Take one of the two: --ours or --theirs")
    return _item_beside(KINDS[target], entry, files, taken)


def _item_beside(
    kind: Kind, entry: Entry, files: Mapping[str, bytes], taken: Collection[str]
) -> tuple[Entry, Mapping[str, bytes]]:
    joint = "" if entry.key.endswith("/") else "-"  # a slug may be empty
    key = _free(lambda suffix: f"{entry.key}{joint}{suffix}", taken)
    suffix = key[len(entry.key) + len(joint) :]
    try:
        changed, place = rename(kind, files, key, place=entry.meta)
    except ItemError as error:
        raise InvalidInputError(error.message, error.hint) from error
    made = {**files, **changed}
    place = {name: value for name, value in place.items() if name != "id"}
    if kind == "skill":
        place["folder"] = f"{entry.meta.get('folder') or entry.key}-{suffix}"
    else:  # their files stand in one folder with those of others
        made = {with_suffix(path, suffix): data for path, data in made.items()}
    executable = {leaf.path for leaf in entry.leaves if leaf.executable}
    leaves = tuple(
        Leaf(path, digest_of_bytes(data), len(data), path in executable)
        for path, data in sorted(made.items())
    )
    return Entry(key, digest_of_leaves(leaves), leaves, key, place), made


def _free(name: Callable[[str], str], taken: Collection[str]) -> str:
    number, made = 1, name(BESIDE)
    while made in taken:
        number += 1
        made = name(f"{BESIDE}-{number}")
    return made


def with_suffix(path: str, suffix: str) -> str:
    """Return ``folder/notes.theirs.md`` for ``folder/notes.md``; the folder of an index page."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    if folder and stem == "index":
        return f"{folder}-{suffix}/{name}"
    if not dot or not stem:
        return f"{folder}{slash}{name}.{suffix}"
    return f"{folder}{slash}{stem}.{suffix}.{ending}"
