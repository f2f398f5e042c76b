"""The words of the language as prompts use it, for whoever completes what is typed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from anvil_nb.domain.liquid.environment import environment
from anvil_nb.domain.liquid.tags import ROLES

_INSIDE = ("else", "elsif", "when")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that a template may use, each in alphabetical order.

    Args:
        tags: Also those that end a block or stand inside one.
        filters: Behind a ``|``.
        roles: Of messages.
    """

    tags: tuple[str, ...]
    filters: tuple[str, ...]
    roles: tuple[str, ...]


@cache
def vocabulary() -> Vocabulary:
    """Return the words; the parser's own marks, which nobody types, are left out."""
    found = environment()
    opening = {
        name: tag
        for name, tag in found.tags.items()
        if name.isalpha() and name not in ("content", "illegal", "output")
    }
    ending = [tag.end for tag in opening.values() if tag.block and tag.end]
    return Vocabulary(
        tuple(sorted({*opening, *ending, *_INSIDE})), tuple(sorted(found.filters)), ROLES
    )
