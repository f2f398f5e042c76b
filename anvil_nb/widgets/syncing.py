"""Where each target of a sync stands; plans, and what was planned carried out."""

from __future__ import annotations

import itertools
from threading import Lock
from typing import TYPE_CHECKING

from anvil_nb.errors import InvalidInputError, PlanMovedError, RefusedError
from anvil_nb.results import html
from anvil_nb.sync.targets import CLOUD, LOCAL
from anvil_nb.widgets.calls import call, work
from anvil_nb.widgets.places import nearby
from anvil_nb.widgets.reported import Reported
from anvil_nb.widgets.settling import ConflictsView
from anvil_nb.widgets.sync_settlement import SyncSettlement
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.standing import SyncStatus
    from anvil_nb.results.sync import SyncReport
    from anvil_nb.widgets.job import Job
    from anvil_nb.workspace import Workspace

_FINISHING = "Cancelling: what is being written is finished, and the rest is not begun"
_NOT_YET = "nothing was looked at yet."
_UNDER_WAY = "Wait until it has ended: what was done is shown here then."
_ANEW = "Plan it anew: what was seen is not what would be done now."


class SyncView(View):
    """What is here and what is elsewhere.

    Args:
        workspace: Whose folder, store and server they are.
    """

    name = "sync"
    title = "Sync"

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._status: SyncStatus | None = None
        self._report: SyncReport | None = None
        self._reported: Reported | None = None
        self._numbers = itertools.count(1)
        self._turn = Lock()  # held by what carries a plan out: one at a time

    def state(self) -> dict[str, Json]:
        """Return the targets by name; where they stand comes by a call, as it may take long."""
        remote = self.ws.settings.remote
        return {
            "remote": remote,
            "targets": [*LOCAL, *(CLOUD if remote else ())],
            "status": None if self._status is None else _stand(self._status, self.ws.root),
        }

    def to_html(self) -> html.Html:
        """Return the last report, and where the targets stood."""
        said = [one.to_html() for one in (self._report, self._status) if one is not None]
        return html.element("div", *said) if said else html.section("Sync", html.muted(_NOT_YET))

    def to_text(self) -> str:
        """Return the last report, and where the targets stood."""
        said = [one.to_text() for one in (self._report, self._status) if one is not None]
        return "\n\n".join(said) or f"Sync: {_NOT_YET}"

    @work
    def status(self, job: Job, *, remote: bool = True) -> Json:
        """Return where every target stands."""
        job.progress("looking at both sides")
        self._status = self.ws.sync_status(remote=remote)
        job.check()
        self.changed()
        return _stand(self._status, self.ws.root)

    @work
    def plan(self, job: Job, target: str, direction: str, *, delete: bool = False) -> Json:
        """Return what a sync would do."""
        job.progress(f"planning to {direction} {target}")
        report = self.ws.sync(target, direction, dry_run=True, delete=delete, on_conflict="stop")
        job.check()
        return self._told(report)

    @work
    def apply(  # noqa: PLR0913 - what a sync may say
        self,
        job: Job,
        target: str,
        direction: str,
        plan: str,
        *,
        delete: bool = False,
        force: bool = False,
        keep: bool = False,
    ) -> Json:
        """Carry out a plan that was seen; ``keep`` does the rest, and keeps conflicts to settle.

        A cancel takes effect between steps: the report says what was done, and what not begun.

        Raises:
            RefusedError: while another is carried out here.
            PlanMovedError: when the plan does not hold any more; nothing was done.
        """
        job.check()
        job.finishes(_FINISHING)

        def done(number: int, total: int) -> None:
            job.went_on(f"{number} of {total} changes", number / total if total else None)

        if not self._turn.acquire(blocking=False):
            raise RefusedError("a sync is being carried out here already", _UNDER_WAY)
        try:
            self._report = self.ws.sync(
                target,
                direction,
                dry_run=False,
                plan=plan,
                delete=delete,
                force=force,
                on_conflict="keep" if keep else "stop",
                progress=done,
                cancelled=lambda: job.cancelled,
            )
        except PlanMovedError as error:
            raise PlanMovedError(error.message, _ANEW) from error  # its own is for a terminal
        finally:
            self._turn.release()
        self.changed()
        return self._told(self._report)

    @call
    def more(self, number: int, name: str, start: int) -> Json:
        """Return more of a list of the report that has a number, from the row at ``start`` on."""
        shown = self._reported
        if shown is None or shown.number != number:
            msg = "another plan was made meanwhile"
            raise InvalidInputError(msg, "Plan it again, to see all of it.")
        return shown.page(name, start)

    def _told(self, report: SyncReport) -> Json:
        self._reported = Reported(report, next(self._numbers))
        return self._reported.to_json()

    @call
    def settle(self) -> Json:
        """Open what settles conflicts, below; return what the page mounts it by.

        When others are open than before, the event ``settled`` tells so: where the targets stand is
        to be looked at again.
        """
        seen: list[str] = []

        def told() -> None:
            now = [view.source.id]
            if seen != now:
                seen[:] = now
                self.tell("settled")

        view = ConflictsView(self.ws, SyncSettlement, told)
        seen.append(view.source.id)
        return self.open(view)


def _stand(status: SyncStatus, root: Path | None) -> Json:
    """Return where the targets stand, with their sides in few words too."""
    targets: list[Json] = []
    for one in status.targets:
        sides = [str(side) for side in (one.get("here"), one.get("there")) if side]
        places: list[Json] = [nearby(side, root) for side in sides]
        targets.append({**one, "places": places})
    return {"targets": targets, "conflicts": [one.to_json() for one in status.conflicts]}
