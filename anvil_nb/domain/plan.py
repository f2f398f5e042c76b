"""Plans: what to do where two sides may have moved since they last agreed.

The one rule of every exchange: what only one side changed is taken from it; what both changed to
the same is agreed; what both changed apart is a conflict, and nobody's work is overwritten.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import PREFIX, digest_of

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

ID_DIGITS = 16


class Decision(Enum):
    """What to do with one key."""

    SAME = "same"
    TAKE = "take"
    KEEP = "keep"
    CONFLICT = "conflict"


def decide(base: str | None, ours: str | None, theirs: str | None) -> Decision:
    """Decide by digests; ``None`` is the absence of the key.

    Args:
        base: What both sides had last, as far as is known.
        ours: What stands on our side.
        theirs: What stands on the other.
    """
    if ours == theirs:
        return Decision.SAME
    if ours == base:
        return Decision.TAKE
    if theirs == base:
        return Decision.KEEP
    return Decision.CONFLICT


def plan_id(inputs: Json) -> str:
    """Return the id of a plan: a digest of all that it was made from, shortened."""
    return digest_of(inputs).removeprefix(PREFIX)[:ID_DIGITS]
