"""The names of an outline as a page takes them: compact, a list of short lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anvil_nb.catalog.outline import OutlinedSet
    from anvil_nb.domain.digest import Json


def versions_of(sets: Iterable[OutlinedSet]) -> Json:
    """Return for each set with versions: address, numbers with counts of prompts, the latest.

    The latest is said by its place among the numbers, and is ``None`` where none is stable: an
    export of the latest versions takes nothing of that set.
    """
    found: list[Json] = []
    for one in sets:
        if not one.versions:
            continue
        counts: list[Json] = [[number, len(names)] for number, names in one.versions.items()]
        at = None if one.latest is None else [*one.versions].index(one.latest)
        found.append([one.address, counts, at])
    return found


def published_names(sets: Iterable[OutlinedSet]) -> Json:
    """Return for each set with versions: all names, and by version which of them, if not all."""
    found: list[Json] = []
    for one in sets:
        if not one.versions:
            continue
        names = sorted({name for version in one.versions.values() for name in version})
        at = {name: number for number, name in enumerate(names)}
        held: list[Json] = [
            None if len(version) == len(names) else [at[name] for name in version]
            for version in one.versions.values()
        ]
        found.append([one.address, [*names], held])
    return found
