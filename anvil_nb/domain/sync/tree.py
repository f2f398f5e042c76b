"""Trees: what a replica shows of itself before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.filetree import Leaf


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
    """Something at a key that cannot be read: it counts as changed, never as absent."""

    key: str
    message: str
    hint: str


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
