"""Names: what a name may look like, how a title becomes one, and how a fault in a text is told.

Organisations, projects, prompt sets, prompts and labels share one rule, kept here: a name is a
slug of lower-case letters, digits and hyphens that starts with a letter or a digit. What people
read (titles) is free; this module turns it into a name.

The parsers of this layer (``semver``, ``address``) word their errors by ``expected`` below, so
that every one of them says what was expected, at which column (1-based), and what stood there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anvil_nb.errors import AddressError

if TYPE_CHECKING:
    from collections.abc import Container

LONGEST_NAME = 64
"""The most characters a name may have."""

NAME_PATTERN = rf"[a-z0-9][a-z0-9-]{{0,{LONGEST_NAME - 1}}}"
"""The rule for names as a regular expression without groups, to build larger ones from."""

NAME_HINT = "Use lower-case letters, digits and hyphens, for example welcome-email."

UNTITLED = "untitled"
"""The name that a title without one letter or digit gets."""

MOST_NAMES = 3
"""The most names in a path: project, prompt set and prompt."""

_LONGEST_SHOWN = 80

_NAME = re.compile(NAME_PATTERN)
_NAME_START = re.compile(r"[a-z0-9][a-z0-9-]*")
_OTHER_CHARACTERS = re.compile(r"[^a-z0-9]+")


def check_name(text: str, what: str = "name") -> str:
    """Return ``text`` if it is a name.

    Args:
        text: What was typed.
        what: What the name is for, as the error calls it: "project name".

    Raises:
        AddressError: with the column of the first character that cannot be there.
    """
    if not isinstance(text, str):
        from anvil_nb.domain.values import type_name  # noqa: PLC0415 - rarely needed

        raise AddressError(f"a {what} is text, found {type_name(text)}", NAME_HINT)
    if _NAME.fullmatch(text):
        return text
    suggestion = suggested_name(text)
    raise AddressError(
        name_fault(text, 0, len(text), of=f"the {what} "),
        f"Did you mean {suggestion}?" if suggestion else NAME_HINT,
    )


def is_name(text: str) -> bool:
    """Tell whether ``text`` is a name."""
    return _NAME.fullmatch(text) is not None


def name_fault(text: str, start: int, end: int, *, of: str = "") -> str:
    """Return why ``text[start:end]``, which is no name, is none.

    Args:
        text: The whole of what was typed.
        start: Index of the first character of the part that should be a name.
        end: Index behind its last character.
        of: What ``text`` is, with a space behind it; empty where that is plain.
    """
    if start == end:
        return expected("a name", text, start, of=of)
    match = _NAME_START.match(text, start, end)
    stop = match.end() if match else start
    if stop == start:
        message = expected("a lower-case letter or a digit", text, start, of=of)
    elif stop == end:
        return (
            f"the name at column {start + 1} of {of}{shown(text)} has {end - start} characters, "
            f"and a name has at most {LONGEST_NAME}"
        )
    else:
        message = expected("a lower-case letter, a digit or '-'", text, stop, of=of)
    return f"{message}: names are lower case" if text[stop].isupper() else message


def path_fault(text: str, end: int, least: int) -> str | None:
    """Return what is wrong with the names in ``text[:end]``, if anything is.

    Args:
        text: The whole of what was typed: ``[@org/]`` and up to three names with slashes between.
        end: Index behind the last name.
        least: How many names there must be behind the organisation. Where that is none, the last
            may be left empty.
    """
    start = 0
    if text.startswith("@"):
        stop = _end_of_part(text, 0, end)
        if not is_name(text[1:stop]):
            return name_fault(text, 1, stop)
        if stop == end:
            return expected("'/'", text, end) if least else None
        start = stop + 1
    for number in range(MOST_NAMES):
        stop = _end_of_part(text, start, end)
        if not is_name(text[start:stop]) and (least or start < stop or stop < end):
            return name_fault(text, start, stop)
        if stop == end:
            return expected("'/'", text, end) if number + 1 < least else None
        start = stop + 1
    return expected("'@' or the end" if least else "the end", text, start - 1)


def _end_of_part(text: str, start: int, end: int) -> int:
    slash = text.find("/", start, end)
    return end if slash < 0 else slash


def suggested_name(text: str) -> str | None:
    """Return the name that somebody who typed ``text`` may have meant, if it holds anything."""
    slug = slug_from_title(text)
    return slug if slug != UNTITLED else None


def slug_from_title(title: str, *, taken: Container[str] = ()) -> str:
    """Return a name for a title: transliterated, in lower case, hyphens for all else.

    Args:
        title: Any text.
        taken: Names that are in use. The name then gets ``-2``, ``-3`` and so on: the number
            behind a run of those in use, found without trying each of them.

    Returns:
        A name that is not in ``taken``; ``untitled`` where the title has no letter or digit.
    """
    slug = _OTHER_CHARACTERS.sub("-", _transliterated(title).lower()).strip("-")
    slug = slug[:LONGEST_NAME].rstrip("-") or UNTITLED
    if slug not in taken:
        return slug
    used, free = 1, 2
    while _numbered(slug, free) in taken:
        used, free = free, free * 2
    while free - used > 1:
        middle = (used + free) // 2
        if _numbered(slug, middle) in taken:
            used = middle
        else:
            free = middle
    return _numbered(slug, free)


def _numbered(slug: str, number: int) -> str:
    suffix = f"-{number}"
    return slug[: LONGEST_NAME - len(suffix)].rstrip("-") + suffix


def _transliterated(text: str) -> str:
    if text.isascii():
        return text
    from anyascii import anyascii  # noqa: PLC0415 - most titles are ASCII and need no tables

    return anyascii(text)


def expected(what: str, text: str, index: int, *, of: str = "") -> str:
    """Return "expected *what* at column *n* of *text*, found *character*".

    Args:
        what: What should have stood there.
        text: The whole of what was typed.
        index: Where, counted from 0; the message counts columns from 1.
        of: What ``text`` is, with a space behind it: "the version ".
    """
    return (
        f"expected {what} at column {index + 1} of {of}{shown(text)}, found {_found(text, index)}"
    )


def shown(text: str) -> str:
    """Return ``text`` in quotes, for a message: on one line, and cut where it is long."""
    if len(text) <= _LONGEST_SHOWN:
        return repr(text)
    return f"{text[:_LONGEST_SHOWN]!r}…"


def _found(text: str, index: int) -> str:
    if index >= len(text):
        return "the end"
    character = text[index]
    if character.isascii():
        return repr(character)
    import unicodedata  # noqa: PLC0415 - only to name a character that may look like another

    name = unicodedata.name(character, "")
    return f"{character!r} (U+{ord(character):04X}{' ' + name if name else ''})"
