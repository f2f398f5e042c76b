"""What the conformance suite has the server tell unasked: progress, logs and changes of lists."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import anyio
from mcp import MCPDeprecationWarning
from mcp.server.mcpserver import Context  # noqa: TC002 - the SDK reads what is annotated
from mcp.types import (
    CallToolResult,
    EmptyResult,
    RequestParams,
    SetLevelRequestParams,
    SubscribeRequestParams,
    UnsubscribeRequestParams,
)

from tests.mcp_server.clients.wire import answer

if TYPE_CHECKING:
    from mcp.server import MCPServer

STEP_SECONDS = 0.05
"""What the suite asks for, so that a client sees more than one message."""


def add_notices(server: MCPServer[Any]) -> None:
    """Add the tools that tell something, and what older clients subscribe with."""
    for name, fn in {
        "test_tool_with_progress": progressing,
        "test_tool_with_logging": logging,
        "test_logging_tool": logging,
        "test_reconnection": reconnected,
        "test_trigger_tool_change": tools_changed,
        "test_trigger_prompt_change": prompts_changed,
    }.items():
        server.add_tool(fn, name, description=f"For the suite: {name}.", structured_output=False)

    async def done(*_: Any) -> EmptyResult:
        return EmptyResult()

    taken: dict[str, type[RequestParams]] = {
        "logging/setLevel": SetLevelRequestParams,
        "resources/subscribe": SubscribeRequestParams,
        "resources/unsubscribe": UnsubscribeRequestParams,
    }
    for method, params in taken.items():
        if server._lowlevel_server.get_request_handler(method) is None:
            server._lowlevel_server.add_request_handler(method, params, done)


async def progressing(ctx: Context) -> CallToolResult:
    for part in (0, 50, 100):
        await ctx.report_progress(part, 100)
        await anyio.sleep(STEP_SECONDS)
    return answer("Done.")


async def logging(ctx: Context) -> CallToolResult:
    for text in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        # What only older clients are told is marked as deprecated.
        with warnings.catch_warnings(action="ignore", category=MCPDeprecationWarning):
            telling = ctx.session.send_log_message("info", text, related_request_id=ctx.request_id)
        await telling
        await anyio.sleep(STEP_SECONDS)
    return answer("Logged, if you asked for it.")


async def reconnected(ctx: Context) -> CallToolResult:
    await ctx.close_sse_stream()
    return answer("The stream was closed where it can be taken up again.")


async def tools_changed(ctx: Context) -> CallToolResult:
    await ctx.notify_tools_changed()
    return answer("Told.")


async def prompts_changed(ctx: Context) -> CallToolResult:
    await ctx.notify_prompts_changed()
    return answer("Told.")
