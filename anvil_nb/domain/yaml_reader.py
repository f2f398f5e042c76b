"""YAML as JSON values: the core schema of YAML 1.2 on PyYAML's parser, and nothing beyond it.

Only ``true`` and ``false`` are booleans, ``yes``, ``on`` and dates are text, numbers are decimal
(or ``0x``, ``0o``). Anchors, aliases, other tags, duplicate keys, keys that are not text and
numbers that are not finite are refused. The values are built from the parser's events: a limit
acts before the structure is there, and every refusal knows its place.

This module imports PyYAML, which takes a while: import it where it is needed, not at the top.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from anvil_nb.domain.flat_yaml import flat_mapping
from anvil_nb.domain.yaml_writer import MAX_DEPTH
from anvil_nb.errors import DeclarationError

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

# The base loaders construct nothing; libyaml's is ten times as fast as the one in Python.
_Loader: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_CORE = "tag:yaml.org,2002:"
# YAML 1.2.2, 5.1: the complement of c-printable.
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# YAML 1.2.2, 10.3.2: the tag resolution of the core schema.
_CONSTANTS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAGS: Final[dict[type, str]] = {bool: "bool", int: "int", float: "float", type(None): "null"}
_FIRST_OF_NUMBER = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

FRONTMATTER = "the frontmatter"
"""What is read, unless something else is said."""

_MEANT_AS_TEXT = (
    "If the text is meant to start with a rule, open it with an empty frontmatter: '---' twice."
)


def read_mapping(
    text: str, *, first_line: int = 1, what: str = FRONTMATTER
) -> dict[str, Json] | None:
    """Return the mapping that ``text`` is, or ``None`` when it is something else.

    Text with nothing in it, or only comments, is an empty mapping.

    Args:
        text: YAML.
        first_line: The number of its first line in the file it is from, for messages.
        what: What it is, for messages.

    Raises:
        DeclarationError: where it does not parse, or goes beyond JSON values. The message has
            line and column, from 1.
    """
    if (plain := flat_mapping(text)) is not None:
        return plain
    reader = _Reader(text, first_line, what)
    try:
        return reader.document()
    except yaml.MarkedYAMLError as error:
        raise reader.parse_refusal(error) from error


class _Reader:
    """One reading of one text: the parser, what the text is, and where it begins in the file."""

    def __init__(self, text: str, first_line: int, what: str) -> None:
        self._first_line = first_line
        self._what = what
        if found := _UNREADABLE.search(text):
            line, column = text.count("\n", 0, found.start()), text.rfind("\n", 0, found.start())
            raise self._at(
                f"the character U+{ord(found[0]):04X} cannot stand in YAML",
                "Remove it.",
                line,
                found.start() - column - 1,
            )
        self._next = _Loader(text).get_event

    def document(self) -> dict[str, Json] | None:
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return {}
        root = self._next()
        if not isinstance(root, yaml.MappingStartEvent):
            return None
        value = self._mapping(root, 1)
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._refusal(
                "a second document begins here", "Keep one document.", event.start_mark
            )
        return value

    def _value(self, event: Any, depth: int) -> Json:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            return self._scalar(event)
        if kind is yaml.MappingStartEvent:
            return self._mapping(event, depth + 1)
        if kind is yaml.SequenceStartEvent:
            return self._sequence(event, depth + 1)
        raise self._refusal(
            f"the alias *{event.anchor} is not taken here",
            "Write the value out.",
            event.start_mark,
        )

    def _mapping(self, start: Any, depth: int) -> dict[str, Json]:
        self._check_collection(start, "map", depth)
        mapping: dict[str, Json] = {}
        while type(event := self._next()) is not yaml.MappingEndEvent:
            key = self._key(event, depth)
            if key in mapping:
                raise self._refusal(
                    f"the key {key!r} is there twice", "Keep one of them.", event.start_mark
                )
            mapping[key] = self._value(self._next(), depth)
        return mapping

    def _sequence(self, start: Any, depth: int) -> list[Json]:
        self._check_collection(start, "seq", depth)
        items: list[Json] = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            items.append(self._value(event, depth))
        return items

    def _key(self, event: Any, depth: int) -> str:
        key = self._value(event, depth)
        if isinstance(key, str):
            return key
        if isinstance(key, (dict, list)):
            what, hint = "a mapping or list is used as a key", "Use text as the key."
        else:
            shown = event.value or "nothing"
            what, hint = f"the key {shown} is not text", f'Put it in quotes: "{event.value}".'
        raise self._refusal(what, hint, event.start_mark)

    def _scalar(self, event: Any) -> Json:
        if event.anchor is not None:
            raise self._anchor_refusal(event)
        if event.tag is not None:
            return self._tagged(event)
        plain, _ = event.implicit
        return self._plain(event) if plain else str(event.value)

    def _tagged(self, event: Any) -> Json:
        tag = event.tag
        if tag in {"!", f"{_CORE}str"}:
            return str(event.value)
        if tag == f"{_CORE}float" and _FLOAT.fullmatch(event.value):
            return self._float(event)
        value = self._plain(event)
        if tag != _CORE + _TAGS.get(type(value), "str"):
            raise self._tag_refusal(event)
        return value

    def _plain(self, event: Any) -> Json:
        value: str = event.value
        if value in _CONSTANTS:
            return _CONSTANTS[value]
        if value[0] not in _FIRST_OF_NUMBER:
            return value
        if _INTEGER.fullmatch(value):
            return self._integer(event)
        if _FLOAT.fullmatch(value) or _NOT_FINITE.fullmatch(value):
            return self._float(event)
        return value

    def _float(self, event: Any) -> float:
        value: str = event.value
        number = math.nan if _NOT_FINITE.fullmatch(value) else float(value)
        if math.isfinite(number):
            return number
        raise self._refusal(
            f"the number {value} is not finite",
            f'Put it in quotes if it is text: "{value}".',
            event.start_mark,
        )

    def _integer(self, event: Any) -> int:
        try:
            return int(event.value, 0 if event.value[:2] in {"0x", "0o"} else 10)
        except ValueError as error:
            raise self._refusal(
                f"a whole number has {len(event.value):,} digits",
                "Put it in quotes if it is text.",
                event.start_mark,
            ) from error

    def _check_collection(self, event: Any, kind: str, depth: int) -> None:
        if event.anchor is not None:
            raise self._anchor_refusal(event)
        if event.tag not in {None, "!", _CORE + kind}:
            raise self._tag_refusal(event)
        if depth > MAX_DEPTH:
            raise self._refusal(
                f"the values nest deeper than {MAX_DEPTH} levels",
                "Flatten them.",
                event.start_mark,
            )

    def _anchor_refusal(self, event: Any) -> DeclarationError:
        return self._refusal(
            f"the anchor &{event.anchor} is not taken here",
            "Write the value out where it is used.",
            event.start_mark,
        )

    def _tag_refusal(self, event: Any) -> DeclarationError:
        tag = event.tag.replace(_CORE, "!!")
        return self._refusal(
            f"the tag {tag} does not fit here", "Leave the tag out.", event.start_mark
        )

    def parse_refusal(self, error: yaml.MarkedYAMLError) -> DeclarationError:
        """Return the parser's error as a refusal, with where the unfinished part began."""
        what = str(error.problem)
        if error.context and error.context_mark:
            what += f", {error.context} from line {self._first_line + error.context_mark.line}"
        return self._refusal(what, "Correct the YAML there.", error.problem_mark)

    def _refusal(self, what: str, hint: str, mark: Any) -> DeclarationError:
        return self._at(what, hint, mark.line, mark.column)

    def _at(self, what: str, hint: str, line: int, column: int) -> DeclarationError:
        return DeclarationError(
            f"{self._what} cannot be read at line {self._first_line + line}, "
            f"column {column + 1}: {what}",
            f"{hint} {_MEANT_AS_TEXT}" if self._what == FRONTMATTER else hint,
        )
