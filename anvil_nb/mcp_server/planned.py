"""Carrying out: by a plan that was shown before, or after somebody said yes to it.

A plan holds for one time, and only while both sides are what they were: services see to that. Here
it is seen to that there was one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mcp.types import InputRequiredResult

from anvil_nb.errors import RefusedError
from anvil_nb.mcp_server.fields import DryRun, PlanId
from anvil_nb.mcp_server.hints import call_of
from anvil_nb.mcp_server.tool import Arguments

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from anvil_nb.mcp_server.calls import Call
    from anvil_nb.mcp_server.replies import Reply

NEEDS_PLAN: Final = "First a dry run (the default), then dry_run false with its plan_id."


class Planned(Arguments):
    """Arguments of a tool that plans first."""

    dry_run: DryRun = True
    plan_id: PlanId = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan as somebody is shown it.

    Args:
        id: Of the plan.
        text: What it comes to.
        waits: Whether there is anything to do.
    """

    id: str
    text: str
    waits: bool = True


async def carried_out(
    call: Call,
    said: Planned,
    plan: Callable[[], Awaitable[Shown]],
    apply: Callable[[str], Awaitable[Reply]],
) -> Reply | InputRequiredResult:
    """Carry a plan out.

    Args:
        call: Of the tool.
        said: Its arguments. Without a plan's id the client is to ask somebody.
        plan: Returns the plan as things stand.
        apply: Carries out the plan of an id, and refuses any other.

    Raises:
        RefusedError: without a plan, where nobody can be asked, or where somebody said no.
    """
    if said.plan_id:
        return await apply(said.plan_id)
    if not call.can_ask:
        msg = f"{call.tool} carries out only a plan that was shown, and no plan_id was given"
        asked = said.model_dump(exclude_defaults=True, exclude={"dry_run", "plan_id"})
        raise RefusedError(msg, f"Next: {call_of(call.tool, {**asked, 'dry_run': True})}")
    shown = await plan()
    if not shown.waits:
        return await apply(shown.id)
    answer = await call.ask(f"{shown.text}\n\nCarry this out?", shown.id)
    if isinstance(answer, InputRequiredResult):
        return answer
    if not answer:
        msg = "whoever was asked did not agree, and nothing was done"
        raise RefusedError(msg, "Do not try again unless they ask for it.")
    return await apply(shown.id)
