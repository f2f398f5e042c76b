"""All at once: files, database and bundles, and after a push the deployment.

Everything is planned before anything is done: a conflict or a guard in the last part keeps the
first from being carried out.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from anvil_nb.domain.plan import plan_id
from anvil_nb.domain.sync.planning import Direction
from anvil_nb.errors import AnvilError, InvalidInputError, PlanMovedError
from anvil_nb.results.sync import SyncReport
from anvil_nb.sync import doubles, engine, foreseeing
from anvil_nb.sync.cancelling import never
from anvil_nb.sync.reporting import CANCELLED, Reporting
from anvil_nb.sync.targets import ALL, CLOUD, sides_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from anvil_nb.access import Access
    from anvil_nb.results.deploying import DeployReport
    from anvil_nb.results.result import Result
    from anvil_nb.sync.cancelling import Cancelled
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.engine import Planned
    from anvil_nb.sync.options import Options
    from anvil_nb.sync.targets import Places

    Progress = Callable[[int, int], None]


def sync_all(  # noqa: PLR0913, PLR0917 - what a sync may say
    access: Access,
    places: Places,
    options: Options,
    deploy: Mapping[str, Any],
    progress: Progress | None = None,
    cancelled: Cancelled = never,
) -> SyncReport:
    """Carry out, or show, the sync of everything that a server has.

    Args:
        access: The store that remembers, and who acts.
        places: Where the sides are.
        options: How to go about it; a plan's id is that of all parts together.
        deploy: What the settings say about deploying; nothing where they are empty.
        progress: Is told how many changes of a part are done, of how many.
        cancelled: Tells whether to begin no other step.

    Raises:
        PlanMovedError: when the plan does not hold any more; nothing was done.
        SyncConflictError: for conflicts in any part under ``stop``; nothing was done.
        SyncGuardError: for a part that looks like an accident; nothing was done.
        AnvilError: for a part that a side would refuse, such as bundles by a key that is not
            trusted; nothing was done.
    """
    if options.filter:
        msg = "a filter goes with one target: names of all of them are no one list"
        raise InvalidInputError(msg, "Name the target: anvil sync files push --filter GLOB")
    one_by_one = replace(options, plan=None)
    if not options.dry_run:
        _recover(access, places)
    planned = [(sides, engine.plan(access, sides, one_by_one)) for sides in _all(access, places)]
    deployment = None
    if options.direction is Direction.PUSH and deploy:
        # Before anything is sent: what cannot be deployed for its settings is not begun.
        deployment = _deployment(access, places, deploy, dry_run=options.dry_run)
    whole = plan_id([options.direction.value, *(one.plan.id for _, one in planned)])
    if options.plan not in {None, whole}:
        msg = f"the plan {options.plan} does not hold any more; it is now {whole}"
        raise PlanMovedError(msg, f"Look again: anvil {options.direction.value} --dry-run")
    if not options.dry_run:
        _stop_where_one_would(access, planned, one_by_one)
    parts: list[Result] = []
    for sides, one in planned:
        part = replace(options, plan=options.plan and one.plan.id)
        if not options.dry_run and cancelled():
            parts.append(Reporting(sides, part, one).done({}, cancelled=True))
            continue
        with _saying(parts):
            parts.append(engine.sync(access, sides, part, progress, cancelled))
    reports = [part for part in parts if isinstance(part, SyncReport)]
    state = _state(reports)
    if deployment is not None and state in {"completed", "planned"}:
        done = deployment()
        parts.append(done)
        state = state if done.sound else "failed"
    return SyncReport(
        ALL,
        options.direction.value,
        options.dry_run,
        whole,
        state,
        unchanged=sum(report.unchanged for report in reports),
        parts=tuple(parts),
        notes=doubles.notes((planned[0][1], reports[0]), (planned[1][1], reports[1])),
    )


_WORST = ("conflict", "refused", "failed", CANCELLED, "partial")
"""States of a part that are those of the whole, the worst first."""


@contextmanager
def _saying(parts: Sequence[Result]) -> Iterator[None]:
    """Say of an error what was done before it."""
    try:
        yield
    except AnvilError as error:
        done = [part.target for part in parts if isinstance(part, SyncReport) and part.items]
        if done:
            said = f"Done before it, and lasting: {', '.join(done)}. The same command goes on."
            error.hint = f"{error.hint}\n{said}" if error.hint else said
        raise


def _deployment(
    access: Access, places: Places, deploy: Mapping[str, Any], *, dry_run: bool
) -> Callable[[], DeployReport]:
    """Return what deploys, or shows what that would do, once its settings were found sound."""
    from anvil_nb.deploying import carrying_out  # noqa: PLC0415 - only where it is configured
    from anvil_nb.deploying.plan import make_plan  # noqa: PLC0415 - see above
    from anvil_nb.remote.deployments import RemoteDeployments  # noqa: PLC0415 - see above

    plan = make_plan(deploy, places.cache.parent, access.clock())
    if not dry_run:
        plan.check(os.environ)

    def remote() -> RemoteDeployments:
        api = places.cloud()
        return RemoteDeployments(api.calls, api.path)

    return lambda: carrying_out.deploy(plan, remote, dry_run=dry_run)


def _all(access: Access, places: Places) -> list[Sides]:
    return [sides_of(access, places, target) for target in CLOUD]


def _recover(access: Access, places: Places) -> None:
    for sides in _all(access, places):
        sides.near.recover()
        sides.far.recover()


def _stop_where_one_would(
    access: Access, planned: Sequence[tuple[Sides, Planned]], options: Options
) -> None:
    """Let the part that has to stop do so before any other begins."""
    for sides, one in planned:
        if one.guards and not options.force:
            engine.sync(access, sides, options)
    for sides, one in planned:
        if one.plan.conflicts and options.on_conflict == "stop":
            engine.sync(access, sides, options)
    for sides, one in planned:
        if refusal := foreseeing.refusal(sides, one):
            raise refusal


def _state(reports: Sequence[SyncReport]) -> str:
    states = {report.state for report in reports}
    return next(
        (state for state in _WORST if state in states),
        "planned" if "planned" in states else "completed",
    )
