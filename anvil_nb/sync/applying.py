"""Applying a plan: what changed is written, and what both sides have by then is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.sync.planning import BELOW
from anvil_nb.store import sync_conflicts, sync_pairs, sync_runs
from anvil_nb.sync import conflicts
from anvil_nb.sync.cancelling import NotBegunError, never
from anvil_nb.sync.remembering import FAILED, RUNNING, run_row
from anvil_nb.sync.replica import Run, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from anvil_nb.access import Access
    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.results.sync import SyncReport
    from anvil_nb.store.sync_conflicts import ConflictRow
    from anvil_nb.sync.cancelling import Cancelled
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.engine import Planned
    from anvil_nb.sync.options import Options
    from anvil_nb.sync.replica import Fetch, Outcome, Replica, Wanted
    from anvil_nb.sync.reporting import Reporting

    Progress = Callable[[int, int], None]

BATCH = 5_000
"""How many changes are confirmed before what both sides agree on is recorded."""
AGREED = "agreed"
"""The choice of a conflict that went away by itself."""


class Applying:
    """One apply; what was done grows as it is confirmed.

    Args:
        access: The store that remembers, and who acts.
        sides: The two replicas.
        options: How to go about it.
        planned: What to do.
        reporting: Makes the report.
        progress: Is told how many changes are done, of how many; what it raises ends the apply.
        cancelled: Tells whether to begin no other step.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - an apply takes all of these
        self,
        access: Access,
        sides: Sides,
        options: Options,
        planned: Planned,
        reporting: Reporting,
        progress: Progress | None,
        cancelled: Cancelled = never,
    ) -> None:
        self.access, self.sides, self.options = access, sides, options
        self.planned, self.reporting, self.progress = planned, reporting, progress
        self.cancelled = cancelled
        self.row = run_row(access, planned, RUNNING)
        self.total = len(planned.here) + len(planned.there)
        self.outcomes: dict[str, Outcome] = {}
        self.unrecorded: dict[str, tuple[str, str] | None] = {}

    def run(self) -> SyncReport:
        """Write what changed, and say what became of it."""
        self._agree_on_what_is_the_same()
        if not self.total:
            self._close_conflicts()
            return self.reporting.done(self.outcomes)
        if self.cancelled():
            return self.reporting.done(self.outcomes, cancelled=True)
        with self.access.write("sync") as tx:
            organisation_id, made = self.access.organisation_id, self.planned.plan
            sync_runs.forget_plans(tx, organisation_id, made.target, made.id)
            sync_runs.begin_run(tx, self.access.actor, self.row)
        near, far = self.sides.near, self.sides.far
        try:
            self._write(far, near, self.planned.there)
            if not self.cancelled():
                self._write(near, far, self.planned.here)
        except BaseException:
            self._record()
            self._end(FAILED, self.reporting.done(self.outcomes))
            raise
        self._close_conflicts()
        report = self.reporting.done(self.outcomes, cancelled=self.cancelled())
        self._end(report.state, report)
        return report

    def _write(self, destination: Replica, source: Replica, changes: Sequence[Change]) -> None:
        if not changes:
            return
        by_key = {change.key: change for change in changes}
        run = Run(self.row.id, self.cancelled)
        for outcome in _begun(destination.apply(changes, self._watched(source), run)):
            self.outcomes[outcome.key] = outcome
            if outcome.status is Status.DONE:
                entry = by_key[outcome.key].source
                self.unrecorded[outcome.key] = (
                    None if entry is None else (entry.digest, conflicts.files_of(entry))
                )
                if len(self.unrecorded) >= BATCH:
                    self._record()
            self._tell()
        self._record()

    def _watched(self, source: Replica) -> Fetch:
        """Return what reads from a side, and tells of it: there a long apply can be ended."""

        def read(wanted: Sequence[Wanted]) -> Iterator[bytes]:
            for data in source.read(wanted):
                if self.cancelled():
                    raise NotBegunError
                self._tell()
                yield data

        return read

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(len(self.outcomes), self.total)

    def _record(self) -> None:
        """Record what both sides have by now."""
        if self.unrecorded:
            with self.access.write("sync") as tx:
                pair = self.planned.paired.pair
                sync_pairs.agree(tx, self.access.organisation_id, pair.id, self.unrecorded)
            self.unrecorded = {}

    def _agree_on_what_is_the_same(self) -> None:
        near = self.planned.near.entries
        self.unrecorded = {
            key: None if digest is None else (digest, conflicts.files_of(near[key]))
            for key, digest in self.planned.plan.agreed.items()
        }
        self._record()

    def _close_conflicts(self) -> None:
        """Close the conflicts that were settled, here or by people who made both sides agree."""
        pair_id = self.planned.paired.pair.id
        with self.access.read("sync") as tx:
            known = sync_conflicts.open_conflicts(tx, self.access.organisation_id, pair_id)
        if not known:
            return
        still = {one.key for one in self.planned.plan.conflicts}
        agreed = [one.key for one in known if one.key not in still and self._is_over(one)]
        taken = [one.key for one in known if one.key in still and self._is_done(one.key)]
        for keys, choice in ((agreed, AGREED), (taken, self.options.on_conflict)):
            if keys:
                with self.access.write("sync") as tx:
                    actor, now = self.access.actor, self.access.now()
                    sync_conflicts.settle(tx, actor, pair_id, keys, choice, now)

    def _is_done(self, key: str) -> bool:
        return key in self.outcomes and self.outcomes[key].status is Status.DONE

    def _is_over(self, row: ConflictRow) -> bool:
        """Tell whether a conflict is none any more, and not only left out or unreadable now."""
        if row.key in self.planned.plan.inputs:
            return True
        ours = self.planned.near.entries.get(row.key)
        theirs = self.planned.far.entries.get(row.key)
        if ours is None or theirs is None:
            return ours is theirs and not self._is_unread(row.key)
        return ours.digest == theirs.digest

    def _is_unread(self, key: str) -> bool:
        problems = (*self.planned.near.problems, *self.planned.far.problems)
        return any(
            one.key.removesuffix(BELOW) == key
            or (one.key.endswith(BELOW) and key.startswith(one.key.removesuffix(BELOW[1:])))
            for one in problems
        )

    def _end(self, state: str, report: SyncReport) -> None:
        with self.access.write("sync") as tx:
            sync_runs.end_run(
                tx,
                self.access.organisation_id,
                self.row.id,
                state,
                {"summary": report.counts()},
                self.access.now(),
            )


def _begun(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Yield outcomes until a step is not to begin any more."""
    try:
        yield from outcomes
    except NotBegunError:
        return
