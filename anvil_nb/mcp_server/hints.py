"""Hints: the commands that errors name, told as calls of tools where there are such.

What has no tool is left to a person, who alone decides about keys, tokens and force.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

CHOICES: Final = "ours|theirs|both|merged"
"""What ``sync_resolve`` may be told."""

_TYPED = re.compile(r"(?<![\w/.%-])anvil (?P<words>[a-z]+(?: [^\n]*?)?)(?=   |\n|$)")
_PLACE = re.compile(r"[a-z0-9@][^\s]*")
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


def call_of(tool: str, arguments: Mapping[str, Any]) -> str:
    """Return a call as an agent can repeat it."""
    return f"{tool} {json.dumps(arguments, ensure_ascii=False)}"


def with_calls(hint: str) -> str:
    """Return a hint in which commands are calls, as far as there are tools for them."""
    return _TYPED.sub(lambda found: _as_call(found["words"].strip()), hint)


def _as_call(words: str) -> str:
    verb, *rest = words.split()
    places = [one for one in rest if _PLACE.fullmatch(one)]
    if verb == "sync" and rest:
        return _sync_call(rest)
    if verb in {"push", "pull"}:
        return call_of("sync", {"target": "all", "direction": verb})
    if verb in _VERBS and places:
        tool, names = _VERBS[verb]
        return call_of(tool, dict(zip(names, places, strict=False)))
    if verb in {"ls", "search"}:
        name = "query" if verb == "search" else "prefix"
        return call_of("prompt_search", {name: " ".join(places)})
    return f"anvil {words} (for a person to type)"


def _sync_call(rest: list[str]) -> str:
    said: dict[str, object]
    if rest[0] in _SYNC:
        tool, argument = _SYNC[rest[0]]
        said = {argument: rest[1]} if argument and len(rest) > 1 else {}
        return call_of(tool, said | ({"choice": CHOICES} if tool == "sync_resolve" else {}))
    said = dict(zip(("target", "direction"), rest, strict=False))
    return call_of("sync", said | ({"delete": True} if "--delete" in rest else {}))
