"""JSON values as YAML: block style, one spelling for each value.

Written here rather than by PyYAML, whose two emitters (its own and libyaml's) differ in the
bytes they make: files that a person keeps under version control must not change with what is
installed. What YAML 1.1 and YAML 1.2 would read differently (``on``, ``1e3``, ``010``,
``2024-01-01``, ``12:30``) is quoted, so that both read the same value.

It owns the spelling of values. Where frontmatter begins and ends is ``frontmatter``'s; reading
is ``yaml_reader``'s.
"""

from __future__ import annotations

import json
import math
import re
from itertools import chain
from typing import TYPE_CHECKING

from anvil_nb.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anvil_nb.domain.digest import Json

MAX_DEPTH = 50
"""How deep mappings and lists may nest, the outermost counted."""

_LONGEST_SIMPLE_KEY = 1000
"""YAML 1.2.2, 7.4.2: beyond 1,024 characters a key has to be written with ``?``."""

_JSON = json.JSONEncoder(ensure_ascii=False)
_SURROGATE = re.compile("[\ud800-\udfff]")
# What YAML does not take as it stands (1.2.2, 5.1), and what it takes for a line break (1.1) or
# for a byte-order mark outside quotes.
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# A letter in front rules out numbers, dates and indicators in both schemas.
_PLAIN = re.compile(r"[^\W\d].*", re.DOTALL)
_NOT_PLAIN = re.compile(r":(?:\s|$)|\s#|[\t\n]")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def write_mapping(fields: Mapping[str, Json]) -> str:
    """Return ``fields`` as YAML lines, keys in the order given; nothing at all for none.

    Raises:
        DeclarationError: for what cannot be read back: a number that is not finite or longer
            than Python reads, half of a surrogate pair, a key that is not text, a value that is
            not JSON, nesting beyond :data:`MAX_DEPTH`.
    """
    return "".join(f"{line}\n" for line in _block(fields, "", 1))


def _block(value: Mapping[str, Json] | list[Json], indent: str, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise DeclarationError(
            f"these values nest deeper than {MAX_DEPTH} levels",
            "Flatten them, or keep the inner part as JSON text.",
        )
    if isinstance(value, list):
        for item in value:
            yield from _entry(f"{indent}-", item, indent, depth, compact=True)
        return
    for key, item in value.items():
        if not isinstance(key, str):
            raise DeclarationError(f"the key {key!r} is not text", f'Write it as "{key}".')
        written = _one_line(key)
        if len(written) > _LONGEST_SIMPLE_KEY:
            yield f"{indent}? {written}"
            written = ""
        yield from _entry(f"{indent}{written}:", item, indent, depth)


def _entry(
    lead: str, item: Json, indent: str, depth: int, *, compact: bool = False
) -> Iterator[str]:
    inner = f"{indent}  "
    if isinstance(item, (dict, list)):
        if not item:
            yield f"{lead} {'[]' if isinstance(item, list) else '{}'}"
            return
        lines = _block(item, inner, depth + 1)
        if compact:
            lines = chain([f"{lead} {next(lines).removeprefix(inner)}"], lines)
        else:
            lines = chain([lead], lines)
        yield from lines
    elif isinstance(item, str) and _may_be_literal(item):
        yield from _literal(lead, item, inner)
    else:
        yield f"{lead} {_scalar(item)}"


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _one_line(value)
    if isinstance(value, (int, float)):
        return _number(value)
    raise DeclarationError(
        f"a value of type {type(value).__name__} cannot be written as JSON",
        "Use text, numbers, true, false, null, lists and mappings.",
    )


def _number(value: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        raise DeclarationError(f"the number {value!r} is not finite", "Leave it out.")
    try:
        written = repr(value)
    except ValueError as error:
        raise DeclarationError(
            "a whole number has more digits than can be read back", "Write it as text."
        ) from error
    # YAML 1.1 takes 1e-07 for text: it wants the point.
    return written.replace("e", ".0e") if "e" in written and "." not in written else written


def _one_line(text: str) -> str:
    if _SURROGATE.search(text):
        raise DeclarationError(
            f"the text {text!r} holds half of a surrogate pair, which is not valid Unicode",
            "Decode it as UTF-16, or leave that character out.",
        )
    if (
        _PLAIN.fullmatch(text)
        and text == text.strip()
        and not _NOT_PLAIN.search(text)
        and not _ESCAPED.search(text)
        and text.lower() not in _WORDS
    ):
        return text
    return double_quoted(text)


def double_quoted(text: str) -> str:
    """Return ``text`` between double quotes, on one line; any text can be written so."""
    # A JSON string is a double-quoted YAML scalar once these are escaped too.
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", _JSON.encode(text))


def _may_be_literal(text: str) -> bool:
    """Tell whether ``text`` comes back from a literal block with its indentation left to find."""
    return (
        "\n" in text
        and text[0] not in " \t\n"
        and not (text.endswith((" ", "\t")) and not text.rpartition("\n")[2].strip())
        and not _ESCAPED.search(text)
    )


def _literal(lead: str, text: str, indent: str) -> Iterator[str]:
    body = text.removesuffix("\n")
    chomping = "-" if body == text else "+" if body.endswith("\n") else ""
    yield f"{lead} |{chomping}"
    for line in body.split("\n"):
        yield f"{indent}{line}" if line else ""
