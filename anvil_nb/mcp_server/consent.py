"""Consent: a person is asked whether a plan may be carried out, where the client can ask.

Of the two eras of the protocol the older lets a server ask in the middle of a call. Since
2026-07-28 the answer of a call may be a question: the client asks, and calls again with what was
said and with the state that it was given, which the SDK seals. That state is the id of the plan
that was shown, so what is carried out is what somebody said yes to, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server.mcpserver import AcceptedElicitation
from mcp.types import (
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context

_KEY = "apply"


class Yes(BaseModel):
    """What is asked for."""

    apply: bool = Field(description="Whether to carry the plan out.")


def can_ask(context: Context) -> bool:
    """Tell whether the client can ask somebody by a form."""
    capabilities = context.client_capabilities
    return capabilities is not None and capabilities.elicitation is not None


def shown_plan(context: Context) -> str | None:
    """Return the plan that was answered to in this call; ``None`` where nothing was asked yet."""
    return context.request_state if context.input_responses else None


async def ask(context: Context, question: str, plan: str) -> bool | InputRequiredResult:
    """Ask whether a plan may be carried out.

    Returns:
        Whether somebody said yes, or the question, which is the answer of this call.
    """
    if context.protocol_version in MODERN_PROTOCOL_VERSIONS:
        said = (context.input_responses or {}).get(_KEY)
        if said is None or context.request_state != plan:
            asked = ElicitRequest(
                params=ElicitRequestFormParams(
                    message=question, requested_schema=Yes.model_json_schema()
                )
            )
            return InputRequiredResult(input_requests={_KEY: asked}, request_state=plan)
        return (
            isinstance(said, ElicitResult)
            and said.action == "accept"
            and (said.content or {}).get(_KEY) is True
        )
    answer = await context.elicit(question, Yes)
    return isinstance(answer, AcceptedElicitation) and answer.data.apply
