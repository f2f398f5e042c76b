"""Agents: one YAML file each, wrapped as ``agents: {name: …}`` or a plain mapping with ``name``.

The system prompt of an agent may be the address of a prompt: ``anvil:project/set/prompt@label``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anvil_nb.domain.address import parse_prompt_address
from anvil_nb.domain.items.kinds import check_key
from anvil_nb.domain.items.layout import Layout, value_at
from anvil_nb.domain.items.text import read_yaml
from anvil_nb.errors import AddressError, ItemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json

SUFFIXES: Final = (".yaml", ".yml")
WRAPPER: Final = "agents"
SCHEME: Final = "anvil:"
"""How a system prompt begins that is the address of a prompt."""

PLACES: Final = {
    "name": (("name",),),
    "display_name": (("display_name",), ("displayName",), ("card", "displayName")),
    "description": (("description",), ("card", "description")),
    "system_prompt": (
        ("system_prompt",),
        ("systemPrompt",),
        ("metadata", "systemPrompt"),
        ("metadata", "system_prompt"),
    ),
    "enabled": (("enabled",),),
    "tags": (("tags",),),
    "skills": (("skills",), ("metadata", "skills", "include")),
}


def lay_out(files: Mapping[str, bytes], place: Mapping[str, Json]) -> Layout:
    """Return where the fields of an agent stand.

    Args:
        files: Its one file, by its name.
        place: Not looked at.

    Raises:
        ItemError: when it is no agent, or several.
    """
    del place
    if len(files) != 1:
        msg = f"an agent is one YAML file, found {len(files)}"
        raise ItemError(msg, "Save each file by itself.")
    path = next(iter(files))
    text = read_yaml(path, files[path])
    fields = text.fields or {}
    name, root = _named(path, fields)
    notes = []
    said = value_at(fields, (*root, "name"))
    if root and said is not None and said != name:
        notes.append(f"name: {path} calls the agent '{name}', and in it {said!r}; the first counts")
    return Layout(
        kind="agent",
        key=check_key("agent", name),
        texts={path: text},
        roots={path: root},
        places=PLACES,
        home=path,
        notes=tuple(notes),
    )


def fields(layout: Layout) -> dict[str, Json]:
    """Return the record of an agent.

    Raises:
        ItemError: for a field of the wrong type.
    """
    prompt = layout.text("system_prompt")
    said: dict[str, Json] = {
        "name": layout.key,
        "display_name": layout.text("display_name") or layout.key,
        "description": layout.text("description") or "",
        "system_prompt": prompt,
        "enabled": layout.flag("enabled", default=True),
        "tags": layout.texts_of("tags"),
        "skills": layout.texts_of("skills"),
    }
    if (address := address_in(prompt)) is not None:
        said["system_prompt_address"] = address
    return said


def address_in(prompt: str | None) -> str | None:
    """Return the address that a system prompt is; ``None`` where it is a text.

    Raises:
        ItemError: for one that begins like an address and is none.
    """
    if prompt is None or not prompt.startswith(SCHEME) or len(prompt.split()) != 1:
        return None
    address = prompt.strip().removeprefix(SCHEME)
    try:
        parse_prompt_address(address)
    except AddressError as error:
        msg = f"the system prompt '{prompt.strip()}' is no address: {error.message}"
        raise ItemError(msg, "Write anvil:project/set/prompt@selector, or the text.") from error
    return address


def _named(path: str, fields: dict[str, Json]) -> tuple[str, tuple[str, ...]]:
    """Return the name of the agent, and the keys that lead to its mapping."""
    wrapped = fields.get(WRAPPER)
    if WRAPPER not in fields:
        name = fields.get("name")
        if isinstance(name, str) and name:
            return name, ()
        msg = f"{path} names no agent"
        raise ItemError(msg, "Add a line 'name: …', or wrap it: agents: {research: {…}}.")
    if not isinstance(wrapped, dict) or not wrapped:
        msg = f"there is no agent under '{WRAPPER}' in {path}"
        raise ItemError(msg, "Write its name and a mapping there: research: {enabled: true}.")
    if len(wrapped) > 1:
        names = ", ".join(map(repr, wrapped))
        msg = f"{path} holds {len(wrapped)} agents: {names}"
        raise ItemError(msg, "Keep one agent a file.", keys=tuple(wrapped))
    name = next(iter(wrapped))
    if not isinstance(wrapped[name], dict):
        msg = f"the agent '{name}' in {path} is no mapping"
        raise ItemError(msg, "Write its fields below its name.", keys=(name,))
    return name, (WRAPPER, name)
