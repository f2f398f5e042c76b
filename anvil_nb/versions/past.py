"""The past of a project, a set or a prompt: what was published, and what changed in a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog import places
from anvil_nb.catalog.history import changes_of
from anvil_nb.catalog.lookup import missing, missing_project
from anvil_nb.domain.naming import is_name
from anvil_nb.results.past import Line, Past
from anvil_nb.store import entries, labels, projects, sets, transfer
from anvil_nb.versions.labels import history_of, log, log_in

if TYPE_CHECKING:
    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address
    from anvil_nb.results.history import History


def past(access: Access, address: str) -> Past:
    """Return the past of what stands at an address.

    Args:
        access: Whose store.
        address: A project, ``project/set`` or ``project/set/prompt``.

    Raises:
        InvalidInputError: for an address with a selector: all versions are shown.
        NotFoundError: when there is nothing, and never was.
    """
    if isinstance(address, str) and is_name(address):
        return _of_project(access, address)
    place = places.place_at(access, address)
    if place.prompt is not None:
        return _of_prompt(access, place, place.prompt)
    found = log(access, place)
    lines = tuple(Line(found.address, one) for one in found)
    return Past(found.address, "set", lines, {found.address: found})


def _of_project(access: Access, name: str) -> Past:
    with access.read() as tx:
        project = projects.by_slug(tx, access.organisation_id, name)
        if project is None:
            raise missing_project(access, tx, name)
        rows = sets.of_project(tx, project.id)
        ids = [row.id for row in rows]
        published = transfer.versions_of(tx, ids)
        points = transfer.labels_of(tx, ids)
        moves = labels.moves_of(tx, ids)
    found = {
        row.path: history_of(
            row,
            published.get(row.id, [])[::-1],
            points.get(row.id, {}),
            moves.get(row.id, []),
        )
        for row in rows
    }
    lines = [Line(path, one) for path, history in found.items() for one in history]
    lines.sort(key=lambda one: one.version.published_at, reverse=True)
    return Past(name, "project", tuple(lines), found)


def _of_prompt(access: Access, place: Address, name: str) -> Past:
    with access.read() as tx:
        row, history = log_in(access, tx, place)
        digests = entries.of_prompt(tx, row.id, name)
        drafts = changes_of(tx, row.id, name)
        if not digests and not drafts:
            raise missing(access, tx, place)
    return Past(
        place.without_selector().path,
        "prompt",
        _changes(history, digests),
        {history.address: history},
        frozenset(digests),
        drafts,
    )


def _changes(history: History, digests: dict[str, str]) -> tuple[Line, ...]:
    """Return the versions in which a prompt is not what it was in the version before."""
    lines = []
    before: str | None = None
    for one in reversed(history.versions):
        now = digests.get(one.number)
        if now != before:
            change = "added" if before is None else "removed" if now is None else "changed"
            lines.append(Line(history.address, one, change))
        before = now
    return tuple(reversed(lines))
