"""Completion: what an argument of a prompt, or a variable of a template, may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mcp.types as wire
import pytest

from anvil_nb.mcp_server.desk import Desk, usual_roots
from anvil_nb.mcp_server.server import create_server
from tests.mcp_server.agents import agent

if TYPE_CHECKING:
    from mcp import Client

    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.anyio

WELCOME = "desk/emails/welcome"


def prompt(name: str) -> wire.PromptReference:
    return wire.PromptReference(type="ref/prompt", name=name)


def template(uri: str) -> wire.ResourceTemplateReference:
    return wire.ResourceTemplateReference(type="ref/resource", uri=uri)


ADDRESS = template("prompt://{+address}")
SET = template("versions://{+set}")
BUNDLE = template("bundle://{+path}")
SKILL = template("skill://{name}/{+path}")


async def completed(
    client: Client,
    ref: wire.PromptReference | wire.ResourceTemplateReference,
    name: str,
    typed: str,
    /,
    **earlier: str,
) -> list[str]:
    got = await client.complete(
        ref, {"name": name, "value": typed}, context_arguments=earlier or None
    )
    return list(got.completion.values)


async def test_values_are_completed(server: AnvilServer, ws: Workspace, era: str) -> None:
    ws.save(
        "desk/emails/tone",
        "{{ tone }} {{ short }} {{ lang }} {{ rows }} {{ level }}",
        parameters=[
            {"name": "tone", "type": "string", "enum": ["formal", "friendly", "short"]},
            {"name": "short", "type": "boolean"},
            {"name": "lang", "type": "string", "default": "en", "example": "fr"},
            {"name": "rows", "type": "array", "default": ["a", None]},
            {"name": "level", "enum": [1, None, True]},
        ],
    )
    ws.publish("desk/emails")
    ref = prompt("desk/emails/tone")
    async with agent(server, era) as one:
        assert await completed(one.client, ref, "tone", "f") == ["formal", "friendly"]
        assert await completed(one.client, ref, "short", "") == ["true", "false"]
        assert await completed(one.client, ref, "lang", "") == ["fr", "en"]
        assert await completed(one.client, ref, "rows", "") == ['["a", null]']
        assert await completed(one.client, ref, "level", "") == ["1", "null", "true"]
        assert await completed(one.client, ref, "nothing", "") == []
        assert await completed(one.client, prompt("no/such/prompt"), "x", "") == []


async def test_every_value_that_is_offered_is_taken(server: AnvilServer, ws: Workspace) -> None:
    enum = ["a", 1, 2.5, True, None, ["x"], {"y": "é"}]
    ws.save("desk/emails/enum", "ok {{ x }}", parameters=[{"name": "x", "enum": enum}])
    ws.publish("desk/emails")
    async with agent(server) as one:
        offered = await completed(one.client, prompt("desk/emails/enum"), "x", "")
        assert len(offered) == len(enum)
        for value in offered:
            await one.client.get_prompt("desk/emails/enum", {"x": value})


async def test_addresses_are_completed(server: AnvilServer, ws: Workspace) -> None:
    ws.label("desk/emails@1.0.0", "production")
    async with agent(server) as one:
        assert await completed(one.client, ADDRESS, "address", "de") == ["desk"]
        assert await completed(one.client, ADDRESS, "address", "desk") == ["desk/emails"]
        assert await completed(one.client, ADDRESS, "address", "desk/emails/w") == [WELCOME]
        assert await completed(one.client, ADDRESS, "address", f"{WELCOME}@p") == [
            f"{WELCOME}@production"
        ]
        assert await completed(one.client, ADDRESS, "address", f"{WELCOME}@1") == [
            f"{WELCOME}@1.0.0"
        ]
        assert await completed(one.client, ADDRESS, "address", "nowhere/x/") == []
        assert await completed(one.client, ADDRESS, "address", "\x00/../..") == []
        assert await completed(one.client, SET, "set", "desk/e") == ["desk/emails"]
        assert await completed(one.client, SET, "set", "desk/emails") == ["desk/emails"]
        assert await completed(one.client, SET, "set", "desk/emails/") == []


async def test_bundle_files_and_skills_are_completed(server: AnvilServer, ws: Workspace) -> None:
    assert ws.root is not None
    ws.export("desk", ws.root / "desk.anvil")
    beside = ws.settings.services / "skills/triage/notes.md"
    beside.write_text("Notes")
    ws.sync("skills", "push", dry_run=False)
    async with agent(server) as one:
        assert await completed(one.client, BUNDLE, "path", "") == ["desk.anvil"]
        assert await completed(one.client, BUNDLE, "path", "../") == []
        assert await completed(one.client, SKILL, "name", "t") == ["triage"]
        paths = await completed(one.client, SKILL, "path", "", name="triage")
        assert sorted(paths) == ["SKILL.md", "notes.md"]
        assert await completed(one.client, SKILL, "path", "", name="../triage") == []
        assert await completed(one.client, SKILL, "path", "") == []


async def test_no_more_values_come_than_the_protocol_allows(
    server: AnvilServer, ws: Workspace
) -> None:
    with ws.burst():
        for number in range(130):
            ws.save(f"desk/many/prompt-{number:03}", "x")
    async with agent(server) as one:
        got = await one.client.complete(ADDRESS, {"name": "address", "value": "desk/many/p"})
    assert len(got.completion.values) == 100
    assert got.completion.has_more
    assert got.completion.total is None


async def test_what_is_not_offered_is_not_completed(ws: Workspace) -> None:
    desk = Desk(ws, toolsets=("sync",), roots=usual_roots(ws.settings))
    ws.sync("skills", "push", dry_run=False)
    async with agent(create_server(desk)) as one:
        assert await completed(one.client, ADDRESS, "address", "de") == []
        assert await completed(one.client, prompt(WELCOME), "lang", "") == []
        assert await completed(one.client, SKILL, "name", "") == []
