"""What two sequences have in common, found by difflib at a bounded cost.

`difflib.SequenceMatcher` takes cubic time on input made for it: many equal elements, each of
which could match many others. Its own remedy, ``autojunk``, ignores frequent elements without
being asked and bounds nothing. Here every search is paid for before it is made, out of `Work`
that the caller gives; one that cannot be paid finds nothing, which makes the result coarser and
never wrong.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    _Row: TypeAlias = tuple[int, int, "_Row | None"]


class Work:
    """An allowance of steps, spent by everything that shares it.

    Args:
        steps: How many there are; one is a comparison of two elements, roughly.
    """

    __slots__ = ("left",)

    def __init__(self, steps: int) -> None:
        self.left = steps

    def take(self, steps: int) -> bool:
        """Spend ``steps`` if that many are left; tell whether they were."""
        if steps > self.left:
            return False
        self.left -= steps
        return True


class _PaidMatcher(SequenceMatcher[str]):
    """A matcher whose every search is paid for."""

    b2j: dict[str, list[int]]  # where in b each element stands; documented since Python 3.2

    def __init__(
        self,
        a: Sequence[str],
        b: Sequence[str],
        work: Work,
        is_junk: Callable[[str], bool] | None,
    ) -> None:
        super().__init__(is_junk, a, b, autojunk=False)
        self._work = work
        # A search looks at every place in b of every element of a: here as a running sum.
        self._cost = list(accumulate((1 + len(self.b2j.get(x, ())) for x in a), initial=0))

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Find the longest match as difflib does, or none when that cannot be paid."""
        end = len(self._cost) - 1 if ahi is None else ahi
        if not self._work.take(self._cost[end] - self._cost[alo]):
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


def matches(
    a: Sequence[str],
    b: Sequence[str],
    work: Work,
    is_junk: Callable[[str], bool] | None = None,
) -> list[Match]:
    """Return the blocks that ``a`` and ``b`` share, in order; the last is empty and at the end.

    Equal elements at either end are taken without search.

    Args:
        a: The one sequence.
        b: The other.
        work: What the search may cost; what it costs is taken from it.
        is_junk: Elements that match only beside others that do.
    """
    found = _between(a, b, (0, 0), work, is_junk)
    return [*_joined(found), Match(len(a), len(b), 0)]


def anchored_matches(a: Sequence[str], b: Sequence[str], work: Work) -> list[Match]:
    """Return what `matches` does, holding on first to elements that stand once on each side.

    These are aligned in linear time, as Bram Cohen's patience diff does, and only what lies
    between them is searched: a long text with many small changes costs little more than one
    without.

    Args:
        a: The one sequence.
        b: The other.
        work: What the searches may cost.
    """
    head, tail = _ends(a, b)
    found = [Match(0, 0, head)]
    i = j = head
    for x, y in _anchors(a[head : len(a) - tail], b[head : len(b) - tail]):
        found += _between(a[i : head + x], b[j : head + y], (i, j), work, None)
        found.append(Match(head + x, head + y, 1))
        i, j = head + x + 1, head + y + 1
    found += _between(a[i:], b[j:], (i, j), work, None)
    return [*_joined(found), Match(len(a), len(b), 0)]


def _between(
    a: Sequence[str],
    b: Sequence[str],
    start: tuple[int, int],
    work: Work,
    is_junk: Callable[[str], bool] | None,
) -> list[Match]:
    """Search one stretch of both; ``start`` is where it begins in the whole."""
    if not a or not b:
        return []
    i, j = start
    head, tail = _ends(a, b)
    found = [Match(i, j, head)]
    middle_a, middle_b = a[head : len(a) - tail], b[head : len(b) - tail]
    if middle_a and middle_b and work.take(len(middle_a) + len(middle_b)):
        matcher = _PaidMatcher(middle_a, middle_b, work, is_junk)
        found += (Match(i + head + x, j + head + y, n) for x, y, n in matcher.get_matching_blocks())
    return [*found, Match(i + len(a) - tail, j + len(b) - tail, tail)]


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """The longest row of elements that stand once in ``a`` and once in ``b``, in one order."""
    in_a, in_b = Counter(a), Counter(b)
    place = {x: at for at, x in enumerate(a) if in_a[x] == 1 and in_b[x] == 1}
    # A longest increasing subsequence: for each length, the row that ends earliest in a.
    ends: list[int] = []
    rows: list[_Row] = []
    for at, x in enumerate(b):
        if x in place:
            length = bisect_left(ends, place[x])
            row = (place[x], at, rows[length - 1] if length else None)
            ends[length : length + 1] = [place[x]]
            rows[length : length + 1] = [row]
    return _unrolled(rows[-1] if rows else None)


def _unrolled(row: _Row | None) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    while row is not None:
        x, y, row = row
        pairs.append((x, y))
    return pairs[::-1]


def _ends(a: Sequence[str], b: Sequence[str]) -> tuple[int, int]:
    """How many elements ``a`` and ``b`` share at their start, and after that at their end."""
    head = _common(a, b)
    return head, _common(a[head:][::-1], b[head:][::-1])


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    for at, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return at
    return min(len(a), len(b))


def _joined(blocks: list[Match]) -> list[Match]:
    """Make one block of those that touch; leave out the empty ones."""
    joined: list[Match] = []
    for block in blocks:
        if not block.size:
            continue
        last = joined[-1] if joined else None
        if last and last.a + last.size == block.a and last.b + last.size == block.b:
            joined[-1] = Match(last.a, last.b, last.size + block.size)
        else:
            joined.append(block)
    return joined
