"""Completion: values for the arguments of prompts, and for the variables of resource templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mcp.types import Completion, PromptReference

from anvil_nb.errors import AnvilError
from anvil_nb.mcp_server import bundle_files, skills
from anvil_nb.mcp_server.prompts import spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mcp.types import CompleteRequestParams

    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.mcp_server.views import View
    from anvil_nb.workspace import Workspace

MOST: Final = 100
"""The most values that the protocol allows."""
_SELECTORS: Final = ("draft", "latest")
_SET_DEPTH: Final = 1


def complete(view: View, asked: CompleteRequestParams) -> Completion:
    """Return values that begin like what is typed; none of what is not there, or not to be seen."""
    name, typed = asked.argument.name, asked.argument.value
    earlier = (asked.context.arguments if asked.context else None) or {}
    try:
        if isinstance(asked.ref, PromptReference):
            prompt = view.of("prompts").get_released(asked.ref.name)
            known = _values(prompt.parameters, name)
        else:
            known = _variables(view, asked.ref.uri, typed, name, earlier)
    except AnvilError:
        known = []
    found = [one for one in dict.fromkeys(known) if one.startswith(typed)]
    more = len(found) > MOST
    return Completion(values=found[:MOST], total=None if more else len(found), has_more=more)


def _values(parameters: Iterable[Parameter], name: str) -> list[str]:
    one = next((one for one in parameters if one.name == name), None)
    if one is None:
        return []
    if one.enum:
        return list(map(spelt, one.enum))
    if one.type == "boolean":
        return ["true", "false"]
    said = one.to_json()
    return [spelt(said[key]) for key in ("example", "default") if said.get(key) is not None]


def _variables(
    view: View, template: str, typed: str, name: str, earlier: Mapping[str, str]
) -> list[str]:
    """Return what may stand for a variable of one of our templates."""
    scheme = template.partition("://")[0]
    if (scheme, name) == ("prompt", "address"):
        return _addresses(view.of("prompts"), typed)
    if (scheme, name) == ("versions", "set"):
        return _sets(view.of("prompts"), typed)
    if (scheme, name) == ("bundle", "path"):
        view.of("bundles")
        return bundle_files.names(view.desk)
    if (scheme, name) == ("skill", "name"):
        return [line.key for line in view.of("skills").skills(typed, limit=MOST + 1)]
    if (scheme, name) == ("skill", "path"):
        found = skills.served(view.of("skills"), earlier.get("name", ""))
        return [] if found is None else [leaf.path for leaf in found.files]
    return []


def _addresses(ws: Workspace, typed: str) -> list[str]:
    path, at, _ = typed.partition("@")
    if not at:
        return _listed(ws, path)
    history = ws.log(path.rpartition("/")[0])
    labels = [label for one in history.versions for label in one.labels]
    numbers = [one.number for one in history.versions]
    return [f"{path}@{one}" for one in (*_SELECTORS, *labels, *numbers)]


def _sets(ws: Workspace, typed: str) -> list[str]:
    if typed.count("/") > _SET_DEPTH:
        return []
    found = _listed(ws, typed)
    return [one for one in found if one.count("/") <= _SET_DEPTH] or [typed] * bool(found)


def _listed(ws: Workspace, typed: str) -> list[str]:
    """Return projects, sets or prompts: what is one level below what is typed, or begins so."""
    return [item.address for item in ws.ls(f"{typed}*" if typed else "", limit=MOST + 1)]
