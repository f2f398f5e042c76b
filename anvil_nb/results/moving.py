"""How far an export or an import is, in items and in bytes: what a ``progress`` is told.

What a ``progress`` raises ends the work: nothing was changed by it then. So it is told again of
what it knows where the next step takes long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.results.bundles import size_text

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Moving:
    """How far one step is.

    An export has two: all is gathered, then written. An import has three: all is checked, planned,
    and what is new is stored; a plan that is only looked at ends with the second. Where a bundle
    is large it is planned again once its contents are stored.

    Args:
        step: ``gathered`` or ``written``; ``checked``, ``planned`` or ``stored``; ``taken back``.
        items: How many documents and contents are done.
        all_items: Of how many.
        size: How many bytes they have.
        total: Of how many; 0 where bytes are not counted.
    """

    step: str
    items: int
    all_items: int
    size: int
    total: int

    def to_text(self) -> str:
        """Return it in words: ``checked 12 of 40 items, 8.2 KiB of 1.4 MiB``."""
        items = f"{self.items:,} of {self.all_items:,} items"
        if not self.total:
            return f"{self.step} {items}"
        return f"{self.step} {items}, {size_text(self.size)} of {size_text(self.total)}"


class Counting:
    """Counts the items of one step, and tells of each addition.

    Args:
        progress: Is told; nobody is when ``None``.
        step: As ``Moving`` calls it.
        items: How many there are.
        total: How many bytes they have.
    """

    def __init__(
        self, progress: Callable[[Moving], None] | None, step: str, items: int, total: int
    ) -> None:
        self._progress, self._step = progress, step
        self._all, self._total = items, total
        self._items = self._size = 0

    def add(self, items: int, size: int) -> None:
        """Count some items, which have so many bytes together."""
        self._items += items
        self._size += size
        self.again()

    def again(self) -> None:
        """Tell of the same once more: whoever is told may end the work here."""
        if self._progress is not None:
            now = Moving(self._step, self._items, self._all, self._size, self._total)
            self._progress(now)
