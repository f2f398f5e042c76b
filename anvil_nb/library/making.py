"""What an item is to become: its record, its files, and the bytes of those that are new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf
from anvil_nb.domain.items.composing import safe_name
from anvil_nb.domain.items.kinds import NOUNS
from anvil_nb.domain.items.parsing import Over, parse
from anvil_nb.errors import ItemError
from anvil_nb.store import items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.access import Access
    from anvil_nb.domain.items.kinds import Kind, ParsedItem
    from anvil_nb.domain.items.parsing import Files, Place
    from anvil_nb.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class FileBytes:
    """A file to save: its bytes, and whether it may be executed."""

    data: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class NextItem:
    """An item as it is to stand: its record, files, and the bytes of those that are new."""

    parsed: ParsedItem
    leaves: tuple[Leaf, ...]
    place: Place
    fresh: Mapping[str, bytes]


def changed_item(
    kind: Kind, before: Files, changed: Files, place: Place, leaves: tuple[Leaf, ...]
) -> NextItem:
    """Return an item with some of its files changed."""
    kept = {leaf.path: leaf for leaf in leaves}
    for path, data in changed.items():
        executable = kept[path].executable if path in kept else False
        kept[path] = Leaf(path, digest_of_bytes(data), len(data), executable)
    fresh = {kept[path].digest: data for path, data in changed.items()}
    parsed = parse(kind, Over(before, changed), place)
    return NextItem(parsed, tuple(kept[path] for path in sorted(kept)), place, fresh)


def whole_item(kind: Kind, key: str, files: Mapping[str, FileBytes], place: Place) -> NextItem:
    """Return an item that has just these files."""
    data = {path: one.data for path, one in files.items()}
    parsed = parse(kind, data, place)
    if parsed.key != key:
        msg = f"these files are the {NOUNS[kind]} '{parsed.key}', not '{key}'"
        raise ItemError(msg, f"Save them as that: anvil {kind} save {parsed.key} …")
    leaves = tuple(
        Leaf(path, digest_of_bytes(one.data), len(one.data), one.executable)
        for path, one in sorted(files.items())
    )
    fresh = {leaf.digest: data[leaf.path] for leaf in leaves}
    return NextItem(parsed, leaves, place, fresh)


def place_of(kind: Kind, key: str, taken: frozenset[str]) -> Place:
    """Return where a new item belongs."""
    if kind == "skill":
        return {"folder": safe_name(key, taken)}
    return {"source": key.partition("/")[0]} if kind == "content" else {}


def taken_names(access: Access, tx: Transaction, kind: Kind, key: str) -> frozenset[str]:
    """Return the names of folders and files that other items have; see ``compose``."""
    entries = items.tree_of(tx, access.organisation_id, kind).entries.values()
    if kind == "skill":
        return frozenset(str(one.meta.get("folder")) for one in entries)
    source = key.partition("/")[0]
    near = (one for one in entries if kind != "content" or one.meta.get("source") == source)
    return frozenset(leaf.path.rpartition(".")[0] for one in near for leaf in one.leaves)


def prose_of(kind: Kind, data: bytes) -> str | None:
    """Return the text of a file that is prose alone, for the kinds that have some."""
    if kind not in {"skill", "content"}:
        return None
    from anvil_nb.domain.items.text import read_markdown  # noqa: PLC0415 - only here

    text = read_markdown("the text", data)
    return text.text if text.fields is None else None
