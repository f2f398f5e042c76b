"""Bytes of a file as text and JSON, under a limit, with the place of whatever is wrong."""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from anvil_nb.errors import SourceError

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

MIB: Final = 1024 * 1024
MAX_FILE: Final = 64 * MIB
"""The most that is read of a file, in bytes."""

STANDARD_INPUT: Final = "-"

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_text_file(source: str | Path) -> str:
    """Return the text of a UTF-8 file, its line endings as they are; ``-`` is standard input.

    A byte-order mark is dropped.

    Raises:
        SourceError: when it cannot be read, is too large, or is not UTF-8.
    """
    return decode(read_bytes(source), shown(source))


def read_json_file(source: str | Path) -> Json:
    """Return the JSON value in a UTF-8 file; ``-`` is standard input.

    Raises:
        SourceError: as for :func:`read_text_file`, and when it is not JSON: with line and column.
    """
    return parse_json(read_text_file(source), shown(source))


def shown(source: str | Path) -> str:
    """Return a path the way messages show it: as it was given, always printable."""
    if source == STANDARD_INPUT:
        return "standard input"
    path = source if isinstance(source, Path) else Path(source)
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def read_bytes(source: str | Path, limit: int = MAX_FILE) -> bytes:
    """Return what a file holds; ``-`` is standard input.

    Args:
        source: The file.
        limit: The most it may hold, in bytes.

    Raises:
        SourceError: when it cannot be read or holds more.
    """
    try:
        if source == STANDARD_INPUT:
            data: bytes = sys.stdin.buffer.read(limit + 1)
        else:
            path = source if isinstance(source, Path) else Path(source)
            with path.open("rb") as file:
                # A read takes memory for all that it may return; a pipe says that it has none.
                size = min(os.fstat(file.fileno()).st_size, limit)
                data = file.read(size + 1)
                if len(data) > size:
                    data += file.read(limit - size)
    except (OSError, ValueError, AttributeError) as error:
        raise unreadable(source, error) from error
    if len(data) > limit:
        raise SourceError(
            f"{shown(source)} is larger than {limit / MIB:g} MiB, the most that is read",
            "Split it into smaller files.",
        )
    return data


def unreadable(source: str | Path, error: Exception) -> SourceError:
    """Return the refusal for a file or folder that the system would not open."""
    if isinstance(error, FileNotFoundError):
        return SourceError(f"there is no file {shown(source)}", _near(Path(source)))
    reason = error.strerror if isinstance(error, OSError) else None
    if isinstance(error, AttributeError):
        reason = "there is none here"  # a notebook's standard input has no bytes
    hint = (
        "Check that you may read it." if isinstance(error, PermissionError) else "Check the path."
    )
    return SourceError(f"{shown(source)} cannot be read: {reason or error}", hint)


def _near(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError):
        return f"There is no folder {shown(path.parent)} either; check the path."
    near = get_close_matches(path.name, names, 1, cutoff=0.75)
    return f"Did you mean {shown(path.with_name(near[0]))}?" if near else "Check the path."


def decode(data: bytes, place: str, *, first_byte: int = 0, first_line: int = 1) -> str:
    """Return UTF-8 bytes as text, without the byte-order mark they may begin with.

    Args:
        data: The bytes, a whole file or a line of it.
        place: The file, for messages.
        first_byte: Where ``data`` begins in the file.
        first_line: The number of the line it begins with.

    Raises:
        SourceError: names the file, the byte, its offset in the file (from 0) and its line.
    """
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = first_line + data.count(b"\n", 0, error.start)
        raise SourceError(
            f"{place} is not UTF-8: byte 0x{data[error.start]:02x} at offset "
            f"{first_byte + error.start}, line {line}",
            f"Save it as UTF-8. Try: iconv -f {_likely_encoding(data)} -t UTF-8",
        ) from error


def _likely_encoding(data: bytes) -> str:
    # Spreadsheets export these two when they do not export UTF-8.
    return "UTF-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "CP1252"


def parse_json(text: str, place: str, *, first_line: int = 1) -> Json:
    """Return the JSON value that ``text`` is.

    Raises:
        SourceError: for what is not JSON, with line and column, and for what JSON can spell and
            nothing can keep: an object with one key twice, half of a surrogate pair.
    """
    try:
        value: Json = json.loads(
            text, object_pairs_hook=_without_duplicates, parse_constant=_no_constant
        )
        if _ESCAPED_SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise SourceError(
            f"{place} is not JSON at line {first_line + error.lineno - 1}, "
            f"column {error.colno}: {error.msg}",
            "Correct it there.",
        ) from error
    except UnicodeEncodeError as error:
        raise SourceError(
            f"{place} holds half of a surrogate pair, which is not text",
            r"Write the character itself, or both halves (\ud83d\ude00).",
        ) from error
    except RecursionError as error:
        raise SourceError(f"{place} nests too deep to be read", "Flatten it.") from error
    except ValueError as error:
        raise SourceError(
            f"{place} cannot be used as JSON: {error}", "Correct it there."
        ) from error
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        msg = f"an object has the key {twice!r} twice"
        raise ValueError(msg)
    return made


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is not a number in JSON"
    raise ValueError(msg)
