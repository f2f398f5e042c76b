"""Prose: what people write about things, in titles, descriptions and messages.

It owns how long such text may be and which characters it may hold: any store keeps it, and gives
back what was put in.
"""

from __future__ import annotations

from anvil_nb.domain.values import type_name
from anvil_nb.errors import InvalidInputError

MAX_TITLE = 200
"""Longest display name, in characters."""
MAX_DESCRIPTION = 4_000
"""Longest description, in characters."""
MAX_MESSAGE = 4_000
"""Longest reason given for a change, in characters."""


def is_keepable(text: str) -> bool:
    """Tell whether every store can keep ``text``: no NUL, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def check_prose(what: str, text: str, longest: int) -> str:
    """Return ``text`` if it can be kept.

    Args:
        what: What it is, for the error: ``title``.
        text: What was typed.
        longest: The most characters it may have.

    Raises:
        InvalidInputError: for text that is too long, or holds what is no text.
    """
    if not isinstance(text, str):
        msg = f"a {what} is text, found {type_name(text)}"
        raise InvalidInputError(msg, f"Pass the {what} as text, or leave it out.")
    if len(text) > longest:
        msg = f"the {what} has {len(text):,} characters; at most {longest:,} are kept"
        raise InvalidInputError(msg, f"Shorten the {what}.")
    if not is_keepable(text):
        msg = f"the {what} holds a NUL character or half of a surrogate pair, which is not text"
        raise InvalidInputError(msg, "Remove that character.")
    return text


def check_message(message: str) -> str:
    """Return the reason given for a change if it can be kept; see ``check_prose``."""
    return check_prose("message", message, MAX_MESSAGE)
