"""Faults: what an agent is told when something is refused, and what to call next.

Three parts: what is wrong and why; what can be done; the next call, with its arguments. The hints
of errors name commands: one that a tool carries out is told as a call, and any other is left to a
person, who alone decides about keys, tokens and force.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from anvil_nb.domain.visible import visible
from anvil_nb.errors import (
    AnvilError,
    BundleConflictError,
    DraftConflictError,
    MissingValueError,
    NotFoundError,
    PlanMovedError,
    SyncConflictError,
    SyncGuardError,
    ValueTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError

    Given = Mapping[str, Any]

_MOST: Final = 6_000
_NAMED: Final = 10
_LONG: Final = 200
_SECRET = re.compile(r"ank_[A-Za-z0-9_-]+")
_PASSWORD = re.compile(r"(://[^/\s:@]*):\S*@")
_TYPED = re.compile(r"(?<![\w/.%-])anvil (?P<words>[a-z]+(?: [^\n]*?)?)(?=   |\n|$)")
_PLACE = re.compile(r"[a-z0-9@][^\s]*")
_CALL = re.compile(r"\b(prompt|sync|bundle)(_[a-z]+)? \{")
_LEAKED = re.compile(r"; (?:the plan|it) is now [0-9a-f]{16}\b")
"""A plan's id is learnt by looking at the plan, and from nothing else."""
_TOLD_NEXT = (DraftConflictError, PlanMovedError, SyncConflictError, BundleConflictError)
"""What is said best by the next call alone."""
_CHOICES = "ours|theirs|both|merged"


def text_of(error: AnvilError, tool: str, given: Given) -> str:
    """Return what an agent is told of an error.

    Args:
        error: What was refused.
        tool: The tool that was called.
        given: Its arguments.
    """
    hint = "" if isinstance(error, _TOLD_NEXT) else _hint(error.hint)
    following = [] if _CALL.search(hint) else _next(error, tool, given)
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


def call_of(tool: str, arguments: Given) -> str:
    """Return a call as an agent can repeat it."""
    return f"{tool} {json.dumps(arguments, ensure_ascii=False)}"


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
        return [f"In conflict: {_some(keys)}"] if len(keys) > 1 else []
    if isinstance(error, BundleConflictError):
        return [
            f"To decide: {one['key']}, {' or '.join(one['choices'])}"
            for one in error.conflicts[:_NAMED]
        ]
    if isinstance(error, DraftConflictError):
        return [f"It was expected to be {error.expected or 'new'}, and is {error.found or 'gone'}."]
    return []


def _some(keys: list[str]) -> str:
    more = f" and {len(keys) - _NAMED:,} more" if len(keys) > _NAMED else ""
    return ", ".join(keys[:_NAMED]) + more


def _next(error: AnvilError, tool: str, given: Given) -> list[str]:
    again = {name: said for name, said in given.items() if name not in {"plan_id", "cursor"}}
    if isinstance(error, SyncGuardError):
        return ["Ask a person: only they can overrule this, with --force on the command line."]
    if isinstance(error, PlanMovedError):
        return ["Next: " + call_of(tool, {**again, "dry_run": True})]
    if isinstance(error, SyncConflictError) and error.report.conflicts:
        key = error.report.conflicts[0].key
        rest = {**again, "dry_run": True, "on_conflict": "keep"}
        return [
            "Next: " + call_of("sync_diff", {"key": key}),
            "Or leave conflicts as they are and do all the rest: " + call_of(tool, rest),
        ]
    if isinstance(error, BundleConflictError):
        choices = {one["key"]: next(iter(one["choices"])) for one in error.conflicts[:_NAMED]}
        return ["Next: " + call_of(tool, {**again, "dry_run": True, "resolutions": choices})]
    if isinstance(error, DraftConflictError) and "address" in given:
        address = f"{str(given['address']).partition('@')[0]}@draft"
        return [
            "Next: " + call_of("prompt_get", {"address": address, "detail": "full"}),
            "then save your change to that text, with its digest as expect.",
        ]
    if isinstance(error, MissingValueError | ValueTypeError) and "address" in given:
        asked = {"address": given["address"]}
        return ["Its parameters: " + call_of("prompt_get", asked)]
    if isinstance(error, NotFoundError) and tool.startswith("prompt_"):
        project = str(given.get("address") or given.get("old") or "").partition("/")[0]
        return ["What there is: " + call_of("prompt_search", {"query": "", "prefix": project})]
    if isinstance(error, NotFoundError) and tool.startswith("sync_"):
        return ["What there is: " + call_of("sync_status", {})]
    return []


def _hint(hint: str) -> str:
    """Return a hint in which commands are calls, as far as there are tools for them."""
    return _TYPED.sub(lambda found: _as_call(found["words"].strip()), hint)


def _as_call(words: str) -> str:
    verb, *rest = words.split()
    places = [one for one in rest if _PLACE.fullmatch(one)]
    made = _SYNC.get(rest[0]) if verb == "sync" and rest else None
    if made is not None:
        tool, argument = made
        said: dict[str, object] = {argument: rest[1]} if argument and len(rest) > 1 else {}
        if tool == "sync_resolve":
            said["choice"] = _CHOICES
        return call_of(tool, said)
    if verb == "sync" and len(rest) > 1:
        said = {"target": rest[0], "direction": rest[1]}
        return call_of("sync", said | ({"delete": True} if "--delete" in rest else {}))
    if verb in {"push", "pull"}:
        return call_of("sync", {"target": "all", "direction": verb})
    if verb in _VERBS and places:
        tool, names = _VERBS[verb]
        return call_of(tool, dict(zip(names, places, strict=False)))
    if verb in {"ls", "search"}:
        name = "query" if verb == "search" else "prefix"
        return call_of("prompt_search", {name: " ".join(places)})
    return f"anvil {words} (for a person to type)"


_SYNC: Final = {
    "status": ("sync_status", ""),
    "conflicts": ("sync_status", ""),
    "diff": ("sync_diff", "key"),
    "resolve": ("sync_resolve", "key"),
}
_VERBS: Final = {
    "show": ("prompt_get", ("address",)),
    "log": ("prompt_get", ("address",)),
    "render": ("prompt_get", ("address",)),
    "validate": ("prompt_get", ("address",)),
    "diff": ("prompt_diff", ("old", "new")),
    "save": ("prompt_save", ("address",)),
    "publish": ("prompt_publish", ("address",)),
    "label": ("prompt_label", ("address", "label")),
    "inspect": ("bundle_inspect", ("path",)),
}
