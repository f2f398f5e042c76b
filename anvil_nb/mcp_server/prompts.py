"""Prompts: every prompt that applications get, live from the store, as the protocol has prompts.

A set with the label ``production`` is there as that label has it, any other with its latest
version. Arguments are text on the wire: they are read by the parameter's declared type, as on the
command line. The protocol knows the roles user and assistant: what a system message says comes
first, from the user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    GetPromptResult,
    ListPromptsResult,
    Prompt,
    PromptArgument,
    PromptMessage,
    TextContent,
)

from anvil_nb.domain.reading import read_values
from anvil_nb.errors import AnvilError
from anvil_nb.mcp_server.faults import masked
from anvil_nb.mcp_server.replies import cut, encodable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.results.prompt import Prompt as Stored
    from anvil_nb.workspace import Workspace

PAGE: Final = 50
_DESCRIBED: Final = 300
_ENUM: Final = 10


def page(ws: Workspace, cursor: str | None) -> ListPromptsResult:
    """Return a page of prompts, in the order of their names.

    Raises:
        MCPError: for a cursor that is none.
    """
    try:
        found = ws.released(limit=PAGE, cursor=cursor)
    except AnvilError as error:
        raise refused(error) from error
    prompts = [_described(ws.get(item.address), item.address) for item in found]
    return ListPromptsResult(prompts=prompts, next_cursor=found.cursor)


def get(ws: Workspace, name: str, arguments: Mapping[str, str] | None) -> GetPromptResult:
    """Return what a prompt renders to.

    Args:
        ws: As the caller sees it.
        name: The path of the prompt, perhaps with a selector.
        arguments: A text for each parameter.

    Raises:
        MCPError: for a name that there is none of, and values that do not fit.
    """
    try:
        prompt = find(ws, name)
        values = read_values(prompt.parameters, arguments or {}, empty_is_absent=True)
        rendered = prompt.render(values)
    except AnvilError as error:
        raise refused(error) from error
    messages = [_message(one.role, one.content) for one in rendered.messages]
    messages = messages or [_message("user", rendered.text)]
    return GetPromptResult(description=_about(prompt), messages=messages)


def find(ws: Workspace, name: str) -> Stored:
    """Return the prompt of a path: at its selector, else as applications get it.

    Raises:
        AnvilError: when there is none.
    """
    if "@" not in name.rpartition("/")[2]:
        labelled = ws.find(f"{name}@production")
        if labelled is not None:
            return labelled
    return ws.get(name)


def refused(error: AnvilError, **data: Any) -> MCPError:
    """Return an error of ours as the protocol says that parameters are not right."""
    said = masked(f"{error.message}. {error.hint}" if error.hint else error.message)
    return MCPError(code=INVALID_PARAMS, message=encodable(said), data=data or None)


def _described(prompt: Stored, address: str) -> Prompt:
    path = address.partition("@")[0]
    return Prompt(
        name=path,
        title=path.rpartition("/")[2],
        description=_about(prompt),
        arguments=[_argument(one) for one in prompt.parameters],
    )


def _about(prompt: Stored) -> str:
    return cut(prompt.metadata.description, _DESCRIBED) or f"The prompt {prompt.address}"


def _argument(one: Parameter) -> PromptArgument:
    said = one.to_json()
    parts = [cut(str(said.get("description") or ""), _DESCRIBED), str(said.get("type") or "text")]
    if one.enum:
        parts.append(
            "one of " + ", ".join(cut(str(value), _DESCRIBED) for value in one.enum[:_ENUM])
        )
    if "default" in said:
        parts.append(f"{cut(str(said['default']), _DESCRIBED)} without")
    described = "; ".join(part for part in parts if part)
    return PromptArgument(name=one.name, description=described, required=one.required)


def _message(role: str, text: str) -> PromptMessage:
    content = TextContent(type="text", text=encodable(text))
    return PromptMessage(role="assistant" if role == "assistant" else "user", content=content)
