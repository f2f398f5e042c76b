"""The outline: all projects, sets, versions and prompts by name, in one state of the store.

It is what a tree is drawn of: names and counts, and no content.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.semver import Version
from anvil_nb.store import projects, sets, transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.access import Access
    from anvil_nb.store.engine import Transaction

_AT_ONCE = 1_000
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class OutlinedSet:
    """A set by its address: its latest version, its draft's prompts, and those of each version.

    Args:
        address: ``project/set``.
        title: As given.
        latest: Highest stable version; ``None`` where there is none.
        draft: Names of prompts, in order.
        versions: Names of prompts by version number, ascending.
    """

    address: str
    title: str
    latest: str | None
    draft: tuple[str, ...]
    versions: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Outline:
    """Titles of projects by name, and their sets in order of their addresses."""

    projects: dict[str, str]
    sets: tuple[OutlinedSet, ...]


def outline(access: Access) -> Outline:
    """Return the names of all that there is."""
    with access.read() as tx:
        listed = list(_sets(access, tx))
        rows = transfer.sets_at(tx, access.organisation_id, (path for path, *_ in listed))
        ids = [row.id for row in rows.values()]
        drafts = transfer.trees_at(tx, ids, DRAFT)
        trees = transfer.trees_of(tx, ids)
        known = transfer.versions_of(tx, ids)
        titles = dict(_projects(access, tx))
    found = []
    for path, title, latest in listed:
        key = rows[path].id
        numbers = sorted((one.number for one in known.get(key, ())), key=Version.parse)
        versions = {number: tuple(trees.get(key, {}).get(number, ())) for number in numbers}
        draft = tuple(drafts.get(key, ()))
        found.append(OutlinedSet(path, title, latest, draft, versions))
    return Outline(titles, tuple(found))


def _sets(access: Access, tx: Transaction) -> Iterator[tuple[str, str, str | None]]:
    after = ""
    while page := sets.page(tx, access.organisation_id, "", after, _AT_ONCE):
        for path, title, _, _, latest in page:
            yield path, title, latest
        after = page[-1][0]


def _projects(access: Access, tx: Transaction) -> Iterator[tuple[str, str]]:
    after = ""
    while page := projects.page(tx, access.organisation_id, "", after, _AT_ONCE):
        for name, title, _, _ in page:
            yield name, title
        after = page[-1][0]
