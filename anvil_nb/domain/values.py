"""Values handed to templates: plain data only, copied once, with their size.

A template sees text, numbers, booleans, nil, arrays, objects with text keys, and dates. Anything
else is refused rather than printed as Python would print it. The names of the types are JSON
Schema's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from anvil_nb.errors import InvalidInputError

MAX_DEPTH = 60
"""Deepest nesting of a value."""


def type_name(value: object) -> str:
    """Return the JSON Schema type of ``value``, ``null`` for none, or its Python type's name."""
    for kind, name in _NAMES:
        if isinstance(value, kind):
            return name
    return "null" if value is None else type(value).__name__


_NAMES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "string"),
    (bool, "boolean"),
    (int, "integer"),
    ((float, Decimal), "number"),
    (Mapping, "object"),
    ((list, tuple), "array"),
)


def plain(value: object, depth: int = 0) -> tuple[object, int]:
    """Return ``value`` as plain data, and its size in characters.

    Subclasses of text and numbers become text and numbers, mappings become dicts, sequences
    lists. Dates stay dates.

    Raises:
        InvalidInputError: for anything that is not data, a number that is not finite, an object
            key that is not text, or nesting beyond ``MAX_DEPTH``.
    """
    kind = type(value)
    if kind is str:
        return value, len(value)  # type: ignore[arg-type]
    if value is None or kind is bool or kind is int:
        return value, 8
    if depth > MAX_DEPTH:
        msg = f"a value is nested deeper than {MAX_DEPTH} levels (or contains itself)"
        raise InvalidInputError(msg, "Pass flatter data.")
    if isinstance(value, (Mapping, list, tuple)):
        return _container(value, depth)
    return _scalar(value)


def _container(
    value: Mapping[object, object] | Sequence[object], depth: int
) -> tuple[object, int]:
    size = 8
    if isinstance(value, Mapping):
        copied: dict[str, object] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                msg = f"an object key must be text, found {key!r}"
                raise InvalidInputError(msg, "Convert the keys with str(…).")
            copied[str.__str__(key)], weight = plain(item, depth + 1)
            size += weight + len(key)
        return copied, size
    items: list[object] = []
    for item in value:
        made, weight = plain(item, depth + 1)
        items.append(made)
        size += weight
    return items, size


def _scalar(value: object) -> tuple[object, int]:
    if isinstance(value, str):
        return str.__str__(value), len(value)
    if isinstance(value, int):
        return int(value), 8
    if isinstance(value, (float, Decimal)):
        if not math.isfinite(value):
            msg = f"a number must be finite, found {value}"
            raise InvalidInputError(msg, "Pass a finite number, or leave the value out.")
        return float(value), 8
    if isinstance(value, date):
        return value, 32
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
