"""Trees: what a replica shows of itself before anything is decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anvil_nb.domain.filetree import digest_of_file

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.filetree import Leaf, Leaves


@dataclass(frozen=True, slots=True)
class Entry:
    """What a replica has at one key.

    Args:
        key: By which the other replica knows it too.
        digest: Of everything that counts.
        leaves: Its files, whose bytes the replica hands out.
        name: How people call it and filters find it.
        meta: What else it takes to write it elsewhere: a skill's folder, a record's fields.
    """

    key: str
    digest: str
    leaves: tuple[Leaf, ...]
    name: str
    meta: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something at a key that cannot be read: it counts as changed, never as absent.

    Args:
        key: Of the entry.
        message: What is wrong.
        hint: What to do about it.
        left_out: Whether nothing is wrong: a side's own rules leave it out.
    """

    key: str
    message: str
    hint: str
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
    """All that a replica has.

    Args:
        entries: By key.
        problems: What cannot be read.
        gone: The digests of what was deleted, by key, as far as that is remembered.
    """

    entries: Mapping[str, Entry]
    problems: tuple[Problem, ...] = ()
    gone: Mapping[str, str] = field(default_factory=dict)

    def digests(self) -> Mapping[str, str]:
        """Return the digest of each entry, by key."""
        if isinstance(self.entries, FileEntries):
            return self.entries.digests
        return {key: entry.digest for key, entry in self.entries.items()}


class FileEntries(Mapping[str, Entry]):
    """Files each of which is an entry by itself, made when it is asked for.

    Args:
        leaves: The files.
    """

    __slots__ = ("_leaves", "digests")

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self.digests: Mapping[str, str] = leaves.digests()

    def __getitem__(self, key: str) -> Entry:
        leaf = self._leaves[key]
        return Entry(key, digest_of_file(leaf), (leaf,), key)

    def __contains__(self, key: object) -> bool:
        return key in self.digests

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __len__(self) -> int:
        return len(self.digests)
