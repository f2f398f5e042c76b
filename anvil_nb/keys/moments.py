"""Moments as key files write them: RFC 3339, UTC, whole seconds, with ``Z``."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_FORM = "%Y-%m-%dT%H:%M:%SZ"
_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def moment_text(when: datetime) -> str:
    """Return ``2026-11-21T05:12:00Z`` for a time that knows its zone."""
    return when.astimezone(UTC).strftime(_FORM)


def moment(text: object) -> datetime:
    """Return the time that ``moment_text`` wrote.

    Raises:
        ValueError: for anything else.
    """
    if not isinstance(text, str) or not _SHAPE.fullmatch(text):
        msg = "a time like 2026-11-21T05:12:00Z was expected"
        raise ValueError(msg)
    return datetime.strptime(text, _FORM).replace(tzinfo=UTC)
