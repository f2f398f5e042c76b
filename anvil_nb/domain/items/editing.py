"""Changing fields of an item in its files: only what changes is written, the rest stays as it is.

A change goes to the place that the field's value was read from: ``config.yaml`` where that names
it, the frontmatter otherwise. A field that stands nowhere yet is added at the end of where it
belongs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anvil_nb.domain.items.agents import SCHEME
from anvil_nb.domain.items.kinds import NOUNS
from anvil_nb.domain.items.layout import same, value_at
from anvil_nb.domain.items.parsing import Over, lay_out, parse, record_of
from anvil_nb.errors import ItemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.domain.items.layout import Layout, Slot
    from anvil_nb.domain.items.parsing import Files, Place

_FIXED: Mapping[Kind, tuple[str, ...]] = {
    "skill": ("id", "slug", "file"),
    "content": ("source_id", "slug"),
    "agent": ("name",),
    "context": ("slug",),
}
"""The fields by which an item is found: these change with its name, or with its files."""

_LISTS = frozenset({"tags", "assigned_agents", "skills"})


def edit(
    kind: Kind, files: Files, changes: Mapping[str, Json], *, place: Place
) -> dict[str, bytes]:
    """Return the files of an item that change, with other values in them.

    Args:
        kind: What it is.
        files: All of its files.
        changes: New values by field; ``None`` takes a field away. A dot leads into a mapping:
            ``card.version``.
        place: Where it belongs, as for ``parse``.

    Raises:
        ItemError: for files that are no such item, a field that cannot be changed so, and values
            that would leave none.
    """
    layout = lay_out(kind, files, place)
    texts, said = layout.texts, record_of(layout).fields
    for name, value in changes.items():
        if value is None or name not in said or not same(said[name], value):
            layout = _changed(layout, name, value)
    made = {path: text.to_bytes() for path, text in layout.texts.items() if text is not texts[path]}
    if made:
        after = parse(kind, Over(files, made), place)
        if after.key != layout.key:
            msg = f"that would make it the {NOUNS[kind]} '{after.key}'"
            raise ItemError(msg, "Rename it instead.")
    return made


def _changed(layout: Layout, name: str, value: Json) -> Layout:
    if layout.prose and name == layout.prose_field:
        return _with_prose(layout, value)
    if name == "system_prompt_address" and layout.kind == "agent":
        name, value = "system_prompt", None if value is None else f"{SCHEME}{value}"
    if name in _FIXED[layout.kind]:
        raise _fixed(layout.kind, name)
    slot = _slot(layout, name)
    if value is None:
        return without(layout, slot)
    if name in _LISTS and isinstance(value, list):
        value = _as_it_stands(layout.value(slot), value)
    return with_value(layout, slot, value)


def _slot(layout: Layout, name: str) -> Slot:
    found = layout.standing(name)
    if found is not None:
        return found
    first, *rest = name.split(".")
    if rest and first not in layout.places:
        slot = layout.standing(first) or layout.home_of(first)
        return replace(slot, path=(*slot.path, *rest))
    for slot in layout.slots(name):  # a key that is there and says nothing
        said = value_at(layout.texts[slot.file].fields, slot.path[:-1])
        if isinstance(said, dict) and slot.path[-1] in said:
            return slot
    return layout.home_of(name)


def _as_it_stands(before: Json, value: list[Json]) -> Json:
    """Return a list as the text with commas that stands there, where it does."""
    if isinstance(before, str) and not any("," in str(one) for one in value):
        return ", ".join(map(str, value))
    return value


def _with_prose(layout: Layout, value: Json) -> Layout:
    if value is not None and not isinstance(value, str):
        raise ItemError(f"'{layout.prose_field}' is text", "Pass the text itself.")
    text = layout.texts[layout.prose or ""]
    changed = text.with_prose(value or "")
    if changed.prose != (value or "").replace("\r\n", "\n").strip():
        raise ItemError(
            f"this text cannot be the {layout.prose_field} of the {NOUNS[layout.kind]}: it would "
            "be read as frontmatter",
            "Put an empty line before its first '---'.",
        )
    return layout if changed is text else layout.with_text(changed)


def _fixed(kind: Kind, name: str) -> ItemError:
    msg = f"'{name}' is what the {NOUNS[kind]} is found by, and is not changed like others"
    return ItemError(msg, "Rename it instead, or save its files.")


def with_value(layout: Layout, slot: Slot, value: Json) -> Layout:
    """Return a layout with another value at a place."""
    from anvil_nb.domain.items.yaml_edits import set_value  # noqa: PLC0415 - it imports PyYAML

    text = layout.texts[slot.file]
    source = set_value(text.source, slot.path, value, newline=text.newline)
    return layout if source == text.source else layout.with_text(text.with_source(source))


def without(layout: Layout, slot: Slot) -> Layout:
    """Return a layout without the key at a place."""
    from anvil_nb.domain.items.yaml_edits import remove_value  # noqa: PLC0415 - see above

    text = layout.texts[slot.file]
    source = remove_value(text.source, slot.path, newline=text.newline)
    return layout if source == text.source else layout.with_text(text.with_source(source))
