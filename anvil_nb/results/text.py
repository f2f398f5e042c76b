"""Results in plain text: aligned tables and indented blocks, for terminals and agents.

It owns the layout only. Columns are counted in the cells of a terminal (Unicode Standard Annex
11): a wide character takes two, a combining mark or joiner none.
"""

from __future__ import annotations

import json
import unicodedata
from itertools import zip_longest
from typing import TYPE_CHECKING

from anvil_nb.domain.visible import visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from anvil_nb.domain.digest import Json

GAP = "  "
ELLIPSIS = "…"

LEAST = 30
"""The cells that a column keeps beside columns that are never cut, where the table is too wide."""

_NO_WIDTH = {"Mn", "Me", "Cf"}


def width(text: str) -> int:
    """Return how many cells of a terminal ``text`` takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def shorten(text: str, cells: int) -> str:
    """Return ``text``, cut and ended with ``…`` where it takes more than ``cells`` cells."""
    used = end = 0
    for at, character in enumerate(text, 1):
        used += _cells(character)
        if used > cells:
            return text[:end] + ELLIPSIS
        if used < cells:  # one cell stays free for the ellipsis
            end = at
    return text


def text_table(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    max_width: int = 100,
    numeric: Collection[int] = (),
    whole: Collection[int] = (),
) -> str:
    """Return a table with aligned columns, a line for each row, without a last line feed.

    Hidden characters in cells are written out, line feeds and tabs too, so that a row is one
    line whatever it holds. Where the table is too wide, the widest columns give way first.

    Args:
        header: The titles of the columns.
        rows: The cells; a row may be shorter than the header, its other cells are empty.
        max_width: The cells of the terminal to stay within. Kept unless there is not even one
            for each column.
        numeric: The columns, counted from 0, that are set flush right.
        whole: The columns that are never cut, because people copy what stands in them; a table
            that has them may be wider than ``max_width``.
    """
    lines = [
        [_line(cell, None if at in whole else max_width) for at, cell in enumerate(row)]
        for row in (header, *rows)
    ]
    natural = [max(map(width, column)) for column in zip_longest(*lines, fillvalue="")]
    widths = _beside(natural, max_width - len(GAP) * (len(natural) - 1), whole)
    title, *body = (_row(line, widths, numeric) for line in lines)
    rule = _row(["─" * room for room in widths], widths, ())
    return "\n".join([title, rule, *body])


def _row(line: Sequence[str], widths: Sequence[int], numeric: Collection[int]) -> str:
    cells = [
        _padded(cell, room, flush_right=at in numeric)
        for at, (cell, room) in enumerate(zip(line, widths, strict=False))
    ]
    return GAP.join(cells).rstrip(" ")


def _line(cell: str, cells: int | None) -> str:
    text = visible(cell, keep="")
    return text if cells is None else shorten(text, cells)


def _beside(widths: list[int], room: int, whole: Collection[int]) -> list[int]:
    """Cut the columns that are not ``whole`` so that all fit, if not by too much."""
    others = [at for at in range(len(widths)) if at not in whole]
    left = room - sum(width for at, width in enumerate(widths) if at in whole)
    if whole:
        left = max(left, sum(min(widths[at], LEAST) for at in others))
    fitted = dict(zip(others, _fitted([widths[at] for at in others], left), strict=True))
    return [fitted.get(at, width) for at, width in enumerate(widths)]


def _fitted(widths: list[int], room: int) -> list[int]:
    """Cut the widest columns to one width, the largest with which all of them fit."""
    if sum(widths) <= room:
        return widths
    limit = max(
        (
            cut
            for cut in range(1, max(widths))
            if sum(min(cut, natural) for natural in widths) <= room
        ),
        default=1,
    )
    fitted = [min(limit, natural) for natural in widths]
    # What is left over is less than one for each cut column: the first ones get it.
    for at, natural in enumerate(widths):
        if sum(fitted) < room and fitted[at] < natural:
            fitted[at] += 1
    return fitted


def _padded(cell: str, room: int, *, flush_right: bool) -> str:
    shown = shorten(cell, room)
    padding = " " * (room - width(shown))
    return padding + shown if flush_right else shown + padding


def json_text(value: Json) -> str:
    """Return ``value`` as JSON on one line, letters beyond ASCII as they are."""
    return json.dumps(value, ensure_ascii=False)


def indent(text: str, prefix: str) -> str:
    """Return ``text`` with ``prefix`` before each line; empty lines get no white space at the end.

    Lines end at a line feed and nowhere else.
    """
    return "\n".join(prefix + line if line else prefix.rstrip() for line in text.split("\n"))
