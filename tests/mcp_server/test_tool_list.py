"""The list of tools: what every conversation carries, kept small and kept as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.mcp_server.desk import Desk, parse_toolsets
from anvil_nb.mcp_server.server import TOOLS, create_server
from tests.mcp_server.agents import agent

if TYPE_CHECKING:
    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.anyio

SNAPSHOT = Path(__file__).with_name("tool_list.json")
MOST_BYTES = 16_000


async def listed(server: AnvilServer, era: str = "modern") -> list[dict[str, Any]]:
    async with agent(server, era) as one:
        found = await one.client.list_tools()
    return [tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in found.tools]


async def test_the_list_is_what_it_was(server: AnvilServer, era: str) -> None:
    """A change shows here; write the new list with: python tests/mcp_server/test_tool_list.py."""
    assert await listed(server, era) == json.loads(SNAPSHOT.read_text())


async def test_all_definitions_together_are_small(server: AnvilServer) -> None:
    said = json.dumps(await listed(server), ensure_ascii=False, separators=(",", ":"))
    assert len(said.encode()) <= MOST_BYTES


async def test_no_schema_has_what_clients_refuse(server: AnvilServer) -> None:
    for tool in await listed(server):
        for said in ("anyOf", "$ref", "$defs", '"null"'):
            assert said not in json.dumps(tool), tool["name"]
        assert tool["inputSchema"]["additionalProperties"] is False
        assert tool["outputSchema"]["type"] == "object"
        for name, schema in tool["inputSchema"]["properties"].items():
            assert "title" not in schema, (tool["name"], name)


async def test_annotations_say_what_a_tool_may_do(server: AnvilServer) -> None:
    said = {tool["name"]: tool["annotations"] for tool in await listed(server)}
    reads = {name for name, one in said.items() if one["readOnlyHint"]}
    assert reads == {
        "prompt_search",
        "prompt_get",
        "prompt_diff",
        "sync_status",
        "sync_diff",
        "bundle_inspect",
    }
    harmless = {name for name in said.keys() - reads if not said[name]["destructiveHint"]}
    assert harmless == {"prompt_save", "bundle_export"}
    assert {name for name, one in said.items() if one["openWorldHint"]} == {
        "sync",
        "sync_status",
        "sync_diff",
        "sync_resolve",
    }


def test_every_destructive_tool_plans_first_and_unless_it_is_told_otherwise() -> None:
    for tool in TOOLS:
        if tool.destructive:
            fields = tool.arguments.model_fields
            assert fields["dry_run"].default is True, tool.name
            assert fields["plan_id"].default == "", tool.name
            assert "dry run" in tool.description, tool.name


async def test_read_only_offers_no_tool_that_writes(ws: Workspace) -> None:
    server = create_server(Desk(ws, read_only=True))
    assert all(tool["annotations"]["readOnlyHint"] for tool in await listed(server))
    async with agent(server) as one:
        said = await one.refused("prompt_save", address="a/b/c", template="x", expect="new")
    assert said.startswith("there is no tool 'prompt_save'")
    assert ws.find("a/b/c@draft") is None


async def test_toolsets_offer_what_was_asked_for(ws: Workspace) -> None:
    server = create_server(Desk(ws, toolsets=parse_toolsets("bundles, prompts")))
    names = [tool["name"] for tool in await listed(server)]
    assert {name.partition("_")[0] for name in names} == {"prompt", "bundle"}


if __name__ == "__main__":  # pragma: no cover - writes the snapshot anew
    import tempfile

    import anyio

    import anvil_nb

    with tempfile.TemporaryDirectory() as folder:
        made = anyio.run(listed, create_server(Desk(anvil_nb.init(folder))))
    SNAPSHOT.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
