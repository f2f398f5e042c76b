"""Values that are not ours, as text and as JSON: what a row holds, what a function returned."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from anvil_nb.domain.values import plain
from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json


def as_text(value: object, indent: int | None = None) -> str:
    """Return text as it is, data as JSON, and anything else as it describes itself."""
    if isinstance(value, str):
        return str.__str__(value)
    try:
        return _written(value, indent)
    except (InvalidInputError, ValueError):
        return _description(value)


def as_json(value: object) -> Json:
    """Return data as JSON has it, dates as ISO 8601; anything else as it describes itself."""
    if isinstance(value, str):
        return str.__str__(value)
    try:
        made: Json = json.loads(_written(value))
    except (InvalidInputError, ValueError):
        return _description(value)
    return made


def _written(value: object, indent: int | None = None) -> str:
    made, _ = plain(value)
    return json.dumps(made, ensure_ascii=False, indent=indent, default=date.isoformat)


def _description(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 - an object of the user's that cannot say what it is
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"
