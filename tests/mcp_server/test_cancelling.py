"""A call that is cancelled ends at its next step; what was done lasts, and the rest goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.mcp_server.agents import agent
from tests.mcp_server.conftest import put_skill

if TYPE_CHECKING:
    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.anyio

PUSH: dict[str, Any] = {"target": "skills", "direction": "push"}
NUMBER = 800


@pytest.fixture
def many(ws: Workspace) -> Workspace:
    """Many skills on disk that are not in the store."""
    for n in range(NUMBER):
        put_skill(ws.settings.services, f"skill-{n:04}")
    return ws


async def test_a_sync_that_is_cancelled_stops_and_is_gone_on_with(
    server: AnvilServer, many: Workspace, era: str
) -> None:
    async with agent(server, era) as one:
        plan = await one.done("sync", **PUSH)
        arguments = {**PUSH, "dry_run": False, "plan_id": plan.data["plan_id"]}
        with anyio.CancelScope() as scope:

            async def stop(progress: float, total: float | None, message: str | None) -> None:
                assert message == f"sync skills push: {progress:.0f} of {total:.0f}"
                scope.cancel()

            await one.client.call_tool("sync", arguments, progress_callback=stop)
        assert scope.cancelled_caught
        # The next call waits until the one before has let go of the store.
        left = await one.done("sync", **PUSH)
        done = len(list(many.skills(limit=1000)))
        assert done < NUMBER
        assert left.data["counts"]["added"] == NUMBER + 2 - done
        arguments |= {"plan_id": left.data["plan_id"]}
        await one.done("sync", **arguments)
    assert len(list(many.skills(limit=1000))) == NUMBER + 2
    assert [run["state"] for run in many.sync_history().runs][:2] == ["completed", "failed"]


async def test_two_agents_that_apply_the_same_plan_at_once_do_it_once(
    server: AnvilServer, ws: Workspace
) -> None:
    ends: list[str] = []
    async with agent(server) as one, agent(server, "legacy") as other:
        push = {"target": "skills", "direction": "push"}
        plan = await one.done("sync", **push)
        arguments = {**push, "dry_run": False, "plan_id": plan.data["plan_id"]}

        async def apply(who: Any) -> None:
            answer = await who.call("sync", **arguments)
            ends.append("refused" if answer.refused else answer.data["state"])

        async with anyio.create_task_group() as group:
            group.start_soon(apply, one)
            group.start_soon(apply, other)
    assert "completed" in ends
    assert [line.key for line in ws.skills()] == ["escalate", "triage"]
    assert ws.sync("skills", "push").counts()["unchanged"] == 2
    assert len(ws.item_log("skill", "triage")) == 1


async def test_two_agents_with_two_plans_of_the_same_both_end_well(
    server: AnvilServer, ws: Workspace
) -> None:
    async with agent(server) as one, agent(server) as other:
        ws.save("desk/emails/welcome", "Again {{ customer }} {{ lang }}")
        plans = [await who.done("prompt_publish", address="desk/emails") for who in (one, other)]
        answers = []

        async def apply(who: Any, plan_id: str) -> None:
            how = {"address": "desk/emails", "dry_run": False, "plan_id": plan_id}
            answers.append(await who.call("prompt_publish", **how))

        async with anyio.create_task_group() as group:
            for who, plan in zip((one, other), plans, strict=True):
                group.start_soon(apply, who, plan.data["plan_id"])
    assert sorted(answer.refused for answer in answers) == [False, True]
    assert len(list(ws.log("desk/emails"))) == 2
