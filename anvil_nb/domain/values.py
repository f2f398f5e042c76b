"""Values handed to templates: plain data only, copied once, with their size.

A template sees text, numbers, booleans, nil, arrays, objects with text keys, and dates. Anything
else is refused rather than printed as Python would print it. The names of the types are JSON
Schema's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from anvil_nb.errors import InvalidInputError

MAX_DEPTH = 60
"""Deepest nesting of a value."""
MAX_BITS = 256
"""Largest integer, in bits: writing a number as text takes the square of its length."""
PIECE = 16
"""What a value counts for besides its characters, in characters."""

_MAX_INTEGER = 2**MAX_BITS
_SHOWN = 40


def type_name(value: object) -> str:
    """Return the JSON Schema type of ``value``, ``null`` for none, or its Python type's name."""
    for kind, name in _NAMES:
        if isinstance(value, kind):
            return name
    return "null" if value is None else type(value).__name__


def described(value: object) -> str:
    """Return a value for messages, with its type: ``boolean true``, or ``null`` for none."""
    if value is None:
        return "null"
    text = literal(value)
    return f"{type_name(value)} {text if len(text) <= _SHOWN else f'{text[: _SHOWN - 1]}…'}"


def literal(value: object) -> str:
    """Return a value for messages: text in quotes, all other data as JSON."""
    if isinstance(value, str):
        return repr(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return repr(value)


_NAMES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "string"),
    (bool, "boolean"),
    (int, "integer"),
    ((float, Decimal), "number"),
    (Mapping, "object"),
    ((list, tuple), "array"),
)


def plain(value: object, sizes: dict[int, int] | None = None, depth: int = 0) -> tuple[object, int]:
    """Return ``value`` as plain data, and its size: its characters, and ``PIECE`` for each value.

    Subclasses of text and numbers become text and numbers, mappings become dicts, sequences
    lists. Dates stay dates.

    Args:
        value: Data of any kind.
        sizes: Where to keep the size of each array and object that is made, by its ``id``.
        depth: How deep ``value`` is nested itself.

    Raises:
        InvalidInputError: for anything that is not data, a number that is not finite or has more
            than ``MAX_BITS``, an object key that is not text, or nesting beyond ``MAX_DEPTH``.
    """
    kind = type(value)
    if kind is str:
        return value, PIECE + len(value)  # type: ignore[arg-type]
    if value is None or kind is bool:
        return value, PIECE
    if kind is int and -_MAX_INTEGER < value < _MAX_INTEGER:
        return value, PIECE
    if depth > MAX_DEPTH:
        msg = f"a value is nested deeper than {MAX_DEPTH} levels (or contains itself)"
        raise InvalidInputError(msg, "Pass flatter data.")
    if isinstance(value, (Mapping, list, tuple)):
        made, size = _container(value, sizes, depth)
        if sizes is not None:
            sizes[id(made)] = size
        return made, size
    return _scalar(value)


def _container(
    value: Mapping[object, object] | Sequence[object], sizes: dict[int, int] | None, depth: int
) -> tuple[object, int]:
    size = PIECE
    if isinstance(value, Mapping):
        copied: dict[str, object] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                msg = f"an object key must be text, found {key!r}"
                raise InvalidInputError(msg, "Convert the keys with str(…).")
            copied[str.__str__(key)], inside = plain(item, sizes, depth + 1)
            size += inside + PIECE + len(key)
        return copied, size
    items: list[object] = []
    for item in value:
        made, inside = plain(item, sizes, depth + 1)
        items.append(made)
        size += inside
    return items, size


def _scalar(value: object) -> tuple[object, int]:
    if isinstance(value, str):
        return str.__str__(value), PIECE + len(value)
    if isinstance(value, int):
        if not -_MAX_INTEGER < value < _MAX_INTEGER:
            msg = f"an integer has at most {MAX_BITS:,} bits, found one of {value.bit_length():,}"
            raise InvalidInputError(msg, "Pass it as text.")
        return int(value), PIECE
    if isinstance(value, (float, Decimal)):
        if not math.isfinite(value):
            msg = f"a number must be finite, found {value}"
            raise InvalidInputError(msg, "Pass a finite number, or leave the value out.")
        return float(value), PIECE
    if isinstance(value, date):
        return value, 2 * PIECE
    made = _from_array_library(value)
    if made is not value:
        return plain(made)
    msg = f"a template takes data, found {type(value).__name__}"
    raise InvalidInputError(msg, "Pass text, numbers, booleans, lists, dicts or dates.")


def _from_array_library(value: object) -> object:
    """Return what a scalar of an array library (``numpy.int64``, …) stands for."""
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        return item()
    return value
