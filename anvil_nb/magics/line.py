"""Splitting the line of a magic into words.

Words end at white space. Quotes keep white space in a word and are dropped, as in a terminal:
``'desk/emails@>=1 <2'``, ``-m "first version"``. A backslash stands for itself, but before a
quote or a backslash inside double quotes.

What follows an option that takes Python or JSON (``--var``, ``--data``, …) is kept as it is,
quotes and all, and goes on to the first white space outside brackets and quotes:
``--var rows=[1, 2]``, ``--var name="Ada Lovelace"``, ``--with (lambda r: r.text)``. If all of it
is in quotes, as in ``--var 'name=[1, 2]'``, these are dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection

_QUOTED = re.compile(
    r"""'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""",
    re.DOTALL,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_NAMED = re.compile(r"[\w-]+\??(?::\w*)?=")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line.

    Args:
        text: What it says.
        start, end: Where it stands in the line.
        fault: Why it does not end as it should; ``None`` when it does.
    """

    text: str
    start: int
    end: int
    fault: str | None = None


def split(line: str, written: Collection[str]) -> list[str]:
    """Return the words of ``line``.

    Args:
        line: What stands behind the magic's name.
        written: The options whose values are kept as they are.

    Raises:
        InvalidInputError: for a quote or a bracket that is not closed, and for a lambda that is cut
            off at its first blank.
    """
    words = scan(line, written)
    for option, word in pairwise(words):
        if option.text in written and word.text.rpartition("=")[2] == "lambda":
            msg = f"a value ends at a blank outside brackets, which cuts {option.text} lambda off"
            raise InvalidInputError(msg, f"Write: {option.text} (lambda prompt: prompt.text)")
    for word in words:
        if word.fault is not None:
            msg = f"{word.fault} in {line[word.start :].strip()}"
            raise InvalidInputError(msg, "Close it, or put quotes around the whole word.")
    return [word.text for word in words]


def scan(line: str, written: Collection[str]) -> list[Word]:
    """Return the words of ``line`` with their places; what is not closed goes to the end."""
    words: list[Word] = []
    at = 0
    while (at := _after_blanks(line, at)) < len(line):
        option = _glued(line, at, written)
        if option is not None:  # --var=name=expression
            word = _kept(line, at + len(option) + 1)
            word = Word(f"{option}={word.text}", at, word.end, word.fault)
        elif words and words[-1].text in written:
            word = _kept(line, at)
        else:
            word = _unquoted(line, at)
        words.append(word)
        at = word.end
    return words


def _after_blanks(line: str, at: int) -> int:
    while at < len(line) and line[at].isspace():
        at += 1
    return at


def _glued(line: str, at: int, written: Collection[str]) -> str | None:
    return next((one for one in written if line.startswith(f"{one}=", at)), None)


def _unquoted(line: str, start: int) -> Word:
    """Read a word as a terminal would."""
    text, at, quote = "", start, ""
    while at < len(line):
        here = line[at]
        if quote:
            if here == quote:
                quote = ""
            elif quote == '"' and here == "\\" and line[at + 1 : at + 2] in ('"', "\\"):
                at += 1
                text += line[at]
            else:
                text += here
        elif here in "'\"":
            quote = here
        elif here.isspace():
            break
        else:
            text += here
        at += 1
    return Word(text, start, at, f"the quote {quote} is not closed" if quote else None)


def _kept(line: str, start: int) -> Word:
    """Read a word as Python would see it end."""
    whole = _QUOTED.match(line, start)
    if whole and _NAMED.match(whole[0][1:]) and not line[whole.end() : whole.end() + 1].strip():
        return Word(whole[0][1:-1], start, whole.end())
    open_brackets: list[str] = []
    at = start
    while at < len(line):
        here = line[at]
        if here in "'\"":
            quoted = _QUOTED.match(line, at)
            if quoted is None:
                return Word(line[start:], start, len(line), f"the quote {here} is not closed")
            at = quoted.end()
            continue
        if here in _CLOSING:
            open_brackets.append(_CLOSING[here])
        elif open_brackets and here == open_brackets[-1]:
            open_brackets.pop()
        elif here.isspace() and not open_brackets:
            break
        at += 1
    fault = f"'{open_brackets[-1]}' is missing" if open_brackets else None
    return Word(line[start:at], start, at, fault)
