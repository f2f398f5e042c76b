"""Calls: a tool is run for whoever asks, in a thread of its own, and can be cancelled.

Services wait for files, the store and the server at the other end, so none is called on the event
loop. A client that cancels, or hangs up, ends the work at its next step: what was done lasts, and
a sync goes on from there.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import anyio.from_thread
import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool as Offered
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp.types import CallToolResult, InputRequiredResult, ToolAnnotations

from anvil_nb.mcp_server import consent
from anvil_nb.mcp_server.desk import BEYOND_STORE
from anvil_nb.mcp_server.replies import mark_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.mcp_server.desk import Desk
    from anvil_nb.mcp_server.tool import Arguments, Tool
    from anvil_nb.workspace import Workspace

_TELL_SECONDS: Final = 0.25
"""How often a client is told how far a call is."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool.

    Args:
        context: Of the request.
        desk: Where the agent works.
        workspace: The same, with the rights of whoever asks.
        tool: The name of the tool.
    """

    context: Context
    desk: Desk
    workspace: Workspace
    tool: str

    async def do(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Return what some work returns, done in a thread."""
        return await anyio.to_thread.run_sync(partial(work, *args, **kwargs))

    def progress(self, what: str) -> Callable[[int, int], None]:
        """Return what tells the client how far some work is, and ends it once it is cancelled."""
        told = -_TELL_SECONDS

        def tell(done: int, total: int) -> None:
            nonlocal told
            try:
                anyio.from_thread.check_cancelled()
            except RuntimeError:  # another thread reads ahead; this one is asked soon
                return
            now = time.monotonic()
            if done < total and now - told < _TELL_SECONDS:
                return
            told = now
            message = f"{what}: {done:,} of {total:,}"
            with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                anyio.from_thread.run(self.context.report_progress, done, total, message)

        return tell

    @property
    def can_ask(self) -> bool:
        """Whether the client can ask somebody."""
        return consent.can_ask(self.context)

    async def ask(self, question: str, plan: str) -> bool | InputRequiredResult:
        """Ask somebody whether a plan may be carried out; see ``consent.ask``."""
        return await consent.ask(self.context, question, plan)

    def mark(self, said: Arguments, *state: object) -> str:
        """Return the mark of a list: that of the call but for its cursor, and how things stand."""
        asked = said.model_dump(exclude={"cursor"}, mode="json")
        return mark_of(self.tool, asked, *state)


def offered(tool: Tool, desk: Desk) -> Offered:
    """Return a tool as the SDK offers it."""

    async def run(ctx: Context, **said: Any) -> CallToolResult | InputRequiredResult:
        workspace = desk.workspace_for(ctx, tool.right, tool.name)
        if tool.toolset in BEYOND_STORE:
            desk.check_own(workspace)
        if tool.writes:
            await desk.count_write(ctx)
        call = Call(ctx, desk, workspace, tool.name)
        answer = await tool.run(call, tool.arguments.model_construct(**said))
        return answer if isinstance(answer, InputRequiredResult) else answer.to_result()

    return Offered(
        fn=run,
        name=tool.name,
        title=tool.title,
        description=tool.description,
        parameters=tool.input_schema(),
        fn_metadata=FuncMetadata(arg_model=tool.arguments, output_schema=tool.output_schema()),
        is_async=True,
        context_kwarg="ctx",
        annotations=ToolAnnotations(
            read_only_hint=not tool.writes,
            destructive_hint=tool.destructive if tool.writes else None,
            idempotent_hint=tool.idempotent if tool.writes else None,
            open_world_hint=tool.outside,
        ),
    )
