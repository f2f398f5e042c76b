"""Published versions as they are seen: all of this store, and those of a server that concern it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.bundles.published import published

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from anvil_nb.access import Access
    from anvil_nb.remote.bundles import RemoteVersion


@dataclass(frozen=True, slots=True)
class Seen:
    """A version on either side, and what it was where it came from."""

    path: str
    number: str
    digest: str
    origin: tuple[str, str] | None
    is_copy: bool = False

    @property
    def key(self) -> str:
        """``project/set@number``."""
        return f"{self.path}@{self.number}"


def seen_here(access: Access) -> tuple[Seen, ...]:
    """Return all that is published here."""
    return tuple(
        Seen(
            one.path,
            one.number,
            one.digest,
            None if one.origin is None else (one.origin.number, one.origin.digest),
            one.is_copy,
        )
        for one in published(access)
    )


def seen_from_here(
    ours: Collection[Seen], theirs: Collection[Seen], follows: Callable[[Seen], bool]
) -> dict[str, str]:
    """Return digests by key as the far side has them, for what concerns this one.

    A number whose contents differ, and of which one side has the other's beside its own, is
    settled: it shows as the near side has it. Copies that the far side has of ours are left out,
    and so is what is neither here nor followed.

    Args:
        ours: What is published here.
        theirs: What is published there.
        follows: Tells what is wanted here.
    """
    here = {one.key: one for one in ours}
    beside_here = {(one.path, *one.origin) for one in ours if one.origin is not None}
    beside_there = {(one.path, *one.origin) for one in theirs if one.origin is not None}
    standing = {(one.path, one.number, one.digest) for one in ours}
    found: dict[str, str] = {}
    for one in theirs:
        mine = here.get(one.key)
        if mine is None:
            is_ours = one.is_copy and one.origin and (one.path, *one.origin) in standing
            if not is_ours and follows(one):
                found[one.key] = one.digest
            continue
        settled = (one.path, one.number, one.digest) in beside_here or (
            (mine.path, mine.number, mine.digest) in beside_there
        )
        found[one.key] = mine.digest if settled else one.digest
    return found


def seen_there(one: RemoteVersion) -> Seen:
    """Return a version of the server's as it is seen."""
    moved = one.origin is not None and one.origin[0] != one.number
    return Seen(one.path, one.number, one.digest, one.origin, moved and "-" in one.number)
