"""Over HTTP: what a token lets its bearer see, of prompts, resources and notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import mcp.types as wire
import pytest
from mcp import MCPError
from mcp.shared.subscriptions import ResourceUpdated

from tests.mcp_server.places import over_http
from tests.mcp_server.served import Place, place, start

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace

__all__ = ["place", "start"]

pytestmark = pytest.mark.anyio


async def resources(client: Any) -> list[Any]:
    found, cursor = [], None
    while page := await client.list_resources(cursor=cursor):
        found += page.resources
        if (cursor := page.next_cursor) is None:
            break
    return found


async def test_a_client_without_a_token_is_told(place: Place) -> None:
    with pytest.raises((MCPError, httpx2.HTTPError, ExceptionGroup)):
        async with over_http(place.url, "ank_" + "x" * 43) as agent:
            await agent.client.list_tools()


async def test_a_token_bounds_which_resources_are_seen(
    place: Place, ws: Workspace, era: str
) -> None:
    assert ws.root is not None
    ws.export("desk", ws.root / "desk.anvil")
    ws.sync("skills", "push", dry_run=False)
    rival = place.workspaces["rival"]
    rival.publish("secret/plans")

    async def seen(*scopes: str, organisation: str = "acme") -> set[str]:
        token = place.token(*scopes, organisation=organisation)
        async with over_http(place.url, token, era) as one:
            return {str(each.uri).partition("://")[0] for each in await resources(one.client)}

    assert await seen("admin") == {"prompt", "skill", "bundle"}
    assert await seen("read:prompts") == {"prompt", "bundle"}
    assert await seen("sync") == {"skill"}
    assert await seen("admin", organisation="rival") == {"prompt"}
    async with over_http(place.url, place.token("deploy"), era) as one:
        with pytest.raises(MCPError, match="scope") as caught:
            await resources(one.client)
    assert caught.value.error.code == -32602


@pytest.mark.parametrize(
    ("scope", "organisation", "uri"),
    [
        ("read:prompts", "acme", "skill://triage/SKILL.md"),
        ("sync", "acme", "prompt://desk/emails/welcome"),
        ("sync", "acme", "versions://desk/emails"),
        ("sync", "acme", "bundle://desk.anvil"),
        ("admin", "rival", "prompt://desk/emails/welcome"),
        ("admin", "rival", "versions://desk/emails"),
        ("admin", "rival", "skill://triage/SKILL.md"),
        ("admin", "rival", "bundle://desk.anvil"),
    ],
)
async def test_a_token_reads_no_resource_beyond_its_own(
    place: Place, ws: Workspace, scope: str, organisation: str, uri: str
) -> None:
    assert ws.root is not None
    ws.export("desk", ws.root / "desk.anvil")
    ws.sync("skills", "push", dry_run=False)
    own = "sync" if uri.startswith("skill") else "read:prompts"
    async with over_http(place.url, place.token(own)) as one:
        assert (await one.client.read_resource(uri)).contents
    async with over_http(place.url, place.token(scope, organisation=organisation)) as one:
        with pytest.raises(MCPError) as caught:
            await one.client.read_resource(uri)
        assert caught.value.error.code == -32602
        assert caught.value.error.data == {"uri": uri}
        scheme = uri.partition("://")[0]
        variable = {"prompt": "address", "versions": "set", "skill": "name", "bundle": "path"}
        offered = await one.client.complete(
            wire.ResourceTemplateReference(uri=f"{scheme}://{{+x}}"),
            {
                "name": variable[scheme],
                "value": "" if scheme == "bundle" else uri[len(scheme) + 3 : -8],
            },
        )
        assert offered.completion.values == []


async def test_a_token_bounds_which_prompts_are_seen(place: Place, era: str) -> None:
    place.workspaces["rival"].publish("secret/plans")
    name = "desk/emails/welcome"
    async with over_http(place.url, place.token("admin", organisation="rival"), era) as one:
        found = (await one.client.list_prompts()).prompts
        assert [each.name for each in found] == ["secret/plans/takeover"]
        with pytest.raises(MCPError, match="desk"):
            await one.client.get_prompt(name, {"customer": "Ada"})
    async with over_http(place.url, place.token("sync"), era) as one:
        for asked in (one.client.list_prompts(), one.client.get_prompt(name, {"customer": "Ada"})):
            with pytest.raises(MCPError, match="read:prompts") as caught:
                await asked
            assert caught.value.error.code == -32602


async def test_who_listens_over_http_is_told_of_what_they_may_see(
    place: Place, ws: Workspace
) -> None:
    uris = ["skill://triage/SKILL.md", "prompt://desk/emails/welcome@draft"]
    async with (
        over_http(place.url, place.token("read:prompts")) as one,
        one.client.listen(resource_subscriptions=uris) as heard,
    ):
        with anyio.fail_after(60):
            ws.sync("skills", "push", dry_run=False)
            ws.save("desk/emails/welcome", "Hi {{ customer }}")
            assert await anext(aiter(heard)) == ResourceUpdated(uris[1])
