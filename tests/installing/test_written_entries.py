"""What is written into a client's file starts a server that answers, as a client starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from mcp import Client, StdioServerParameters

from anvil_nb import settings as configuration
from anvil_nb.installing.clients import CLIENTS
from anvil_nb.installing.commented import parse_commented
from anvil_nb.installing.planning import carry_out, plan
from anvil_nb.installing.starting import start_of
from anvil_nb.workspace import init_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.installing.clients import Client as Installed

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as clients do."""
    return "asyncio"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with one prompt, in a folder whose name needs care."""
    folder = tmp_path / 'Ada\'s "desk" ünd $HOME'
    with init_workspace(folder) as ws:
        ws.save("desk/emails/welcome", "Hello!")
    return folder


def entry_of(client: Installed, folder: Path) -> dict[str, Any]:
    """Return the entry as the client reads it from its file."""
    read: Any = parse_commented((folder / client.file).read_text("utf-8"), "x", comments=True).value
    servers = read[client.key]
    found = servers[0] if client.listed else servers["anvil"]
    variables = found.get("env", {})
    if client.listed:
        variables = {one["name"]: one["value"] for one in variables}
    return {"command": found["command"], "args": found["args"], "env": variables}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.name)
async def test_the_entry_starts_the_server_of_the_workspace(
    client: Installed, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = configuration.resolve(folder, environment={})
    start = start_of(settings, read_only=True, toolsets=("prompts",), environment={})
    carry_out(plan(client, start, folder))
    entry = entry_of(client, folder)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    async with Client(StdioServerParameters(**entry, cwd=elsewhere)) as agent:
        tools = await agent.list_tools()
        found = await agent.call_tool("prompt_search", {"query": ""})
    assert [one.name for one in tools.tools] == ["prompt_search", "prompt_get", "prompt_diff"]
    assert found.structured_content is not None
    assert "desk" in str(found.structured_content["rows"])
