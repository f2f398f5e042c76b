"""Completion: values for the arguments of prompts, and addresses for the templates of resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mcp.types import Completion, PromptReference

from anvil_nb.errors import AnvilError
from anvil_nb.mcp_server import prompts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mcp.types import CompletionArgument, ResourceTemplateReference

    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.workspace import Workspace

MOST: Final = 100
"""The most values that the protocol allows."""
_SELECTORS: Final = ("draft", "latest")


def complete(
    ws: Workspace, ref: PromptReference | ResourceTemplateReference, argument: CompletionArgument
) -> Completion:
    """Return values that begin like what is typed; none where nothing is known."""
    try:
        if isinstance(ref, PromptReference):
            known = _values(prompts.find(ws, ref.name).parameters, argument.name)
        elif ref.uri.startswith(("prompt://", "versions://")):
            known = _addresses(ws, argument.value, whole=ref.uri.startswith("prompt://"))
        elif ref.uri.startswith("skill://") and argument.name == "name":
            known = [line.key for line in ws.skills(argument.value, limit=MOST + 1)]
        else:
            known = []
    except AnvilError:
        known = []
    return _fitting(known, argument.value)


def _fitting(known: Iterable[str], typed: str) -> Completion:
    found = [one for one in dict.fromkeys(known) if one.startswith(typed)]
    return Completion(values=found[:MOST], total=len(found), has_more=len(found) > MOST)


def _values(parameters: Iterable[Parameter], name: str) -> list[str]:
    one = next((one for one in parameters if one.name == name), None)
    if one is None:
        return []
    if one.enum:
        return [_text(value) for value in one.enum]
    if one.type == "boolean":
        return ["true", "false"]
    said = one.to_json()
    return [_text(said[key]) for key in ("example", "default") if said.get(key) is not None]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _addresses(ws: Workspace, typed: str, *, whole: bool) -> list[str]:
    path, at, _ = typed.partition("@")
    if at:
        history = ws.log(path.rpartition("/")[0] if whole else path)
        labels = [label for one in history.versions for label in one.labels]
        numbers = [one.number for one in history.versions]
        return [f"{path}@{one}" for one in (*_SELECTORS, *labels, *numbers)]
    folder = path.rpartition("/")[0]
    found = [item.address for item in ws.ls(f"{path}*" if path else "", limit=MOST + 1)]
    if folder and not found:
        found = [item.address for item in ws.ls(folder, limit=MOST + 1)]
    return [one.partition("@")[0] for one in found]
