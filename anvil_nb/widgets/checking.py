"""What the page is told of a text while it is typed: faults at their lines, and a preview.

The rules are the domain's; here they are asked all at once, and none ends the asking.
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from anvil_nb.catalog.validation import partial_names
from anvil_nb.domain.frontmatter import opens_with_frontmatter
from anvil_nb.domain.parameters import Absent
from anvil_nb.domain.reading import read_value
from anvil_nb.domain.renderer import Renderer
from anvil_nb.errors import AnvilError, RenderError
from anvil_nb.widgets.declaring import content_of
from anvil_nb.widgets.standing_in import stand_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.liquid.shapes import Shape
    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.domain.prompt import Content

    Partials = Callable[[Content], Mapping[str, Content]]

MOST_SHOWN = 100_000
"""The most characters of a preview that go to the page."""
_BYTES_IN_A_TOKEN = 4
"""Roughly, over the tokenizers in use and over languages."""


def checked(
    document: Mapping[str, Any], values: Mapping[str, str], partials: Partials, now: datetime
) -> dict[str, Json]:
    """Return what is to be said of a form.

    Args:
        document: The form; see `declaring`.
        values: Texts that were typed for the preview, by parameter.
        partials: Returns what a content's partials reach.
        now: What time it is in the preview.
    """
    text: str = document["text"]
    said: dict[str, Json] = {
        "digest": None,
        "faults": [],
        "errors": [],
        "agreement": None,
        "signature": None,
        "preview": None,
        "frontmatter": opens_with_frontmatter(text),
        "counts": counts(text),
    }
    try:
        content, faults = content_of(document)
        said["faults"] = [one.to_json() for one in faults]
        if not faults:
            said["digest"] = content.digest
        reached = partials(content)
        renderer = Renderer(content, reached)
    except AnvilError as error:
        said["errors"] = [_error(error, text)]
        return said
    said["errors"] = [
        _lost(name, text) for name in partial_names(content, reached) if name not in reached
    ]
    if content.syntax == "plain":
        said["errors"] = _taken_literally(text)
    unsound = {row["name"] for row in document["parameters"]} - {
        one.name for one in content.parameters
    }
    said["agreement"] = _agreement(renderer, unsound)
    parameters = renderer.signature.parameters
    said["signature"], chosen = _chosen(parameters, values, renderer.shapes)
    said["preview"] = _preview(renderer, chosen, now)
    return said


def counts(text: str) -> Json:
    """Return how many characters a text has, and roughly how many tokens."""
    size = len(text.encode("utf-8", "surrogatepass"))
    return {"characters": len(text), "tokens": -(-size // _BYTES_IN_A_TOKEN)}


def _error(error: AnvilError, text: str) -> Json:
    details = error.details()
    line, column = details.get("line"), details.get("column")
    if line is None and (found := re.search(r"'([^']+)'", error.message)):
        line, column = _place_of_partial(found.group(1), text)
    return {"message": error.message, "hint": error.hint, "line": line, "column": column}


def _lost(name: str, text: str) -> Json:
    line, column = _place_of_partial(name, text)
    msg = f"renders '{name}', and there is no such prompt in the draft"
    hint = "Save that prompt before you publish, or correct the name."
    return {"message": msg, "hint": hint, "line": line, "column": column, "note": True}


def _taken_literally(text: str) -> list[Json]:
    """Return a note of what reads like Liquid in text that is plain."""
    found = re.search(r"\{[{%]", text)
    if found is None:
        return []
    line, column = _line_and_column(text, found.start())
    msg = f"the prompt is plain text: '{found.group()}' stands in it as it is"
    hint = "For values to be filled in, its syntax is liquid."
    place: dict[str, Json] = {"line": line, "column": column}
    return [{"message": msg, "hint": hint, **place, "note": True, "remedy": "liquid"}]


def _line_and_column(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _place_of_partial(name: str, text: str) -> tuple[int | None, int | None]:
    found = re.search(rf"\{{%-?\s{{0,100}}render\s{{1,100}}['\"]{re.escape(name)}['\"]", text)
    if found is None:
        return None, None
    return _line_and_column(text, found.start())


def _agreement(renderer: Renderer, unsound: Collection[str]) -> Json:
    """Return declared against used; of what is missing also where, and what it may be meant for.

    What is declared and ``unsound`` is not missing: its row has a fault of its own.
    """
    found = renderer.agreement
    missing: list[Json] = []
    for name in found.missing:
        if name in unsound:
            continue
        use = renderer.uses[name]
        near = get_close_matches(name, found.unused, 1)
        missing.append(
            {
                "name": name,
                "line": None if use.partial else use.line,
                "column": use.column,
                "partial": use.partial,
                "required": use.required,
                "near": near[0] if near else None,
            }
        )
    return {"matched": list(found.matched), "unused": list(found.unused), "missing": missing}


def _chosen(
    parameters: tuple[Parameter, ...], values: Mapping[str, str], shapes: Mapping[str, Shape]
) -> tuple[list[Json], dict[str, Any]]:
    """Return the parameters with the value each has in the preview and where that is from."""
    rows: list[Json] = []
    chosen: dict[str, Any] = {}
    for one in parameters:
        typed = values.get(one.name, "")
        problem = None
        value, source = stand_in(one, shapes.get(one.name))
        if typed:
            try:
                read = _typed(one, typed)
                one.check(read)
                value, source = read, "typed"
            except AnvilError as error:
                problem = error.message
        if not isinstance(value, Absent):
            chosen[one.name] = value
        rows.append(
            {
                "name": one.name,
                "type": one.type or "",
                "source": source,
                "value": None if isinstance(value, Absent) else _shown(value),
                "problem": problem,
            }
        )
    return rows, chosen


def _typed(one: Parameter, text: str) -> Any:
    """Return the value of a text; where any type goes, an array or an object is one."""
    if one.type is None and one.enum is None and text.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return read_value(one, text)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _preview(renderer: Renderer, values: Mapping[str, object], now: datetime) -> Json:
    try:
        text, messages = renderer.render(values, now)
    except AnvilError as error:
        line = error.details().get("line") if isinstance(error, RenderError) else None
        if "of the partial" in error.message:
            line = None
        return {"message": error.message, "hint": error.hint, "line": line}
    room = MOST_SHOWN
    shown: list[Json] = []
    for one in messages:
        shown.append({"role": one.role, "content": one.content[:room]})
        room = max(0, room - len(one.content))
    return {
        "text": None if messages else text[:MOST_SHOWN],
        "messages": shown if renderer.is_chat else None,
        "cut": len(text) > MOST_SHOWN,
        "counts": counts(text),
    }
