"""All that the conformance suite calls by fixed names, to be added to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.mcp_server.clients.contents import add_completion, add_prompts, add_resources, add_tools
from tests.mcp_server.clients.notices import add_notices
from tests.mcp_server.clients.questions import add_questions

if TYPE_CHECKING:
    from mcp.server import MCPServer


def add_suite(server: MCPServer[Any]) -> None:
    """Add all of it."""
    add_tools(server)
    add_resources(server)
    add_prompts(server)
    add_completion(server)
    add_questions(server)
    add_notices(server)
