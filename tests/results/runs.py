"""Runs to show, made by hand, and how to read what is shown of them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from anvil_nb.results.prompt import Rendered
from anvil_nb.results.run import Cell, Column, Run, RunRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.domain.template import Message

PATH = "desk/emails/welcome"
DIGEST = "sha256:" + "0123456789abcdef" * 4
VERSION = "sha256:" + "fedcba9876543210" * 4
NO_NAME = "no value for the required parameter 'customer'"


def rendered(text: str, *messages: Message) -> Rendered:
    return Rendered(text, messages, f"{PATH}@1.0.0", DIGEST)


def cell(text: str) -> Cell:
    return Cell(rendered(text), None, None, 0.0)


def answer(output: object, seconds: float = 0.25) -> Cell:
    return Cell(rendered("the prompt"), output, None, seconds)


def error(message: str) -> Cell:
    return Cell(None, None, message, 0.0)


def columns(*selectors: str, path: str = PATH) -> tuple[Column, ...]:
    return tuple(
        Column(f"{path}@{one}", DIGEST, None if one == "draft" else VERSION) for one in selectors
    )


def a_run(
    *rows: Sequence[Cell],
    inputs: dict[str, Any] | None = None,
    among: tuple[Column, ...] = (),
    called: bool = False,
) -> Run:
    return Run(
        among or columns(*("1.0.0", "draft", "latest")[: len(rows[0])]),
        tuple(
            RunRow(number, {"customer": "Ada"} if inputs is None else inputs, tuple(cells))
            for number, cells in enumerate(rows, 1)
        ),
        called=called,
    )


class Page(HTMLParser):
    """The tables of some HTML: the text of each cell, with marks as ``[-…-]`` and ``{+…+}``."""

    MARKS = {"del": ("[-", "-]"), "ins": ("{+", "+}"), "summary": ("<", ">")}  # noqa: RUF012 - a constant

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self._inside = 0
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self._inside += 1
            self.rows[-1].append("")
        self._mark(tag, 0)

    def handle_endtag(self, tag: str) -> None:
        self._mark(tag, 1)
        self._inside -= tag in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data

    def _mark(self, tag: str, end: int) -> None:
        if self._inside and tag in self.MARKS:
            self.rows[-1][-1] += self.MARKS[tag][end]


def html_rows(run: Run) -> list[list[str]]:
    return [row for row in Page(run.to_html()).rows if row[0].isdigit()]
