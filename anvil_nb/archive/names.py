"""The names that members of an archive may have (F6).

They are so narrow that each means the same on every system, and that no two of them are the same
on any: what differs by case or by Unicode form alone cannot be written.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from anvil_nb.archive.refusals import refusal, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST: Final = 200

_DEVICE = r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])"
_PART = rf"(?!{_DEVICE}(?![a-z0-9_-]))[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_-])?"
_name = re.compile(rf"{_PART}(?:/{_PART})*").fullmatch

# Why a name is refused, the telling reason first.
_FAULTS: Final = tuple(
    (re.compile(pattern).search, words)
    for pattern, words in (
        (r"[\x00-\x1f\x7f-\x9f]", "has a control character"),
        (r"\\", "has a backslash"),
        (r"^[A-Za-z]:", "has a drive letter"),
        (r"^/", "is absolute"),
        (r"/\Z", "is that of a folder"),
        (r"(^|/)\.\.(/|\Z)", "leads out of its folder"),
        (r"//", "has an empty part"),
        (r"(^|/)\.", "has a part that begins with a dot"),
        (r"(^|/)-", "has a part that begins with a hyphen"),
        (r"\.(/|\Z)", "has a part that ends with a dot"),
        (rf"(?i:(^|/){_DEVICE}(?![a-z0-9_-]))", "has a part that is a device on Windows"),
        (r"[^\x00-\x7f]", "is not ASCII"),
        (r"", "has other characters than a-z, 0-9, and . _ - /"),
    )
)


def is_member_name(name: str) -> bool:
    """Tell whether F6 allows ``name``."""
    return len(name) <= LONGEST and _name(name) is not None


def check_member_name(name: str, hint: str | None = None) -> None:
    """Refuse a name that F6 does not allow.

    Args:
        name: Of a member.
        hint: What to do then; the usual when left out.

    Raises:
        ArchiveError: that says why.
    """
    if not is_member_name(name):
        raise refusal("name", f"the member name {shown(name)!r} {_fault(name)}", hint)


def check_no_folders(names: Iterable[str], hint: str | None = None) -> None:
    """Refuse names of which one is a folder of another: no system has both as files (F6).

    Args:
        names: Of all members.
        hint: What to do then; the usual when left out.

    Raises:
        ArchiveError: that says which.
    """
    ordered = sorted(names)
    for name, following in pairwise(ordered):
        if not following.startswith(name):
            continue  # no other does: those that begin with it would stand here
        folder = f"{name}/"
        at = bisect_left(ordered, folder)
        if at < len(ordered) and ordered[at].startswith(folder):
            msg = f"its member {shown(name)} is a folder of its member {shown(ordered[at])}"
            raise refusal("file-and-folder", msg, hint)


def _fault(name: str) -> str:
    if not name:
        return "is empty"
    if len(name) > LONGEST:
        return f"is longer than {LONGEST} characters"
    return next(words for finds, words in _FAULTS if finds(name))
