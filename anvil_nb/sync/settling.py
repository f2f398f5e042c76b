"""Settling: a key at which two sides differ is looked at, and decided by somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf, digest_of_leaves, leaf_from_json
from anvil_nb.domain.sync.planning import Action, Change, Conflict, ConflictKind
from anvil_nb.domain.sync.tree import Entry
from anvil_nb.errors import ConflictError, InvalidInputError, NotFoundError
from anvil_nb.results.done import Done
from anvil_nb.results.sync import (
    CHOICES,
    SyncConflict,
    SyncConflicts,
    SyncDifference,
    SyncHistory,
)
from anvil_nb.results.result import shown, utc
from anvil_nb.store import blobs, sync_state
from anvil_nb.store.identity import new_id
from anvil_nb.sync import comparing, conflicts, pairing, variants
from anvil_nb.sync.replica import Run, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anvil_nb.access import Access
    from anvil_nb.store.sync_state import ConflictRow
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.replica import Replica, Wanted


@dataclass(frozen=True, slots=True)
class At:
    """One key of two sides, as it stands."""

    key: str
    name: str
    base: str | None
    ours: Entry | None
    theirs: Entry | None
    pair: pairing.Paired


def open_conflicts(access: Access) -> SyncConflicts:
    """Return the conflicts that nobody has settled."""
    with access.read("sync") as tx:
        rows = sync_state.open_conflicts(tx, access.organisation_id)
    return SyncConflicts(tuple(_shown(row) for row in rows))


def history(access: Access, target: str | None = None, limit: int = 50) -> SyncHistory:
    """Return the syncs that were carried out, newest first."""
    with access.read("sync") as tx:
        rows = sync_state.runs(tx, access.organisation_id, target, limit)
    return SyncHistory(
        tuple(
            {
                "id": str(row.id),
                "when": shown(utc(row.begun_at)),
                "target": row.target,
                "direction": row.direction,
                "state": row.state if row.ended_at or row.state != "running" else "cut off",
                "by": row.by,
                "plan": row.plan,
                "done": _summed(row.report.get("summary", {})),
                "summary": row.report.get("summary", {}),
            }
            for row in rows
        )
    )


def difference(access: Access, sides: Sides, name: str) -> SyncDifference:
    """Return how the two sides differ at a key.

    Raises:
        NotFoundError: for a name that neither side has.
    """
    at = _at(access, sides, name)
    ours = _bodies(sides.near, at.ours)
    theirs = _bodies(sides.far, at.theirs)
    base = _base_bodies(access, sides, at)
    return comparing.compared(f"{sides.target}/{at.name}", at.base, ours, theirs, base)


def settle(
    access: Access,
    sides: Sides,
    name: str,
    choice: str,
    merged: Mapping[str | None, bytes] | None = None,
) -> Done:
    """Make both sides the same at a key, as somebody chose.

    What is given up stays in the store, in the trash of the folder, or in both.

    Args:
        access: The store that remembers, and who acts.
        sides: The two replicas.
        name: Of the key.
        choice: ``ours``, ``theirs``, ``both``, or ``merged``.
        merged: The files that are to stand on both sides, by path; by ``None`` the text of the
            one that differs.

    Raises:
        NotFoundError: for a name that neither side has.
        InvalidInputError: for a choice that there is none of, or that does not fit.
        ConflictError: when a side moved since the conflict was kept; nothing was done.
    """
    if choice not in CHOICES:
        msg = f"'{choice}' settles nothing"
        raise InvalidInputError(msg, f"It is one of: {', '.join(CHOICES)}")
    sides.near.recover()
    sides.far.recover()
    at = _at(access, sides, name)
    kept = _kept(access, at)
    if kept is not None and not _stands(kept, at):
        msg = f"{sides.target}/{at.name} moved on one side since the conflict was kept"
        raise ConflictError(msg, f"Look again: anvil sync diff {sides.target}/{at.name}")
    if at.ours is not None and at.theirs is not None and at.ours.digest == at.theirs.digest:
        return Done(f"{sides.target}/{at.name} is the same on both sides already")
    pairing.keep(access, at.pair, sides.near)
    if kept is None:
        apart = Conflict(at.key, at.name, _kind(at), at.base, at.ours, at.theirs)
        conflicts.keep(access, at.pair.pair, [apart], sides)
    outcomes = _Settling(access, sides, at).run(choice, merged)
    with access.write("sync") as tx:
        pair_id, now = at.pair.pair.id, access.now()
        sync_state.agree(tx, access.organisation_id, pair_id, outcomes)
        sync_state.settle(tx, access.actor, pair_id, [at.key], choice, now)
    made = [key for key, said in outcomes.items() if said is not None and key != at.key]
    beside = f"; theirs stands beside it as {', '.join(made)}" if made else ""
    return Done(
        f"Settled {sides.target}/{at.name}: {choice}{beside}",
        {"key": f"{sides.target}/{at.name}", "choice": choice, "made": list(made)},
    )


class _Settling:
    """One settling: what is written, and with what bytes."""

    def __init__(self, access: Access, sides: Sides, at: At) -> None:
        self.access, self.sides, self.at = access, sides, at
        self.given: dict[str, bytes] = {}

    def run(
        self, choice: str, merged: Mapping[str | None, bytes] | None
    ) -> dict[str, tuple[str, str] | None]:
        """Write both sides; return what they agree on by then."""
        at = self.at
        wanted: dict[str, tuple[Entry | None, Entry | None, Entry | None]] = {}
        if choice == "ours":
            wanted[at.key] = (at.ours, at.ours, at.theirs)
        elif choice == "theirs":
            wanted[at.key] = (at.theirs, at.ours, at.theirs)
        elif choice == "merged":
            whole = self._merged(merged)
            wanted[at.key] = (whole, at.ours, at.theirs)
        else:
            wanted |= self._both()
        run = Run(new_id())
        for replica, side in ((self.sides.near, 1), (self.sides.far, 2)):
            changes = [
                _change(key, three[0], three[side])
                for key, three in wanted.items()
                if _digest(three[0]) != _digest(three[side])
            ]
            for outcome in replica.apply(changes, self._fetch, run) if changes else ():
                if outcome.status is not Status.DONE:
                    msg = outcome.message or f"{at.name} changed meanwhile on the {replica.name}"
                    raise ConflictError(msg, outcome.hint or "Look again, and settle it then.")
        return {
            key: None if three[0] is None else (three[0].digest, conflicts.files_of(three[0]))
            for key, three in wanted.items()
        }

    def _merged(self, said: Mapping[str | None, bytes] | None) -> Entry:
        model = self.at.ours or self.at.theirs
        if model is None or not said:
            msg = "there is no text to take"
            raise InvalidInputError(msg, "Name the file that has it: --merged FILE")
        leaves: dict[str, Leaf] = {}
        files = {path: data for path, data in said.items() if path is not None}
        if None in said:  # one file, and the rest stays as it is
            leaves = {leaf.path: leaf for leaf in model.leaves}
            files[comparing.one_path(self.at.ours, self.at.theirs)] = said[None]
        executable = {leaf.path for leaf in model.leaves if leaf.executable}
        for path, data in files.items():
            digest = digest_of_bytes(data)
            leaves[path] = Leaf(path, digest, len(data), path in executable)
            self.given[digest] = data
        return variants.of_files(self.sides.target, model, tuple(leaves.values()), self._fetch_all)

    def _both(self) -> dict[str, tuple[Entry | None, Entry | None, Entry | None]]:
        at = self.at
        if at.ours is None or at.theirs is None:
            msg = f"only one side has {at.name}"
            raise InvalidInputError(msg, "Take that one: --ours or --theirs")
        taken = {*self.sides.near.tree().entries, *self.sides.far.tree().entries}
        bodies = _bodies(self.sides.far, at.theirs) or {}
        beside, files = variants.beside(self.sides.target, at.theirs, bodies, taken)
        self.given.update((digest_of_bytes(data), data) for data in files.values())
        return {at.key: (at.ours, at.ours, at.theirs), beside.key: (beside, None, None)}

    def _fetch(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        for _, leaf in wanted:
            if leaf.digest in self.given:
                yield self.given[leaf.digest]
            else:
                yield next(conflicts.kept_bytes(self.access, [(_, leaf)]))

    def _fetch_all(self, leaves: Sequence[Leaf]) -> dict[str, bytes]:
        model = self.at.ours or self.at.theirs
        assert model is not None
        return dict(
            zip(
                (leaf.path for leaf in leaves),
                self._fetch([(model, leaf) for leaf in leaves]),
                strict=True,
            )
        )


def _at(access: Access, sides: Sides, name: str) -> At:
    near, far = sides.near.tree(), sides.far.tree()
    paired = pairing.pair_of(access, sides.target, sides.near, sides.far)
    entries = {**far.entries, **near.entries}
    keys = [key for key, entry in entries.items() if name in {key, entry.name}]
    keys = keys or [key for key in paired.base if key == name]
    if not keys:
        from difflib import get_close_matches  # noqa: PLC0415 - only for a slip

        close = get_close_matches(name, [entry.name for entry in entries.values()], 3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "See all: anvil sync conflicts"
        msg = f"neither side has {sides.target}/{name}"
        raise NotFoundError(msg, hint)
    key = keys[0]
    ours, theirs = near.entries.get(key), far.entries.get(key)
    entry = ours or theirs
    return At(key, entry.name if entry else key, paired.base.get(key), ours, theirs, paired)


def _kept(access: Access, at: At) -> ConflictRow | None:
    with access.read("sync") as tx:
        rows = sync_state.open_conflicts(tx, access.organisation_id, at.pair.pair.id)
    return next((row for row in rows if row.key == at.key), None)


def _stands(row: ConflictRow, at: At) -> bool:
    said = [None if side is None else side["digest"] for side in (row.ours, row.theirs)]
    return said == [_digest(at.ours), _digest(at.theirs)]


def _bodies(side: Replica, entry: Entry | None) -> dict[str, bytes] | None:
    if entry is None:
        return None
    wanted = [(entry, leaf) for leaf in entry.leaves]
    return dict(zip((leaf.path for leaf in entry.leaves), side.read(wanted), strict=True))


def _base_bodies(access: Access, sides: Sides, at: At) -> dict[str, bytes] | None:
    """Return the files that both sides had last, as far as their bytes are still to be had."""
    if at.base is None:
        return None
    with access.read("sync") as tx:
        said = sync_state.base_files(tx, access.organisation_id, at.pair.pair.id, at.key)
        leaves = [leaf_from_json(one) for one in said or []]
        found = blobs.read_blobs(tx, access.organisation_id, {leaf.digest for leaf in leaves})
    if any(leaf.digest not in found for leaf in leaves):
        return _from_far(sides, leaves)
    return {leaf.path: found[leaf.digest] for leaf in leaves} or None


def _from_far(sides: Sides, leaves: Sequence[Leaf]) -> dict[str, bytes] | None:
    """Return files from the far side, which keeps what it had."""
    entry = Entry("", digest_of_leaves(leaves), tuple(leaves), "")
    try:
        found = list(sides.far.read([(entry, leaf) for leaf in leaves]))
    except (ConflictError, NotFoundError):
        return None
    return dict(zip((leaf.path for leaf in leaves), found, strict=True))


def _change(key: str, source: Entry | None, standing: Entry | None) -> Change:
    action = Action.DELETE if source is None else Action.CHANGE if standing else Action.ADD
    name = (source or standing).name if source or standing else key  # type: ignore[union-attr]
    return Change(key, name, action, None, source, standing)


def _kind(at: At) -> ConflictKind:
    if at.ours is None:
        return ConflictKind.DELETED_AND_CHANGED
    if at.theirs is None:
        return ConflictKind.CHANGED_AND_DELETED
    return ConflictKind.BOTH_CHANGED if at.base else ConflictKind.FIRST_CONTACT


def _digest(entry: Entry | None) -> str | None:
    return None if entry is None else entry.digest


def _shown(row: ConflictRow) -> SyncConflict:
    base, ours, theirs = (
        None if side is None else str(side["digest"]) for side in (row.base, row.ours, row.theirs)
    )
    key = f"{row.target}/{row.name}"
    return SyncConflict(key, row.kind, base, ours, theirs, utc(row.opened_at))


def _summed(summary: Mapping[str, int]) -> str:
    words = ("added", "modified", "removed", "moved", "failed", "conflicts")
    return ", ".join(f"{summary[word]:,} {word}" for word in words if summary.get(word))
