"""Servers to speak with as clients do: processes over their standard streams, and over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
from mcp import StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests.mcp_server.agents import agent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.mcp_server.agents import Agent, Answer

ANVIL = (sys.executable, "-c", "from anvil_nb.cli import main; main()")


@asynccontextmanager
async def over_stdio(
    folder: Path,
    *arguments: str,
    era: str = "modern",
    command: tuple[str, ...] = (*ANVIL, "mcp"),
    says: Callable[[str], bool | None] | None = None,
) -> AsyncIterator[Agent]:
    """Start a server in a folder, and speak with it."""
    program, *more = (*command, *arguments)
    errors = (folder.parent / "errors").open("a")
    start = StdioServerParameters(
        command=program, args=more, cwd=folder, env={**os.environ, "PYTHONWARNINGS": "error"}
    )
    with errors:
        async with agent(stdio_client(start, errlog=errors), era, says) as one:
            yield one


@asynccontextmanager
async def over_http(
    url: str,
    token: str,
    era: str = "modern",
    says: Callable[[str], bool | None] | None = None,
) -> AsyncIterator[Agent]:
    """Speak with a server under a token."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as client,
        agent(streamable_http_client(url, http_client=client), era, says) as one,
    ):
        yield one


def check_one_did_it(answers: list[Answer]) -> None:
    """See that of two that applied one plan one did all, and the other was told that it did not."""
    one, other = sorted(answers, key=lambda answer: (answer.refused, "moved" in answer.text))
    assert one.data["counts"] == {"added": 2}
    assert other.refused or other.data["counts"] == {"moved": 2}, other.text


@dataclass
class Process:
    """A server over HTTP, in a process of its own.

    Args:
        process: It.
        url: Where it is.
        log: The file of its standard error.
    """

    process: subprocess.Popen[str]
    url: str
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        """Return its log."""
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Process]:
    """Start ``anvil mcp --http`` in a folder; it is killed if it still runs in the end."""
    log = folder.parent / f"log-{time.monotonic_ns()}"
    command = [*ANVIL, "mcp", "--http", "--port", "0", "--json", *arguments]
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            first = json.loads(process.stdout.readline() or log.read_text("utf-8"))
            assert first["pid"] == process.pid
            yield Process(process, first["url"], log)
        finally:
            process.kill()
