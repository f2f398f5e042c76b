"""Giving an item another key, where its files or its place say the one it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.items.agents import WRAPPER
from anvil_nb.domain.items.editing import with_value
from anvil_nb.domain.items.kinds import NOUNS, check_key
from anvil_nb.domain.items.layout import Slot
from anvil_nb.domain.items.parsing import Over, lay_out, parse
from anvil_nb.errors import ItemError

if TYPE_CHECKING:
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.domain.items.layout import Layout
    from anvil_nb.domain.items.parsing import Files, Place


def rename(kind: Kind, files: Files, key: str, *, place: Place) -> tuple[dict[str, bytes], Place]:
    """Return the files of an item that change, and its place, under another key.

    Args:
        kind: What it is.
        files: All of its files.
        key: The new one.
        place: Where it belongs, as for ``parse``.

    Raises:
        ItemError: when it cannot be called so.
    """
    layout = lay_out(kind, files, place)
    check_key(kind, key)
    if key == layout.key:
        return {}, place
    changed, where = _renamed(layout, key, place)
    texts = layout.texts
    made = {one: text.to_bytes() for one, text in changed.texts.items() if text is not texts[one]}
    after = parse(kind, Over(files, made), where)
    if after.key != key:
        msg = f"the {NOUNS[kind]} '{layout.key}' cannot be renamed to '{key}' in its files"
        raise ItemError(msg, "Change the files by hand, and save them.")
    return made, where


def _renamed(layout: Layout, key: str, place: Place) -> tuple[Layout, Place]:
    if layout.kind == "skill":
        return _skill(layout, key, place)
    if layout.kind == "content":
        return _page(layout, key, place)
    if layout.kind == "agent":
        return _agent(layout, key), place
    slot = layout.standing("slug") or layout.home_of("slug")
    if layout.standing("slug") is None:
        slot = layout.standing("name") or slot
    return with_value(layout, slot, key), place


def _skill(layout: Layout, key: str, place: Place) -> tuple[Layout, Place]:
    slot = layout.standing("id")
    if slot is not None:
        return with_value(layout, slot, key), place
    return layout, {**place, "folder": key}  # its folder names it


def _page(layout: Layout, key: str, place: Place) -> tuple[Layout, Place]:
    source, _, slug = key.partition("/")
    if source != layout.made["source_id"]:
        raise ItemError(
            f"'{key}' is of the source '{source}', and '{layout.key}' of another",
            f"Keep the source: {layout.made['source_id']}/{slug}.",
        )
    return with_value(layout, Slot(layout.home, ("slug",)), slug), place


def _agent(layout: Layout, key: str) -> Layout:
    from anvil_nb.domain.items.yaml_edits import rename_key  # noqa: PLC0415 - it imports PyYAML

    root = layout.roots[layout.home]
    named = Slot(layout.home, (*root, "name"))
    if layout.value(named) is not None or not root:
        layout = with_value(layout, named, key)
    if not root:
        return layout
    text = layout.texts[layout.home]
    return layout.with_text(text.with_source(rename_key(text.source, (WRAPPER, root[1]), key)))
