"""Where every target stands: what a push and a pull would do, conflicts, and the last sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.sync.planning import Direction
from anvil_nb.errors import AnvilError, RemoteUnreachableError
from anvil_nb.results.result import shown, utc
from anvil_nb.results.standing import SyncStatus
from anvil_nb.store import sync_runs
from anvil_nb.sync import engine, listing
from anvil_nb.sync.options import Options
from anvil_nb.sync.targets import CLOUD, LOCAL, sides_of

if TYPE_CHECKING:
    from anvil_nb.access import Access
    from anvil_nb.domain.digest import Json
    from anvil_nb.sync.targets import Places


def status(access: Access, places: Places, *, remote: bool) -> SyncStatus:
    """Return where every target stands; what cannot be asked says why.

    A server that cannot be reached is asked for one target, and not again for the others.
    """
    conflicts = listing.open_conflicts(access).conflicts
    lines = []
    out_of_reach: RemoteUnreachableError | None = None
    for target in (*LOCAL, *(CLOUD if remote else ())):
        line: dict[str, Json] = {"target": target}
        try:
            if out_of_reach is not None:
                raise out_of_reach
            line |= _line(access, places, target)
        except AnvilError as error:
            line |= {"here": error.message, "code": error.code}
            if isinstance(error, RemoteUnreachableError):
                out_of_reach = error
        line["conflicts"] = sum(one.key.startswith(f"{target}/") for one in conflicts)
        line["last"] = _last(access, target)
        lines.append(line)
    return SyncStatus(tuple(lines), conflicts)


def _line(access: Access, places: Places, target: str) -> dict[str, Json]:
    sides = sides_of(access, places, target)
    planned = engine.plan(access, sides, Options(Direction.PUSH, delete=True))
    return {
        "here": sides.near.location,
        "there": sides.far.location,
        "to_push": len(planned.plan.changes),
        "to_pull": sum(not one.stays for one in planned.plan.waiting),
        "apart": len(planned.plan.conflicts),
        "unchanged": planned.plan.unchanged,
        "problems": len(planned.plan.problems),
        "guards": [guard.name for guard in planned.guards],
    }


def _last(access: Access, target: str) -> str:
    with access.read("sync") as tx:
        runs = sync_runs.runs(tx, access.organisation_id, target, 1)
    if not runs:
        return ""
    return f"{runs[0].direction} {shown(utc(runs[0].begun_at))}, {runs[0].state}"
