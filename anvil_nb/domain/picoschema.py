"""Picoschema, the short form of JSON Schema in Google's dotprompt files.

Its source is https://google.github.io/dotprompt/reference/picoschema. ``name?`` is optional and
may be null; a value is ``type`` or ``type, description``; ``name(array)``, ``name(object)`` and
``name(enum)`` stand before items, properties and values; ``(*)`` is any other name. A schema
referred to by name lives in somebody's program and cannot be written out here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import DeclarationError

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

_SCALARS: Final = frozenset({"any", "boolean", "integer", "null", "number", "string"})
_JSON_SCHEMA_TYPES: Final = _SCALARS | {"array", "object"}
_WILDCARD = "(*)"
_KEY = re.compile(r"(?P<name>[^(]*?)(?P<optional>\?)?\s*(?:\((?P<kind>[^,)]*)(?P<said>,.*)?\))?")


def to_json_schema(schema: Json) -> dict[str, Json]:
    """Return ``schema`` as JSON Schema; one that is JSON Schema already is returned as it stands.

    Raises:
        DeclarationError: for what is neither, and for a schema referred to by name.
    """
    if isinstance(schema, dict):
        # The rule by which dotprompt tells the two apart.
        if isinstance(schema.get("type"), str) and schema["type"] in _JSON_SCHEMA_TYPES:
            return schema
        if isinstance(schema.get("properties"), dict):
            return {"type": "object", **schema}
    return _schema(schema)


def _schema(value: Json) -> dict[str, Json]:
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, dict):
        return _object(value)
    raise DeclarationError(
        f"Picoschema is made of types and mappings, found {value!r}", "For example: name: string"
    )


def _scalar(value: str) -> dict[str, Json]:
    kind, _, said = value.partition(",")
    if kind.strip() not in _SCALARS:
        raise DeclarationError(
            f"{kind.strip()!r} is not a type of Picoschema",
            f"Types are: {', '.join(sorted(_SCALARS))}. Write a schema of your own out.",
        )
    made: dict[str, Json] = {} if kind.strip() == "any" else {"type": kind.strip()}
    return made | _description(said)


def _object(value: dict[str, Json]) -> dict[str, Json]:
    properties: dict[str, Json] = {}
    required: list[Json] = []
    others: Json = False
    for key, inner in value.items():
        if key == _WILDCARD:
            others = _schema(inner)
            continue
        found = _KEY.fullmatch(key)
        if found is None or not found["name"]:
            raise DeclarationError(
                f"{key!r} is not a name of Picoschema", "For example: tags(array, what it is about)"
            )
        optional = found["optional"] is not None
        if not optional:
            required.append(found["name"])
        made = _property(found["kind"], inner, optional=optional)
        properties[found["name"]] = made | _description(found["said"])
    schema: dict[str, Json] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema | {"additionalProperties": others}


def _property(kind: str | None, value: Json, *, optional: bool) -> dict[str, Json]:
    if kind == "enum" and isinstance(value, list):
        return {"enum": [*value, None] if optional and None not in value else value}
    if kind == "array":
        made: dict[str, Json] = {"type": "array", "items": _schema(value)}
    elif kind in {None, "object"}:
        made = _schema(value)
    else:
        raise DeclarationError(
            f"({kind}) does not go with {value!r} in Picoschema",
            "Use (array) or (object) before a schema, (enum) before a list of values.",
        )
    if optional and "type" in made:
        made["type"] = [made["type"], "null"]
    return made


def _description(said: str | None) -> dict[str, Json]:
    text = (said or "").removeprefix(",").strip()
    return {"description": text} if text else {}
