"""Skills by the protocol's extension for them: what is served, whole and true."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import mcp.types as wire
import pytest
from mcp.shared.exceptions import MCPError

from anvil_nb.mcp_server import skills
from anvil_nb.mcp_server.desk import Desk
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


class Directory(wire.Result):
    """What ``resources/directory/read`` answers."""

    resources: list[dict[str, Any]]


class DirectoryParams(wire.PaginatedRequestParams):
    """Its parameters."""

    uri: str


class ReadDirectory(wire.Request[DirectoryParams, str]):
    """The request."""

    method: str = "resources/directory/read"
    params: DirectoryParams


async def listed(client: Client, cursor: str | None = None) -> Listed:
    params = wire.PaginatedRequestParams(cursor=cursor) if cursor else None
    return await client.session.send_request(ListSkills(params=params), Listed)


async def got(client: Client, uri: str) -> dict[str, Any]:
    answer = await client.session.send_request(GetSkill(params=GetParams(uri=uri)), Got)
    return answer.skill


async def children(client: Client, uri: str, cursor: str | None = None) -> list[dict[str, Any]]:
    request = ReadDirectory(params=DirectoryParams(uri=uri, cursor=cursor))
    return (await client.session.send_request(request, Directory)).resources


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


async def test_the_folders_of_a_skill_can_be_read(server: AnvilServer, stocked: Workspace) -> None:
    main = stocked.settings.services / "skills/triage/SKILL.md"
    async with agent(server) as one:
        assert await children(one.client, "skill://triage") == [
            {
                "uri": "skill://triage/SKILL.md",
                "name": "SKILL.md",
                "mimeType": "text/markdown",
                "size": main.stat().st_size,
            },
            {
                "uri": "skill://triage/logo.png",
                "name": "logo.png",
                "mimeType": "image/png",
                "size": 6,
            },
            {
                "uri": "skill://triage/scripts",
                "name": "scripts",
                "mimeType": "inode/directory",
            },
        ]
        (script,) = await children(one.client, "skill://triage/scripts")
        assert script["uri"] == "skill://triage/scripts/sort.py"
        capabilities = one.client.server_capabilities
        assert capabilities.extensions == {
            "io.modelcontextprotocol/skills": {"directoryRead": True}
        }


@pytest.mark.parametrize(
    "uri",
    ["skill://", "skill://triage/", "skill://triage/SKILL.md", "skill://triage/script",
     "skill://triage/..", "skill://nothing", "skill://index-only", "prompt://desk/emails"],
)  # fmt: skip
@pytest.mark.usefixtures("stocked")
async def test_what_is_no_folder_of_a_skill_is_a_wrong_parameter(
    server: AnvilServer, uri: str
) -> None:
    async with agent(server) as one:
        with pytest.raises(MCPError) as caught:
            await children(one.client, uri)
    assert caught.value.error.code == -32602


@pytest.mark.usefixtures("stocked")
async def test_cursors_that_were_made_up_are_wrong_parameters(server: AnvilServer) -> None:
    async with agent(server) as one:
        for asked in (listed(one.client, "\x00"), children(one.client, "skill://triage", "1")):
            with pytest.raises(MCPError) as caught:
                await asked
            assert caught.value.error.code == -32602


async def test_what_the_standard_does_not_allow_is_not_served(
    server: AnvilServer, stocked: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = put_skill(stocked.settings.services, "wordy")
    place.write_text(f"---\nname: wordy\ndescription: {'x' * 1025}\n---\n\nx\n")
    stocked.sync("skills", "push", dry_run=False)

    async def names() -> list[str]:
        async with agent(server) as one:
            return [entry["frontmatter"]["name"] for entry in (await listed(one.client)).skills]

    assert await names() == ["escalate", "triage"]
    monkeypatch.setattr(skills, "MOST_FILES", 2)
    assert await names() == ["escalate"]
    monkeypatch.setattr(skills, "MOST_BYTES", 70)
    assert await names() == []


async def test_frontmatter_is_told_as_it_is_written(server: AnvilServer, ws: Workspace) -> None:
    place = put_skill(ws.settings.services, "full")
    place.write_bytes(
        b"---\r\nname: full\r\ndescription: |-\r\n  Two\r\n  lines\r\nlicense: MIT\r\n"
        b'allowed-tools: Bash(git:*) Read\r\nmetadata:\r\n  version: "1.0"\r\n  n: 1.5\r\n---\r\nx'
    )
    ws.sync("skills", "push", dry_run=False)
    async with agent(server) as one:
        entry = await got(one.client, "skill://full/SKILL.md")
    assert entry["frontmatter"] == {
        "name": "full",
        "description": "Two\nlines",
        "license": "MIT",
        "allowed-tools": "Bash(git:*) Read",
        "metadata": {"version": "1.0", "n": 1.5},
    }
    (manifest,) = entry["resources"]
    assert manifest["size"] == len(place.read_bytes())


async def test_without_the_toolset_there_are_no_skills(stocked: Workspace) -> None:
    async with agent(create_server(Desk(stocked, toolsets=("prompts",)))) as one:
        assert one.client.server_capabilities.extensions is None
        with pytest.raises(MCPError):
            await listed(one.client)
