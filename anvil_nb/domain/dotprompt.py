"""Google's dotprompt frontmatter as ours: ``config``, ``input`` and ``output`` made flat.

Its source is https://google.github.io/dotprompt/reference/frontmatter. Nothing is lost: what our
keys cannot say stays under its own, next to what they can, and is kept as a setting like any
free key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anvil_nb.domain.parameters import TYPES, parameters_from_json
from anvil_nb.domain.picoschema import to_json_schema
from anvil_nb.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json

_SETTINGS: Final = {"maxOutputTokens": "max_tokens"}
# A model setting of one of these names would be read as something else.
_OURS: Final = frozenset({"name", "description", "tags", "syntax", "parameters"})
_DOTPROMPT: Final = frozenset({"config", "input", "output"})
_MADE: Final = frozenset({"response_schema", "output_format"})


def from_dotprompt(fields: Mapping[str, Json]) -> dict[str, Json]:
    """Return dotprompt's fields under our keys.

    ``config``'s keys become settings of their own (``maxOutputTokens`` as ``max_tokens``),
    ``input`` becomes ``parameters``, ``output`` becomes ``response_schema`` and
    ``output_format``. Each is converted only in dotprompt's form and where no other field has
    that name already; a schema that says more than parameters can is kept beside them.
    """
    flat: dict[str, Json] = {}
    for key, value in fields.items():
        made = {key: value}
        if isinstance(value, dict):
            if key == "config":
                made = _config(value, taken=frozenset(fields))
            elif key == "input" and "parameters" not in fields:
                made = _input(value)
            elif key == "output":
                made = _output(value, taken=frozenset(fields))
        flat |= made
    return flat


def _config(config: dict[str, Json], *, taken: frozenset[str]) -> dict[str, Json]:
    made: dict[str, Json] = {}
    kept: dict[str, Json] = {}
    for key, value in config.items():
        name = _SETTINGS.get(key, key)
        clashes = name in taken | _OURS | _DOTPROMPT | _MADE or name in made
        (kept if clashes else made)[key if clashes else name] = value
    return made | _rest("config", kept, config)


def _input(declared: dict[str, Json]) -> dict[str, Json]:
    whole: dict[str, Json] = {"input": declared}
    schema = declared.get("schema")
    defaults = declared.get("default") or {}
    if not isinstance(defaults, dict):
        return whole
    try:
        made, says_all = _parameters(schema, defaults)
        # Whether these can be parameters is for one rule to say.
        parameters_from_json(made)
    except DeclarationError:
        return whole
    if not made:
        return whole
    done = {"default", "schema"} if says_all else {"default"}
    kept = {key: value for key, value in declared.items() if key not in done}
    return {"parameters": [*made], **_rest("input", kept, declared)}


def _parameters(schema: Json, defaults: dict[str, Json]) -> tuple[list[dict[str, Json]], bool]:
    """Return the parameters, and whether they say all that the schema does."""
    whole = {} if schema is None else to_json_schema(schema)
    properties = whole.get("properties", {})
    required = whole.get("required", [])
    if (
        not isinstance(properties, dict)
        or not isinstance(required, list)
        or whole.get("type", "object") != "object"
    ):
        raise DeclarationError("the schema is not that of an object", "Give it properties.")
    says_all = whole.get("additionalProperties", False) is False and not (
        whole.keys() - {"type", "properties", "required", "additionalProperties"}
    )
    made: list[dict[str, Json]] = []
    for name, said in properties.items():
        one, complete = _parameter(said, required=name in required)
        made.append(_with_default({"name": name, **one}, defaults))
        says_all = says_all and complete
    made += [
        _with_default({"name": name, "required": False}, defaults)
        for name in defaults
        if name not in properties
    ]
    return made, says_all


def _parameter(schema: Json, *, required: bool) -> tuple[dict[str, Json], bool]:
    """Return a property as a parameter without its name, and whether that is all it says."""
    if not isinstance(schema, dict):
        return {"required": required}, schema is True
    left = dict(schema)
    made: dict[str, Json] = {}
    kind = _without_null(left.pop("type", None), required=required)
    if isinstance(kind, str) and kind in TYPES:
        made["type"] = kind
    elif kind is not None:
        left["type"] = kind
    if isinstance(left.get("description"), str):
        made["description"] = left.pop("description")
    made["required"] = required
    values = left.get("enum")
    if isinstance(values, list):
        del left["enum"]
        made = _enum(values, required=required) | made
    if "default" in left:
        made |= {"required": False, "default": left.pop("default")}
    examples = left.get("examples")
    if isinstance(examples, list) and len(examples) == 1:
        del left["examples"]
        made["example"] = examples[0]
    for key in ("items", "properties", "additionalProperties"):
        if left.get(key) in ({}, True):
            del left[key]
    return made, not left


def _enum(values: list[Json], *, required: bool) -> dict[str, Json]:
    """Return the values, and the type where all of them are text (Picoschema names none)."""
    named = [value for value in values if required or value is not None]
    is_text = all(isinstance(value, str) for value in named)
    made: dict[str, Json] = {"type": "string"} if is_text else {}
    return {**made, "enum": named}


def _without_null(kind: Json, *, required: bool) -> Json:
    """An optional parameter may be absent, which is what ``null`` among its types means."""
    if isinstance(kind, list) and not required:
        kind = [one for one in kind if one != "null"]
    return kind[0] if isinstance(kind, list) and len(kind) == 1 else kind


def _with_default(parameter: dict[str, Json], defaults: dict[str, Json]) -> dict[str, Json]:
    value = defaults.get(str(parameter["name"]))
    if parameter["name"] in defaults:
        parameter["required"] = False
    if value is not None:
        parameter["default"] = value
    if "default" in parameter:
        del parameter["required"]
    return parameter


def _output(output: dict[str, Json], *, taken: frozenset[str]) -> dict[str, Json]:
    made: dict[str, Json] = {}
    kept = dict(output)
    if "format" in kept and "output_format" not in taken:
        made["output_format"] = kept.pop("format")
    if "schema" in kept and "response_schema" not in taken:
        try:
            made["response_schema"] = to_json_schema(kept["schema"])
            del kept["schema"]
        except DeclarationError:
            pass
    return made | _rest("output", kept, output)


def _rest(key: str, kept: dict[str, Json], declared: dict[str, Json]) -> dict[str, Json]:
    """What is left of a field: nothing when it went whole, even where it was empty before."""
    return {key: kept} if kept or not declared else {}
