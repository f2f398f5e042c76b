"""Arguments: what a tool does not take is refused by name, and nothing is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.mcp_server.server import TOOLS
from tests.mcp_server.agents import agent

if TYPE_CHECKING:
    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.anyio

PUSH = {"target": "skills", "direction": "push"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"dryRun": False}, "sync has no argument 'dryRun'; did you mean 'dry_run'?"),
        ({"dry-run": False}, "did you mean 'dry_run'?"),
        ({"planid": "x"}, "did you mean 'plan_id'?"),
        ({"force": True}, "sync has no argument 'force'"),
        ({"dry_run": "no"}, "'dry_run' of sync is true or false, not text; found \"no\""),
        ({"dry_run": "false"}, "'dry_run' of sync is true or false"),
        ({"dry_run": 0}, "'dry_run' of sync is true or false"),
        ({"dry_run": None}, "'dry_run' of sync is true or false"),
        ({"target": "skill"}, "'target' of sync is one of files, database"),
        ({"direction": "Push"}, "'direction' of sync is one of push, pull"),
        ({"filter": ["a"]}, "'filter' of sync is text"),
        ({"on_conflict": "force"}, "'on_conflict' of sync is one of stop"),
    ],
)
async def test_a_wrong_argument_is_named_with_the_right_ones(
    server: AnvilServer, ws: Workspace, said: dict[str, Any], told: str, era: str
) -> None:
    async with agent(server, era) as one:
        refusal = await one.refused("sync", **{**PUSH, "dry_run": False, **said})
    assert told in refusal
    assert "Its arguments are: " in refusal
    assert refusal.endswith("Nothing was done.")
    assert not list(ws.skills())


async def test_an_argument_that_is_missing_is_named(server: AnvilServer) -> None:
    async with agent(server) as one:
        assert "sync needs the argument 'direction'" in await one.refused("sync", target="skills")


@pytest.mark.parametrize("tool", [tool.name for tool in TOOLS])
async def test_no_tool_takes_what_it_does_not_know(server: AnvilServer, tool: str) -> None:
    async with agent(server) as one:
        said = await one.refused(tool, surprise=1)
    assert f"{tool} has no argument 'surprise'" in said


async def test_a_tool_that_is_not_there_is_said_with_those_that_are(server: AnvilServer) -> None:
    async with agent(server) as one:
        said = await one.refused("sync_run", **PUSH)
    assert said.startswith("there is no tool 'sync_run'. There are: prompt_search, ")


async def test_an_enormous_argument_is_refused_and_its_refusal_is_small(
    server: AnvilServer, ws: Workspace
) -> None:
    async with agent(server) as one:
        said = await one.refused(
            "prompt_save", address="desk/emails/big", template="x" * 5_000_000, expect="new"
        )
        assert "1,048,576" in said or "1 MiB" in said
        said = await one.refused("sync", **PUSH, plan_id=["y" * 5_000_000])
        assert len(said) < 2_000
    assert ws.find("desk/emails/big@draft") is None


async def test_no_refusal_repeats_a_token_or_a_password(server: AnvilServer) -> None:
    token = "ank_" + "a" * 43
    async with agent(server) as one:
        for said in (
            await one.refused("prompt_get", address=token),
            await one.refused("sync", **PUSH, dry_run=token),
            await one.refused(token),
            await one.refused("bundle_inspect", path=f"http://ada:secret-word@x/{token}"),
        ):
            assert token not in said
            assert "secret-word" not in said
