"""The tools that only read, as functions for ``jupyter-server-mcp``.

That server runs inside a Jupyter server, takes functions by the entry-point group
``jupyter_server_mcp.tools``, and answers every program of this machine that finds its port: so
nothing here writes. Each function opens the workspace of the Jupyter server's folder for one
call, and answers what the tool of the same name answers.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, TextContent
from pydantic import Field, ValidationError

from anvil_nb.errors import AnvilError
from anvil_nb.mcp_server import faults
from anvil_nb.mcp_server.calls import Call
from anvil_nb.mcp_server.desk import Desk, usual_roots
from anvil_nb.mcp_server.replies import Reply
from anvil_nb.mcp_server.server import TOOLS as ALL
from anvil_nb.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from anvil_nb.mcp_server.tool import Tool

    Function = Callable[..., Awaitable[CallToolResult]]

_OFFERED: Final = {one.name: one for one in ALL if not one.writes}


def server_folder() -> Path:
    """Return the folder of the Jupyter server in this process; without one, where it runs."""
    module = sys.modules.get("jupyter_server.serverapp")
    if module is not None and module.ServerApp.initialized():
        return Path(module.ServerApp.instance().root_dir)
    return Path.cwd()


async def _answer(tool: Tool, said: dict[str, Any]) -> CallToolResult:
    """Run a tool on the workspace of the server's folder."""
    try:
        arguments = tool.arguments.model_validate(said)
        workspace = await anyio.to_thread.run_sync(open_workspace, server_folder())
        try:
            desk = Desk(workspace, read_only=True, roots=usual_roots(workspace.settings))
            reply = await tool.run(Call(Context(), desk, workspace, tool.name), arguments)
        finally:
            await anyio.to_thread.run_sync(workspace.close)
    except ValidationError as error:
        return _refused(faults.of_arguments(error, tool.name, tool.input_schema()["properties"]))
    except AnvilError as error:
        return _refused(faults.text_of(error, tool.name, said))
    assert isinstance(reply, Reply)  # a tool that reads asks nobody
    return reply.to_result()


def _refused(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def _function(name: str) -> Function:
    """Return a tool as a function: its signature is the tool's arguments, its text the same."""
    tool = _OFFERED[name]

    async def run(**said: Any) -> CallToolResult:
        return await _answer(tool, said)

    run.__name__ = run.__qualname__ = name
    run.__doc__ = tool.description
    parameters = list(_parameters(tool))
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # inspect reads it
        parameters, return_annotation=CallToolResult
    )
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__annotations__["return"] = CallToolResult
    return run


def _parameters(tool: Tool) -> Iterator[inspect.Parameter]:
    for name, field in tool.arguments.model_fields.items():
        needed = field.is_required()
        yield inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if needed else field.get_default(),
            annotation=Annotated[
                field.annotation, *field.metadata, Field(description=field.description)
            ],
        )


prompt_search = _function("prompt_search")
prompt_get = _function("prompt_get")
prompt_diff = _function("prompt_diff")
sync_status = _function("sync_status")
sync_diff = _function("sync_diff")
bundle_inspect = _function("bundle_inspect")

TOOLS: Final = [
    f"{__name__}:{one}"
    for one in (
        "prompt_search",
        "prompt_get",
        "prompt_diff",
        "sync_status",
        "sync_diff",
        "bundle_inspect",
    )
]
"""What the entry point names."""
