"""Portions: so many at a time that memory holds them, and few enough times to be fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_T = TypeVar("_T")

MOST = 1_000
"""How many make a portion."""
MOST_BYTES = 16 * 1024 * 1024
"""How many bytes do, but for one that is larger by itself."""


def portions(
    found: Iterable[_T], size: Callable[[_T], int], *, most: int = MOST
) -> Iterator[list[_T]]:
    """Return ``found`` in portions, in order.

    Args:
        found: What there is.
        size: Tells the bytes of one.
        most: How many make a portion.
    """
    portion: list[_T] = []
    total = 0
    for one in found:
        cost = size(one)
        if portion and (len(portion) == most or total + cost > MOST_BYTES):
            yield portion
            portion, total = [], 0
        portion.append(one)
        total += cost
    if portion:
        yield portion
