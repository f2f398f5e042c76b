"""Resources and skills: what can be read by its URI, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import mcp.types as wire
import pytest
from mcp.shared.exceptions import MCPError

from anvil_nb.mcp_server.desk import Desk, usual_roots
from anvil_nb.mcp_server.server import create_server
from tests.mcp_server.agents import agent
from tests.mcp_server.conftest import put_skill

if TYPE_CHECKING:
    from mcp import Client

    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.anyio


class Listed(wire.Result):
    """What ``skills/list`` answers."""

    skills: list[dict[str, Any]]
    nextCursor: str | None = None  # noqa: N815 - as it stands on the wire
    ttlMs: int  # noqa: N815 - the same
    cacheScope: str  # noqa: N815 - the same


class Got(wire.Result):
    """What ``skills/get`` answers."""

    skill: dict[str, Any]


class ListSkills(wire.Request[wire.PaginatedRequestParams | None, str]):
    """The request."""

    method: str = "skills/list"
    params: wire.PaginatedRequestParams | None = None


class GetParams(wire.RequestParams):
    """Its parameters."""

    uri: str


class GetSkill(wire.Request[GetParams, str]):
    """The request."""

    method: str = "skills/get"
    params: GetParams


async def listed(client: Client, cursor: str | None = None) -> Listed:
    params = wire.PaginatedRequestParams(cursor=cursor) if cursor else None
    return await client.session.send_request(ListSkills(params=params), Listed)


async def got(client: Client, uri: str) -> dict[str, Any]:
    answer = await client.session.send_request(GetSkill(params=GetParams(uri=uri)), Got)
    return answer.skill


async def text_of(client: Client, uri: str) -> str:
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, wire.TextResourceContents)
    return content.text


@pytest.fixture
def stocked(ws: Workspace) -> Workspace:
    """A store with two skills that conform, one with files beside it, and some that do not."""
    skills = ws.settings.services / "skills"
    beside = put_skill(ws.settings.services, "triage").parent
    (beside / "scripts").mkdir()
    (beside / "scripts/sort.py").write_bytes(b"print('\xc3\xa9')\r\n")
    (beside / "logo.png").write_bytes(b"\x89PNG\x00\xff")
    put_skill(ws.settings.services, "under_score")
    other = skills / "index-only"
    other.mkdir()
    (other / "index.md").write_text("---\ntitle: Index\ndescription: None.\n---\n\nx\n")
    renamed = put_skill(ws.settings.services, "renamed")
    renamed.write_text(renamed.read_text().replace("name: renamed", "name: another"))
    ws.sync("skills", "push", dry_run=False)
    return ws


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
        "skill://triage/../escalate/SKILL.md",
        "skill://triage/%2e%2e/escalate/SKILL.md",
        "skill://triage/nothing.md",
        "skill://triage",
        "skill://index-only/index.md",
        "other://thing",
    ],
)
async def test_what_is_not_there_is_not_found(
    server: AnvilServer, stocked: Workspace, era: str, uri: str
) -> None:
    assert stocked.root is not None
    (stocked.root.parent / "secret.anvil").write_text("secret")
    async with agent(server, era) as one:
        with pytest.raises(MCPError) as caught:
            await one.client.read_resource(uri)
    assert caught.value.error.code == -32602
    assert "secret\n" not in caught.value.error.message


@pytest.mark.usefixtures("stocked")
async def test_skills_are_listed_with_a_manifest_that_holds(server: AnvilServer) -> None:
    async with agent(server) as one:
        found = await listed(one.client)
        assert [entry["uri"] for entry in found.skills] == [
            "skill://escalate/SKILL.md",
            "skill://triage/SKILL.md",
        ]
        assert found.cacheScope == "private"
        entry = found.skills[1]
        assert entry["frontmatter"] == {
            "name": "triage",
            "description": "What triage is for.",
        }
        assert {each["uri"] for each in entry["resources"]} == {
            "skill://triage/SKILL.md",
            "skill://triage/scripts/sort.py",
            "skill://triage/logo.png",
        }
        for each in entry["resources"]:
            (content,) = (await one.client.read_resource(each["uri"])).contents
            if isinstance(content, wire.TextResourceContents):
                data = content.text.encode()
            else:
                data = base64.b64decode(content.blob)
            assert len(data) == each["size"]
            assert "sha256:" + hashlib.sha256(data).hexdigest() == each["digest"]
        assert await got(one.client, "skill://triage/SKILL.md") == entry


@pytest.mark.parametrize(
    "uri",
    ["skill://nothing/SKILL.md", "skill://triage", "skill://triage/logo.png", "skill://index-only/SKILL.md",
     "skill://under_score/SKILL.md", "skill://renamed/SKILL.md", "file:///etc/passwd"],
)  # fmt: skip
@pytest.mark.usefixtures("stocked")
async def test_what_is_no_skill_here_is_a_wrong_parameter(server: AnvilServer, uri: str) -> None:
    async with agent(server) as one:
        with pytest.raises(MCPError) as caught:
            await got(one.client, uri)
    assert caught.value.error.code == -32602


async def test_many_skills_come_in_pages(server: AnvilServer, ws: Workspace) -> None:
    for number in range(120):
        put_skill(ws.settings.services, f"skill-{number:03}")
    ws.sync("skills", "push", dry_run=False)
    seen: list[str] = []
    cursor = None
    async with agent(server) as one:
        while True:
            page = await listed(one.client, cursor)
            seen += [entry["uri"] for entry in page.skills]
            cursor = page.nextCursor
            if cursor is None:
                break
    assert len(seen) == len(set(seen)) == 122


async def test_toolsets_bound_what_can_be_read(stocked: Workspace) -> None:
    desk = Desk(stocked, toolsets=("prompts",), roots=usual_roots(stocked.settings))
    async with agent(create_server(desk)) as one:
        uris = {str(each.uri) for each in (await one.client.list_resources()).resources}
        assert {uri.partition("://")[0] for uri in uris} == {"prompt"}
        with pytest.raises(MCPError):
            await one.client.read_resource("skill://triage/SKILL.md")
        with pytest.raises(MCPError):
            await listed(one.client)
