"""Three-way suggestions: what two changes of one text give together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anvil_nb.results.exchange import PromptSides

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anvil_nb.domain.prompt import Content

_MARKER = re.compile(r"(<{7}|>{7}) ")
_MOST_LINES = 20_000
"""Texts with more lines than this get no suggestion: it would take seconds."""


def prompt_sides(
    base: Mapping[str, Content] | None,
    ours: Mapping[str, Content],
    theirs: Mapping[str, Content],
    went_on: Callable[[], None] = lambda: None,
) -> tuple[PromptSides, ...]:
    """Return the prompts in which ours and theirs differ, with a suggestion where there is a base.

    Args:
        base: Contents by name that both sides had; ``None`` where that is not known.
        ours: Contents by name.
        theirs: Contents by name.
        went_on: Is called before each; what it raises ends the work.
    """
    found = []
    for name in sorted(ours.keys() | theirs.keys()):
        went_on()
        one, other = ours.get(name), theirs.get(name)
        if one is None or other is None or one.digest != other.digest:
            before = None if base is None else base.get(name)
            found.append(_sides(name, before, one, other))
    return tuple(found)


def _sides(
    name: str, base: Content | None, ours: Content | None, theirs: Content | None
) -> PromptSides:
    texts = [None if one is None else one.template for one in (base, ours, theirs)]
    before, one, other = texts
    suggestion, clean = None, False
    if before is not None and one is not None and other is not None:
        suggestion, clean = merged(before, one, other)
    syntax = next(side.syntax for side in (theirs, ours) if side is not None)
    return PromptSides(name, before, one, other, suggestion, clean, syntax)


def first_marker(text: str) -> int | None:
    """Return the line, counted from 1, of the first marker that a merge left; none where ``None``.

    Only the marks of both ends are one: a line of equals signs underlines a title, too.
    """
    lines = text.splitlines()
    found = (at for at, line in enumerate(lines, 1) if _MARKER.match(line))
    return next(found, None)


def merged(base: str, ours: str, theirs: str) -> tuple[str | None, bool]:
    """Return the merge of two changes of ``base``, and whether they touch different lines.

    Lines that both changed stand one below the other, between the markers that Git uses too.
    """
    from merge3 import Merge3  # noqa: PLC0415 - only where there is a conflict

    sides = [text.splitlines(keepends=True) for text in (base, ours, theirs)]
    if sum(map(len, sides)) > _MOST_LINES:
        return None, False
    before, one, other = sides
    merge = Merge3(before, one, other)
    clean = all(group[0] != "conflict" for group in merge.merge_groups())
    text = "".join(merge.merge_lines(name_a="ours", name_b="theirs"))
    return text, clean
