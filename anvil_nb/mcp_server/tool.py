"""A tool: what an agent reads of it, what it may be asked, and what it answers.

The schemas are kept short, for every client sends them with every conversation: no titles, no
unions with null (which several clients refuse), nothing that says a thing twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from pydantic import ConfigDict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from mcp.types import InputRequiredResult

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.rights import Right
    from anvil_nb.mcp_server.calls import Call
    from anvil_nb.mcp_server.desk import Toolset
    from anvil_nb.mcp_server.replies import Reply

    Run = Callable[[Call, Any], Awaitable[Reply | InputRequiredResult]]


class Arguments(ArgModelBase):
    """The arguments of a tool: one that is not known, or of another type, is refused.

    So ``dryRun`` is never taken for nothing said, nor ``"no"`` for ``false``.
    """

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool.

    Args:
        name: By which it is called.
        title: For people.
        description: When to use it, and when another one.
        toolset: It belongs to.
        right: That its caller needs.
        arguments: What it may be asked.
        output: The properties of what it answers, as JSON Schema has them.
        run: Answers a call.
        writes: Whether it changes anything.
        destructive: Whether it may overwrite or delete.
        idempotent: Whether the same call again changes nothing more.
        outside: Whether it speaks with another machine.
    """

    name: str
    title: str
    description: str
    toolset: Toolset
    right: Right
    arguments: type[Arguments]
    output: Mapping[str, Json]
    run: Run
    writes: bool = False
    destructive: bool = False
    idempotent: bool = False
    outside: bool = False

    def input_schema(self) -> dict[str, Any]:
        """Return the schema of the arguments."""
        schema: dict[str, Any] = _short(self.arguments.model_json_schema())
        schema.pop("description", None)
        return schema

    def output_schema(self) -> dict[str, Any]:
        """Return the schema of the answer."""
        return {"type": "object", "properties": dict(self.output)}


def _short(schema: Any, *, named: bool = False) -> Any:
    """Leave out titles; ``named`` says that the keys are names of properties."""
    if isinstance(schema, dict):
        return {
            key: _short(value, named=key == "properties" and not named)
            for key, value in schema.items()
            if named or key != "title"
        }
    return [_short(one) for one in schema] if isinstance(schema, list) else schema
