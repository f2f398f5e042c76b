"""Faults: what an agent is told when something is refused, and what to call next.

Three parts: what is wrong and why; what can be done; the next call, with its arguments. The hints
of errors name commands: one that a tool carries out is told as a call, and any other is left to a
person, who alone decides about keys, tokens and force.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS

from anvil_nb.domain.visible import visible
from anvil_nb.errors import (
    AnvilError,
    BundleConflictError,
    DraftConflictError,
    PlanMovedError,
    StoreError,
    SyncConflictError,
    SyncGuardError,
)
from anvil_nb.mcp_server.following import next_calls
from anvil_nb.mcp_server.hints import with_calls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError

    Given = Mapping[str, Any]

_MOST: Final = 6_000
_NAMED: Final = 10
_LONG: Final = 200
_SECRET = re.compile(r"ank_[A-Za-z0-9_-]+")
_PASSWORD = re.compile(r"(:/{1,2}[^/\s:@]*):\S*@")
_CALL = re.compile(r"\b(prompt|sync|bundle)(_[a-z]+)? \{")
_LEAKED = re.compile(r"; (?:the plan|it) is now [0-9a-f]{16}\b")
"""A plan's id is learnt by looking at the plan, and from nothing else."""
_TOLD_NEXT = (
    BundleConflictError,
    DraftConflictError,
    PlanMovedError,
    SyncConflictError,
    SyncGuardError,
)
"""What is said best by the next call alone."""


def text_of(error: AnvilError, tool: str, given: Given) -> str:
    """Return what an agent is told of an error.

    Args:
        error: What was refused.
        tool: The tool that was called.
        given: Its arguments.
    """
    hint = "" if isinstance(error, _TOLD_NEXT) else with_calls(error.hint)
    again = {name: said for name, said in given.items() if name not in {"plan_id", "cursor"}}
    following = [] if _CALL.search(hint) else next_calls(error, tool, again)
    lines = [_LEAKED.sub("", error.message), *_more(error), hint, *following]
    said = masked(visible("\n".join(line for line in lines if line)))
    return said if len(said) <= _MOST else f"{said[:_MOST]}…"


def of_arguments(error: ValidationError, tool: str, names: Mapping[str, Any]) -> str:
    """Return what an agent is told of arguments that the tool does not take.

    Args:
        error: The complaint.
        tool: The tool that was called.
        names: The properties of the tool's input schema.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed

    lines = []
    for one in error.errors(include_url=False, include_input=True):
        name = ".".join(map(str, one["loc"])) or "the arguments"
        if one["type"] == "extra_forbidden":
            plain = _plain(name)
            near = [known for known in names if _plain(known) == plain]
            near = near or get_close_matches(name, names, 1)
            lines.append(f"{tool} has no argument '{name}'" + _meant(near))
        elif one["type"] == "missing":
            lines.append(f"{tool} needs the argument '{name}': {_described(names.get(name))}")
        else:
            found = visible(json.dumps(one["input"], default=str, ensure_ascii=False), keep="")
            shown = found if len(found) <= _LONG else f"{found[:_LONG]}…"
            lines.append(f"'{name}' of {tool} is {_described(names.get(name))}; found {shown}")
    lines.append(f"Its arguments are: {', '.join(names)}. Nothing was done.")
    return masked("\n".join(lines))


def refusal(error: AnvilError, **data: str) -> MCPError:
    """Return an error as the protocol has it, for what is no call of a tool.

    Args:
        error: What was refused.
        data: What it is about, for programs.
    """
    code = INTERNAL_ERROR if isinstance(error, StoreError) else INVALID_PARAMS
    said = masked(visible(str(error)))
    return MCPError(code=code, message=said[:_MOST], data=data or None)


def masked(text: str) -> str:
    """Return text without passwords and what looks like a token."""
    return _SECRET.sub("ank_…", _PASSWORD.sub(r"\1:***@", text))


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _meant(near: list[str]) -> str:
    return f"; did you mean '{near[0]}'?" if near else ""


def _described(schema: Any) -> str:
    if not isinstance(schema, dict):
        return "of another type"
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    said = {"boolean": "true or false, not text", "integer": "a whole number", "string": "text",
            "array": "a list", "object": "an object"}  # fmt: skip
    return said.get(str(schema.get("type")), "of another type")


def _more(error: AnvilError) -> list[str]:
    """Return what an error knows besides its message."""
    if isinstance(error, SyncConflictError):
        keys = [one.key for one in error.report.conflicts]
        more = f" and {len(keys) - _NAMED:,} more" if len(keys) > _NAMED else ""
        return [f"In conflict: {', '.join(keys[:_NAMED])}{more}"]
    if isinstance(error, BundleConflictError):
        return [
            f"To decide: {one['key']}, {' or '.join(one['choices'])}"
            for one in error.conflicts[:_NAMED]
        ]
    if isinstance(error, DraftConflictError):
        return [f"It was expected to be {error.expected or 'new'}, and is {error.found or 'gone'}."]
    return []
