"""Agents to test with: clients of the SDK, in either era, with or without somebody to ask."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import mcp.types as wire
from mcp import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

ERAS = ("modern", "legacy")
MOST_BYTES = 20_000


@dataclass
class Answer:
    """What a tool answered."""

    result: wire.CallToolResult

    @property
    def refused(self) -> bool:
        return bool(self.result.is_error)

    @property
    def texts(self) -> list[str]:
        return [str(getattr(block, "text", "")) for block in self.result.content]

    @property
    def text(self) -> str:
        """Our own words: the first block."""
        return self.texts[0]

    @property
    def quoted(self) -> str:
        """What is somebody else's: the other blocks."""
        return "\n".join(self.texts[1:])

    @property
    def data(self) -> dict[str, Any]:
        assert self.result.structured_content is not None, self.text
        return dict(self.result.structured_content)

    @property
    def size(self) -> int:
        return len(self.result.model_dump_json(by_alias=True, exclude_none=True).encode())


@dataclass
class Agent:
    """A client that notes what it called."""

    client: Client
    calls: list[str] = field(default_factory=list)
    received: int = 0

    async def call(self, tool: str, /, **arguments: Any) -> Answer:
        """Call a tool; whatever it answers is within the limit."""
        answer = Answer(await self.client.call_tool(tool, arguments))
        self.calls.append(tool)
        self.received += answer.size
        assert answer.size <= MOST_BYTES, f"{tool}: {answer.size}"
        return answer

    async def done(self, tool: str, /, **arguments: Any) -> Answer:
        """Call a tool that is not to refuse."""
        answer = await self.call(tool, **arguments)
        assert not answer.refused, answer.text
        return answer

    async def refused(self, tool: str, /, **arguments: Any) -> str:
        """Call a tool that is to refuse; return what it says."""
        answer = await self.call(tool, **arguments)
        assert answer.refused, answer.text
        return answer.text

    async def planned(self, tool: str, /, **arguments: Any) -> Answer:
        """Plan, then carry the plan out."""
        plan = await self.done(tool, **arguments)
        return await self.done(tool, **arguments, dry_run=False, plan_id=plan.data["plan_id"])


@asynccontextmanager
async def agent(
    server: Any, era: str = "modern", says: Callable[[str], bool | None] | None = None
) -> AsyncIterator[Agent]:
    """Connect an agent.

    Args:
        server: The server, or how to reach it.
        era: ``modern`` or ``legacy``.
        says: What somebody says who is asked: yes, no, or nothing; ``None`` where the client
            cannot ask.
    """
    how: dict[str, Any] = {"mode": "legacy"} if era == "legacy" else {}
    if says is not None:

        async def ask(_: Any, params: wire.ElicitRequestParams) -> wire.ElicitResult:
            said = says(params.message)
            if said is None:
                return wire.ElicitResult(action="cancel")
            if not said:
                return wire.ElicitResult(action="decline")
            return wire.ElicitResult(action="accept", content={"apply": True})

        how["elicitation_callback"] = ask
    async with Client(server, raise_exceptions=True, **how) as client:
        yield Agent(client)


def called(line: str) -> tuple[str, dict[str, Any]]:
    """Return the tool and the arguments of the call that a line of a refusal names."""
    tool, _, arguments = line.partition(" {")
    return tool.rpartition(" ")[2], json.loads("{" + arguments[: arguments.rindex("}") + 1])
