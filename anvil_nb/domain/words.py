"""Words within lines: where they begin, which lines are alike, what differs between two.

A word is a run of letters, digits and underscores with the marks that belong to them; a run of
white space; one Chinese, Japanese or Korean character, which are written without spaces or say
much in one; or any other character by itself. An emoji made of several code points is one word.
A carriage return and a line feed are words of their own, apart from white space before them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

from anvil_nb.domain.matching import Work, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from difflib import Match

Piece: TypeAlias = tuple[str, bool]
"""Some text, and whether the other line lacks it."""

MARKED_LINES = 4_000
"""A block of more lines, on either side, has no lines paired."""

MARKED_CHARACTERS = 20_000
"""A line of more characters is not paired with any."""

_ALIKE = 0.4
"""The share of words in common, of all words of both, from which lines are paired."""

_PAIR_COST = 8
"""Steps of `Work` that weighing one pair of lines is counted as, words apart."""

_BLANK = frozenset({" "})
_IDEOGRAPHS = (
    "\u1100-\u11ff\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u3100-\u318f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_TOKEN = re.compile(
    rf"\n|\r|[^\S\r\n]+|[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+|[\U0001f1e6-\U0001f1ff]{{2}}|.",
    re.DOTALL,
)
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
_JOINER = "\u200d"
_JOINERS = "\u200c\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def words(line: str) -> list[str]:
    """Split a line into its words; joined, they are the line."""
    found: list[str] = _TOKEN.findall(line)
    clinging = {character for character in set(line) if _clings(character)}
    if not clinging:
        return found
    whole: list[list[str]] = []
    for part in found:
        if whole and _belongs(whole[-1], part, clinging):
            whole[-1].append(part)
        else:
            whole.append([part])
    return ["".join(parts) for parts in whole]


def _clings(character: str) -> bool:
    """Whether the character is part of what stands before it."""
    return not character.isascii() and (
        unicodedata.category(character).startswith("M")
        or character in _JOINERS
        or ord(character) in _SKIN_TONES
    )


def _belongs(word: list[str], part: str, clinging: set[str]) -> bool:
    """Whether ``part`` goes on with the word: as a mark on it, or after a mark within it."""
    first, last = word[0], word[-1]
    if first.isspace() or part.isspace():
        return False
    if part in clinging or last == _JOINER:
        return True
    return (
        last in clinging
        and first[0].isalnum()
        and part[0].isalnum()
        and not _IDEOGRAPH.match(first)
        and not _IDEOGRAPH.match(part)
    )


def paired(before: Sequence[str], after: Sequence[str], work: Work) -> list[tuple[int, int]]:
    """Pair lines that are alike, in order on both sides, so that the likeness is greatest.

    When weighing every pair costs more than there is left, lines are paired by their place.

    Args:
        before: The lines that were replaced.
        after: The lines that replaced them.
        work: What it may cost.
    """
    if not before or not after or max(len(before), len(after)) > MARKED_LINES:
        return []
    old, new = [_vocabulary(line) for line in before], [_vocabulary(line) for line in after]
    if work.take(len(new) * sum(_PAIR_COST + len(line) // 4 for line in old)):
        return _best_pairs(old, new)
    return [
        (at, at)
        for at, (x, y) in enumerate(zip(old, new, strict=False))
        if _likeness(x, y) >= _ALIKE
    ]


def _vocabulary(line: str) -> frozenset[str]:
    """The different words of a line, white space left out unless there is nothing else."""
    if len(line) > MARKED_CHARACTERS:
        return frozenset()
    return frozenset(word for word in set(words(line)) if not word.isspace()) or _BLANK


def _likeness(x: frozenset[str], y: frozenset[str]) -> float:
    """The coefficient of Sørensen and Dice: from 0, nothing in common, to 1."""
    return 2 * len(x & y) / (len(x) + len(y)) if x and y else 0.0


def _best_pairs(
    old: Sequence[frozenset[str]], new: Sequence[frozenset[str]]
) -> list[tuple[int, int]]:
    """The longest common subsequence, weighed by likeness."""
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, x in enumerate(old):
        above, row = best[i], best[i + 1]
        for j, y in enumerate(new):
            row[j + 1] = max(row[j], above[j + 1])
            likeness = _likeness(x, y)
            if likeness >= _ALIKE:
                row[j + 1] = max(row[j + 1], above[j] + likeness)
    pairs: list[tuple[int, int]] = []
    i, j = len(old), len(new)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


def marked(before: str, after: str, work: Work) -> tuple[list[Piece], list[Piece]]:
    """Return both lines in pieces, with the words marked that the other one lacks.

    White space between two marked words is marked with them, so that a replaced phrase reads as
    one.
    """
    old, new = words(before), words(after)
    blocks = [
        block for block in matches(old, new, work, str.isspace) if not _only_parts(block, old, new)
    ]
    return (
        _pieces(old, ((block.a, block.a + block.size) for block in blocks)),
        _pieces(new, ((block.b, block.b + block.size) for block in blocks)),
    )


def _only_parts(block: Match, old: list[str], new: list[str]) -> bool:
    """Whether the block is nothing but white space, with changes on both sides of it."""
    if not block.a and not block.b:
        return False
    if block.a + block.size == len(old) and block.b + block.size == len(new):
        return False
    return all(word.isspace() for word in old[block.a : block.a + block.size])


def _pieces(line: list[str], kept: Iterable[tuple[int, int]]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for start, end in kept:
        if at < start:
            pieces.append(("".join(line[at:start]), True))
        if start < end:
            same = "".join(line[start:end])
            if pieces and not pieces[-1][1]:
                same = pieces.pop()[0] + same
            pieces.append((same, False))
        at = end
    return pieces
