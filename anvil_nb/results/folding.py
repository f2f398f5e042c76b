"""Texts in a notebook that may be long: folded, so that the reader opens what is of interest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.results import html
from anvil_nb.results.foreign import as_text
from anvil_nb.results.marks import marked_text
from anvil_nb.results.text import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN_CHARACTERS = 100_000
"""The most that is shown of one text; a notebook keeps what it shows."""

MARKED_PRODUCT = 2_000_000_000
"""How much is compared in one display, as the lengths of two texts multiplied: a second or two."""

_LONG_CHARACTERS = 1_000
_LONG_LINES = 15
_LONG_INPUT = 200
_SUMMARY_CELLS = 80


def folded(text: str, content: html.Html | None = None) -> html.Html:
    """Return a text as a block, closed where it is long.

    Args:
        text: What to show.
        content: The same with marks, to be shown in its place.
    """
    block = html.code_block(cut(text) if content is None else content)
    if len(text) <= _LONG_CHARACTERS and text.count("\n") < _LONG_LINES:
        return block
    return html.details(_summary(text), block)


class Marker:
    """Marks differences for as long as comparing does not take too long."""

    def __init__(self) -> None:
        self._left = MARKED_PRODUCT

    def compared(self, first: str, text: str) -> html.Html:
        """Return a text as a block, with what differs from the first one marked."""
        product = len(first) * len(text)
        if product > self._left or max(len(first), len(text)) > SHOWN_CHARACTERS:
            return folded(text)
        self._left -= product
        return folded(text, marked_text(first, text))


def named_values(values: Mapping[str, object]) -> html.Html:
    """Return values under their names."""
    return html.join(
        html.element("div", html.muted(f"{name}: "), _short_or_folded(as_text(value)))
        for name, value in values.items()
    )


def cut(text: str) -> str:
    """Return what is shown of a text."""
    rest = len(text) - SHOWN_CHARACTERS
    return text if rest <= 0 else f"{text[:SHOWN_CHARACTERS]}\n… {rest:,} more characters"


def _short_or_folded(text: str) -> html.Child:
    if len(text) <= _LONG_INPUT:
        return text
    return html.details(_summary(text), html.code_block(cut(text)))


def _summary(text: str) -> str:
    return shorten(" ".join(text[:_LONG_CHARACTERS].split()), _SUMMARY_CELLS)
