"""Carrying out what a plan says, in the transaction that the plan was made in."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from anvil_nb.access import MovedError
from anvil_nb.bundles.staging import parts
from anvil_nb.results.moving import Counting
from anvil_nb.store import arrivals, drafts, entries, imports, labels, objects, projects, sets
from anvil_nb.store.entries import DRAFT, LATEST
from anvil_nb.store.sets import SetRow
from anvil_nb.store.versions import VersionRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from anvil_nb.access import Access
    from anvil_nb.bundles.landing import Landing, NewDraft
    from anvil_nb.bundles.target import Target
    from anvil_nb.bundles.verifying import VerifiedBundle
    from anvil_nb.results.moving import Moving
    from anvil_nb.store.engine import Transaction

    Progress = Callable[[Moving], None]

_AT_ONCE_BYTES = 8 * 1024 * 1024


class Applying:
    """One import being carried out.

    Args:
        access: Whose store.
        tx: The transaction.
        bundle: Whose contents are stored.
        target: What the plan saw.
        landing: What to do.
        import_id: Of the record.
        message: For the histories of drafts and labels.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - see above
        self,
        access: Access,
        tx: Transaction,
        bundle: VerifiedBundle,
        target: Target,
        landing: Landing,
        import_id: UUID,
        message: str,
    ) -> None:
        self.access, self.tx, self.bundle, self.target = access, tx, bundle, target
        self.landing, self.import_id, self.message = landing, import_id, message
        self.actor, self.now = access.actor, access.now()
        self.new = {one.id for one in landing.sets}
        self.rows: dict[UUID, SetRow] = {}
        self.sequences: Counter[UUID] = Counter()

    def apply(self, progress: Progress | None, *, staged: bool = False) -> dict[UUID, SetRow]:
        """Do it all; return the sets that changed, with their revisions afterwards.

        Args:
            progress: Is told how many contents are stored, and of that again before each step that
                follows.
            staged: Whether they were stored before, and that was told.

        Raises:
            MovedError: when another writer came between the plan and the locks.
        """
        self._lock()
        self._projects_and_sets()
        counting = self._contents(progress, staged=staged)
        for step in (self._versions, self._latest, self._drafts, self._labels):
            counting.again()
            step()
        counting.again()
        origins = [(one.origin_id, one.path, one.set_id) for one in self.landing.origins]
        imports.add_set_origins(self.tx, self.actor, self.import_id, origins)
        return self.rows

    def _lock(self) -> None:
        """Lock what is there; see that it is what the plan saw."""
        writes = self.landing.writes
        seen = {row.id: row for row in (*self.target.by_path.values(), *self.target.by_id.values())}
        mine = {set_id: count for set_id, count in writes.items() if set_id not in self.new}
        found = arrivals.lock_sets(self.tx, mine, self.now)
        for set_id, count in mine.items():
            row = found.get(set_id)
            if row is None or row.revision - count != seen[set_id].revision:
                raise MovedError
            self.sequences[set_id] = seen[set_id].revision
        self.rows |= found

    def _projects_and_sets(self) -> None:
        landing, now = self.landing, self.now
        ids = {one.name: one.id for one in landing.projects}
        arrivals.add_projects(
            self.tx,
            self.actor,
            [(one.id, one.name, one.title, one.description) for one in landing.projects],
            now,
        )
        for name in {one.path.partition("/")[0] for one in landing.sets} - ids.keys():
            project = self.target.projects[name]
            locked = projects.lock(self.tx, project.id, now)
            if locked is None or locked.slug != name:
                raise MovedError
            ids[name] = project.id
        for one in landing.renamed:
            row = self.rows[one.set_id]
            self.rows[one.set_id] = self._renamed(row, one.path)
        writes = self.landing.writes
        made = [
            SetRow(
                one.id,
                ids[one.path.partition("/")[0]],
                one.path,
                one.path.partition("/")[2],
                one.title,
                one.description,
                writes[one.id],
                now,
                now,
            )
            for one in landing.sets
        ]
        arrivals.add_sets(self.tx, self.actor, made)
        self.rows |= {row.id: row for row in made}

    def _renamed(self, row: SetRow, path: str) -> SetRow:
        from dataclasses import replace  # noqa: PLC0415 - only where names collide

        renamed = replace(row, path=path, slug=path.partition("/")[2])
        sets.update(self.tx, renamed)
        entries.rename_set(self.tx, row.id)
        return renamed

    def _contents(self, progress: Progress | None, *, staged: bool) -> Counting:
        """Store the contents that are not there, in the order in which the file has them."""
        organisation = self.access.organisation_id
        if self.landing.merged:
            objects.put(self.tx, organisation, self.landing.merged.values())
        wanted = sorted(self.landing.digests & self.bundle.sizes.keys())
        sizes = self.bundle.sizes
        total = sum(map(sizes.__getitem__, wanted))
        counting = Counting(progress, "stored", len(wanted), total)
        if staged:
            counting.add(len(wanted), total)
        for part in parts(wanted, self.bundle.sizes, _AT_ONCE_BYTES):
            lost = arrivals.missing(self.tx, organisation, part)
            if lost:
                bodies = {digest: self.bundle.body(digest) for digest in lost}
                arrivals.add_bodies(self.tx, organisation, bodies)
            if staged:
                counting.again()
            else:
                counting.add(len(part), sum(map(sizes.__getitem__, part)))
        return counting

    def _next(self, set_id: UUID) -> int:
        self.sequences[set_id] += 1
        return self.sequences[set_id]

    def _versions(self) -> None:
        rows, origins = [], []
        for one in self.landing.versions:
            theirs = one.document
            rows.append(
                VersionRow(
                    id=one.id,
                    set_id=one.set_id,
                    number=one.number,
                    digest=one.digest,
                    message=theirs.message,
                    bump=theirs.bump,
                    reasons=theirs.reasons,
                    source=theirs.rolled_back_to,
                    sequence=self._next(one.set_id),
                    published_by=theirs.published_by,
                    published_at=theirs.published_at,
                )
            )
            origins.append(
                imports.VersionOrigin(
                    one.id, one.set_id, theirs.number, theirs.digest, theirs.published_by
                )
            )
        arrivals.add_versions(self.tx, self.actor, rows)
        arrivals.add_entries(
            self.tx,
            self.actor,
            (
                arrivals.EntryRow(
                    self.rows[one.set_id].path,
                    one.set_id,
                    one.number,
                    name,
                    leaf,
                    one.number,
                    one.digest,
                )
                for one in self.landing.versions
                for name, leaf in one.tree.items()
            ),
        )
        imports.add_version_origins(self.tx, self.actor, self.import_id, origins)

    def _latest(self) -> None:
        made = []
        for one in self.landing.latest:
            self._next(one.set_id)
            row = self.rows[one.set_id]
            if one.set_id in self.new:
                made += [
                    arrivals.EntryRow(row.path, row.id, LATEST, name, leaf, one.number, one.digest)
                    for name, leaf in one.tree.items()
                ]
            else:
                at = {"version": one.number, "tree_digest": one.digest}
                entries.replace(self.tx, self.actor, row, LATEST, one.tree, **at)
        arrivals.add_entries(self.tx, self.actor, made)

    def _drafts(self) -> None:
        made: list[arrivals.EntryRow] = []
        log: list[tuple[UUID, int, drafts.Change]] = []
        for one in self.landing.drafts:
            row, sequence = self.rows[one.set_id], self._next(one.set_id)
            log += [(one.set_id, sequence, change) for change in changes_of(one)]
            if one.set_id in self.new:
                made += [
                    arrivals.EntryRow(row.path, row.id, DRAFT, name, leaf, None, None)
                    for name, leaf in one.tree.items()
                ]
            else:
                at = {"version": None, "tree_digest": None}
                entries.replace(self.tx, self.actor, row, DRAFT, one.tree, **at)
        arrivals.add_entries(self.tx, self.actor, made)
        arrivals.add_draft_log(self.tx, self.actor, log, message=self.message, now=self.now)

    def _labels(self) -> None:
        for one in self.landing.labels:
            self._next(one.set_id)
            move_label(self.access, self.tx, self.rows[one.set_id], one.name, one.was, one.number,
                       self.message)  # fmt: skip


def move_label(  # noqa: PLR0913, PLR0917 - one move
    access: Access,
    tx: Transaction,
    row: SetRow,
    name: str,
    was: str | None,
    number: str | None,
    message: str,
) -> None:
    """Move a label, with the entries that it stands for."""
    move = labels.MoveRow(name, was, number, message, access.actor.name, row.updated_at)
    labels.move(tx, access.actor, row, move)
    if number is None:
        entries.remove(tx, row.id, name, entries.tree(tx, row.id, name))
        return
    tree = entries.tree(tx, row.id, number)
    digest = _digest_of(tx, row, number)
    entries.replace(tx, access.actor, row, name, tree, version=number, tree_digest=digest)


def _digest_of(tx: Transaction, row: SetRow, number: str) -> str:
    from anvil_nb.store import versions  # noqa: PLC0415 - only where labels move

    return versions.digest_of(tx, row.id, number)


def changes_of(draft: NewDraft) -> list[drafts.Change]:
    """Return what a new draft changes, for its history."""
    was, tree = draft.was, draft.tree
    found = [
        drafts.Change(
            leaf.prompt_id,
            name,
            "import",
            leaf.digest,
            was[name].digest if name in was else None,
        )
        for name, leaf in tree.items()
        if was.get(name) != leaf
    ]
    found += [
        drafts.Change(leaf.prompt_id, name, "import", None, leaf.digest)
        for name, leaf in was.items()
        if name not in tree
    ]
    return found
