"""JSON with comments, and where in the text each value stands, so that one can be put into it.

Comments (``//`` and ``/* */``) and a comma after the last member are read where a client's own
reader takes them (JSONC, as VS Code writes it); without leave for them it is JSON by RFC 8259.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from anvil_nb.errors import SourceError

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

_DEEPEST: Final = 100
_BLANK = re.compile(r"[ \t\r\n]+")
_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_SCALAR = re.compile(r'["\-0-9tfn]')


@dataclass(frozen=True, slots=True)
class Placed:
    """A value, and where it stands.

    Args:
        value: What it is.
        start: Where it begins, in characters from the beginning of the text.
        end: Where it has ended.
        members: Of an object, by key.
        items: Of a list.
        first: Where the first key or item begins; ``None`` where there is none, or of a scalar.
        last: Where the last value has ended; the same.
        comma: Whether a comma follows the last value.
    """

    value: Json
    start: int
    end: int
    members: dict[str, Placed] = field(default_factory=dict)
    items: tuple[Placed, ...] = ()
    first: int | None = None
    last: int | None = None
    comma: bool = False


def parse_commented(text: str, place: str, *, comments: bool) -> Placed:
    """Return the one value that a text is.

    Args:
        text: All of it.
        place: Where it stands, for messages.
        comments: Whether comments and commas at the end are taken.

    Raises:
        SourceError: for what is not JSON, with line and column, and for a key that an object has
            twice.
    """
    reader = _Reader(text, place, comments)
    at = reader.skip(0)
    found = reader.value(at, 0)
    if (end := reader.skip(found.end)) != len(text):
        reader.refuse(end, "there is more after its end")
    return found


class _Reader:
    def __init__(self, text: str, place: str, comments: bool) -> None:  # noqa: FBT001 - private
        self.text = text
        self.place = place
        self.comments = comments
        self._decoder = json.JSONDecoder(parse_constant=self._constant)

    def skip(self, at: int) -> int:
        """Return where what is neither blank nor comment begins."""
        while True:
            if found := _BLANK.match(self.text, at):
                at = found.end()
            elif found := _COMMENT.match(self.text, at):
                if not self.comments:
                    self.refuse(at, "its reader takes no comments")
                at = found.end()
            else:
                return at

    def value(self, at: int, depth: int) -> Placed:
        """Return the value that begins at a place."""
        if depth > _DEEPEST:
            self.refuse(at, "it nests too deep")
        match self.text[at : at + 1]:
            case "{":
                return self._object(at, depth)
            case "[":
                return self._list(at, depth)
        if not _SCALAR.match(self.text, at):
            self.refuse(at, "a value is missing")
        try:
            value, end = self._decoder.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            self.refuse(error.pos, error.msg)
        except ValueError as error:
            self.refuse(at, str(error))
        return Placed(value, at, end)

    def _object(self, start: int, depth: int) -> Placed:
        members: dict[str, Placed] = {}
        first = last = None
        at, comma = self.skip(start + 1), False
        while self.text[at : at + 1] != "}":
            if members and not comma:
                self.refuse(at, "a comma or } is missing")
            key = self.value(at, depth + 1)
            if not isinstance(key.value, str):
                self.refuse(at, "a key is a text in double quotes")
            if key.value in members:
                self.refuse(at, f"an object has the key {key.value!r} twice")
            colon = self.skip(key.end)
            if self.text[colon : colon + 1] != ":":
                self.refuse(colon, "a colon is missing")
            found = members[key.value] = self.value(self.skip(colon + 1), depth + 1)
            first, last = key.start if first is None else first, found.end
            at, comma = self._next(found.end, "}")
        value: dict[str, Json] = {key: one.value for key, one in members.items()}
        return Placed(value, start, at + 1, members, (), first, last, comma)

    def _list(self, start: int, depth: int) -> Placed:
        items: list[Placed] = []
        at, comma = self.skip(start + 1), False
        while self.text[at : at + 1] != "]":
            if items and not comma:
                self.refuse(at, "a comma or ] is missing")
            items.append(self.value(at, depth + 1))
            at, comma = self._next(items[-1].end, "]")
        first, last = (items[0].start, items[-1].end) if items else (None, None)
        value: list[Json] = [one.value for one in items]
        return Placed(value, start, at + 1, {}, tuple(items), first, last, comma)

    def _next(self, at: int, closing: str) -> tuple[int, bool]:
        """Return where the next member begins, or the end, and whether a comma stands before."""
        at = self.skip(at)
        if self.text[at : at + 1] != ",":
            return at, False
        after = self.skip(at + 1)
        if self.text[after : after + 1] == closing and not self.comments:
            self.refuse(at, "its reader takes no comma after the last one")
        return after, True

    def refuse(self, at: int, why: str) -> NoReturn:
        before = self.text[:at]
        line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
        msg = f"{self.place} is not JSON at line {line}, column {column}: {why}"
        raise SourceError(msg, "Correct it there; it was left as it is.")

    @staticmethod
    def _constant(name: str) -> NoReturn:
        msg = f"{name} is no number in JSON"
        raise ValueError(msg)
