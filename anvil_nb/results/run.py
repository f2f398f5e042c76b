"""The result of a run: rows side by side, a column for each version of the prompt.

It owns how a run is shown and handed on; the running itself is `anvil_nb.runs`. What is compared
is what is shown: the answers when a function was called, the rendered prompts otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from anvil_nb.domain.digest import short
from anvil_nb.domain.visible import visible
from anvil_nb.errors import RefusedError
from anvil_nb.results import html
from anvil_nb.results.folding import Marker, cut, folded, named_values
from anvil_nb.results.foreign import as_json, as_text
from anvil_nb.results.result import Result
from anvil_nb.results.text import shorten, text_table
from anvil_nb.results.windows import windows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.prompt import Rendered

SHOWN_ROWS = 50
"""The most rows that are shown; ``rows``, ``df()`` and ``to_json()`` have them all."""

_PLACE = re.compile(r" at line \d+, column \d+")
"""Where in a template an error stands, as its message says it."""
_SHOWN_ERRORS = 5
_ERROR_CELLS = 300
_TEXT_CHARACTERS = 200
_INPUT_CELLS = 30
_TABLE_CELLS = 100
_AROUND = 4
"""The cells of a column that hold no text: the gap, and the mark of a difference."""


@dataclass(frozen=True, slots=True)
class Column:
    """A prompt that was run.

    Args:
        address: With the exact selector that was found.
        digest: Of the prompt's content.
        version_digest: Of the whole version; ``None`` for a draft.
        asked: The selector that it was asked for by, ``prod``; nothing where there was none.
    """

    address: str
    digest: str
    version_digest: str | None
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What came of one row and one prompt.

    Args:
        rendered: The prompt; ``None`` where it could not be rendered.
        output: What the function returned, as it is; ``None`` without a function.
        error: Why there is no prompt or no output; ``None`` when all went well.
        seconds: How long the call took.
    """

    rendered: Rendered | None
    output: object
    error: str | None
    seconds: float

    def to_json(self) -> dict[str, Json]:
        """Return all fields; an output that JSON cannot write as its text."""
        rendered = self.rendered
        messages: list[Json] = (
            [dict(one.to_json()) for one in rendered.messages] if rendered else []
        )
        return {
            "text": rendered.text if rendered else None,
            "messages": messages or None,
            "output": as_json(self.output),
            "error": self.error,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True)
class RunRow:
    """One row of the data, with a cell for each prompt.

    Args:
        number: From 1.
        inputs: All that the row holds, and the values given for every row.
        cells: In the order of the prompts.
    """

    number: int
    inputs: dict[str, object]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Run(Result):
    """What one or more versions of a prompt made of the same rows.

    Args:
        columns: The prompts, with the digests of what was run.
        rows: In the order of the data.
        called: Whether a function was called on the rendered prompts.
        notes: What deserves attention in the whole run: columns that no prompt takes.
    """

    columns: tuple[Column, ...]
    rows: tuple[RunRow, ...]
    called: bool
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Run {self.summary()}>"

    def __iter__(self) -> Iterator[RunRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def errors(self) -> int:
        """How many cells have an error."""
        return sum(cell.error is not None for row in self.rows for cell in row.cells)

    @property
    def different(self) -> int:
        """How many cells differ from the first one of their row."""
        return sum(self.differs(row, cell) for row in self.rows for cell in row.cells[1:])

    def df(self) -> Any:
        """Return the rows as a pandas data frame.

        It has a column for each input, then for each prompt one named by its address, with the
        outputs or else the rendered texts, and one named ``ADDRESS error``.

        Raises:
            RefusedError: when pandas is not installed.
        """
        try:
            # By its name: nothing else needs pandas, so it is no dependency.
            pandas = import_module("pandas")
        except ImportError as error:
            raise RefusedError(
                "a data frame needs pandas, which is not installed",
                "Try: pip install pandas   The rows themselves are in .rows",
            ) from error
        inputs = list(dict.fromkeys(name for row in self.rows for name in row.inputs))
        addresses = [column.address for column in self.columns]
        names = unique([*inputs, *(name for one in addresses for name in (one, f"{one} error"))])
        values = [
            [
                *(row.inputs.get(name) for name in inputs),
                *(value for cell in row.cells for value in (self._value(cell), cell.error)),
            ]
            for row in self.rows
        ]
        return pandas.DataFrame(values, columns=names)

    def to_text(self) -> str:
        """Return the rows as a table; ``≠`` marks what differs from the first version."""
        header = ("row", "inputs", *self.labels())
        rows = map(self._text_row, self.rows[:SHOWN_ROWS])
        table = text_table(header, rows, max_width=_TABLE_CELLS, numeric=[0])
        lines = [table, *self._left_out("; --json has them all"), "", self.summary()]
        lines += [f"note: {visible(note)}" for note in self.notes]
        lines += self._faults()
        return "\n".join([*lines, *("  ".join(fields) for fields in self._provenance())])

    def to_html(self) -> html.Html:
        """Return the rows side by side, with the words marked that differ."""
        header = ("row", "inputs", *self.labels())
        marker = Marker()
        rows = [self._html_row(row, marker) for row in self.rows[:SHOWN_ROWS]]
        title: html.Child = "Run"
        if self.errors:
            count = f"{self.errors:,} error{'s' * (self.errors > 1)}"
            title = html.join([title, html.badge(count, "bad")], " ")
        return html.section(
            title,
            html.table(header, rows, numeric=[0]),
            *map(html.muted, self._left_out("; .rows and .df() have them all")),
            html.muted(self.summary()),
            *(html.element("div", html.badge("note", "warn"), " ", note) for note in self.notes),
            html.table(("prompt", "digest", ""), self._provenance()),
        )

    def to_json(self) -> Json:
        """Return prompts and rows; the cells of a row are in the order of the prompts."""
        return {
            "columns": [
                {
                    "address": one.address,
                    "digest": one.digest,
                    "version_digest": one.version_digest,
                }
                for one in self.columns
            ],
            "rows": [
                {
                    "row": row.number,
                    "inputs": {name: as_json(value) for name, value in row.inputs.items()},
                    "cells": [cell.to_json() for cell in row.cells],
                }
                for row in self.rows
            ],
            "errors": self.errors,
            "notes": list(self.notes),
        }

    def _value(self, cell: Cell) -> object:
        """Return what is compared: the output, or the rendered prompt."""
        if self.called or cell.rendered is None:
            return cell.output
        return cell.rendered.text

    def shown(self, cell: Cell, indent: int | None = None) -> str:
        """Return what is compared of a cell as text: its error, its output, or its prompt."""
        if cell.error is not None:
            return f"error: {cell.error}"
        if self.called or cell.rendered is None:
            return as_text(cell.output, indent)
        return cell.rendered.to_text()

    def differs(self, row: RunRow, cell: Cell) -> bool:
        """Tell whether a cell shows something else than the first one of its row.

        Templates that fail for the same reason are alike, wherever in them that stands.
        """
        first = row.cells[0]
        if cell.error and first.error and cell.rendered is None and first.rendered is None:
            return _PLACE.sub("", cell.error) != _PLACE.sub("", first.error)
        return self.shown(cell) != self.shown(first)

    def labels(self) -> list[str]:
        """Return a title for each column: its selector, with the prompt where these differ.

        What was asked for by a label or a range is called so, beside what that was: ``@prod
        (1.0.0)``.
        """
        split = [column.address.rpartition("@") for column in self.columns]
        selectors = [short(at) if at.startswith("sha256:") else at for _, _, at in split]
        asked = [column.asked for column in self.columns]
        selectors = [
            f"{one} ({at})" if one and one != at and not one.startswith("sha256:") else at
            for one, at in zip(asked, selectors, strict=True)
        ]
        paths = [path for path, _, _ in split]
        if len(set(paths)) > 1:
            names = [path.rpartition("/")[2] for path in paths]
            paths = names if len(set(names)) == len(set(paths)) else paths
        else:
            paths = [""] * len(paths)
        return unique(f"{path}@{at}" for path, at in zip(paths, selectors, strict=True))

    def summary(self) -> str:
        """Return how much was run, what failed and what differs, in a line."""
        rows, versions = _count(len(self.rows), "row"), _count(len(self.columns), "version")
        parts = [f"{rows} × {versions}"]  # noqa: RUF001 - read as times
        parts.append(_count(self.errors, "error") if self.errors else "no errors")
        if len(self.columns) > 1:
            parts.append(f"{self.different:,} unlike {self.labels()[0]}")
        return ", ".join(parts)

    def _left_out(self, where: str) -> list[str]:
        rest = len(self.rows) - SHOWN_ROWS
        return [f"… {_count(rest, 'more row')} not shown{where}"] if rest > 0 else []

    def _faults(self) -> list[str]:
        """Return the errors in full, the most frequent first: the table has little room."""
        found = Counter(cell.error for row in self.rows for cell in row.cells if cell.error)
        lines = [
            f"error in {_count(count, 'cell')}: {shorten(visible(text), _ERROR_CELLS)}"
            for text, count in found.most_common(_SHOWN_ERRORS)
        ]
        rest = len(found) - len(lines)
        return [*lines, f"… {_count(rest, 'other error')}"] if rest else lines

    def _provenance(self) -> list[tuple[str, str, str]]:
        return [
            (
                column.address,
                short(column.digest),
                f"in {short(column.version_digest)}" if column.version_digest else "in the draft",
            )
            for column in self.columns
        ]

    def _text_row(self, row: RunRow) -> list[str]:
        inputs = ", ".join(
            f"{name}={shorten(as_text(value)[:_TEXT_CHARACTERS], _INPUT_CELLS)}"
            for name, value in row.inputs.items()
        )
        cells = [
            ("≠ " if self.differs(row, cell) else "") + shown[:_TEXT_CHARACTERS]
            for cell, shown in zip(row.cells, self._in_sight(row), strict=True)
        ]
        return [str(row.number), inputs, *cells]

    def _in_sight(self, row: RunRow) -> list[str]:
        """Return what is shown of each cell in the room that a column has; errors as they are."""
        shown = [self.shown(cell) for cell in row.cells]
        sound = [at for at, cell in enumerate(row.cells) if cell.error is None]
        room = _TABLE_CELLS // (len(row.cells) + 1) - _AROUND
        for at, text in zip(sound, windows([shown[at] for at in sound], room), strict=True):
            shown[at] = text
        return shown

    def _html_row(self, row: RunRow, marker: Marker) -> list[html.Child]:
        cells = [self._html_cell(row, cell, marker) for cell in row.cells]
        return [str(row.number), named_values(row.inputs), *cells]

    def _html_cell(self, row: RunRow, cell: Cell, marker: Marker) -> html.Html:
        text, first = self.shown(cell, indent=2), row.cells[0]
        differs = self.differs(row, cell)
        parts: list[html.Child] = [html.badge("≠", "warn"), " "] if differs else []
        if cell.error is not None:
            parts += [html.badge("error", "bad"), " ", folded(cell.error)]
        elif differs and first.error is None:
            parts.append(marker.compared(self.shown(first, indent=2), text))
        else:
            parts.append(folded(text))
        if self.called and cell.rendered is not None:
            prompt = html.code_block(cut(cell.rendered.to_text()))
            parts.append(html.details(f"prompt, {cell.seconds:.1f} s", prompt))
        return html.join(parts)


def unique(names: Iterable[str]) -> list[str]:
    """Return the names, with ``(2)`` and so on after those that were there before."""
    made: dict[str, None] = {}
    for name in names:
        own, at = name, 1
        while own in made:
            at += 1
            own = f"{name} ({at})"
        made[own] = None
    return list(made)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
