"""The MCP server: over stdio and HTTP, beside a server of the bare SDK under the same clients.

The bare server has one tool, which answers an empty text. The agents and the servers share the
same few cores, which is the same for both.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from anvil_nb.mcp_server.desk import Desk, usual_roots
from anvil_nb.mcp_server.server import create_server
from benchmarks.listening import PROGRAM, listening
from benchmarks.measure import Figure, Sample

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from anvil_nb.workspace import Workspace

TIMES_BAR, START_BAR, PLAN_BAR, P99_BAR, SIZE_BAR = 3.0, 1.0, 0.5, 200.0, 16.0
AGENTS, SKILLS = 10, 1_000
WELCOME = "desk/emails/welcome"
BARE = """
from mcp.server import MCPServer
server = MCPServer("bare", log_level="WARNING")
@server.tool(structured_output=False)
def empty() -> str:
    return ""
server.run()
"""


def stdio(*, quick: bool = False) -> Iterator[Figure]:
    """``prompt_get`` over stdio against an empty tool; starting; memory when idle."""
    calls = 200 if quick else 1_000
    with workspace() as ws:
        anyio.run(_ask_over_stdio, ours(ws), 20)  # what a first run compiles
        pairs = [
            (
                anyio.run(_ask_over_stdio, ours(ws), calls),
                anyio.run(_ask_over_stdio, ["-c", BARE], calls),
            )
            for _ in range(2 if quick else 5)
        ]
    own, bare = [one for one, _ in pairs], [other for _, other in pairs]
    ratios = [one.sample.median / other.sample.median for one, other in zip(own, bare, strict=True)]
    middle, empty = (statistics.median(one.sample.median for one in side) for side in (own, bare))
    note = f"{middle * 1e3:.2f} ms against {empty * 1e3:.2f} ms"
    what = "prompt_get over stdio, over an empty tool of the SDK"
    yield Figure(
        what, statistics.median(ratios), "times", TIMES_BAR, min(ratios), len(ratios), note
    )
    start = Sample(tuple(one.first for one in own))
    other = statistics.median(one.first for one in bare)
    note = f"the bare SDK: {other:.2f} s"
    yield start.figure("process start to first answer, stdio", "s", bar=START_BAR, note=note)
    memory, least = own[0].memory, bare[0].memory
    note = f"the bare SDK: {least / 2**20:.0f} MB"
    yield Figure("memory of an idle server, stdio", memory / 2**20, "MB", None, None, 1, note)


def planning(*, quick: bool = False) -> Iterator[Figure]:
    """A dry run of a sync of 1,000 skills that are the same on both sides."""
    with workspace() as ws:
        for number in range(SKILLS):
            place = ws.settings.services / "skills" / f"skill-{number:04}"
            place.mkdir(parents=True)
            text = f"---\nname: skill-{number:04}\ndescription: Number {number}\n---\n\nDo it.\n"
            (place / "SKILL.md").write_text(text)
        ws.sync("skills", "push", dry_run=False)
        found = anyio.run(_plan_over_stdio, ours(ws), 5 if quick else 15)
    yield found.figure("sync dry run of 1,000 skills, all equal, stdio", "s", bar=PLAN_BAR)


def agents(*, quick: bool = False) -> Iterator[Figure]:
    """Ten agents on one HTTP server."""
    calls = 30 if quick else 150
    with workspace() as ws:
        token = ws.create_token("bench", ["read:prompts"], expires="1d").secret
        rates = [one for name in ("rate", "write-rate") for one in (f"--{name}", "9999999/minute")]
        command = ["--workspace", str(ws.root), "mcp", "--http", "--port", "0", *rates, "--json"]
        ws.close()
        with listening(PROGRAM, *command) as url:
            found, seconds = anyio.run(_ask_over_http, url, token, calls)
    rate = f"{len(found.seconds) / seconds:,.0f} calls a second"
    what = f"prompt_get, {AGENTS} agents on one HTTP server"
    yield found.figure(f"{what}, median", "ms", note=rate)
    p99 = found.percentile(99) * 1e3
    yield Figure(f"{what}, p99", p99, "ms", P99_BAR, None, len(found.seconds))


def surface(*, quick: bool = False) -> Iterator[Figure]:
    """The size of all definitions, and what the tasks of the evaluation take."""
    del quick
    with workspace() as ws:
        said = anyio.run(_definitions, ws)
    yield Figure("all tool definitions", len(said.encode()) / 1e3, "kB", SIZE_BAR)
    taken = anyio.run(_evaluated)
    calls, size = (sum(one[index] for one in taken.values()) for index in (0, 1))
    note = "; ".join(f"{name} {number}, {got:,} B" for name, (number, got) in taken.items())
    what = f"{len(taken)} tasks of the evaluation, mistakes included"
    yield Figure(f"{what}: calls", calls, "cases", None, None, 1, note)
    yield Figure(f"{what}: bytes of answers", size / 1e3, "kB")


MEASUREMENTS = (stdio, planning, agents, surface)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found of one server.

    Args:
        sample: The seconds of each call.
        first: Seconds from the start of the process to its first answer.
        memory: Of the idle process, in bytes.
    """

    sample: Sample
    first: float
    memory: int


@contextmanager
def workspace() -> Iterator[Workspace]:
    """Yield a workspace in a folder of its own, with a prompt that is published."""
    import anvil_nb

    with (
        tempfile.TemporaryDirectory(prefix="anvil-bench-") as folder,
        anvil_nb.init(folder) as ws,
    ):
        ws.save(WELCOME, "Hello {{ customer }}!", parameters={"customer": "string"})
        ws.publish("desk/emails")
        yield ws


def ours(ws: Workspace) -> list[str]:
    """Return the command of our server over stdio."""
    return ["-c", PROGRAM, "--workspace", str(ws.root), "mcp"]


@asynccontextmanager
async def speaking(arguments: list[str]) -> AsyncIterator[Client]:
    """Start a Python program that speaks the protocol over stdio, and connect to it."""
    started = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))
    async with Client(started) as client:
        yield client


async def _ask_over_stdio(arguments: list[str], calls: int) -> Asked:
    began = time.perf_counter()
    async with speaking(arguments) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        first = time.perf_counter() - began
        tool, said = "empty", {}
        if "prompt_get" in tools:
            tool, said = "prompt_get", {"address": WELCOME, "values": {"customer": "Ada"}}
        memory = _memory_of_child()
        sample = await _timed(client, tool, said, calls, warm=20)
    return Asked(sample, first, memory)


async def _plan_over_stdio(arguments: list[str], calls: int) -> Sample:
    async with speaking(arguments) as client:
        said = {"target": "skills", "direction": "push"}
        return await _timed(client, "sync", said, calls, warm=2)


async def _timed(
    client: Client, tool: str, said: dict[str, Any], calls: int, *, warm: int = 0
) -> Sample:
    seconds = []
    for number in range(warm + calls):
        started = time.perf_counter()
        answer = await client.call_tool(tool, said)
        if number >= warm:
            seconds.append(time.perf_counter() - started)
        assert not answer.is_error, answer
    return Sample(tuple(seconds))


async def _ask_over_http(url: str, token: str, calls: int) -> tuple[Sample, float]:
    said = {"address": WELCOME, "values": {"customer": "Ada"}}
    taken: list[float] = []

    async def one() -> None:
        headers = {"authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers) as speaks,
            Client(streamable_http_client(url, http_client=speaks)) as client,
        ):
            taken.extend((await _timed(client, "prompt_get", said, calls, warm=3)).seconds)

    began = time.perf_counter()
    async with anyio.create_task_group() as group:
        for _ in range(AGENTS):
            group.start_soon(one)
    return Sample(tuple(taken)), time.perf_counter() - began


async def _definitions(ws: Workspace) -> str:
    async with Client(create_server(Desk(ws))) as client:
        found = (await client.list_tools()).tools
    said = [tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in found]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


async def _evaluated() -> dict[str, tuple[int, int]]:
    """Return for each task how many calls it took, and how many bytes came back."""
    from tests.mcp_server.agents import agent
    from tests.mcp_server.conftest import prepared
    from tests.mcp_server.tasks import TASKS

    taken = {}
    for name, task in TASKS.items():
        with tempfile.TemporaryDirectory(prefix="anvil-bench-") as folder:
            os.environ["ANVIL_KEYS"] = str(Path(folder) / "keys")
            with prepared(Path(folder)) as ws:
                task.prepare(ws)
                server = create_server(Desk(ws, roots=usual_roots(ws.settings)))
                async with agent(server) as one:
                    said = await task.work(one)
                assert task.succeeded(ws, said), task.words
                taken[name] = (len(one.calls), one.received)
    return taken


def _memory_of_child() -> int:
    """Return the resident memory of the one process that this one started, in bytes."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    said = Path(f"/proc/{children[-1]}/status").read_text()
    return int(said.partition("VmRSS:")[2].split()[0]) * 1024
