"""The tools of sync: what there is to do, doing it by a plan that was shown, and conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from mcp.types import InputRequiredResult
from pydantic import Field

from anvil_nb.mcp_server.fields import LIST, PLAN, ROWS, Cursor
from anvil_nb.mcp_server.hints import call_of
from anvil_nb.mcp_server.planned import NEEDS_PLAN, Planned, Shown, carried_out
from anvil_nb.mcp_server.replies import Reply, cut, line_of, page_of
from anvil_nb.mcp_server.tool import Tool
from anvil_nb.results.sync import KINDS, SyncReport
from anvil_nb.sync.options import KEEP, STOP

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.mcp_server.calls import Call

_NOTE: Final = 160
_KEY: Final = 200


class SyncArguments(Planned):
    """What a sync may be asked."""

    target: Literal["files", "database", "skills", "content", "agents", "bundles", "all"] = Field(
        description="skills, content, agents: disk and store. files, database, bundles: here and "
        "the cloud. all: those three."
    )
    direction: Literal["push", "pull"] = Field(
        description="push: disk to store, or here to cloud. pull: the other way."
    )
    filter: str = Field("", description="Globs over names, with commas: inspect_*,blog/**")
    cursor: Cursor = ""
    delete: Annotated[bool, Field(description="Carry deletions over, too.")] = False
    on_conflict: Literal["stop", "ours", "theirs", "keep"] = Field(
        "stop",
        description="stop: do nothing. keep: leave conflicts open and do the rest. ours (disk or "
        "here), theirs (store or cloud): take that side.",
    )


async def sync(call: Call, said: SyncArguments) -> Reply | InputRequiredResult:
    """Plan a sync, or carry one out."""
    how: dict[str, Any] = {
        "filter": said.filter,
        "delete": said.delete,
        "on_conflict": said.on_conflict,
    }
    places = (said.target, said.direction)
    await call.do(call.desk.check_target, said.target)
    if said.dry_run:
        report = await call.do(call.workspace.sync, *places, dry_run=True, **how)
        return _planned(call, said, report)

    async def plan() -> Shown:
        seen = await call.do(call.workspace.sync, *places, dry_run=True, **how)
        return Shown(seen.plan, seen.to_text(), _waits(seen))

    async def apply(plan_id: str) -> Reply:
        progress = call.progress(f"sync {said.target} {said.direction}")
        done = await call.do(
            call.workspace.sync, *places, dry_run=False, plan=plan_id, progress=progress, **how
        )
        return _done(call, said, done)

    return await carried_out(call, said, plan, apply)


def _planned(call: Call, said: SyncArguments, report: SyncReport) -> Reply:
    lines = [f"Plan of sync {said.target} {said.direction}: {_counted(report)}."]
    conflicts = _conflicts(report) if said.on_conflict == STOP else []
    plan = ""
    if any(one.guards for one in _parts(report)):
        lines.append("This looks like an accident and will be refused; ask a person. See the rows.")
    elif conflicts:
        see = call_of("sync_diff", {"key": conflicts[0].key})
        lines.append(f"Nothing will be done before the conflicts are settled. Next: {see}")
        rest = {**_options(said), "on_conflict": KEEP}
        lines.append("Or plan all the rest: " + call_of("sync", rest))
    elif _waits(report):
        plan = report.plan
        again = {**_options(said), "dry_run": False, "plan_id": plan}
        lines.append("To carry it out: " + call_of("sync", again))
    else:
        lines.append("There is nothing to do.")
    return _reply(call, said, report, lines, plan)


def _done(call: Call, said: SyncArguments, report: SyncReport) -> Reply:
    lines = [f"Synced {said.target} {said.direction}: {_counted(report)}."]
    if not report.sound:
        lines.append("Not all of it was done: see the rows. The same dry run shows what is left.")
    return _reply(call, said, report, lines, "")


def _reply(
    call: Call, said: SyncArguments, report: SyncReport, lines: list[str], plan: str
) -> Reply:
    rows = [row for part in _parts(report) for row in _rows(part, of_many=bool(report.parts))]
    page = page_of(rows, said.cursor, call.mark(said, report.plan, report.dry_run))
    notes: list[Json] = [cut(note, _NOTE) for part in _parts(report) for note in part.notes]
    others = [part for part in report.parts if not isinstance(part, SyncReport)]
    notes += [cut(line, _NOTE) for part in others for line in part.to_text().splitlines()]
    if page.said:
        lines.append(page.said)
    lines += [line_of(row) for row in page.rows]
    lines += [f"note: {note}" for note in notes[:_NOTES]]
    data: dict[str, Json] = {
        "state": report.state,
        "plan_id": plan,
        "counts": {name: number for name, number in report.counts().items() if number},
        "rows": [dict(row) for row in page.rows],
        "notes": notes[:_NOTES],
        "next_cursor": page.cursor,
    }
    return Reply("\n".join(lines), data)


_NOTES: Final = 10


def _options(said: SyncArguments) -> dict[str, Any]:
    """Return the arguments under which the plan is this one."""
    return {
        name: value
        for name, value in said.model_dump(exclude={"dry_run", "plan_id", "cursor"}).items()
        if value not in ("", False) and (name, value) != ("on_conflict", STOP)
    }


def _waits(report: SyncReport) -> bool:
    """Tell whether there is anything to carry out; a deployment that is configured is, too."""
    deploys = any(not isinstance(part, SyncReport) for part in report.parts)
    return deploys or any(part.items for part in _parts(report))


def _parts(report: SyncReport) -> list[SyncReport]:
    if not report.parts:
        return [report]
    return [part for part in report.parts if isinstance(part, SyncReport)]


def _conflicts(report: SyncReport) -> list[Any]:
    return [one for part in _parts(report) for one in part.conflicts]


def _counted(report: SyncReport) -> str:
    said = [f"{number:,} {what}" for what, number in report.counts().items() if number]
    return ", ".join(said) or "nothing there"


def _rows(report: SyncReport, *, of_many: bool) -> list[dict[str, Json]]:
    """Return what a person would see, the most important first."""
    prefix = f"{report.target}/"
    rows: list[dict[str, Json]] = [
        {"key": prefix, "what": "guard", "note": cut(said, _NOTE)} for said in report.guards
    ]
    rows += [
        {"key": one.key, "what": "conflict", "note": KINDS.get(one.kind, one.kind)}
        for one in report.conflicts
    ]
    rows += [_left(prefix, "problem", one.key, one.why) for one in report.problems]
    rows += [
        {
            "key": prefix + cut(one.name, _KEY) if of_many else cut(one.name, _KEY),
            "what": one.action,
            "size": one.size,
            **({} if one.status in {"planned", "done"} else {"status": one.status}),
            **({"note": cut(one.message, _NOTE)} if one.message else {}),
        }
        for one in sorted(report.items, key=lambda one: one.status in {"planned", "done"})
    ]
    return rows + [_left(prefix, "waiting", one.key, one.why) for one in report.waiting]


def _left(prefix: str, what: str, key: str, why: str) -> dict[str, Json]:
    return {"key": cut(prefix + key, _KEY), "what": what, "note": cut(why, _NOTE)}


TOOLS: Final = (
    Tool(
        name="sync",
        title="Push or pull",
        description="Push or pull skills, content, agents, files, database records, bundles, or "
        f"all. {NEEDS_PLAN} Nothing is overwritten silently: what both sides changed is a conflict "
        "(sync_diff, sync_resolve). For an overview use sync_status.",
        toolset="sync",
        right="sync",
        arguments=SyncArguments,
        output={**PLAN, "counts": {"type": "object"}, **ROWS, "notes": LIST},
        run=sync,
        writes=True,
        destructive=True,
        idempotent=True,
        outside=True,
    ),
)
