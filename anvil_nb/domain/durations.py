"""Durations as people type them: ``90d``, ``12h``, ``30m``, ``2w``."""

from __future__ import annotations

import re
from datetime import timedelta

from anvil_nb.errors import InvalidInputError

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"([0-9]{1,5})([mhdw])")
LONGEST = timedelta(days=3650)


def parse_duration(text: str) -> timedelta:
    """Return a duration of at most ten years.

    Raises:
        InvalidInputError: for text that is none.
    """
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not timedelta() < length <= LONGEST:
        msg = f"a duration is a number and m, h, d or w, at most ten years, found {text!r}"
        raise InvalidInputError(msg, "For example: 90d")
    return length
