"""Prompts of the protocol: every prompt that applications get, live and paged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from mcp.shared.exceptions import MCPError

from anvil_nb.catalog import listing
from anvil_nb.mcp_server.desk import Desk
from anvil_nb.mcp_server.server import create_server
from tests.mcp_server.agents import agent

if TYPE_CHECKING:
    from pathlib import Path

    import mcp.types as wire
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
    assert [one.content.meta for one in got.messages] == [{"anvil_nb/role": "system"}, None, None]


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
        with pytest.raises(MCPError, match="production"):
            await one.client.get_prompt("desk/emails/only-new")
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
    server: AnvilServer, ws: Workspace, tmp_path: Path, era: str
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(f'{{"name": "p-{n:03}", "template": "x"}}\n' for n in range(1_000)))
    ws.load(rows, "many/set")
    ws.publish("many/set")
    names: list[str] = []
    cursor = None
    async with agent(server, era) as one:
        for number in range(100):
            page = await one.client.list_prompts(cursor=cursor)
            assert len(page.prompts) <= 50
            names += [prompt.name for prompt in page.prompts]
            cursor = page.next_cursor
            if cursor is None:
                break
            if number % 5 == 0:  # one before what is still to come, and one behind it
                for place in (f"aardvark/new-{number}", f"zoo/new-{number}"):
                    ws.save(f"{place}/prompt", "x")
                    ws.publish(place)
    assert names == sorted(set(names))
    assert len([name for name in names if name.startswith("many/")]) == 1_000
    assert names[-1].startswith("zoo/")
    assert not [name for name in names if name.startswith("aardvark/")]


async def test_a_prompt_that_is_gone_by_the_time_it_is_read_is_left_out(
    server: AnvilServer, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.save("desk/other/prompt", "x")
    ws.publish("desk/other")

    def released(self: Workspace, **page: Any) -> Any:
        found = listing.released(self.access, **page)
        ws.delete_set("desk/other", force=True)
        return found

    monkeypatch.setattr(type(ws), "released", released)
    async with agent(server) as one:
        names = [prompt.name for prompt in (await one.client.list_prompts()).prompts]
    assert names == ["desk/emails/refund", WELCOME]


async def test_who_tries_every_prompt_with_placeholders_is_answered_quietly(
    server: AnvilServer, ws: Workspace, era: str, caplog: pytest.LogCaptureFixture
) -> None:
    for kind in ("string", "integer", "number", "boolean", "array", "object"):
        ws.save(f"desk/kinds/{kind}", "{{ x }}", parameters={"x": kind})
    ws.save("desk/kinds/enum", "{{ x }}", parameters=[{"name": "x", "enum": ["a", "b"]}])
    ws.publish("desk/kinds")
    answered: dict[str, bool] = {}
    async with agent(server, era) as one:
        for prompt in await all_prompts(one.client):
            given = {one.name: f"${n}" for n, one in enumerate(prompt.arguments or [], 1)}
            try:
                await one.client.get_prompt(prompt.name, given)
            except MCPError as error:
                assert error.error.code == -32602
                answered[prompt.name] = False
            else:
                answered[prompt.name] = True
    assert [name for name, rendered in answered.items() if rendered] == [
        "desk/emails/refund",
        WELCOME,
        "desk/kinds/string",
    ]
    assert len(answered) == 9
    assert not [record for record in caplog.records if record.levelname != "INFO"]


async def test_an_optional_argument_that_is_empty_is_as_if_it_were_not_given(
    server: AnvilServer, ws: Workspace
) -> None:
    ws.save(
        "desk/emails/count",
        "{{ times }}",
        parameters=[{"name": "times", "type": "integer", "default": 3}],
    )
    ws.publish("desk/emails")
    async with agent(server) as one:
        got = await one.client.get_prompt("desk/emails/count", {"times": ""})
    assert texts(got) == [("user", "3")]


async def test_arguments_say_how_their_values_are_written(
    server: AnvilServer, ws: Workspace
) -> None:
    ws.save(
        "desk/emails/kinds",
        "{{ a }}{{ b }}{{ c }}{{ d }}",
        parameters=[
            {"name": "a", "type": "array", "default": ["x", None], "description": "Rows\x1b[31m"},
            {"name": "b", "type": "boolean"},
            {"name": "c", "enum": ["x", 1, None]},
        ],
        metadata={"description": "Nice\u202e\x07"},
    )
    ws.publish("desk/emails")
    async with agent(server) as one:
        found = {prompt.name: prompt for prompt in await all_prompts(one.client)}
    prompt = found["desk/emails/kinds"]
    assert prompt.description == "Nice[U+202E]␇"
    assert [one.description for one in prompt.arguments or []] == [
        'Rows␛[31m; a JSON array; ["x", null] without it',
        "true or false",
        "text; one of x, 1, null",
        "text",
    ]


async def test_a_cursor_that_was_made_up_is_a_wrong_parameter(server: AnvilServer) -> None:
    async with agent(server) as one:
        with pytest.raises(MCPError) as caught:
            await one.client.list_prompts(cursor="\x00 made up")
    assert caught.value.error.code == -32602


async def test_without_the_toolset_there_are_no_prompts(ws: Workspace) -> None:
    async with agent(create_server(Desk(ws, toolsets=("sync",)))) as one:
        assert await all_prompts(one.client) == []
        with pytest.raises(MCPError):
            await one.client.get_prompt(WELCOME, {"customer": "Ada"})
