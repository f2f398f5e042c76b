"""What DuckDB's errors mean to people. Its types are few and wide, so the words decide too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from anvil_nb.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreTooNewError,
    StoreUnavailableError,
)
from anvil_nb.store.engine import UniqueViolationError

if TYPE_CHECKING:
    from pathlib import Path


class _Meaning(NamedTuple):
    """What is raised for an error whose text has ``pattern``; the texts take its groups."""

    pattern: re.Pattern[str]
    raised: type[StoreError]
    message: str
    hint: str


_MEANINGS = (
    _Meaning(
        re.compile(r"Conflicting lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)"),
        StoreBusyError,
        "another program ({program}, process {pid}) has the store {path} open without Anvil's lock",
        "Close the store there, then try again.",
    ),
    _Meaning(
        re.compile(r"created with a newer version of DuckDB"),
        StoreTooNewError,
        "the store {path} was written by a newer DuckDB than {version}",
        "Try: pip install --upgrade duckdb anvil-nb",
    ),
    _Meaning(
        re.compile(r"No space left|Disk quota|File too large|Could not write|Could not sync"),
        StoreUnavailableError,
        "the store {path} cannot be written: {reason}",
        "Nothing was changed. Make space on its disk, then try again.",
    ),
    _Meaning(
        re.compile(r"Permission denied|Read-only file system|Operation not permitted"),
        StoreUnavailableError,
        "the store {path} cannot be read and written: {reason}",
        "See that the file and {folder} belong to you, then try again.",
    ),
    _Meaning(
        re.compile(
            r"not a valid DuckDB database file|Could not read enough bytes|[Cc]orrupt|checksum|"
            r"replaying WAL|Is a directory"
        ),
        StoreDamagedError,
        "the file {path} is not an Anvil store, or it is damaged: {reason}",
        "Nothing was changed. Put a copy of the store in its place, or name another path.",
    ),
    _Meaning(
        re.compile(r"^IO Error"),
        StoreUnavailableError,
        "the store {path} cannot be used: {reason}",
        "See that its disk is there and sound, then try again.",
    ),
)
_ANYTHING_ELSE = _Meaning(
    re.compile(""), StoreError, "the store {path} refused a statement: {reason}", ""
)
_DUPLICATE = re.compile(r"Duplicate key|(PRIMARY KEY|UNIQUE|unique|primary key) constraint")


def store_error(error: duckdb.Error, path: Path) -> StoreError:
    """Return our error for one of DuckDB's."""
    text = str(error)
    if _DUPLICATE.search(text):
        return UniqueViolationError(_reason(text))
    for meaning in (*_MEANINGS, _ANYTHING_ELSE):
        if found := meaning.pattern.search(text):
            values = {
                "path": path,
                "folder": path.parent,
                "version": duckdb.__version__,
                "reason": _reason(text),
                **found.groupdict(),
            }
            return meaning.raised(meaning.message.format(**values), meaning.hint.format(**values))
    raise AssertionError("the last pattern matches everything")


def damaged(path: Path, reason: str) -> StoreDamagedError:
    """Return the error for a file that is not a store, or not a whole one."""
    return StoreDamagedError(
        f"the file {path} is not an Anvil store, or it is damaged: {reason}",
        "Nothing was changed. Put a copy of the store in its place, or name another path.",
    )


def _reason(text: str) -> str:
    """Return the part of an error that says why: what the operating system said comes last."""
    last = text.rpartition("Original error: ")[2]
    lines = last.removeprefix("IO Error: ").splitlines()
    return lines[0] if lines else "no reason given"
