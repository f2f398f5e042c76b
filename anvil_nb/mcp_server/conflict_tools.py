"""The tools around a sync: where it stands, how two sides differ, and settling conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from mcp.types import InputRequiredResult
from pydantic import Field

from anvil_nb.errors import InvalidInputError
from anvil_nb.mcp_server.fields import LIST, PLAN, ROWS, STRING, Cursor
from anvil_nb.mcp_server.hints import CHOICES, call_of
from anvil_nb.mcp_server.planned import NEEDS_PLAN, Planned, Shown, carried_out
from anvil_nb.mcp_server.replies import Quote, Reply, cut, line_of, page_of, part_of
from anvil_nb.mcp_server.tool import Arguments, Tool
from anvil_nb.results.sync import KINDS

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.mcp_server.calls import Call
    from anvil_nb.results.settled import SyncSettled
    from anvil_nb.results.standing import SyncDifference, SyncStatus


_NOTE: Final = 160
_KEY: Final = 200


class StatusArguments(Arguments):
    """What may be asked of the state of syncs."""

    cloud: Annotated[bool, Field(description="Ask the server, too, where there is one.")] = True
    cursor: Cursor = ""


async def status(call: Call, said: StatusArguments) -> Reply:
    """Tell where every target stands."""
    found: SyncStatus = await call.do(call.workspace.sync_status, remote=said.cloud)
    rows: list[dict[str, Json]] = [_standing(dict(one)) for one in found.targets]
    rows += [
        {"key": one.key, "what": "conflict", "note": KINDS.get(one.kind, one.kind)}
        for one in found.conflicts
    ]
    page = page_of(rows, said.cursor, call.mark(said, len(found.conflicts)))
    lines = [f"{len(found.targets)} targets, {len(found.conflicts):,} open conflicts."]
    lines += [_standing_line(row) if "target" in row else line_of(row) for row in page.rows]
    if found.conflicts:
        lines.append("Next: " + call_of("sync_diff", {"key": found.conflicts[0].key}))
    data: dict[str, Json] = {"rows": [dict(row) for row in page.rows], "next_cursor": page.cursor}
    return Reply("\n".join(lines), data)


def _standing(one: dict[str, Any]) -> dict[str, Json]:
    kept = ("target", "to_push", "to_pull", "conflicts", "problems", "last")
    row: dict[str, Json] = {name: one[name] for name in kept if one.get(name) not in (None, "")}
    if "code" in one:
        row["note"] = cut(str(one["here"]), _NOTE)
    if one.get("guards"):
        row["note"] = f"looks like an accident: {', '.join(one['guards'])}"
    return row


def _standing_line(row: Any) -> str:
    said = [f"{name} {value}" for name, value in row.items() if name not in {"target", "note"}]
    return f"- {row['target']}: {row.get('note') or ', '.join(said)}"


class DiffArguments(Arguments):
    """What may be asked of one key."""

    key: str = Field(description="As sync and sync_status show it: skills/NAME, files/PATH …")
    show: Literal["diff", "merge"] = Field(
        "diff", description="merge: the text that has both changes, as a suggestion."
    )
    kept: Annotated[bool, Field(description="As both sides were when their conflict was kept.")] = (
        False
    )
    cursor: Cursor = ""


async def diff(call: Call, said: DiffArguments) -> Reply:
    """Show how the two sides of a key differ."""
    found: SyncDifference = await call.do(call.workspace.sync_diff, said.key, kept=said.kept)
    merge = "none" if not found.suggestion else "clean" if found.clean else "with marks"
    if said.show == "merge":
        if not found.suggestion:
            msg = f"there is no merge to suggest for {said.key}: its sides have no base, or no text"
            raise InvalidInputError(msg, "Take a side, or give a text of your own.")
        text = "\n".join(
            body if len(found.suggestion) == 1 else f"=== {path}\n{body}"
            for path, body in found.suggestion.items()
        )
    else:
        text = found.to_text()
    part, cursor = part_of(text, said.cursor, call.mark(said, text))
    lines = [f"{cut(found.key, _KEY)}: {cut(found.state, _NOTE)}; merge: {merge}."]
    lines.append("ours is disk or here, theirs is store or cloud.")
    if not call.desk.read_only:
        settle = call_of("sync_resolve", {"key": said.key, "choice": CHOICES})
        lines.append(f"To settle it: {settle}")
    data: dict[str, Json] = {
        "key": found.key,
        "state": found.state,
        "merge": merge,
        "text": part,
        "next_cursor": cursor,
    }
    return Reply("\n".join(lines), data, [Quote(f"The {said.show} of {cut(said.key, _KEY)}", part)])


class ResolveArguments(Planned):
    """How a key is to be settled."""

    key: str = Field(description="As sync_status shows it, or a glob: skills/*")
    choice: Literal["ours", "theirs", "both", "merged"] = Field(
        description="ours: disk or here stands on both sides. theirs: store or cloud does. both: "
        "ours, and theirs beside it. merged: text does."
    )
    text: str = Field("", description="With merged: the whole text of the file that differs.")


async def resolve(call: Call, said: ResolveArguments) -> Reply | InputRequiredResult:
    """Settle a conflict by a plan that was shown."""
    await call.do(call.desk.check_target, said.key.partition("/")[0])
    if (said.choice == "merged") != bool(said.text):
        msg = "merged needs a text" if not said.text else f"{said.choice} takes no text"
        raise InvalidInputError(msg, "See both sides: " + call_of("sync_diff", {"key": said.key}))
    merged = said.text if said.choice == "merged" else None

    def settled(*, dry_run: bool, plan: str | None = None) -> Any:
        return call.workspace.sync_resolve(
            said.key, said.choice, merged=merged, dry_run=dry_run, plan=plan
        )

    async def plan() -> Shown:
        seen = await call.do(settled, dry_run=True)
        return Shown(seen.plan, seen.to_text(), bool(seen.plan))

    async def apply(plan_id: str) -> Reply:
        return _settled(call, said, await call.do(settled, dry_run=False, plan=plan_id or None))

    if said.dry_run:
        return _settled(call, said, await call.do(settled, dry_run=True))
    return await carried_out(call, said, plan, apply)


def _settled(call: Call, said: ResolveArguments, found: SyncSettled) -> Reply:
    rows: list[dict[str, Json]] = [
        {
            "key": one.key,
            "what": one.status,
            **({"note": cut(one.message, _NOTE)} if one.message else {}),
        }
        for one in sorted(found.items, key=lambda one: one.sound)
    ]
    page = page_of(rows, "", call.mark(said, found.plan))
    lines = [f"{found.message}.", *map(line_of, page.rows)]
    if page.cursor:
        lines.append(f"… and {page.total - len(page.rows):,} more")
    if found.plan:
        asked = said.model_dump(exclude={"dry_run", "plan_id", "text"}, exclude_defaults=True)
        again = {**asked, **({"text": "…"} if said.text else {})}
        again |= {"dry_run": False, "plan_id": found.plan}
        lines.append("To carry it out: " + call_of("sync_resolve", again))
    elif found.dry_run:
        lines.append("There is nothing to settle.")
    data: dict[str, Json] = {
        "state": "planned" if found.dry_run else "done" if found.sound else "partial",
        "plan_id": found.plan,
        "rows": [dict(row) for row in page.rows],
    }
    return Reply("\n".join(lines), data)


TOOLS: Final = (
    Tool(
        name="sync_status",
        title="Where syncs stand",
        description="Tell for each target what there is to push and to pull, and list open "
        "conflicts. Begin here when asked about sync.",
        toolset="sync",
        right="sync",
        arguments=StatusArguments,
        output=ROWS,
        run=status,
        outside=True,
    ),
    Tool(
        name="sync_diff",
        title="Compare both sides",
        description="Show how the two sides of one key differ, or a merge of both. For versions "
        "of prompts use prompt_diff.",
        toolset="sync",
        right="sync",
        arguments=DiffArguments,
        output={
            "key": STRING,
            "state": STRING,
            "merge": {"enum": ["none", "clean", "with marks"]},
            "text": {"type": "string", "description": "Data."},
            "next_cursor": STRING,
        },
        run=diff,
        outside=True,
    ),
    Tool(
        name="sync_resolve",
        title="Settle a conflict",
        description="Make both sides of a key the same, or of all conflicts like a glob. "
        f"{NEEDS_PLAN} What is given up is kept in the history or the trash.",
        toolset="sync",
        right="sync",
        arguments=ResolveArguments,
        output={**PLAN, "rows": LIST},
        run=resolve,
        writes=True,
        destructive=True,
        outside=True,
    ),
)
