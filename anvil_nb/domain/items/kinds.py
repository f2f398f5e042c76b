"""The kinds of items, and what a key of each may look like."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from anvil_nb.domain.prose import is_keepable
from anvil_nb.errors import InvalidInputError, ItemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json

Kind = Literal["skill", "content", "agent", "context"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

NOUNS: Final[Mapping[Kind, str]] = {
    "skill": "skill",
    "content": "page",
    "agent": "agent",
    "context": "context",
}
"""What people call one of each."""

LONGEST_KEY = 200
"""The most characters of a key."""


@dataclass(frozen=True, slots=True)
class ParsedItem:
    """The record that the files of an item make.

    Args:
        kind: What it is.
        key: By which it is found.
        fields: What the files say: the fields of its kind first, then whatever else is there.
        notes: What deserves attention: places that name the same thing differently.
    """

    kind: Kind
    key: str
    fields: Mapping[str, Json]
    notes: tuple[str, ...] = ()


def check_kind(kind: str) -> Kind:
    """Return ``kind`` if it is one.

    Raises:
        InvalidInputError: otherwise.
    """
    for one in KINDS:
        if one == kind:
            return one
    msg = f"there is no kind of item '{kind}'"
    raise InvalidInputError(msg, f"Use one of: {', '.join(KINDS)}.")


def check_key(kind: Kind, key: str) -> str:
    """Return ``key`` if an item of that kind can have it.

    Keys are kept as they are written. They are printed, typed and matched by globs, so none has
    white space at its ends, a character that cannot be seen, or a part that means a folder. Those
    of content are a source and a slug, which may be empty and have parts of its own.

    Raises:
        ItemError: when it cannot.
    """
    fault = _fault(kind, key)
    if fault is None:
        return key
    msg = f"the {NOUNS[kind]} {key!r} cannot be called so: its name {fault}"
    raise ItemError(msg, _HINTS.get(kind, "Use letters, digits, hyphens and underscores."))


_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*").fullmatch
"""Most keys are so, and have no fault: one look instead of nine."""
_HINTS = {"content": "Write the source and the slug: blog/first-post."}


def _fault(kind: Kind, key: str) -> str | None:
    if kind != "content" and len(key) <= LONGEST_KEY and _PLAIN(key):
        return None
    parts = key.split("/")
    if kind == "content" and parts[1:] == [""]:  # a slug may be empty
        parts.pop()
    faults = {
        "is empty": not key,
        f"has more than {LONGEST_KEY} characters": len(key) > LONGEST_KEY,
        "has a character that cannot be seen": not is_keepable(key)
        or any(unicodedata.category(one) in _UNSEEN for one in key),
        "begins or ends with white space": key != key.strip(),
        "begins with a hyphen, as options do": key.startswith("-"),
        "has a slash": kind != "content" and "/" in key,
        "has no slash between source and slug": kind == "content" and "/" not in key,
        "has an empty part": "" in parts,
        "has a part that means a folder": not {".", ".."}.isdisjoint(parts),
    }
    return next((fault for fault, found in faults.items() if found), None)


_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
