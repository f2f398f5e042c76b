"""The names of an outline as a page takes them: compact, a list of short lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anvil_nb.catalog.outline import OutlinedSet
    from anvil_nb.domain.digest import Json


def versions_of(sets: Iterable[OutlinedSet]) -> Json:
    """Return for each set with versions: address, and numbers with counts of prompts."""
    return [
        [one.address, [[number, len(names)] for number, names in one.versions.items()]]
        for one in sets
        if one.versions
    ]


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
