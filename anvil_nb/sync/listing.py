"""Listing what syncs left behind: the conflicts that are open, and the runs that there were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog.listing import check_limit
from anvil_nb.results.result import shown, utc
from anvil_nb.results.standing import SyncConflicts, SyncHistory
from anvil_nb.results.sync import SyncConflict
from anvil_nb.store import sync_conflicts, sync_runs
from anvil_nb.sync.remembering import RUNNING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.access import Access
    from anvil_nb.store.sync_conflicts import ConflictRow

_COUNTED = ("added", "modified", "removed", "moved", "failed", "conflicts")


def open_conflicts(access: Access) -> SyncConflicts:
    """Return the conflicts that nobody has settled."""
    with access.read("sync") as tx:
        rows = sync_conflicts.open_conflicts(tx, access.organisation_id)
    return SyncConflicts(tuple(_shown(row) for row in rows))


def history(access: Access, target: str | None = None, limit: int = 50) -> SyncHistory:
    """Return the syncs that were carried out, newest first.

    Raises:
        InvalidInputError: for a limit that is none.
    """
    check_limit(limit)
    with access.read("sync") as tx:
        rows = sync_runs.runs(tx, access.organisation_id, target, limit)
    return SyncHistory(
        tuple(
            {
                "id": str(row.id),
                "when": shown(utc(row.begun_at)),
                "target": row.target,
                "direction": row.direction,
                # A run that was killed cannot say so: it looks like one that is under way.
                "state": "not ended" if row.state == RUNNING else row.state,
                "by": row.by,
                "plan": row.plan,
                "done": _summed(row.report.get("summary", {})),
                "summary": row.report.get("summary", {}),
            }
            for row in rows
        )
    )


def _shown(row: ConflictRow) -> SyncConflict:
    base, ours, theirs = (None if side is None else str(side["digest"]) for side in row.sides)
    key = f"{row.target}/{row.name}"
    return SyncConflict(key, row.kind, base, ours, theirs, utc(row.opened_at))


def _summed(summary: Mapping[str, int]) -> str:
    return ", ".join(f"{summary[word]:,} {word}" for word in _COUNTED if summary.get(word))
