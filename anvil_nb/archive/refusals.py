"""Why an archive is refused: the rules of docs/bundle-format.md by name, and their errors.

A rule's name is stable, and finer than its clause: programs match on it, people read the message.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from anvil_nb.domain.visible import visible
from anvil_nb.errors import ArchiveError

Rule: TypeAlias = Literal[
    "not-an-archive",
    "cut-off",
    "bytes-before",
    "bytes-between",
    "bytes-after",
    "overlap",
    "four-gib",
    "directory",
    "headers-differ",
    "method",
    "version",
    "encrypted",
    "data-descriptor",
    "flags",
    "extra-field",
    "comment",
    "disks",
    "size",
    "crc",
    "deflate",
    "file-type",
    "zip64",
    "name",
    "duplicate-name",
    "file-and-folder",
    "order",
    "time",
]

CLAUSES: Final[dict[Rule, str]] = {
    "not-an-archive": "F1",
    "cut-off": "F1",
    "bytes-before": "F1",
    "bytes-between": "F1",
    "bytes-after": "F1",
    "overlap": "F1",
    "four-gib": "F1",
    "directory": "F2",
    "headers-differ": "F2",
    "method": "F3",
    "version": "F3",  # other readers refuse what is newer than all that F3 and F5 allow
    "encrypted": "F3",
    "data-descriptor": "F3",
    "flags": "F3",
    "extra-field": "F3",
    "comment": "F3",
    "disks": "F3",
    "size": "F3",
    "crc": "F3",
    "deflate": "F3",
    "file-type": "F4",
    "zip64": "F5",
    "name": "F6",
    "duplicate-name": "F6",
    "file-and-folder": "F6",
    "order": "F7",
    "time": "F8",
}
"""Which clause says which rule. Those of F9, the limits, are in ``limits``."""

# What happens to files under way, and what no program does that follows the format.
_DAMAGE: Final = frozenset({"cut-off", "bytes-after", "crc", "deflate"})
_TRANSFER_AGAIN = "Copy or download it again. If that does not help, ask its maker for it again."
_EXPORT_AGAIN = "Do not use it. Ask its maker to export it again."
_NOT_ONE = "Name a file that `anvil export` wrote."
_LONGEST_SHOWN = 80


def refusal(rule: Rule, message: str, hint: str | None = None) -> ArchiveError:
    """Return the error that refuses an archive.

    Args:
        rule: The rule that is broken.
        message: What was found and what the rule wants, in words, about "it".
        hint: What to do; the usual for the rule when left out.
    """
    if hint is None:
        hint = _TRANSFER_AGAIN if rule in _DAMAGE else _EXPORT_AGAIN
        hint = _NOT_ONE if rule == "not-an-archive" else hint
    clause = CLAUSES[rule]
    return ArchiveError(f"{message} ({clause})", hint, rule=rule, clause=clause)


def shown(name: str) -> str:
    """Return a member's name as it may be shown: it may be long, and drive a terminal."""
    name = visible(name, keep="")
    return name if len(name) <= _LONGEST_SHOWN else f"{name[: _LONGEST_SHOWN - 1]}…"
