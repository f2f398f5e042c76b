"""How a value is written into a text: text as it is, arrays and objects as JSON, nil as nothing."""

from __future__ import annotations

import json
from datetime import date

from liquid.undefined import Undefined


def to_text(value: object) -> str:  # noqa: PLR0911 - one for each type
    """Return ``value`` as a template prints it.

    Raises:
        UndefinedError: for a variable that is not defined.
    """
    kind = type(value)
    if kind is str:
        return value  # type: ignore[return-value]
    if value is None:
        return ""
    if kind is bool:
        return "true" if value else "false"
    if kind is int or kind is float:
        return str(value)
    if kind is dict or kind is list or kind is tuple:
        return to_json(value)
    if kind is range:
        return f"{value.start}..{value.stop - 1}"  # type: ignore[attr-defined]
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def to_json(value: object, indent: int | None = None) -> str:
    """Return ``value`` as JSON in the order of its keys, letters beyond ASCII as they are."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: object) -> object:
    if type(value) is range:
        return list(value)
    if isinstance(value, Undefined):
        value.poke()  # raises: an undefined variable is never silently null
    return to_text(value)
