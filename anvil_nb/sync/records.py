"""Variants of a record: with other files, and beside itself under another name and id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf, digest_of_leaves
from anvil_nb.domain.items.parsing import parse
from anvil_nb.domain.items.renaming import rename
from anvil_nb.domain.records import digest_of_record
from anvil_nb.errors import InvalidInputError, ItemError
from anvil_nb.sync.store_records import kind_of, mapping_of, record_entry
from anvil_nb.sync.variants import with_suffix

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from anvil_nb.domain.sync.tree import Entry


def with_files(model: Entry, leaves: tuple[Leaf, ...], files: Mapping[str, bytes]) -> Entry:
    """Return a record with other files.

    Args:
        model: Whose id, name and other fields it has.
        leaves: Its files.
        files: Their bytes by path.

    Raises:
        InvalidInputError: when they make no such record, or one with another name.
    """
    kind, key = kind_of(model), str(model.meta["key"])
    try:
        made = parse(kind, files, mapping_of(model, "place"))
    except ItemError as error:
        raise InvalidInputError(error.message, error.hint) from error
    if made.key != key:
        msg = f"the merged text makes '{made.key}', not '{key}'"
        raise InvalidInputError(msg, "Keep its id, slug or name as it is.")
    digest = digest_of_record(kind, key, digest_of_leaves(leaves), mapping_of(model, "extra"))
    return replace(model, digest=digest, leaves=leaves)


def beside(
    entry: Entry, files: Mapping[str, bytes], taken: Collection[str], name: str
) -> tuple[Entry, Mapping[str, bytes]]:
    """Return a record that stands beside itself: another id, and another name.

    Args:
        entry: The record.
        files: Its bytes by path.
        taken: The names of all records.
        name: What its name ends with.

    Raises:
        InvalidInputError: when it cannot be called so.
    """
    kind, old = kind_of(entry), str(entry.meta["key"])
    group = entry.name.removesuffix(old)
    number, key = 1, f"{old}-{name}"
    while f"{group}{key}" in taken:
        number += 1
        key = f"{old}-{name}-{number}"
    try:
        changed, place = rename(kind, files, key, place=mapping_of(entry, "place"))
    except ItemError as error:
        raise InvalidInputError(error.message, error.hint) from error
    made = {**files, **changed}
    executable = {leaf.path for leaf in entry.leaves if leaf.executable}
    if kind == "agent":  # their files stand in one folder, each under a name of its own
        suffix = key.removeprefix(f"{old}-")
        made = {with_suffix(path, suffix): data for path, data in made.items()}
        executable = {with_suffix(path, suffix) for path in executable}
    leaves = tuple(
        Leaf(path, digest_of_bytes(data), len(data), path in executable)
        for path, data in sorted(made.items())
    )
    if kind == "skill":
        place = {**place, "folder": key}
    extra = mapping_of(entry, "extra")
    other = record_entry(
        str(uuid4()),
        kind,
        key,
        digest_of_record(kind, key, digest_of_leaves(leaves), extra),
        leaves,
        place=place,
        extra=extra,
        created_at=str(entry.meta["created_at"]),
        updated_at=str(entry.meta["updated_at"]),
    )
    return other, made
