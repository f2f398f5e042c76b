"""Over HTTP: each request acts as its token, in both eras, and is counted, logged and limited."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from mcp import MCPError

from anvil_nb.keys import KeyRing
from anvil_nb.mcp_server.desk import Desk, usual_roots
from anvil_nb.mcp_server.http import create_app
from anvil_nb.server import Options
from anvil_nb.server import create_app as create_rest
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.mcp_server.conftest import put_skill
from tests.mcp_server.places import check_one_did_it, over_http
from tests.mcp_server.served import ACCEPT, LEGACY, MODERN, Place, place, start
from tests.server.conftest import GENEROUS, listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.services.conftest import Clock

__all__ = ["place", "start"]

pytestmark = pytest.mark.anyio


def initialize(protocol: str = LEGACY) -> dict[str, Any]:
    info = {"name": "test", "version": "1"}
    params = {"protocolVersion": protocol, "capabilities": {}, "clientInfo": info}
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}


def call(tool: str, **arguments: Any) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}


def result_of(response: httpx.Response) -> dict[str, Any]:
    """Return the result in an answer that is a stream of events."""
    said = [line[6:] for line in response.text.splitlines() if line.startswith("data: {")]
    found: dict[str, Any] = json.loads(said[-1])["result"]
    return found


async def test_an_agent_works_under_a_token(place: Place, ws: Workspace, era: str) -> None:
    async with over_http(place.url, place.token("sync", "write:prompts"), era) as agent:
        assert len((await agent.client.list_tools()).tools) > 10
        got = await agent.done(
            "prompt_get", address="desk/emails/welcome", values={"customer": "Ada"}
        )
        assert "Hello Ada!" in got.quoted
        await agent.planned("sync", target="skills", direction="push")
    assert {one.key for one in ws.skills()} == {"triage", "escalate"}


async def test_somebody_is_asked_over_http(place: Place, ws: Workspace, era: str) -> None:
    asked: list[str] = []

    def says(question: str) -> bool:
        asked.append(question)
        return True

    async with over_http(place.url, place.token("sync"), era, says) as agent:
        await agent.done("sync", target="skills", direction="push", dry_run=False)
    assert len(asked) == 1
    assert len(list(ws.skills())) == 2


def test_without_a_token_that_holds_nothing_is_answered(place: Place, clock: Clock) -> None:
    revoked, brief = place.token(), place.token(expires="1h")
    place.workspaces["acme"].revoke_token("t0")
    clock.now += timedelta(hours=2)
    wrong = "ank_" + "x" * 43
    for token in (revoked, brief, wrong, "nonsense"):
        for protocol in (MODERN, LEGACY):
            response = place.post(token, initialize(), **{"MCP-Protocol-Version": protocol})
            assert response.status_code == 401
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
            assert token not in response.text
    bare = httpx.post(place.url, json=initialize(), headers=ACCEPT)
    assert bare.status_code == 401
    assert bare.json()["error"]["request_id"] == bare.headers["X-Request-Id"]


async def test_a_token_may_what_its_scopes_say(place: Place, ws: Workspace, era: str) -> None:
    async with over_http(place.url, place.token("read:prompts"), era) as agent:
        await agent.done("prompt_search")
        asked: dict[str, dict[str, Any]] = {
            "prompt_save": {"address": "desk/emails/x", "template": "Hi", "expect": "new"},
            "prompt_publish": {"address": "desk/emails"},
            "prompt_label": {"address": "desk/emails@1.0.0", "label": "production"},
            "sync": {"target": "skills", "direction": "push"},
            "sync_status": {},
            "bundle_import": {"path": "desk.anvil"},
        }
        for tool, arguments in asked.items():
            assert "needs a token with the scope" in await agent.refused(tool, **arguments), tool
    assert [one.to_json()["address"] for one in ws.ls("desk/emails")] == [
        "desk/emails/refund",
        "desk/emails/welcome",
    ]


async def test_other_organisations_are_not_there(place: Place, ws: Workspace, era: str) -> None:
    async with over_http(place.url, place.token(organisation="rival"), era) as agent:
        found = await agent.done("prompt_search")
        assert [row["address"] for row in found.data["rows"]] == ["secret"]
        for address in ("desk/emails/welcome", "@acme/desk/emails/welcome"):
            assert "Hello" not in await agent.refused("prompt_get", address=address)
        listed = await agent.client.list_prompts()
        assert [one.name for one in listed.prompts] == []
        # The folder, the keys and the servers are the workspace's own.
        (ws.settings.root or Path()).joinpath("theirs.anvil").write_bytes(b"not theirs")
        assert not (await agent.client.list_resources()).resources
        with pytest.raises(MCPError, match="token is another's"):
            await agent.client.read_resource("bundle://theirs.anvil")
        beyond: dict[str, dict[str, Any]] = {
            "sync": {"target": "skills", "direction": "push"},
            "sync_status": {},
            "bundle_export": {"addresses": ["secret"], "path": "x.anvil"},
            "bundle_inspect": {"path": "x.anvil"},
        }
        for tool, arguments in beyond.items():
            assert "token is another's" in await agent.refused(tool, **arguments), tool
    async with over_http(place.url, place.token(), era) as agent:
        found = await agent.done("prompt_search")
        assert [row["address"] for row in found.data["rows"]] == ["desk"]
        assert len((await agent.client.list_prompts()).prompts) == 2
        assert "bundle://theirs.anvil" in {str(one.uri) for one in await resources(agent.client)}


async def resources(client: Any) -> list[Any]:
    found, cursor = [], None
    while page := await client.list_resources(cursor=cursor):
        found += page.resources
        if (cursor := page.next_cursor) is None:
            break
    return found


def test_blanks_around_the_value_of_a_header_are_no_part_of_it(place: Place) -> None:
    token = place.token("read:prompts")
    body = json.dumps(initialize()).encode()
    where = urlsplit(place.url)
    with socket.create_connection((str(where.hostname), where.port or 0), timeout=30) as line:
        said = [
            f"POST {where.path} HTTP/1.1",
            f"Host: {where.netloc}",
            *(f"{name}: {value}" for name, value in ACCEPT.items()),
            f"Authorization: Bearer {token}",
            f"MCP-Protocol-Version: {LEGACY} \t",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        line.sendall("\r\n".join([*said, "", ""]).encode() + body)
        assert line.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_a_request_in_a_session_acts_as_its_own_token(place: Place) -> None:
    owner = place.token("admin")
    begun = place.post(owner, initialize())
    session = {
        "Mcp-Session-Id": begun.headers["Mcp-Session-Id"],
        "MCP-Protocol-Version": LEGACY,
    }
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert place.post(owner, ready, **session).status_code == 202
    save = call("prompt_save", address="desk/emails/new", template="Hi", expect="new")
    reader = result_of(place.post(place.token("read:prompts"), save, **session))
    assert reader["isError"]
    assert "scope" in reader["content"][0]["text"]
    rival = result_of(place.post(place.token(organisation="rival"), save, **session))
    assert not rival.get("isError")
    assert len(list(place.workspaces["acme"].ls("desk/emails"))) == 2
    assert len(list(place.workspaces["rival"].ls("desk/emails"))) == 1
    assert place.post("ank_" + "x" * 43, save, **session).status_code == 401


async def test_writes_are_entered_in_the_audit_under_the_tool(
    place: Place, ws: Workspace, era: str
) -> None:
    async with over_http(place.url, place.token("admin"), era) as agent:
        await agent.done("prompt_save", address="desk/emails/new", template="Hi", expect="new")
        await agent.planned("sync", target="skills", direction="push")
        await agent.done("prompt_get", address="desk/emails/welcome")
        await agent.refused("prompt_save", address="desk/emails/new", template="Ha", expect="new")
    entries = [one.to_json() for one in ws.audit().entries]
    saved = [one for one in entries if one["action"] == "prompt_save: save"]
    assert len(saved) == 1
    assert saved[0]["resource"] == "desk/emails/new"
    assert saved[0]["request_id"]
    assert saved[0]["token"] == ws.tokens().tokens[0].name
    actions = {str(one["action"]).partition(":")[0] for one in entries}
    assert actions == {"prompt_save", "sync"}


async def test_calls_that_write_are_counted_apart(start: Callable[..., Place], era: str) -> None:
    place = start(Options(rate="1000/hour", write_rate="2/hour"))
    async with over_http(place.url, place.token(), era) as agent:
        for number in range(2):
            await agent.done(
                "prompt_save", address=f"desk/emails/n{number}", template="Hi", expect="new"
            )
        said = await agent.refused(
            "prompt_save", address="desk/emails/n3", template="Hi", expect="new"
        )
        assert "more than 2 requests" in said
        assert "Wait for" in said
        await agent.done("prompt_search")


def test_requests_of_a_token_are_counted(start: Callable[..., Place]) -> None:
    place = start(Options(rate="3/hour", failed_rate="2/hour"))
    token = place.token()
    statuses = [place.post(token, initialize()).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    over = place.post(token, initialize())
    assert int(over.headers["Retry-After"]) > 0
    failed = [place.post("ank_" + "x" * 43, initialize()).status_code for _ in range(3)]
    assert failed == [401, 401, 429]


async def test_a_long_argument_is_refused_and_the_next_call_answered(
    start: Callable[..., Place], era: str
) -> None:
    place = start(replace(GENEROUS, max_body=6_000_000))
    async with over_http(place.url, place.token(), era) as agent:
        said = await agent.refused(
            "prompt_save", address="desk/emails/x", template="x" * 5_000_000, expect="new"
        )
        assert "longer than" in said
        await agent.done("prompt_search")


def test_a_body_that_is_too_long_is_not_read(start: Callable[..., Place]) -> None:
    place = start(replace(GENEROUS, max_body=6_000_000))
    long = place.post(place.token(), call("prompt_get", address="x" * 7_000_000))
    assert long.status_code == 413
    assert long.json()["error"]["code"] == "content-too-large"

    def in_parts() -> Iterator[bytes]:
        for _ in range(7):
            yield b"x" * 1_000_000

    headers = {**ACCEPT, "Authorization": f"Bearer {place.token()}"}
    parts = httpx.post(place.url, content=in_parts(), headers=headers)
    assert parts.status_code == 413


@pytest.mark.parametrize("protocol", [MODERN, LEGACY])
def test_a_page_of_another_site_cannot_ask(start: Callable[..., Place], protocol: str) -> None:
    place = start()
    version = {"MCP-Protocol-Version": protocol}
    token = place.token()
    assert place.post(token, initialize(), Host="evil.example", **version).status_code == 421
    origin = {"Origin": "http://evil.example"}
    assert place.post(token, initialize(), **origin, **version).status_code == 403
    proxied = start(hosts=("anvil.example",))
    answer = proxied.post(token, initialize(), Host="anvil.example")
    assert answer.status_code == 200
    assert proxied.post(token, initialize(), Host="evil.example").status_code == 421


async def test_read_only_over_http_offers_no_tool_that_writes(
    start: Callable[..., Place], desk: Desk
) -> None:
    place = start(at=replace(desk, read_only=True, toolsets=("prompts",)))
    async with over_http(place.url, place.token()) as agent:
        tools = (await agent.client.list_tools()).tools
        assert all(one.annotations and one.annotations.read_only_hint for one in tools)
        assert {one.name.partition("_")[0] for one in tools} == {"prompt"}


async def test_of_two_agents_that_apply_one_plan_one_does_it(
    place: Place, ws: Workspace, era: str
) -> None:
    token = place.token()
    answers = []
    async with over_http(place.url, token, era) as one, over_http(place.url, token, era) as two:
        plan = (await one.done("sync", target="skills", direction="push")).data["plan_id"]
        how = {"target": "skills", "direction": "push", "dry_run": False, "plan_id": plan}

        async def apply(agent: Any) -> None:
            answers.append(await agent.call("sync", **how))

        async with anyio.create_task_group() as group:
            group.start_soon(apply, one)
            group.start_soon(apply, two)
    check_one_did_it(answers)
    assert len(list(ws.skills())) == 2


async def test_agents_and_a_notebook_write_at_the_same_time(place: Place, ws: Workspace) -> None:
    async def write(name: str) -> None:
        async with over_http(place.url, place.token()) as agent:
            for number in range(10):
                await agent.done(
                    "prompt_save", address=f"desk/{name}/p{number}", template=name, expect="new"
                )

    def notebook() -> None:
        settings = Settings(None, ws.settings.store, "acme", "bob")
        with Workspace(settings) as other:
            for number in range(20):
                other.save(f"desk/notebook/p{number}", "Beside them")

    async with anyio.create_task_group() as group:
        for name in ("one", "two", "three"):
            group.start_soon(write, name)
        await anyio.to_thread.run_sync(notebook)
    counts = [len(list(ws.ls(f"desk/{name}"))) for name in ("one", "two", "three", "notebook")]
    assert counts == [10, 10, 10, 20]


async def test_a_call_whose_client_goes_away_stops(place: Place, ws: Workspace) -> None:
    services = ws.settings.services
    many = 4_000  # which are written in four steps
    for number in range(many):
        put_skill(services, f"skill-{number}")
    async with over_http(place.url, place.token()) as agent:
        plan = (await agent.done("sync", target="skills", direction="push")).data["plan_id"]
        how = {"target": "skills", "direction": "push", "dry_run": False, "plan_id": plan}
        with anyio.CancelScope() as scope:

            async def told(progress: float, total: float | None, message: str | None) -> None:
                del total, message
                if progress:
                    scope.cancel()

            await agent.client.call_tool("sync", how, progress_callback=told)
        assert scope.cancelled_caught
        while ws.sync_history("skills").runs[0]["state"] == "not ended":
            await agent.done("prompt_search")
        left = ws.sync("skills", "push").counts()["added"]
        assert 0 < left < many + 2
        await agent.planned("sync", target="skills", direction="push")
    assert ws.sync("skills", "push").counts()["unchanged"] == many + 2


async def test_a_sync_deploys_only_under_a_token_that_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = str(tmp_path / "cloud.duckdb")
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "keys"))
    KeyRing.open().generate("ada")
    with ExitStack() as running:
        there = running.enter_context(Workspace(Settings(None, cloud, "acme", "bob")))
        secret = there.create_token("ci", ["sync", "deploy"], expires="1d").secret
        monkeypatch.setenv("ANVIL_TOKEN", secret)
        remote = running.enter_context(
            listening(
                create_rest(cloud, replace(GENEROUS, signers=(KeyRing.open().signer("ada"),)))
            )
        )
        root = tmp_path / "work"
        (root / "services").mkdir(parents=True)
        settings = Settings(
            root, str(root / "store.duckdb"), "acme", "ada", remote=remote,
            services=root / "services",
            deploy={"image": "registry.example.org/app", "tag": "1",
                    "steps": [{"name": "mark", "run": f"touch {tmp_path}/deployed"}]},
        )  # fmt: skip
        ws = running.enter_context(Workspace(settings))
        at = Desk(ws, roots=usual_roots(settings))
        place = Place(f"{running.enter_context(listening(create_app(at, GENEROUS)))}/mcp",
                      {"acme": ws})  # fmt: skip
        for scopes, deploys in ((("sync",), False), (("sync", "deploy"), True)):
            async with over_http(place.url, place.token(*scopes)) as agent:
                plan = await agent.done("sync", target="all", direction="push")
                assert ("mark" in plan.text) is deploys, plan.text


def test_health_is_told_without_a_token(place: Place) -> None:
    base = place.url.removesuffix("/mcp")
    assert httpx.get(f"{base}/health").json()["status"] == "ok"
    assert httpx.get(f"{base}/ready").json()["status"] == "ok"
    elsewhere = httpx.get(f"{base}/docs")
    assert elsewhere.status_code == 404
    assert "/mcp" in elsewhere.json()["error"]["hint"]
