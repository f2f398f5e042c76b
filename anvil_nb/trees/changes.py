"""Changes of a tree: what is to stand at a path, on the condition of what stands there now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anvil_nb.trees.reading import FileState

Data: TypeAlias = "bytes | Iterable[bytes]"


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file to write or to delete.

    Args:
        path: In the tree.
        wanted: What is to stand there; ``None`` to delete it.
        standing: What stands there now; ``None`` when nothing does. On nothing else it is done.
        data: The bytes, or parts of them; nothing to delete.
        group: What is done together or not at all; the path alone when left out.
    """

    path: str
    wanted: FileState | None
    standing: FileState | None
    data: Data = b""
    group: str = ""

    @property
    def together(self) -> str:
        """The group that it belongs to."""
        return self.group or self.path


class Swap(Enum):
    """What became of a group."""

    DONE = "done"
    MOVED = "moved"
    """Somebody changed a file of it meanwhile: it stands as they left it."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Swapped:
    """What became of a group, and why.

    Args:
        swap: What.
        path: The file that was in the way; empty when it was done.
        message: Why it was not done.
        hint: What to do about it.
    """

    swap: Swap
    path: str = ""
    message: str = ""
    hint: str = ""


def is_same(one: FileState | None, other: FileState | None) -> bool:
    """Tell whether two states are one content, equally executable."""
    if one is None or other is None:
        return one is other
    return one.digest == other.digest and one.executable == other.executable
