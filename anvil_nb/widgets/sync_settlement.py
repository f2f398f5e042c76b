"""The conflicts of syncs as something to settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from anvil_nb.domain.plan import plan_id
from anvil_nb.errors import AnvilError, InvalidInputError
from anvil_nb.results.settled import SAME
from anvil_nb.sync.reporting import CANCELLED
from anvil_nb.widgets.conflicts import MERGED, bodies_of_sync, of_sync
from anvil_nb.widgets.decisions import check_marks
from anvil_nb.widgets.settlement import Shown, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anvil_nb.results.settled import SyncSettled
    from anvil_nb.results.standing import SyncDifference
    from anvil_nb.widgets.conflicts import Bodies, Conflict
    from anvil_nb.widgets.job import Job
    from anvil_nb.widgets.settlement import Made, Progress
    from anvil_nb.workspace import Workspace

_HEADER = ("state", "decided", "key", "note")
_FINISHING = "Cancelling: what is being settled is finished, and the rest stays undecided"


class SyncSettlement(Source):
    """The conflicts that syncs have left open.

    Args:
        workspace: Whose they are.
    """

    whole: ClassVar[bool] = False
    verb: ClassVar[str] = "Settle"
    skipping: ClassVar[str] = "stays in conflict, and both sides as they are"

    def __init__(self, workspace: Workspace) -> None:
        super().__init__("Conflicts of syncs", "sync-decisions.json")
        self.ws = workspace
        self._seen: dict[str, SyncDifference] = {}
        self.look({}, lambda *_: None)

    def look(self, made: Made, progress: Progress) -> None:
        """Find the conflicts that are open, and keep what was decided on those."""
        progress("reading", None)
        found = self.ws.sync_conflicts().conflicts
        self._seen.clear()
        self.conflicts = {one.key: of_sync(one) for one in found}
        self.id = plan_id([[one.key, one.base, one.ours, one.theirs] for one in found])
        self.decided = {key: one for key, one in made.items() if key in self.conflicts}

    def changes_list(self, conflict: Conflict, choice: str) -> bool:
        """Tell whether a choice has to be tried out: a text may make nothing."""
        del conflict
        return choice == MERGED

    def bodies(self, key: str) -> Bodies:
        """Return the files in which both sides differ."""
        return bodies_of_sync(self._difference(key))

    def check(self, key: str, texts: Mapping[str, str]) -> tuple[str, ...]:
        """Refuse texts that do not make what they should; there is nothing else to note."""
        for name, text in texts.items():
            check_marks(name, text)
        self._tried({key: {MERGED: dict(texts)}}, dry_run=True, only=key)
        return ()

    def plan(self, progress: Progress, *, skip: bool) -> Shown:
        """Return what settling would do to the conflicts that are open by now."""
        self.look(self.decided, progress)
        progress("reading both sides", None)
        settled = self._tried(self.decided, dry_run=True)
        stays = tuple(f"{one.key} {self.skipping}" for one in self.open)
        plan = settled.plan if skip or not stays else ""
        return self._shown(settled, plan, stays)

    def apply(self, plan: str, job: Job, *, skip: bool) -> Shown:
        """Settle what is decided, and see what is left.

        A cancel takes effect between conflicts: what was decided on the rest stays decided.
        """
        del skip  # what is not decided is left alone
        job.progress("reading both sides")
        job.finishes(_FINISHING)
        stays = tuple(f"{one.key} {self.skipping}" for one in self.open)
        try:
            settled = self._tried(self.decided, dry_run=False, plan=plan, job=job)
        except AnvilError:
            self.look(self.decided, lambda *_: None)  # some of it may be settled by now
            raise
        left = tuple(item.key for item in settled.items if item.status == CANCELLED)
        self.done = self._shown(settled, "", stays, left)
        # One that moved is kept anew, and is to be looked at again. What was written is written:
        # nobody cancels from here on.
        self.look({key: self.decided[key] for key in left}, lambda *_: None)
        return self.done

    def _shown(
        self,
        settled: SyncSettled,
        plan: str,
        stays: tuple[str, ...],
        left: tuple[str, ...] = (),
    ) -> Shown:
        rows = tuple(
            # Of what is the same already it does not matter any more what was decided.
            (
                item.status,
                "" if item.status == SAME else self.choice(item.key),
                item.key,
                item.message,
            )
            for item in settled.items
        )
        return Shown(settled, settled.message, _HEADER, rows, plan, stays, left=left)

    def _difference(self, key: str) -> SyncDifference:
        if key not in self._seen:
            self._seen[key] = self.ws.sync_diff(key)
        return self._seen[key]

    def _tried(
        self,
        made: Made,
        *,
        dry_run: bool,
        plan: str | None = None,
        only: str = "",
        job: Job | None = None,
    ) -> SyncSettled:
        if not made:
            raise InvalidInputError("nothing is decided yet", "Decide a conflict first.")
        said = {
            key: one if isinstance(one, str) else {MERGED: self._files(key, one[MERGED])}
            for key, one in made.items()
        }
        settled = self.ws.sync_settle(
            said,
            plan=plan,
            dry_run=dry_run,
            progress=None if job is None else _told(job),
            cancelled=None if job is None else lambda: job.cancelled,
        )
        if only and not settled.items[0].sound:
            raise InvalidInputError(settled.items[0].message, "Mend the text, or take a side.")
        return settled

    def _files(self, key: str, texts: Mapping[str, str]) -> Any:
        """Return all files of a result: the merged texts, and what is the same on both sides."""
        difference = self._difference(key)
        standing = difference.ours if difference.ours is not None else difference.theirs
        files: dict[str, str | bytes] = dict(standing or {})
        return {**(difference.theirs or {}), **files, **texts}


def _told(job: Job) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        job.went_on(f"settled {done:,} of {total:,}", done / total if total else None)

    return tell
