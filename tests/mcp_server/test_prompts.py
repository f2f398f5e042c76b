"""Prompts of the protocol: every prompt that applications get, live, paged, completed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import mcp.types as wire
import pytest
from mcp.shared.exceptions import MCPError

from anvil_nb.mcp_server.desk import Desk
from anvil_nb.mcp_server.server import create_server
from tests.mcp_server.agents import agent

if TYPE_CHECKING:
    from mcp import Client

    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.anyio

WELCOME = "desk/emails/welcome"


async def all_prompts(client: Client) -> list[wire.Prompt]:
    found: list[wire.Prompt] = []
    cursor = None
    while True:
        page = await client.list_prompts(cursor=cursor)
        found += page.prompts
        cursor = page.next_cursor
        if cursor is None:
            return found


def texts(got: Any) -> list[tuple[str, str]]:
    return [(one.role, one.content.text) for one in got.messages]


async def test_published_prompts_are_listed_with_their_arguments(
    server: AnvilServer, ws: Workspace, era: str
) -> None:
    ws.save("desk/emails/unpublished", "x")
    async with agent(server, era) as one:
        found = await all_prompts(one.client)
    assert [prompt.name for prompt in found] == ["desk/emails/refund", WELCOME]
    welcome = found[1]
    assert welcome.description == "Greets customers"
    assert [(one.name, one.required) for one in welcome.arguments or []] == [
        ("customer", True),
        ("lang", False),
    ]
    assert all(prompt.description and prompt.title for prompt in found)


async def test_a_prompt_renders_with_values_read_by_their_types(
    server: AnvilServer, ws: Workspace, era: str
) -> None:
    ws.save(
        "desk/emails/count",
        "{% for n in (1..times) %}{{ n }}{% endfor %} {{ rows[0] }}",
        parameters={"times": "integer", "rows": "array"},
    )
    ws.publish("desk/emails")
    async with agent(server, era) as one:
        got = await one.client.get_prompt("desk/emails/count", {"times": "3", "rows": '["first"]'})
        assert texts(got) == [("user", "123 first")]
        with pytest.raises(MCPError, match="times") as caught:
            await one.client.get_prompt("desk/emails/count", {"times": "three", "rows": "[]"})
    assert caught.value.error.code == -32602


async def test_a_chat_gives_its_messages(server: AnvilServer, ws: Workspace) -> None:
    ws.save(
        "desk/chats/help",
        "{% message system %}Be kind.{% endmessage %}"
        "{% message user %}{{ question }}{% endmessage %}"
        "{% message assistant %}Well,{% endmessage %}",
    )
    ws.publish("desk/chats")
    async with agent(server) as one:
        got = await one.client.get_prompt("desk/chats/help", {"question": "Why?"})
    assert texts(got) == [("user", "Be kind."), ("user", "Why?"), ("assistant", "Well,")]


async def test_where_production_points_is_what_applications_get(
    server: AnvilServer, ws: Workspace
) -> None:
    ws.label("desk/emails@1.0.0", "production")
    ws.save(WELCOME, "New {{ customer }} {{ lang }}")
    ws.save("desk/emails/only-new", "x")
    ws.publish("desk/emails")
    async with agent(server) as one:
        got = await one.client.get_prompt(WELCOME, {"customer": "Ada"})
        assert texts(got) == [("user", "Hello Ada!")]
        newest = await one.client.get_prompt(f"{WELCOME}@latest", {"customer": "Ada"})
        assert texts(newest) == [("user", "New Ada en")]
        names = [prompt.name for prompt in await all_prompts(one.client)]
        assert "desk/emails/only-new" not in names
        ws.unlabel("desk/emails", "production")
        names = [prompt.name for prompt in await all_prompts(one.client)]
        assert "desk/emails/only-new" in names


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("desk/emails/nothing", {}, "nothing"),
        ("nothing at all", {}, "project"),
        (WELCOME, {}, "customer"),
        (WELCOME, {"customer": "Ada", "surname": "L"}, "surname"),
        (WELCOME, None, "customer"),
    ],
)
async def test_what_does_not_fit_is_a_wrong_parameter_and_no_fault_of_the_server(
    server: AnvilServer,
    era: str,
    caplog: pytest.LogCaptureFixture,
    name: str,
    arguments: dict[str, str] | None,
    said: str,
) -> None:
    async with agent(server, era) as one:
        with pytest.raises(MCPError, match=said) as caught:
            await one.client.get_prompt(name, arguments)
    assert caught.value.error.code == -32602
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]


async def test_a_thousand_prompts_come_in_pages_each_once_while_another_adds(
    server: AnvilServer, ws: Workspace
) -> None:
    with ws.burst():
        for number in range(220):
            ws.save(f"many/set/prompt-{number:03}", "x {{ y }}")
        ws.publish("many/set")
    async with agent(server) as one:
        first = await one.client.list_prompts()
        assert len(first.prompts) == 50
        ws.save("zoo/animals/ant", "x")
        ws.publish("zoo/animals")
        names = [prompt.name for prompt in await all_prompts(one.client)]
    assert len(names) == len(set(names)) == 223
    assert names == sorted(names)
    assert names[-1] == "zoo/animals/ant"


async def test_a_cursor_that_was_made_up_is_a_wrong_parameter(server: AnvilServer) -> None:
    async with agent(server) as one:
        with pytest.raises(MCPError) as caught:
            await one.client.list_prompts(cursor="\x00 made up")
    assert caught.value.error.code == -32602


async def test_values_are_completed(server: AnvilServer, ws: Workspace, era: str) -> None:
    ws.save(
        "desk/emails/tone",
        "{{ tone }} {{ short }} {{ lang }}",
        parameters=[
            {"name": "tone", "type": "string", "enum": ["formal", "friendly", "short"]},
            {"name": "short", "type": "boolean"},
            {"name": "lang", "type": "string", "default": "en"},
        ],
    )
    ws.publish("desk/emails")
    ref = wire.PromptReference(type="ref/prompt", name="desk/emails/tone")
    async with agent(server, era) as one:

        async def completed(name: str, typed: str) -> list[str]:
            got = await one.client.complete(ref, {"name": name, "value": typed})
            return list(got.completion.values)

        assert await completed("tone", "f") == ["formal", "friendly"]
        assert await completed("short", "") == ["true", "false"]
        assert await completed("lang", "") == ["en"]
        assert await completed("nothing", "") == []


async def test_addresses_are_completed(server: AnvilServer, ws: Workspace) -> None:
    ws.label("desk/emails@1.0.0", "production")
    ref = wire.ResourceTemplateReference(type="ref/resource", uri="prompt://{+address}")
    async with agent(server) as one:

        async def completed(typed: str) -> list[str]:
            got = await one.client.complete(ref, {"name": "address", "value": typed})
            return list(got.completion.values)

        assert await completed("de") == ["desk"]
        assert await completed("desk/emails/w") == [WELCOME]
        assert await completed(f"{WELCOME}@p") == [f"{WELCOME}@production"]
        assert await completed("nowhere/x/") == []


async def test_who_listens_is_told_of_a_change_by_whomever(
    server: AnvilServer, ws: Workspace
) -> None:
    async with agent(server) as one, one.client.listen(prompts_list_changed=True) as heard:
        with anyio.fail_after(20):
            ws.save(WELCOME, "Changed {{ customer }} {{ lang }}")
            async for event in heard:
                assert event
                break


async def test_without_the_toolset_there_are_no_prompts(ws: Workspace) -> None:
    async with agent(create_server(Desk(ws, toolsets=("sync",)))) as one:
        assert await all_prompts(one.client) == []
        with pytest.raises(MCPError):
            await one.client.get_prompt(WELCOME, {"customer": "Ada"})
