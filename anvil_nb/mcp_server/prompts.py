"""Prompts: every prompt that applications get, live from the store, as the protocol has prompts.

A set with the label ``production`` is there as that label has it, any other with its latest
version. Arguments are text on the wire: they are read by the parameter's declared type, as on the
command line. The protocol knows the roles user and assistant: what a system message says comes
from the user, at its place, and bears its own role in ``_meta``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from mcp.types import (
    GetPromptResult,
    ListPromptsResult,
    Prompt,
    PromptArgument,
    PromptMessage,
    TextContent,
)

from anvil_nb.domain.reading import read_values
from anvil_nb.errors import AnvilError
from anvil_nb.mcp_server.replies import cut, encodable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.results.prompt import Prompt as Stored
    from anvil_nb.workspace import Workspace

PAGE: Final = 50
ROLE: Final = "anvil_nb/role"
"""The key in ``_meta`` of a message that has another role than the protocol knows."""
_DESCRIBED: Final = 300
_ENUM: Final = 10
_ROLES: Final = ("user", "assistant")
_WRITTEN: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a JSON array",
    "object": "a JSON object",
}


def page(ws: Workspace, cursor: str | None) -> ListPromptsResult:
    """Return a page of prompts, in the order of their names.

    Raises:
        InvalidInputError: for a cursor that is none.
    """
    with ws.burst():
        found = ws.released(limit=PAGE, cursor=cursor)
        described = [_described(ws, item.address) for item in found]
    prompts = [one for one in described if one is not None]
    return ListPromptsResult(prompts=prompts, next_cursor=found.cursor)


def get(ws: Workspace, name: str, arguments: Mapping[str, str] | None) -> GetPromptResult:
    """Return what a prompt renders to.

    Args:
        ws: As the caller sees it.
        name: The path of the prompt, perhaps with a selector.
        arguments: A text for each parameter; one that is optional may be empty.

    Raises:
        AnvilError: for a name that there is none of, and values that do not fit.
    """
    prompt = ws.get_released(name)
    values = read_values(prompt.parameters, arguments or {}, empty_is_absent=True)
    rendered = prompt.render(values)
    messages = [_message(one.role, one.content) for one in rendered.messages]
    return GetPromptResult(
        description=_about(prompt), messages=messages or [_message("user", rendered.text)]
    )


def spelt(value: object) -> str:
    """Return a value as it is written in an argument: text as it stands, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _described(ws: Workspace, address: str) -> Prompt | None:
    """Return what is told of a prompt; ``None`` of one that is gone by now, or not sound."""
    path = address.partition("@")[0]
    try:
        prompt = ws.get(address)
        arguments = [_argument(one) for one in prompt.parameters]
    except AnvilError:
        return None
    title = path.rpartition("/")[2]
    return Prompt(name=path, title=title, description=_about(prompt), arguments=arguments)


def _about(prompt: Stored) -> str:
    return cut(prompt.metadata.description, _DESCRIBED) or f"The prompt {prompt.address}"


def _argument(one: Parameter) -> PromptArgument:
    said = one.to_json()
    parts = [one.description, _WRITTEN.get(one.type or "string", "text")]
    if one.enum:
        more = ", …" if len(one.enum) > _ENUM else ""
        parts.append("one of " + ", ".join(map(spelt, one.enum[:_ENUM])) + more)
    if said.get("default") not in (None, ""):
        parts.append(f"{spelt(said['default'])} without it")
    described = "; ".join(cut(part, _DESCRIBED) for part in parts if part)
    return PromptArgument(name=one.name, description=described, required=one.required)


def _message(role: str, text: str) -> PromptMessage:
    known = role in _ROLES
    content = TextContent(type="text", text=encodable(text), _meta=None if known else {ROLE: role})
    return PromptMessage(role="assistant" if role == "assistant" else "user", content=content)
