"""What in a folder is content of a tree, and how large it may be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.digest import digest_of
from anvil_nb.domain.filepaths import path_fault

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.trees.ignoring import IgnoreRules

MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FolderLimits:
    """How large a tree may be.

    Args:
        files: How many files it may have.
        file_bytes: How large a file may be.
    """

    files: int = 100_000
    file_bytes: int = 64 * MIB


DEFAULT_LIMITS: Final = FolderLimits()


@dataclass(frozen=True)
class Scope:
    """What is content.

    Args:
        rules: What is ignored.
        tops: The names at the top that belong to the tree; ``None`` for all.
        limits: How large it may be.
    """

    rules: IgnoreRules
    tops: frozenset[str] | None = None
    limits: FolderLimits = DEFAULT_LIMITS

    @cached_property
    def digest(self) -> str:
        """A digest of all of it."""
        tops: Json = None if self.tops is None else [*sorted(self.tops)]
        return digest_of([self.rules.digest, tops, self.limits.file_bytes])

    def has_top(self, name: str) -> bool:
        """Tell whether a name at the top belongs to the tree."""
        return self.tops is None or name in self.tops

    def fault(self, path: str) -> str:
        """Return why the tree can have no file at ``path``; empty when it can."""
        if fault := path_fault(path):
            return f"has a name that {fault}"
        return self.left_out(path)

    def left_out(self, path: str) -> str:
        """Return by what a file is none of the tree's content, or nothing if it is."""
        if not self.has_top(path.partition("/")[0]):
            return "is outside the folders that are synced"
        rule = self.rules.rule(path)
        return f"is ignored by {rule}" if rule else ""
