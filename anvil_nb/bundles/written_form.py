"""Documents as this program writes them, told by one regular expression for each kind.

Parsing a document and checking its schema costs more than inflating it, and a large bundle has
tens of thousands. So the schema is also compiled to a pattern of canonical JSON (RFC 8785): what
matches it is sound by F10 and F11. What does not match may be sound all the same (keys that are
not known, escapes, other letters than those of ASCII), and is to be checked the long way.

The patterns are unambiguous, so that what does not match fails in linear time.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CHARACTER = r"[ !#-\[\]-~]"
"""One that canonical JSON writes as it is: ASCII, but for quotes, backslashes and controls."""

_NAME = r"(?:data|assets)/[a-z0-9._/-]{1,190}"
_HASH = r"[0-9a-f]{64}"
_SIZE = r"(?:0|[1-9][0-9]{0,14})"
_ROW = rf'"{_NAME}":{{"sha256":"{_HASH}","size":{_SIZE}}}'
_CHECKSUMS = re.compile(rf'\{{"algorithm":"sha256","members":\{{(?:{_ROW},)*+{_ROW}\}}\}}'.encode())
_ROWS = re.compile(rf'"({_NAME})":{{"sha256":"({_HASH})","size":({_SIZE})}}')


def is_as_written(kind: str, data: bytes) -> bool:
    """Tell whether a document is canonical and keeps to the schema of its kind to the letter.

    What is told not to be so may be sound nevertheless.
    """
    return _pattern(kind).fullmatch(data) is not None


def checksums_as_written(data: bytes) -> dict[str, tuple[int, str]] | None:
    """Return size and SHA-256 (hex) of the members by name (F16), or ``None`` as above."""
    if not _CHECKSUMS.fullmatch(data):
        return None
    rows = _ROWS.findall(data.decode())
    sums = {name: (int(size), digest) for name, digest, size in rows}
    return sums if len(sums) == len(rows) else None


def schema(name: str) -> dict[str, Any]:
    """Return one of the schemas that are shipped (F11)."""
    text = files("anvil_nb.bundles").joinpath("schemas", f"{name}.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@cache
def _pattern(kind: str) -> re.Pattern[bytes]:
    return re.compile(_form(schema(kind)).encode())


def _form(of: Mapping[str, Any]) -> str:
    """Return the pattern of what a schema allows, or of a part of it.

    Raises:
        KeyError: for a schema that says what is not known here.
    """
    if "oneOf" in of:
        return f"(?:{'|'.join(map(_form, of['oneOf']))})"
    return _FORMS[of["type"]](of)


def _object(of: Mapping[str, Any]) -> str:
    if "additionalProperties" in of:
        return r"\{\}"  # keys that are free may come twice: with any, it is checked the long way
    parts = (f'"{key}":{_form(of["properties"][key])}' for key in sorted(of["required"]))
    return rf"\{{{','.join(parts)}\}}"


def _array(of: Mapping[str, Any]) -> str:
    item = _form(of["items"])
    least = max(of.get("minItems", 0) - 1, 0)
    most = of["maxItems"] - 1 if "maxItems" in of else ""
    some = rf"{item}(?:,{item}){{{least},{most}}}+"
    return rf"\[{some}\]" if of.get("minItems") else rf"\[(?:{some})?\]"


def _string(of: Mapping[str, Any]) -> str:
    if "pattern" in of:
        return f'"{of["pattern"].removeprefix("^").removesuffix("$")}"'
    return f'"{_CHARACTER}{{{of.get("minLength", 0)},{of["maxLength"]}}}"'


_FORMS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "boolean": lambda _: "(?:true|false)",
    "null": lambda _: "null",
}
