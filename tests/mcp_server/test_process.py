"""``anvil mcp`` as a command: its process over HTTP, its log, its end, and what it refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import anyio
import click
import httpx
import pytest

from anvil_nb.cli.program import PROGRAM
from anvil_nb.magics.program import PROGRAM as NOTEBOOK
from anvil_nb.workspace import open_workspace
from tests.mcp_server.conftest import put_skill
from tests.mcp_server.places import ANVIL, over_http, serving

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


async def test_a_server_says_where_it_is_logs_requests_and_no_token(folder: Path, era: str) -> None:
    with open_workspace(folder) as ws:
        token = ws.create_token("agent", ["write:prompts"], expires="1d").secret
    with serving(folder) as server:
        async with over_http(server.url, token, era) as agent:
            await agent.done(
                "prompt_save", address="desk/emails/new",
                template=f"{token} is a secret", expect="new",
            )  # fmt: skip
            await agent.refused("prompt_get", address=f"desk/emails/{token}")
            await agent.refused("prompt_get", adress=token)
        evil = {"Authorization": f"Bearer {token}", "Host": token, "X-Request-Id": token}
        async with httpx.AsyncClient() as client:
            await client.post(server.url, json={}, headers=evil)
            await client.get(f"{server.url}/{token}")
        server.process.send_signal(signal.SIGTERM)
        rest, _ = server.process.communicate(timeout=60)
        assert server.process.returncode == 0
        assert json.loads(rest)["url"] == server.url
    text = server.log.read_text("utf-8")
    assert token not in text
    assert token.removeprefix("ank_") not in text
    requests = [line for line in server.lines() if line["message"] == "request"]
    assert {line["status"] for line in requests} >= {200, 404, 421}
    assert all(line["request_id"] for line in requests)
    assert requests[0]["organisation"] == "acme"
    with open_workspace(folder) as ws:
        assert ws.tokens().tokens[0].last_used_at is not None


async def test_a_call_that_was_taken_is_finished_and_streams_that_listen_are_ended(
    folder: Path, era: str
) -> None:
    for number in range(6):
        place = put_skill(folder / "services", f"skill-{number}")
        (place.parent / "data.bin").write_bytes(bytes([number]) * 9 * 1024 * 1024)
    with open_workspace(folder) as ws:
        token = ws.create_token("agent", ["sync"], expires="1d").secret
    # With a grace that no test waits for: a stream that went on listening would need all of it.
    with serving(folder, "--grace", "3600") as server:
        async with over_http(server.url, token, era) as agent, AsyncExitStack() as listening:
            if era == "modern":  # a client of the older era listens without being asked to
                client = agent.client.listen(prompts_list_changed=True)
                await listening.enter_async_context(client)
            plan = (await agent.done("sync", target="skills", direction="push")).data["plan_id"]

            async def told(progress: float, total: float | None, message: str | None) -> None:
                del progress, total, message
                server.process.send_signal(signal.SIGTERM)

            how = {"target": "skills", "direction": "push", "dry_run": False, "plan_id": plan}
            done = await agent.client.call_tool("sync", how, progress_callback=told)
            assert done.structured_content is not None
            assert done.structured_content["state"] == "completed"
            code = await anyio.to_thread.run_sync(server.process.wait, 60)
            assert code == 0
    with open_workspace(folder) as ws:
        assert ws.sync("skills", "push").counts()["unchanged"] == 8


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ANVIL, *arguments],
        cwd=folder,
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mcp", "--port", "8000"], "--port goes with --http"),
        (["mcp", "--allowed-host", "x"], "--allowed-host goes with --http"),
        (["mcp", "--toolsets", "promts"], "there is no toolset 'promts'"),
        (["mcp", "--root", "nowhere"], "there is no folder nowhere"),
        (["mcp", "--http", "--host", "192.0.2.1"], "in clear text"),
        (["mcp", "instal"], "there is no command 'instal'"),
    ],
)
def test_what_cannot_be_is_refused(folder: Path, arguments: list[str], said: str) -> None:
    done = run(folder, *arguments)
    assert done.returncode != 0
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("missing", "arguments", "extras"),
    [("mcp", ["mcp"], "[mcp]"), ("uvicorn", ["mcp", "--http"], "[mcp,server]")],
)
def test_what_is_not_installed_is_said_with_what_installs_it(
    folder: Path, missing: str, arguments: list[str], extras: str
) -> None:
    program = f"import sys; sys.modules['{missing}'] = None; {ANVIL[2]}"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert f'pip install "anvil-nb{extras}"' in done.stderr
    assert done.stdout == ""


def test_notebooks_offer_what_stands_under_it_and_not_the_server() -> None:
    served, told = PROGRAM.commands["mcp"], NOTEBOOK.commands["mcp"]
    assert isinstance(served, click.Group)
    assert isinstance(told, click.Group)
    assert served.commands == told.commands
    assert served.callback is not None
    assert told.callback is None


def test_help_loads_no_sdk(folder: Path) -> None:
    program = f"""import sys
try:
    {ANVIL[2].replace("; ", chr(10) + "    ")}
finally:
    assert not {{"mcp", "pydantic", "uvicorn", "duckdb"}} & set(sys.modules), sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "mcp", "-h"],
        cwd=folder, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "--allowed-host" in done.stdout
