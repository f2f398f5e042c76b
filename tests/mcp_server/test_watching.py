"""Listening: who asked is told of a change, by whomever, and of nothing else."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from mcp.server.subscriptions import InMemorySubscriptionBus
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import PromptsListChanged, ResourceUpdated

from anvil_nb.mcp_server.watching import MOST, Listeners
from tests.mcp_server.agents import agent
from tests.mcp_server.places import ANVIL

if TYPE_CHECKING:
    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.anyio

WELCOME = "desk/emails/welcome"
LONG_SECONDS = 60


async def test_another_process_is_heard(server: AnvilServer, ws: Workspace) -> None:
    save = [*ANVIL, "--store", ws.settings.store, "save", WELCOME, "-"]

    def elsewhere() -> None:
        subprocess.run(save, input="New {{ customer }}", text=True, check=True, cwd=ws.root)

    async with agent(server) as one, one.client.listen(prompts_list_changed=True) as heard:
        with anyio.fail_after(LONG_SECONDS):
            await anyio.to_thread.run_sync(elsewhere)
            async for event in heard:
                assert event == PromptsListChanged()
                break


async def test_a_subscription_is_told_of_its_own_resource_alone(
    server: AnvilServer, ws: Workspace
) -> None:
    uris = [f"prompt://{WELCOME}@draft", "versions://desk/emails", "skill://triage/SKILL.md"]
    async with agent(server) as one, one.client.listen(resource_subscriptions=uris) as heard:
        told = aiter(heard)
        with anyio.fail_after(LONG_SECONDS):
            ws.save("desk/emails/refund", "Another text: nobody subscribed to it")
            ws.save(WELCOME, "Hi {{ customer }}")
            assert await anext(told) == ResourceUpdated(uris[0])
            ws.publish("desk/emails")
            assert await anext(told) == ResourceUpdated(uris[1])
            ws.sync("skills", "push", dry_run=False)  # it was not there when it was subscribed to
            assert await anext(told) == ResourceUpdated(uris[2])


async def test_one_stream_subscribes_to_so_many_resources_and_no_more(
    server: AnvilServer,
) -> None:
    uris = [f"prompt://desk/emails/p-{number}" for number in range(MOST + 1)]
    async with agent(server) as one:
        with pytest.raises(MCPError, match="at most 100") as caught:
            async with one.client.listen(resource_subscriptions=uris):
                pass
    assert caught.value.error.code == -32602


async def test_the_store_is_left_alone_while_nobody_listens() -> None:
    asked: list[int] = []

    def generation() -> int:
        asked.append(1)
        return 1

    def view(_: object) -> object:
        raise AssertionError

    listeners = Listeners(InMemorySubscriptionBus(), generation, view)  # type: ignore[arg-type]  # nobody comes
    async with anyio.create_task_group() as group:
        group.start_soon(listeners.watch, 0)
        for _ in range(100):
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    assert asked == []
