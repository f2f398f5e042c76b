"""The tools of versions: compare, publish, label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from mcp.types import InputRequiredResult
from pydantic import Field

from anvil_nb.mcp_server.fields import LIST, PLAN, STRING, TEXT, Cursor, Message
from anvil_nb.mcp_server.hints import call_of
from anvil_nb.mcp_server.planned import NEEDS_PLAN, Planned, Shown, carried_out
from anvil_nb.mcp_server.replies import Quote, Reply, part_of
from anvil_nb.mcp_server.tool import Arguments, Tool

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.mcp_server.calls import Call


class DiffArguments(Arguments):
    """What to compare."""

    old: str = Field(description="A set or a prompt, with a selector.")
    new: str = Field("", description="The other one; without it, latest is compared with draft.")
    cursor: Cursor = ""


async def diff(call: Call, said: DiffArguments) -> Reply:
    """Compare two versions, drafts or labels."""
    found = await call.do(call.workspace.diff, said.old, said.new or None)
    text = found.to_text()
    part, cursor = part_of(text, said.cursor, call.mark(said, text))
    prompts: list[Json] = [f"{one.kind} {one.name}" for one in found.prompts[:_PROMPTS]]
    bump = found.bump or "no"
    line = f"{found.old} → {found.new}: {len(found.prompts):,} differ; calls for {bump} version."
    data: dict[str, Json] = {
        "old": found.old,
        "new": found.new,
        "bump": found.bump,
        "prompts": prompts,
        "text": part,
        "next_cursor": cursor,
    }
    return Reply(line, data, [Quote("The differences", part)])


_PROMPTS: Final = 50


class PublishArguments(Planned):
    """What to publish."""

    address: str = Field(description="project/set")
    message: str = Field("", description="The changelog entry.")
    bump: Literal["", "patch", "minor", "major"] = Field(
        "", description="Higher than the changes call for; never lower."
    )
    version: str = Field("", description="An exact number, in place of bump.")


async def publish(call: Call, said: PublishArguments) -> Reply | InputRequiredResult:
    """Publish a set by a plan that was shown."""

    def published(*, dry_run: bool, plan: str | None = None) -> Any:
        return call.workspace.publish(
            said.address,
            bump=said.bump or None,
            version=said.version or None,
            message=said.message,
            plan=plan,
            dry_run=dry_run,
        )

    async def plan() -> Shown:
        seen = await call.do(published, dry_run=True)
        return Shown(seen.plan, seen.to_text(), seen.created)

    async def apply(plan_id: str) -> Reply:
        done = await call.do(published, dry_run=False, plan=plan_id)
        return _planned_reply(call, said, done.to_text(), "", done.to_json())

    if said.dry_run:
        seen = await call.do(published, dry_run=True)
        plan_id = seen.plan if seen.created else ""
        return _planned_reply(call, said, seen.to_text(), plan_id, seen.to_json())
    return await carried_out(call, said, plan, apply)


class LabelArguments(Planned):
    """Which label to move where."""

    address: str = Field(description="project/set@1.2.0, the version; with remove project/set.")
    label: str = Field(description="production, staging …")
    remove: Annotated[bool, Field(description="Take the label away.")] = False
    message: Message = ""


async def label(call: Call, said: LabelArguments) -> Reply | InputRequiredResult:
    """Move a label by a plan that was shown."""
    work = call.workspace.unlabel if said.remove else call.workspace.label

    def moved(*, dry_run: bool, plan: str | None = None) -> Any:
        return work(said.address, said.label, message=said.message, plan=plan, dry_run=dry_run)

    async def plan() -> Shown:
        seen = await call.do(moved, dry_run=True)
        return Shown(str(seen.facts["plan"]), seen.message, _moves(seen.facts))

    async def apply(plan_id: str) -> Reply:
        done = await call.do(moved, dry_run=False, plan=plan_id)
        return _planned_reply(call, said, done.message, "", done.facts)

    if said.dry_run:
        seen = await call.do(moved, dry_run=True)
        plan_id = str(seen.facts["plan"]) if _moves(seen.facts) else ""
        return _planned_reply(call, said, seen.message, plan_id, seen.facts)
    return await carried_out(call, said, plan, apply)


def _moves(data: Any) -> bool:
    return bool(data["version"] != data["previous"])


def _planned_reply(call: Call, said: Arguments, text: str, plan: str, data: Any) -> Reply:
    """Return a plan with the call that carries it out, or what was done."""
    lines = [text]
    if plan:
        asked = said.model_dump(exclude={"dry_run", "plan_id"}, exclude_defaults=True)
        again = {**asked, "dry_run": False, "plan_id": plan}
        lines.append("To carry it out: " + call_of(call.tool, again))
    kept = ("address", "version", "previous", "bump", "reasons", "label")
    told = {name: data[name] for name in kept if data.get(name) not in (None, [], "")}
    state = "planned" if getattr(said, "dry_run", False) else "done"
    return Reply("\n".join(lines), {"state": state, "plan_id": plan, **told})


TOOLS: Final = (
    Tool(
        name="prompt_diff",
        title="Compare versions",
        description="Show how two versions, labels or drafts of a set or prompt differ, and the "
        "version that calls for.",
        toolset="prompts",
        right="read:prompts",
        arguments=DiffArguments,
        output={
            "old": STRING,
            "new": STRING,
            "bump": STRING,
            "prompts": LIST,
            "text": TEXT,
            "next_cursor": STRING,
        },
        run=diff,
    ),
    Tool(
        name="prompt_publish",
        title="Publish a version",
        description="Publish the draft of a set as a version that never changes; applications that "
        f"follow latest get it. {NEEDS_PLAN}",
        toolset="prompts",
        right="write:prompts",
        arguments=PublishArguments,
        output={**PLAN, "address": STRING, "version": STRING, "reasons": LIST},
        run=publish,
        writes=True,
        destructive=True,
        idempotent=True,
    ),
    Tool(
        name="prompt_label",
        title="Move a label",
        description="Point a label such as production to a version, or remove it; applications "
        f"that follow it get that version. {NEEDS_PLAN} To go back, point it to an older version.",
        toolset="prompts",
        right="write:prompts",
        arguments=LabelArguments,
        output={**PLAN, "address": STRING, "version": STRING, "previous": STRING},
        run=label,
        writes=True,
        destructive=True,
        idempotent=True,
    ),
)
