"""Values in nested mappings, by the keys that lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from anvil_nb.errors import ItemError

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

Path: TypeAlias = tuple[str, ...]
"""The keys that lead to a value, from the outermost."""


def with_value(fields: dict[str, Json], path: Path, value: Json) -> dict[str, Json]:
    """Return a mapping with another value at a path.

    Raises:
        ItemError: where the path leads into what is no mapping.
    """
    key, *rest = path
    if not rest:
        return {**fields, key: value}
    inner = fields.get(key)
    if inner is not None and not isinstance(inner, dict):
        msg = f"'{key}' is no mapping, so '{'.'.join(path)}' cannot stand in it"
        raise ItemError(msg, f"Set '{key}' itself.")
    return {**fields, key: with_value(inner or {}, tuple(rest), value)}


def without_value(fields: dict[str, Json], path: Path) -> dict[str, Json]:
    """Return a mapping without the key at a path."""
    key, *rest = path
    if not rest:
        return {name: value for name, value in fields.items() if name != key}
    inner = fields.get(key)
    if not isinstance(inner, dict):
        return fields
    return {**fields, key: without_value(inner, tuple(rest))}


def with_key_renamed(fields: dict[str, Json], path: Path, name: str) -> dict[str, Json]:
    """Return a mapping in which the last key of a path is called otherwise, at its place."""
    key, *rest = path
    if not rest:
        return {name if one == key else one: value for one, value in fields.items()}
    inner = fields[key]
    assert isinstance(inner, dict)
    return {**fields, key: with_key_renamed(inner, tuple(rest), name)}
