"""The part of each text that is worth showing where there is room for a line only.

Texts that stand side by side often begin and end alike. What all of them end with is a line
feed, which says nothing; where one differs from the first, what they begin with says nothing
either, and is left out as far as it would push the difference out of sight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.results.text import ELLIPSIS, width

if TYPE_CHECKING:
    from collections.abc import Sequence

_ENDS = ("\r\n", "\n")


def windows(texts: Sequence[str], room: int) -> list[str]:
    """Return the part of each text to show, beginning with ``…`` where its start is left out.

    The first text, and those that are like it, are shown from where the first difference is in
    sight; each other text from where its own is.

    Args:
        texts: In the order of their columns.
        room: How many cells of a terminal each has.
    """
    if not texts:
        return []
    texts = _without_common_end(texts)
    places = [differs_at(texts[0], text) for text in texts]
    first = min((at for at in places if at is not None), default=None)
    return [
        _from(text, first if at is None else at, room)
        for text, at in zip(texts, places, strict=True)
    ]


def differs_at(one: str, other: str) -> int | None:
    """Return the index of the first character in which two texts differ; ``None`` when equal."""
    if one == other:
        return None
    same, least = 0, min(len(one), len(other)) + 1
    while least - same > 1:
        middle = (same + least) // 2
        if one[same:middle] == other[same:middle]:
            same = middle
        else:
            least = middle
    return same


def _without_common_end(texts: Sequence[str]) -> Sequence[str]:
    for end in _ENDS:
        if all(text.endswith(end) for text in texts):
            return [text.removesuffix(end) for text in texts]
    return texts


def _from(text: str, at: int | None, room: int) -> str:
    """Return ``text`` from a few words before index ``at`` on, unless that is in sight anyway."""
    # A difference near the right edge would be seen, and not be understood.
    if at is None or (at < room and width(text[:at]) < room * 2 // 3):
        return text
    start = at
    while start and width(text[start - 1 : at]) <= room // 3:
        start -= 1
    word = next((i for i in range(start, at) if text[i - 1].isspace()), start)
    return ELLIPSIS + text[word:]
