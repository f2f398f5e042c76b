"""Where a client can ask somebody, a yes stands in for the plan's id: a yes to that plan alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mcp_server.agents import agent
from tests.mcp_server.conftest import put_skill

if TYPE_CHECKING:
    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.anyio

PUSH = {"target": "skills", "direction": "push", "dry_run": False}


async def test_a_yes_carries_out_what_was_shown(
    server: AnvilServer, ws: Workspace, era: str
) -> None:
    asked: list[str] = []

    def yes(question: str) -> bool:
        asked.append(question)
        return True

    async with agent(server, era, says=yes) as one:
        done = await one.done("sync", **PUSH)
    assert done.data["state"] == "completed"
    assert len(list(ws.skills())) == 2
    assert len(asked) == 1
    assert "2 added" in asked[0]
    assert asked[0].endswith("Carry this out?")


@pytest.mark.parametrize("answer", [False, None])
async def test_anything_else_carries_out_nothing(
    server: AnvilServer, ws: Workspace, era: str, *, answer: bool | None
) -> None:
    async with agent(server, era, says=lambda _: answer) as one:
        said = await one.refused("sync", **PUSH)
    assert "did not agree" in said
    assert not list(ws.skills())


async def test_where_nothing_is_to_be_done_nobody_is_asked(
    server: AnvilServer, ws: Workspace, era: str
) -> None:
    ws.sync("skills", "push", dry_run=False)

    def never(question: str) -> bool:
        raise AssertionError(question)

    async with agent(server, era, says=never) as one:
        done = await one.done("sync", **PUSH)
        again = await one.done("prompt_publish", address="desk/emails", dry_run=False)
    assert done.data["counts"] == {"unchanged": 2}
    assert "Nothing to publish" in again.text


async def test_a_yes_to_a_plan_is_no_yes_to_another(
    server: AnvilServer, ws: Workspace, era: str
) -> None:
    """Something moves while somebody thinks: they are asked again, or it is refused."""
    asked: list[str] = []

    def think(question: str) -> bool:
        asked.append(question)
        if len(asked) == 1:
            put_skill(ws.settings.services, "surprise")
        return len(asked) < 2

    async with agent(server, era, says=think) as one:
        said = await one.refused("sync", **PUSH)
    assert not list(ws.skills())
    assert "moved since" in said or "did not agree" in said


@pytest.mark.parametrize("tool", ["prompt_publish", "prompt_label", "sync_resolve"])
async def test_each_tool_that_plans_asks(
    server: AnvilServer, ws: Workspace, era: str, tool: str
) -> None:
    ws.save("desk/emails/welcome", "Changed {{ customer }} {{ lang }}")
    ws.sync("skills", "push", dry_run=False)
    put_skill(ws.settings.services, "triage", "by hand")
    ws.save_skill("triage", {"instructions": "From the store."})
    how = {
        "prompt_publish": {"address": "desk/emails"},
        "prompt_label": {"address": "desk/emails@1.0.0", "label": "production"},
        "sync_resolve": {"key": "skills/triage", "choice": "ours"},
    }[tool]
    asked: list[str] = []

    def yes(question: str) -> bool:
        asked.append(question)
        return True

    async with agent(server, era, says=yes) as one:
        done = await one.done(tool, **how, dry_run=False)
    assert done.data["state"] == "done"
    assert len(asked) == 1
