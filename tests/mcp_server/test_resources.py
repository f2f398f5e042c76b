"""Resources: what can be read by its URI, and nothing else."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import mcp.types as wire
import pytest
from mcp.shared.exceptions import MCPError

from anvil_nb.mcp_server.desk import Desk, usual_roots
from anvil_nb.mcp_server.server import create_server
from anvil_nb.workspace import open_workspace
from tests.mcp_server.agents import agent

if TYPE_CHECKING:
    from pathlib import Path

    from mcp import Client

    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.anyio


async def text_of(client: Client, uri: str) -> str:
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, wire.TextResourceContents)
    return content.text


async def test_prompts_versions_and_bundles_are_resources(
    server: AnvilServer, ws: Workspace, era: str
) -> None:
    assert ws.root is not None
    ws.export("desk", ws.root / "desk.anvil")
    async with agent(server, era) as one:
        found = (await one.client.list_resources()).resources
        assert "prompt://desk/emails/welcome@latest" in {str(each.uri) for each in found}
        template = await text_of(one.client, "prompt://desk/emails/welcome@1.0.0")
        assert template == ws.get("desk/emails/welcome").template
        draft = await text_of(one.client, "prompt://desk/emails/welcome@draft")
        assert draft == template
        versions = json.loads(await text_of(one.client, "versions://desk/emails"))
        assert versions["versions"][0]["version"] == "1.0.0"
        bundle = json.loads(await text_of(one.client, "bundle://desk.anvil"))
        assert bundle["sets"][0]["address"] == "desk/emails"
        templates = (await one.client.list_resource_templates()).resource_templates
        assert {each.name for each in templates} == {"prompt", "versions", "bundle", "skill"}


async def test_every_resource_that_is_listed_can_be_read(
    server: AnvilServer, stocked: Workspace
) -> None:
    assert stocked.root is not None
    stocked.export("desk", stocked.root / "desk é.anvil")
    uris: list[str] = []
    cursor = None
    async with agent(server) as one:
        while True:
            page = await one.client.list_resources(cursor=cursor)
            uris += [str(each.uri) for each in page.resources]
            cursor = page.next_cursor
            if cursor is None:
                break
        for uri in uris:
            assert (await one.client.read_resource(uri)).contents
    assert len(uris) == len(set(uris)) == 5
    assert {uri.partition("://")[0] for uri in uris} == {"prompt", "skill", "bundle"}


@pytest.mark.parametrize(
    "uri",
    [
        "prompt://desk/emails/nothing",
        "prompt://",
        "versions://nothing/here",
        "bundle://../secret.anvil",
        "bundle://%2e%2e/secret.anvil",
        "bundle:///etc/passwd",
        "bundle://nothing.anvil",
        "bundle://anvil.pipe",
        "bundle://folder/../../secret.anvil",
        "bundle://secret-link.anvil",
        "bundle://\x00",
        "bundle://%00",
        "bundle://.",
        "bundle://",
        "bundle://store.duckdb",
        "prompt://desk/emails/../emails/welcome",
        "prompt://desk/emails/welcome@",
        "prompt://%ff%00",
        "versions://desk",
        "versions://../desk",
        "skill://triage/../escalate/SKILL.md",
        "skill://triage/%2e%2e/escalate/SKILL.md",
        "skill://triage/nothing.md",
        "skill://triage",
        "skill://triage/",
        "skill://triage/%00",
        "skill://triage//SKILL.md",
        "skill://TRIAGE/SKILL.md",
        "skill:///SKILL.md",
        "skill://index-only/index.md",
        "other://thing",
    ],
)
async def test_what_is_not_there_is_not_found(
    server: AnvilServer, stocked: Workspace, era: str, uri: str
) -> None:
    assert stocked.root is not None
    (stocked.root.parent / "secret.anvil").write_text("secret")
    (stocked.root / "secret-link.anvil").symlink_to(stocked.root.parent / "secret.anvil")
    os.mkfifo(stocked.root / "anvil.pipe")
    async with agent(server, era) as one:
        with pytest.raises(MCPError) as caught:
            await one.client.read_resource(uri)
    assert caught.value.error.code == -32602
    assert caught.value.error.data == {"uri": uri}
    assert "secret\n" not in caught.value.error.message


async def test_toolsets_bound_what_can_be_read(stocked: Workspace) -> None:
    desk = Desk(stocked, toolsets=("prompts",), roots=usual_roots(stocked.settings))
    async with agent(create_server(desk)) as one:
        uris = {str(each.uri) for each in (await one.client.list_resources()).resources}
        assert {uri.partition("://")[0] for uri in uris} == {"prompt"}
        with pytest.raises(MCPError):
            await one.client.read_resource("skill://triage/SKILL.md")


async def test_bundle_files_are_listed_as_far_as_agents_may_touch_them(ws: Workspace) -> None:
    assert ws.root is not None
    ws.export("desk", ws.root / "desk.anvil")
    outside = ws.root.parent / "outside.anvil"
    ws.export("desk", outside)
    (ws.root / "link.anvil").symlink_to(outside)
    (ws.root / "folder.anvil").mkdir()
    (ws.root / "no\udce9text.anvil").write_bytes(b"")
    os.mkfifo(ws.root / "pipe.anvil")

    async def listed(roots: tuple[Path, ...]) -> list[str]:
        async with agent(create_server(Desk(ws, toolsets=("bundles",), roots=roots))) as one:
            return [str(each.uri) for each in (await one.client.list_resources()).resources]

    assert await listed(usual_roots(ws.settings)) == ["bundle://desk.anvil"]
    assert await listed((ws.root / "folder.anvil",)) == []


async def test_many_bundle_files_come_in_pages(ws: Workspace) -> None:
    assert ws.root is not None
    for number in range(120):
        (ws.root / f"b-{number:03}.anvil").write_bytes(b"")
    desk = Desk(ws, toolsets=("bundles",), roots=usual_roots(ws.settings))
    seen: list[str] = []
    cursor = None
    async with agent(create_server(desk)) as one:
        while True:
            page = await one.client.list_resources(cursor=cursor)
            seen += [str(each.uri) for each in page.resources]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == [f"bundle://b-{number:03}.anvil" for number in range(120)]


async def test_files_of_skills_have_the_type_that_they_are_of(
    server: AnvilServer, stocked: Workspace
) -> None:
    folder = stocked.settings.services / "skills/triage"
    for name, data in (
        ("notes.md", b"x"),
        ("sort.ts", b"let x: number"),
        ("data.json", b"{}"),
        ("LICENSE", b"x"),
        ("blob", b"\xff\x00"),
    ):
        (folder / name).write_bytes(data)
    stocked.sync("skills", "push", dry_run=False)
    found = {}
    async with agent(server) as one:
        for name in ("notes.md", "sort.ts", "data.json", "LICENSE", "blob", "logo.png"):
            (content,) = (await one.client.read_resource(f"skill://triage/{name}")).contents
            found[name] = content.mime_type
    assert found == {
        "notes.md": "text/markdown",
        "sort.ts": "text/x-typescript",
        "data.json": "application/json",
        "LICENSE": "text/plain",
        "blob": "application/octet-stream",
        "logo.png": "image/png",
    }


@pytest.mark.parametrize(
    "cursor", ["", "x", "prompts", "prompts:\x00", "prompts:../..", "nothing:", "skills:\x00\x1b"]
)
async def test_a_cursor_that_was_made_up_is_a_wrong_parameter(
    server: AnvilServer, cursor: str, era: str
) -> None:
    async with agent(server, era) as one:
        with pytest.raises(MCPError) as caught:
            await one.client.list_resources(cursor=cursor)
    assert caught.value.error.code == -32602


async def test_a_description_cannot_hide_what_it_says(server: AnvilServer, ws: Workspace) -> None:
    ws.save("desk/emails/odd", "x", metadata={"description": "Nice\x1b[31m\u202e"})
    ws.publish("desk/emails")
    async with agent(server) as one:
        found = (await one.client.list_resources()).resources
    described = {each.name: each.description for each in found}
    assert described["desk/emails/odd@latest"] == "Nice␛[31m[U+202E]"


async def test_a_store_that_is_not_there_is_no_fault_of_who_asks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, era: str
) -> None:
    (tmp_path / "anvil.toml").write_text('store = "store.duckdb"\norganisation = "acme"\n')
    with open_workspace(tmp_path) as ws:
        async with agent(create_server(Desk(ws, roots=(tmp_path,))), era) as one:
            client = one.client
            for asked in (
                client.list_prompts(),
                client.get_prompt("desk/emails/welcome"),
                client.list_resources(),
                client.read_resource("prompt://desk/emails/welcome"),
            ):
                with pytest.raises(MCPError, match="there is no store") as caught:
                    await asked
                assert caught.value.error.code == -32603
    assert not [record for record in caplog.records if record.levelname != "INFO"]
