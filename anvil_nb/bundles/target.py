"""The store that a bundle is to be imported into, as far as the bundle touches it.

Read with one statement a table, however many sets there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.semver import Version, latest
from anvil_nb.store import imports, projects, transfer
from anvil_nb.store.entries import DRAFT, LATEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from anvil_nb.access import Access
    from anvil_nb.bundles.verifying import VerifiedBundle
    from anvil_nb.domain.digest import Json
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.entries import Tree
    from anvil_nb.store.projects import ProjectRow
    from anvil_nb.store.sets import SetRow
    from anvil_nb.store.versions import VersionRow


@dataclass(frozen=True, slots=True)
class Target:
    """What stands where the bundle's sets want to go.

    Args:
        projects: Ours, by name, of those that the bundle wants.
        by_path: Our sets at the paths that the bundle wants.
        by_id: Our sets with ids of the bundle, or that came from them.
        origins: Our sets that came from elsewhere: by id there and the path wanted.
        taken: Ids of the bundle that something else in the store has: of another organisation,
            or of another kind.
        versions: Of our sets, in the order they were published.
        version_origins: Numbers here, by set, number and digest there.
        drafts: Of our sets.
        latest: The trees of their latest versions.
        labels: Of our sets.
    """

    projects: Mapping[str, ProjectRow]
    by_path: Mapping[str, SetRow]
    by_id: Mapping[UUID, SetRow]
    origins: Mapping[tuple[UUID, str], UUID]
    taken: frozenset[UUID]
    versions: Mapping[UUID, list[VersionRow]]
    version_origins: Mapping[tuple[UUID, str, str], str]
    drafts: Mapping[UUID, Tree]
    latest: Mapping[UUID, Tree]
    labels: Mapping[UUID, dict[str, str]]

    def top(self, set_id: UUID) -> Version | None:
        """Return the latest version of a set of ours."""
        return latest(Version.parse(one.number) for one in self.versions.get(set_id, ()))

    def fingerprint(self) -> Json:
        """Return all that a plan goes by: it changes whenever one of these sets does."""
        rows = {row.id: row for row in (*self.by_path.values(), *self.by_id.values())}
        return {
            "projects": {name: str(row.id) for name, row in sorted(self.projects.items())},
            "sets": {str(row.id): [row.path, row.revision] for row in rows.values()},
            "taken": [str(one) for one in sorted(self.taken)],
        }


def read_target(
    access: Access, tx: Transaction, bundle: VerifiedBundle, paths: Iterable[str]
) -> Target:
    """Read what a bundle touches.

    Args:
        access: Whose store.
        tx: Where to read.
        bundle: To be imported.
        paths: Where its sets want to go.
    """
    organisation = access.organisation_id
    paths = list(paths)
    names = sorted({path.partition("/")[0] for path in paths})
    found = {name: projects.by_slug(tx, organisation, name) for name in names}
    origins = imports.set_origins(tx, organisation, bundle.sets)
    by_path = transfer.sets_at(tx, organisation, paths)
    by_id = transfer.sets_with(tx, organisation, {*bundle.sets, *origins.values()})
    ids = {row.id for row in (*by_path.values(), *by_id.values())}
    wanted = {*bundle.sets, *bundle.versions, *bundle.projects}
    return Target(
        projects={name: row for name, row in found.items() if row is not None},
        by_path=by_path,
        by_id=by_id,
        origins=origins,
        taken=transfer.ids_in_use(tx, wanted),
        versions=transfer.versions_of(tx, ids),
        version_origins=imports.version_origins(tx, ids),
        drafts=transfer.trees_at(tx, ids, DRAFT),
        latest=transfer.trees_at(tx, ids, LATEST),
        labels=transfer.labels_of(tx, ids),
    )
