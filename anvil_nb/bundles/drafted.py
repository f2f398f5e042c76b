"""A draft as contents by name, each read when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anvil_nb.domain.prompt import Content
    from anvil_nb.store.entries import Leaf


class Contents(Mapping[str, "Content"]):
    """The contents of a draft: a thousand prompts of which few are looked at cost few reads.

    Args:
        draft: By name.
        content: Returns the content of a digest.
    """

    def __init__(self, draft: Mapping[str, Leaf], content: Callable[[str], Content]) -> None:
        self._draft, self._content = draft, content

    def __getitem__(self, name: str) -> Content:
        """Return the content at a name."""
        return self._content(self._draft[name].digest)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is such a name, without reading what it has."""
        return name in self._draft

    def __iter__(self) -> Iterator[str]:
        """Return all names."""
        return iter(self._draft)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._draft)
