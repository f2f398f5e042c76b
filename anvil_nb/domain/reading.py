"""Values written as text, on a command line or in a CSV cell, read by the declared type.

It owns the reading, not the rules for values: whether a name is a parameter, whether a required
one is there and what an enum allows is decided when the values are bound (`parameters`). Text is
read or refused, never guessed at: ``3.0`` is no integer, ``yes`` is no boolean.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

from anvil_nb.domain.parameters import EXAMPLES
from anvil_nb.domain.values import plain, type_name
from anvil_nb.errors import InvalidInputError, ValueTypeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.parameters import Parameter

_FORMS: Final = {
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "array": "a JSON array",
    "object": "a JSON object",
}
_BOOLEANS: Final = {"true": True, "false": False}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LONGEST_INTEGER = 4_000
"""Digits of an integer: Python refuses a few more than these."""
_LONGEST_SHOWN = 40


def read_values(
    parameters: Iterable[Parameter], texts: Mapping[str, str], *, empty_is_absent: bool = False
) -> dict[str, Json]:
    """Return the values that ``texts`` spell, by name.

    A name that is no parameter keeps its text, for whoever binds the values to report.

    Args:
        parameters: What the prompt takes.
        texts: A text for each name.
        empty_is_absent: Leave out an optional parameter whose text is blank, as an empty cell of
            a table is, unless it is a string: that may be empty, where an enum does not forbid it.

    Raises:
        ValueTypeError: for text that is not of the declared type.
    """
    known = {one.name: one for one in parameters}
    values: dict[str, Json] = {}
    for name, text in texts.items():
        parameter = known.get(name)
        if parameter is None:
            values[name] = text
        elif not (empty_is_absent and _says_absent(parameter, text)):
            values[name] = read_value(parameter, text)
    return values


def read_value(parameter: Parameter, text: str) -> Json:
    """Return the value that ``text`` spells for a parameter.

    A string, or a value of any type, is the text as it stands; only an enum of other values is
    read as these are written in JSON. White space around anything but text does not count.
    Arrays and objects are written in JSON.

    Raises:
        ValueTypeError: names the parameter, what was expected and what was found.
    """
    kind = parameter.type
    if kind is None or kind == "string":
        return text if kind else _member(parameter.enum or (), text)
    spelt = text.strip()
    if kind == "boolean" and spelt.lower() in _BOOLEANS:
        return _BOOLEANS[spelt.lower()]
    if kind in {"integer", "number"} and _INTEGER.fullmatch(spelt):
        if len(spelt) > _LONGEST_INTEGER:
            raise _refusal(parameter, f"one of {len(spelt):,} digits")
        return int(spelt)
    if kind == "number" and _NUMBER.fullmatch(spelt) and math.isfinite(float(spelt)):
        return float(spelt)
    if kind in {"array", "object"}:
        return _read_json(parameter, spelt)
    raise _refusal(parameter, _quoted(text))


def _says_absent(parameter: Parameter, text: str) -> bool:
    if parameter.required or text.strip():
        return False
    return parameter.type != "string" or (parameter.enum is not None and text not in parameter.enum)


def _member(enum: tuple[Json, ...], text: str) -> Json:
    if text in enum:
        return text
    spelt = text.strip()
    return next((one for one in enum if spelt == json.dumps(one, ensure_ascii=False)), text)


def _read_json(parameter: Parameter, text: str) -> Json:
    try:
        value, _ = plain(json.loads(text, object_pairs_hook=_without_duplicates))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise _refusal(parameter, f"{_quoted(text)}, which is not JSON at {place}") from error
    except RecursionError as error:
        raise _refusal(parameter, "one that nests too deep") from error
    except (InvalidInputError, ValueError) as error:
        reason = error.message if isinstance(error, InvalidInputError) else error
        raise _refusal(parameter, f"{_quoted(text)}: {reason}") from error
    if type_name(value) != parameter.type:
        found = type_name(value)
        raise _refusal(parameter, "null" if value is None else f"{found} {_quoted(text)}")
    return value  # type: ignore[return-value]  # parsed from JSON


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            msg = f"an object has the key {key!r} twice"
            raise ValueError(msg)
        made[key] = value
    return made


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…")


def _refusal(parameter: Parameter, found: str) -> ValueTypeError:
    name, kind = parameter.name, parameter.type or ""
    msg = f"parameter '{name}' expects {_FORMS[kind]}, got {found}"
    examples = EXAMPLES[kind]
    hint = f"For example: {name}={examples[0]}"
    if kind == "boolean":
        hint = f"Write {' or '.join(f'{name}={one}' for one in examples)}"
    return ValueTypeError(msg, hint, parameter=name, written=examples)
