"""A server for clients that no one here wrote: over HTTP on a free port, or over stdio.

usage: python -m tests.mcp_server.clients.serving http|stdio FOLDER [suite|bare]

``suite`` adds what the conformance suite calls by fixed names; ``bare`` is the SDK's own server
with the same, to tell our faults from those of the SDK.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server import MCPServer

from anvil_nb.mcp_server.desk import Desk, usual_roots
from anvil_nb.mcp_server.server import create_server
from anvil_nb.workspace import open_workspace

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from anvil_nb.workspace import Workspace


def server_of(workspace: Workspace, what: str) -> MCPServer[Any]:
    """Return our server of a workspace, or the SDK's own."""
    server: MCPServer[Any]
    if what == "bare":
        server = MCPServer("bare", version="1", log_level="WARNING")
    else:
        server = create_server(Desk(workspace, roots=usual_roots(workspace.settings)))
    if what:
        from tests.mcp_server.clients.suite import add_suite

        add_suite(server)
    return server


def serve_http(app: ASGIApp) -> None:
    """Serve an application on a free port, and write where, once it can be reached."""
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp\n")
    sys.stdout.flush()
    # h11, for httptools leaves blanks at the end of a header, and the SDK compares headers exactly.
    config = uvicorn.Config(app, http="h11", log_config=None, timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])


def main(transport: str, folder: str, what: str = "") -> None:
    """Serve the workspace of a folder until stopped."""
    with open_workspace(Path(folder)) as workspace:
        server = server_of(workspace, what)
        if transport == "http":
            serve_http(server.streamable_http_app())
        else:
            anyio.run(server.run_stdio_async)


if __name__ == "__main__":
    main(*sys.argv[1:])
