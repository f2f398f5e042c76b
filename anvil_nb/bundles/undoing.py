"""The record of imports, and undoing one while nothing was built on it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from anvil_nb.access import MovedError, again
from anvil_nb.bundles.applying import move_label
from anvil_nb.errors import InvalidInputError, NotFoundError, RefusedError
from anvil_nb.results.done import Done
from anvil_nb.results.exchange import ImportRecord, Imports
from anvil_nb.results.moving import Counting
from anvil_nb.results.result import utc
from anvil_nb.store import arrivals, drafts, entries, imports, sets, transfer, versions
from anvil_nb.store.entries import DRAFT, LATEST, Leaf

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.access import Access
    from anvil_nb.results.moving import Moving
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.imports import ImportRow
    from anvil_nb.store.sets import SetRow

    Progress = Callable[[Moving], None]

_SHORTEST = 8
_SEE = "See them: anvil imports"


def listed(access: Access, *, limit: int = 100) -> Imports:
    """Return the newest imports, newest first."""
    with access.read() as tx:
        rows = imports.listed(tx, access.organisation_id, limit)
    return Imports(
        tuple(
            ImportRecord(
                id=str(row.id),
                at=utc(row.at),
                by=row.by,
                source=row.source,
                bundle=row.bundle,
                file=row.file,
                signers=tuple(one["name"] or one["key_id"] for one in row.signers),
                decisions=row.decisions,
                counts=row.made["counts"],
                undone_at=None if row.undone_at is None else utc(row.undone_at),
            )
            for row in rows
        )
    )


def undo(access: Access, import_id: str, progress: Progress | None = None) -> Done:
    """Take back what an import did, in one transaction.

    Args:
        access: Whose store.
        import_id: Or how it begins.
        progress: Is told how many sets, versions, drafts and labels are taken back; what it raises
            ends the work, and nothing is taken back. It is told last before the transaction ends.

    Raises:
        NotFoundError: when there is no such import.
        RefusedError: when it was undone, or one of its sets was changed since: what was built on
            it would lose its ground.
    """

    def attempt(_: int) -> Done:
        with access.write() as tx:
            row = _found(access, tx, import_id)
            if row.undone_at is not None:
                raise RefusedError(f"the import {import_id} was undone already", _SEE)
            _Undoing(access, tx, row, progress).undo()
            imports.mark_undone(tx, access.actor, row.id, access.now())
        return Done(
            f"Undid the import of {row.source}: {_taken_back(row)}",
            {"import_id": str(row.id), "source": row.source},
        )

    return again(attempt)


def _taken_back(row: ImportRow) -> str:
    counts = {
        "set": len(row.made["sets"]),
        "version": len(row.made["versions"]),
        "draft": len(row.made["drafts"]),
        "label": len(row.made["labels"]),
    }
    told = [f"{count} {what}{'s' * (count != 1)}" for what, count in counts.items() if count]
    return f"took back {', '.join(told) or 'its record'}"


def _found(access: Access, tx: Transaction, text: str) -> ImportRow:
    """Return the import whose id begins with ``text``."""
    wanted = text.lower()
    if len(wanted) < _SHORTEST or not set(wanted) <= set("0123456789abcdef-"):
        msg = f"'{text}' is no id of an import"
        raise InvalidInputError(msg, _SEE)
    rows = imports.find(tx, access.organisation_id, wanted)
    if not rows:
        raise NotFoundError(f"there is no import {text}", _SEE)
    if len(rows) > 1:
        raise RefusedError(
            f"several imports have ids that begin with {text}", f"Give more of it. {_SEE}"
        )
    return rows[0]


class _Undoing:
    """One import being undone."""

    def __init__(
        self, access: Access, tx: Transaction, row: ImportRow, progress: Progress | None
    ) -> None:
        self.access, self.tx, self.made = access, tx, row.made
        parts = ("labels", "drafts", "versions", "latest", "sets", "renamed")
        total = sum(len(row.made[one]) for one in parts)
        self.counting = Counting(progress, "taken back", total, 0)
        self.counting.again()
        self.id, self.message = row.id, f"undo of the import of {row.source}"
        self.rows = self._locked()
        self.new = {UUID(one) for one in self.made["sets"]}

    def undo(self) -> None:
        """Take it back, last first."""
        for set_id, name, was in reversed(self.made["labels"]):
            row = self.rows[UUID(set_id)]
            number = self._label(row, name)
            move_label(self.access, self.tx, row, name, number, was, self.message)
            self.counting.add(1, 0)
        for set_id, before in self.made["drafts"].items():
            self._reset_draft(self.rows[UUID(set_id)], before)
            self.counting.add(1, 0)
        self._remove_versions()
        for set_id, number in self.made["latest"].items():
            self._reset_latest(self.rows[UUID(set_id)], number)
            self.counting.add(1, 0)
        for set_id in self.new:
            sets.delete(self.tx, set_id)
            self.counting.add(1, 0)
        for set_id, path in self.made["renamed"]:
            self._rename(self.rows[UUID(set_id)], path)
            self.counting.add(1, 0)
        for project_id in self.made["projects"]:
            if not sets.count(self.tx, UUID(project_id)):
                from anvil_nb.store import projects  # noqa: PLC0415 - only where one was made

                projects.delete(self.tx, UUID(project_id))
        self.counting.again()
        imports.remove_origins(self.tx, self.id)
        self._as_before()
        self.counting.again()

    def _as_before(self) -> None:
        """Let imports be undone that came before this one: their sets are as they left them."""
        before: dict[str, int] = self.made["revisions_before"]
        for other in imports.standing(self.tx, self.access.organisation_id):
            revisions = other.made["revisions"]
            same = [one for one, revision in before.items() if revisions.get(one) == revision]
            if same and other.id != self.id:
                revisions |= {one: self.rows[UUID(one)].revision for one in same}
                imports.update_made(self.tx, other.id, other.made)

    def _locked(self) -> dict[UUID, SetRow]:
        """Lock every set that the import changed; see that nobody changed it since."""
        expected = {UUID(one): int(number) for one, number in self.made["revisions"].items()}
        now = self.access.now()
        rows = arrivals.lock_sets(self.tx, dict.fromkeys(expected, 1), now)
        for set_id, revision in expected.items():
            row = rows.get(set_id)
            if row is None or row.revision != revision + 1:
                what = (
                    "a set that it brought was removed"
                    if row is None
                    else f"{row.path} was changed"
                )
                msg = f"the import cannot be undone: {what} since"
                raise RefusedError(msg, "Roll back single sets: anvil rollback SET@VERSION")
        return rows

    def _label(self, row: SetRow, name: str) -> str | None:
        return transfer.labels_of(self.tx, [row.id]).get(row.id, {}).get(name)

    def _reset_draft(self, row: SetRow, before: dict[str, list[str] | None]) -> None:
        now = entries.tree(self.tx, row.id, DRAFT)
        tree = {name: leaf for name, leaf in now.items() if name not in before}
        for name, was in before.items():
            if was is not None:
                tree[name] = Leaf(UUID(was[0]), was[1])
        changes = [
            drafts.Change(
                (tree.get(name) or now[name]).prompt_id,
                name,
                "undo",
                tree[name].digest if name in tree else None,
                now[name].digest if name in now else None,
            )
            for name in before
        ]
        entries.replace(
            self.tx, self.access.actor, row, DRAFT, tree, version=None, tree_digest=None
        )
        drafts.append(self.tx, self.access.actor, row, changes, message=self.message)

    def _remove_versions(self) -> None:
        for set_id, number in self.made["versions"]:
            row = self.rows[UUID(set_id)]
            entries.remove(self.tx, row.id, number, entries.tree(self.tx, row.id, number))
            versions.remove(self.tx, row.id, number)
            self.counting.add(1, 0)

    def _reset_latest(self, row: SetRow, number: str | None) -> None:
        tree = entries.tree(self.tx, row.id, number) if number else {}
        digest = versions.digest_of(self.tx, row.id, number) if number else None
        at = {"version": number, "tree_digest": digest}
        entries.replace(self.tx, self.access.actor, row, LATEST, tree, **at)

    def _rename(self, row: SetRow, path: str) -> None:
        from dataclasses import replace  # noqa: PLC0415 - only where names collided

        if sets.by_path(self.tx, self.access.organisation_id, path) is not None:
            raise MovedError
        sets.update(self.tx, replace(row, path=path, slug=path.partition("/")[2]))
        entries.rename_set(self.tx, row.id)
