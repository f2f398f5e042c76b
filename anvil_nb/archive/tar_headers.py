"""The headers of a tar archive, read strictly (POSIX.1-2017, pax, "ustar Interchange Format").

GNU's own form of them is taken as far as its `tar` writes it for plain files: long names (``L``)
and large numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from anvil_nb.errors import TarballError

BLOCK: Final = 512

Kind: TypeAlias = Literal["file", "folder", "pax", "global", "long-name"]

_KINDS: Final[dict[bytes, Kind]] = {
    b"0": "file",
    b"\0": "file",
    b"5": "folder",
    b"x": "pax",
    b"g": "global",
    b"L": "long-name",
}
_REFUSED: Final = {
    b"1": ("link", "a hard link"),
    b"2": ("link", "a symbolic link"),
    b"3": ("device", "a device"),
    b"4": ("device", "a device"),
    b"6": ("device", "a pipe"),
    b"7": ("file-type", "a file of a kind that no system has"),
    b"K": ("link", "a link"),
    b"S": ("sparse", "a sparse file"),
}
_NAMES: Final = frozenset({"path", "size"})
_HARMLESS: Final = re.compile(
    r"(?:mtime|atime|ctime|uid|gid|uname|gname|comment|charset|hdrcharset|"
    r"(?:SCHILY|LIBARCHIVE|APPLE|RHT|com\.apple)\..+)"
).fullmatch
_number = re.compile(rb"[0-7]{1,12}").fullmatch
_SET_IDS: Final = 0o6000
_LARGEST: Final = 1 << 60
_BINARY: Final = 0x80

_HINTS: Final = {
    "cut-off": "Send it again.",
    "gzip": "Send what `tar -cz` writes.",
    "link": "Leave links out, or send the files that they point to (tar -h).",
    "name": "Rename the file, or leave it out.",
}


@dataclass(frozen=True, slots=True)
class Header:
    """One header, whose checksum was right."""

    path: str
    kind: Kind
    size: int
    executable: bool


def refused(rule: str, message: str) -> TarballError:
    """Return the error that refuses a tarball."""
    hint = _HINTS.get(rule, "Make it anew, of plain files.")
    return TarballError(f"the tarball is refused: {message}", hint, rule=rule)


def parse_header(block: bytes) -> Header:
    """Return what one block says of a file.

    Raises:
        TarballError: for what is no header, and for files of another kind than plain ones.
    """
    if _checksum(block) != _octal(block[148:156]):
        raise refused("checksum", "a header is damaged, or it is no tar archive")
    letter = block[156:157]
    kind = _KINDS.get(letter)
    if kind is None:
        rule, what = _REFUSED.get(letter, ("file-type", "something that is no file"))
        raise refused(rule, f"it holds {what}")
    path = _text(block[:100])
    if block[257:263] == b"ustar\0" and block[345:346] != b"\0":
        path = f"{_text(block[345:500])}/{path}"
    if kind == "file" and path.endswith("/"):
        kind = "folder"  # as very old programs write them
    mode = _octal(block[100:108])
    if kind == "file" and mode & _SET_IDS:
        raise refused("file-type", "it holds a program that runs as another user")
    return Header(path, kind, _octal(block[124:136]), bool(mode & 0o100))


def parse_pax(data: bytes) -> dict[str, str]:
    """Return what a pax header says that counts: a path, a size.

    Raises:
        TarballError: for what is not of that form, and for what would change more than that.
    """
    said: dict[str, str] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 8)
        digits = data[at:space] if space > at else b""
        end = at + int(digits) if digits.isdigit() else 0
        if end <= space or end > len(data) or data[end - 1 : end] != b"\n":
            raise refused("header", "an extended header is not of its form")
        name, equals, value = data[space + 1 : end - 1].partition(b"=")
        _add(said, name, value if equals else b"\0")
        at = end
    return said


def _add(said: dict[str, str], name: bytes, value: bytes) -> None:
    try:
        key, text = name.decode(), value.decode() if name in {b"path", b"size"} else ""
    except UnicodeDecodeError as error:
        raise refused("name", "a name is not UTF-8") from error
    if key in _NAMES:
        if key in said or (key == "size" and not (text.isascii() and text.isdigit())):
            raise refused("header", "an extended header says something twice, or no number")
        if key == "size" and len(text) > len(str(_LARGEST)):
            raise refused("header", "an extended header has too large a number")
        said[key] = text
    elif not _HARMLESS(key):
        rule = "sparse" if "sparse" in key else "link" if key == "linkpath" else "header"
        raise refused(rule, "an extended header says more than a plain file needs")


def _checksum(block: bytes) -> int:
    return sum(block[:148]) + sum(block[156:]) + 8 * ord(" ")


def _octal(field: bytes) -> int:
    if field[0] == _BINARY:  # GNU's form for what is too large for digits
        number = int.from_bytes(field[1:])
        if number > _LARGEST:
            raise refused("header", "a header has too large a number")
        return number
    digits = field.strip(b" \0")
    if not digits:
        return 0
    if _number(digits) is None:
        raise refused("header", "a header has a number that is none")
    return int(digits, 8)


def _text(field: bytes) -> str:
    name, _, rest = field.partition(b"\0")
    if rest.strip(b"\0"):
        raise refused("name", "a name goes on behind its end")
    try:
        return name.decode()
    except UnicodeDecodeError as error:
        raise refused("name", "a name is not UTF-8") from error
