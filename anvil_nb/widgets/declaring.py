"""A prompt as the page's form has it, to and from the domain's values.

The form's *document* is an object: ``text``, ``syntax``, ``parameters`` (rows), ``description``,
``tags`` and ``settings`` (pairs of key and value). Values of a declaration and of a setting are
JSON written as text: what is being typed need not be sound, and 1.0 comes back as it went.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anvil_nb.domain.frontmatter import join, opens_with_frontmatter, split
from anvil_nb.domain.parameters import Parameter, parameter_from_json
from anvil_nb.domain.prompt import Content
from anvil_nb.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anvil_nb.domain.digest import Json

_WRITTEN = ("default", "example")
"""The fields of a parameter that hold a value of its type."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is not sound in a form.

    Args:
        place: The part: ``parameters``, ``settings``, or a field's name.
        row: The row in it, from 0; ``None`` for the whole.
        error: What is wrong.
    """

    place: str
    row: int | None
    error: DeclarationError

    def to_json(self) -> Json:
        """Return the place, the row, the message and the hint."""
        said = {"message": self.error.message, "hint": self.error.hint}
        return {"place": self.place, "row": self.row, **said}


def document_of(content: Content) -> dict[str, Json]:
    """Return the form of a content."""
    return {
        "text": content.template,
        "syntax": content.syntax,
        "parameters": [row_of(one) for one in content.parameters],
        "description": content.metadata.description,
        "tags": list(content.metadata.tags),
        "settings": [[key, _text(value)] for key, value in content.metadata.settings.items()],
    }


def row_of(parameter: Parameter) -> Json:
    """Return the form's row of a parameter."""
    said = parameter.to_json()
    row: dict[str, Json] = {
        "name": parameter.name,
        "type": parameter.type or "",
        "required": parameter.required,
        "description": parameter.description,
    }
    row |= {name: _text(said[name]) for name in _WRITTEN if name in said}
    if parameter.enum is not None:
        row["enum"] = [_text(value) for value in parameter.enum]
    return row


def content_of(document: Mapping[str, Any]) -> tuple[Content, list[Fault]]:
    """Return the content that a form says, and what of it is not sound and was left out.

    Raises:
        TemplateSyntaxError: for text that cannot be kept.
    """
    faults: list[Fault] = []
    content = Content(document["text"])
    parameters: dict[str, Parameter] = {}
    for at, row in enumerate(document["parameters"]):
        try:
            made = _parameter(row)
            if made.name in parameters:
                msg = f"parameter '{made.name}' is declared twice"
                raise DeclarationError(msg, "Remove one of the two.")  # noqa: TRY301 - as the rest
            parameters[made.name] = made
        except DeclarationError as error:
            faults.append(Fault("parameters", at, error))
    content = content.with_fields(
        {"parameters": [*parameters.values()], "syntax": document["syntax"]}
    )
    for place, row_at, fields in _metadata(document, faults):
        try:
            content = content.with_fields(fields)
        except DeclarationError as error:
            faults.append(Fault(place, row_at, error))
    return content, faults


def sound_content_of(document: Mapping[str, Any]) -> Content:
    """Return the content that a form says.

    Raises:
        DeclarationError: for the first thing that is not sound.
        TemplateSyntaxError: for text that cannot be kept.
    """
    content, faults = content_of(document)
    if faults:
        raise faults[0].error
    return content


def written(content: Content) -> str:
    """Return a content as one text, which opens with frontmatter."""
    return join(content.to_fields(), content.template)


def read(text: str) -> Content:
    """Return the content that one text, as ``written`` gives it, says.

    Raises:
        DeclarationError: for frontmatter that is not sound.
    """
    document = split(text)
    return Content(document.body).with_fields(document.fields or {})


def joined(document: Mapping[str, Any], text: str) -> dict[str, Json]:
    """Return a form that a text's frontmatter was moved into; the rest of the text is its text.

    What the frontmatter says takes the place of what the form says of it: a field, a setting, a
    parameter. What it does not say stays as it is typed, sound or not.

    Raises:
        DeclarationError: for frontmatter that is not sound.
    """
    found = split(text)
    fields = found.fields or {}
    said: dict[str, Any] = document_of(Content(found.body).with_fields(fields))
    parameters = {one["name"]: one for one in said["parameters"]}
    settings = dict(said["settings"])
    kept = [pair for pair in document["settings"] if pair[0] in settings or pair[0] not in fields]
    return {
        **document,
        **{key: said[key] for key in ("description", "tags", "syntax") if key in fields},
        "text": found.body,
        "parameters": [
            *(parameters.pop(one["name"], one) for one in document["parameters"]),
            *parameters.values(),
        ],
        "settings": [
            *([key, settings.pop(key, value)] for key, value in kept),
            *map(list, settings.items()),
        ],
    }


def verbatim(text: str) -> str:
    """Return what is to be saved so that all of ``text`` is the template."""
    return f"---\n---\n{text}" if opens_with_frontmatter(text) else text


def _parameter(row: Mapping[str, Any]) -> Parameter:
    name = row["name"]
    said: dict[str, Any] = {"name": name, "type": row["type"] or None}
    said["description"] = row["description"]
    if row["required"] or "default" not in row:
        said["required"] = row["required"]
    for field in _WRITTEN:
        if field in row:
            said[field] = _value(row[field], f"the {field} of '{name}'")
    if row.get("enum"):
        said["enum"] = [_value(one, f"an enum value of '{name}'") for one in row["enum"]]
    return parameter_from_json(said)


def _metadata(
    document: Mapping[str, Any], faults: list[Fault]
) -> Iterator[tuple[str, int | None, dict[str, Any]]]:
    yield "description", None, {"description": document["description"]}
    yield "tags", None, {"tags": document["tags"]}
    known: set[str] = set()
    for at, (key, text) in enumerate(document["settings"]):
        try:
            if key in known:
                msg = f"setting '{key}' is given twice"
                raise DeclarationError(msg, "Remove one of the two.")  # noqa: TRY301 - as the rest
            known.add(key)
            yield "settings", at, {_key(key): _value(text, f"setting '{key}'")}
        except DeclarationError as error:
            faults.append(Fault("settings", at, error))


def _key(key: str) -> str:
    if key in ("description", "tags", "parameters", "syntax", ""):
        msg = f"'{key}' is no setting: it has a field of its own" if key else "a setting has a name"
        raise DeclarationError(msg, "For example: temperature")
    return key


def _value(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        shown = text if len(text) <= 40 else f"{text[:39]}…"  # noqa: PLR2004 - a line of a form
        raise DeclarationError(
            f"{what} is not JSON: {shown}", 'For example: 3, "a", [1]'
        ) from error


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
