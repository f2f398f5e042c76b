"""The paths that files of a tree may have.

So that each means the same file wherever it is written: on any system, in any archive, under any
locale. Two that some system takes for the same are told by ``folded``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 1_000
"""The most bytes of a path, as UTF-8."""

LONGEST_PART: Final = 255
"""The most bytes of a part of a path: what file systems take."""

DEEPEST: Final = 64
"""The most parts of a path."""

_DEVICE: Final = r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])"
_PLAIN_PART: Final = rf"(?!(?i:{_DEVICE})(?:\.|\Z|/))[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?"
_plain_part = re.compile(_PLAIN_PART).fullmatch

# Why a part is refused, the telling reason first.
_FAULTS: Final = tuple(
    (re.compile(pattern).search, words)
    for pattern, words in (
        (r"[\ud800-\udfff]", "is not valid UTF-8"),
        (r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", "has a control character"),
        (r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "has a character nobody sees"),
        (r"\\", "has a backslash"),
        (r'[<>:"|?*]', 'has one of < > : " | ? *, which not every system allows'),
        (r"^\.\.?\Z", "leads out of its folder"),
        (r"[. ]\Z", "ends with a dot or a space"),
        (r"^ ", "begins with a space"),
        (rf"(?i:^{_DEVICE}(?:\.|\Z))", "is a device on Windows"),
    )
)


def part_fault(part: str) -> str:
    """Return what is wrong with one part of a path; empty when nothing is."""
    if _plain_part(part) is not None and len(part) <= LONGEST_PART:
        return ""
    if not part:
        return "has an empty part"
    for finds, words in _FAULTS:
        if finds(part):
            return words
    if len(part.encode()) > LONGEST_PART:
        return f"has a part longer than {LONGEST_PART} bytes"
    if not unicodedata.is_normalized("NFC", part):
        return "is not in the usual Unicode form (NFC)"
    return ""


def path_fault(path: str) -> str:
    """Return what is wrong with a path whose parts have ``/`` between them; empty when nothing."""
    if not path:
        return "is empty"
    if path.startswith("/"):
        return "is absolute"
    parts = path.split("/")
    fault = next(filter(None, map(part_fault, parts)), "")
    if fault:
        return fault
    if len(parts) > DEEPEST:
        return f"has more than {DEEPEST} parts"
    return f"is longer than {LONGEST:,} bytes" if len(path.encode()) > LONGEST else ""


def folded(path: str) -> str:
    """Return what paths have in common that some system takes for the same."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", path).casefold())


def printable(path: str) -> str:
    """Return a path the way messages show it, whatever bytes it had."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
