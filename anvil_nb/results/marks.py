"""A text as it differs from another, in one: the words that it has more, and those it lacks.

It owns the inline form of a comparison, for where the other text stands beside it already; the
form by lines, with their numbers, is `anvil_nb.results.html.diff_block`.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from anvil_nb.domain.textdiff import compare_text
from anvil_nb.results.markup import Html, element, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anvil_nb.domain.textdiff import Kind, Line

Piece: TypeAlias = "tuple[Kind, str]"
"""Some text, and whether it stands in both texts, only in the old one or only in the new one."""


def marked_text(old: str, new: str) -> Html:
    """Return ``new`` with its own words in ``<ins>``, and those of ``old`` it lacks in ``<del>``.

    There are no styles: browsers underline and strike through, on any page and in any theme.
    """
    tags: dict[Kind, str] = {"removed": "del", "added": "ins"}
    return join(
        element(tags[kind], text) if kind in tags else text for kind, text in pieces(old, new)
    )


def pieces(old: str, new: str) -> list[Piece]:
    """Return two texts as one.

    Without the added pieces it is ``old``, without the removed ones ``new``. Neighbours are of
    different kinds.
    """
    return [
        (kind, "".join(text for _, text in run))
        for kind, run in groupby(_loose(compare_text(old, new).lines), key=lambda piece: piece[0])
    ]


def _loose(lines: Sequence[Line]) -> Iterator[Piece]:
    for equal, run in groupby(lines, key=lambda line: line.kind == "equal"):
        if equal:
            yield from (("equal", line.text) for line in run)
        else:
            block = [*run]
            yield from _replaced(
                [line for line in block if line.kind == "removed"],
                [line for line in block if line.kind == "added"],
            )


def _replaced(removed: Sequence[Line], added: Sequence[Line]) -> Iterator[Piece]:
    """Yield lines that replace others: a line with its counterpart as one, the rest whole."""
    places: dict[str, list[int]] = {}
    for at, line in enumerate(removed):
        places.setdefault(_kept(line), []).append(at)
    i = j = 0
    for at, line in enumerate(added):
        # What two counterparts have in common is the same text, and counterparts are in order.
        same = _kept(line)
        candidates = places.get(same, [])
        first = bisect_left(candidates, i)
        if same and first < len(candidates):
            partner = candidates[first]
            yield from (("removed", one.text) for one in removed[i:partner])
            yield from (("added", one.text) for one in added[j:at])
            yield from _merged(removed[partner], line)
            i, j = partner + 1, at + 1
    yield from (("removed", one.text) for one in removed[i:])
    yield from (("added", one.text) for one in added[j:])


def _merged(old: Line, new: Line) -> Iterator[Piece]:
    same, start = _kept(old), 0
    removed, added = _changes(old), _changes(new)
    for end in sorted({*removed, *added}):
        if start < end:
            yield "equal", same[start:end]
        if end in removed:
            yield "removed", removed[end]
        if end in added:
            yield "added", added[end]
        start = end
    if same[start:]:
        yield "equal", same[start:]


def _kept(line: Line) -> str:
    return "".join(span.text for span in line.spans if not span.changed)


def _changes(line: Line) -> dict[int, str]:
    """Return what is marked in a line, by its place in what is not."""
    found: dict[int, str] = {}
    at = 0
    for span in line.spans:
        if span.changed:
            found[at] = span.text
        else:
            at += len(span.text)
    return found
