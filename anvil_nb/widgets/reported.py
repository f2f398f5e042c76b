"""A report of a sync as a page takes it: all counts, and its lists a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.errors import InvalidInputError
from anvil_nb.results.sync import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.sync import SyncReport

PAGE = 200
"""How many rows of each list are sent at a time."""


class Reported:
    """One report.

    Args:
        report: Of a plan, or of what was done.
        number: What tells it from those before it.
    """

    def __init__(self, report: SyncReport, number: int) -> None:
        self.report, self.number = report, number
        rest = [] if report.dry_run else [one for one in report.items if one.status != "done"]
        left = {one.key for one in rest}
        written = [one for one in report.items if one.key not in left]
        self._lists: Mapping[str, Sequence[tuple[str, str, str]]] = {
            "written": [(one.action, one.name, one.message) for one in written],
            "unwritten": [(one.action, one.name, one.message) for one in rest],
            "conflicts": [
                ("conflict", one.key, KINDS.get(one.kind, one.kind)) for one in report.conflicts
            ],
            "waiting": [("waiting", one.key, one.why) for one in report.waiting],
            "problems": [("problem", one.key, one.why) for one in report.problems],
        }

    def to_json(self) -> dict[str, Json]:
        """Return the first page of each list, and all else."""
        report, refusal = self.report, self.report.refusal
        counts: dict[str, Json] = dict(report.counts())
        return {
            "number": self.number,
            "target": report.target,
            "direction": report.direction,
            "plan": report.plan,
            "state": report.state,
            "dry_run": report.dry_run,
            "counts": counts,
            "all": len(report.items),
            "lists": {name: self.page(name, 0) for name in self._lists},
            "guards": [*report.guards],
            "refusal": None if refusal is None else refusal.to_json(),
            "notes": [*report.notes],
        }

    def page(self, name: str, start: int) -> dict[str, Json]:
        """Return some of a list from the row at ``start`` on: what it is, its name, a note.

        Raises:
            InvalidInputError: for a list that there is not.
        """
        if name not in self._lists:
            msg = f"a sync has no list '{name}'"
            raise InvalidInputError(msg, f"It is one of: {', '.join(self._lists)}")
        found = self._lists[name]
        some = found[start : start + PAGE]
        return {"count": len(found), "start": start, "rows": [[*row] for row in some]}
