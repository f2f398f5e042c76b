"""The content of a prompt: what is versioned, digested and moved.

A content is a template with its syntax, its declared parameters and its metadata. It has no name
and no place: the same content under two names is one object with one digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias, get_args

from anvil_nb.domain.digest import Json, canonical_json, digest_of_bytes
from anvil_nb.domain.model_settings import check_setting
from anvil_nb.domain.parameters import Parameter, parameter_from_json, parameters_from_json
from anvil_nb.domain.prose import MAX_DESCRIPTION, is_keepable
from anvil_nb.domain.values import type_name
from anvil_nb.errors import DeclarationError, TemplateSyntaxError

Syntax: TypeAlias = Literal["liquid", "plain"]
"""How a template is read; ``plain`` text is rendered as it stands and takes no parameters."""

SYNTAXES: Final[tuple[str, ...]] = get_args(Syntax)
MAX_TEMPLATE = 1024 * 1024
"""Longest template, in bytes of UTF-8."""
MAX_TAGS = 50
MAX_TAG = 64
KIND = "prompt/1"
"""What the digested form of a prompt calls itself, so that no other object has its digest."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is said about a prompt, and what a model is to be called with.

    Args:
        description: One or a few sentences for people.
        tags: Words to find it by, in the order given.
        settings: ``model``, ``temperature``, ``max_tokens``, ``response_schema`` and free keys;
            see `model_settings`.
    """

    description: str = ""
    tags: tuple[str, ...] = ()
    settings: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """Return the metadata as one flat object, the way it is declared."""
        made: dict[str, Json] = {}
        if self.description:
            made["description"] = self.description
        if self.tags:
            made["tags"] = list(self.tags)
        return made | dict(self.settings)

    def updated(self, fields: Mapping[str, object]) -> Metadata:
        """Return the metadata with ``fields`` in place of what they name; ``None`` removes one.

        Raises:
            DeclarationError: for a value that does not fit its field.
        """
        description, tags, settings = self.description, self.tags, dict(self.settings)
        for key, value in fields.items():
            if key == "description":
                description = _description(value)
            elif key == "tags":
                tags = _tags(value)
            elif key in ("parameters", "syntax"):
                msg = f"'{key}' is not metadata"
                raise DeclarationError(msg, f"Pass {key}=… beside metadata.")
            elif value is None:
                settings.pop(key, None)
            else:
                settings[key] = check_setting(key, value)
        return Metadata(description, tags, settings)


@dataclass(frozen=True)
class Content:
    """The content of one prompt.

    Args:
        template: The text, at most ``MAX_TEMPLATE`` bytes; kept byte for byte.
        syntax: ``liquid`` or ``plain``.
        parameters: Declared ones, in the order declared.
        metadata: What is said about it.

    Raises:
        TemplateSyntaxError: for text that cannot be kept (too long, NUL, a lone surrogate).
    """

    template: str
    syntax: Syntax = "liquid"
    parameters: tuple[Parameter, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)

    def __post_init__(self) -> None:
        check_text(self.template)

    @cached_property
    def body(self) -> str:
        """The canonical JSON that the digest is over."""
        return canonical_json(self.to_json()).decode()

    @cached_property
    def digest(self) -> str:
        """The digest of this content."""
        return digest_of_bytes(self.body.encode())

    def to_json(self) -> dict[str, Json]:
        """Return the object that is digested; ``docs/digests.md`` has its form."""
        return {
            "kind": KIND,
            "syntax": self.syntax,
            "template": self.template,
            "parameters": [one.to_json() for one in self.parameters],
            "metadata": {
                "description": self.metadata.description,
                "tags": list(self.metadata.tags),
                "settings": dict(self.metadata.settings),
            },
        }

    def with_fields(self, fields: Mapping[str, object]) -> Content:
        """Return the content with frontmatter ``fields`` applied.

        ``parameters`` and ``syntax`` replace what was declared, the rest is metadata.

        Raises:
            DeclarationError: for a value that does not fit its field.
        """
        changes: dict[str, Any] = {}
        rest = dict(fields)
        if "parameters" in rest:
            changes["parameters"] = parameters_from_json(rest.pop("parameters") or [])
        if "syntax" in rest:
            changes["syntax"] = _syntax(rest.pop("syntax"))
        if rest:
            changes["metadata"] = self.metadata.updated(rest)
        return replace(self, **changes) if changes else self

    def to_fields(self) -> dict[str, Json]:
        """Return the frontmatter that declares all of this content but its template."""
        fields = self.metadata.to_json()
        fields["syntax"] = self.syntax
        if self.parameters:
            fields["parameters"] = [one.to_json() for one in self.parameters]
        return fields


def content_from_json(body: Mapping[str, Any]) -> Content:
    """Return the content that ``Content.to_json`` wrote.

    Raises:
        DeclarationError: when it is not the form of a prompt.
    """
    if body.get("kind") != KIND:
        msg = f"expected an object of kind {KIND!r}, found {body.get('kind')!r}"
        raise DeclarationError(msg, "This object was written by another program.")
    said = body["metadata"]
    return Content(
        template=body["template"],
        syntax=_syntax(body["syntax"]),
        parameters=tuple(parameter_from_json(one) for one in body["parameters"]),
        metadata=Metadata(said["description"], tuple(said["tags"]), said["settings"]),
    )


def check_text(text: str) -> None:
    """Refuse text that a store cannot keep.

    Raises:
        TemplateSyntaxError: with the place.
    """
    if len(text) > MAX_TEMPLATE or len(text.encode("utf-8", "surrogatepass")) > MAX_TEMPLATE:
        msg = f"the template is longer than {MAX_TEMPLATE:,} bytes"
        raise TemplateSyntaxError(msg, "Split it into partials, or pass long text as a value.")
    for index, bad in enumerate(text) if not is_keepable(text) else ():
        if bad == "\0" or "\ud800" <= bad <= "\udfff":
            line = text.count("\n", 0, index) + 1
            column = index - text.rfind("\n", 0, index)
            msg = f"the template has the character {bad!r} at line {line}, column {column}"
            raise TemplateSyntaxError(msg, "Remove it: it is not text.", line=line, column=column)


def _syntax(value: object) -> Syntax:
    if value not in SYNTAXES:
        msg = f"syntax is one of {', '.join(SYNTAXES)}, found {value!r}"
        raise DeclarationError(msg, "Use syntax: liquid for templates, syntax: plain for text.")
    return value  # type: ignore[return-value]  # one of the two


def _description(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MAX_DESCRIPTION:
        msg = f"description is text of at most {MAX_DESCRIPTION:,} characters"
        raise DeclarationError(f"{msg}, found {_found(value)}", "Shorten the description.")
    return _kept("description", value)


def _tags(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) > MAX_TAGS:
        msg = f"tags are a list of at most {MAX_TAGS} texts, found {_found(value)}"
        raise DeclarationError(msg, "For example: tags: [support, email]")
    for tag in value:
        if not isinstance(tag, str) or not tag.strip() or len(tag) > MAX_TAG:
            msg = f"a tag is text of 1 to {MAX_TAG} characters, found {_found(tag)}"
            raise DeclarationError(msg, "For example: tags: [support, email]")
    return tuple(dict.fromkeys(_kept("a tag", tag) for tag in value))


def _kept(what: str, text: str) -> str:
    if not is_keepable(text):
        msg = f"{what} has a character that is not text"
        raise DeclarationError(msg, "Remove NUL characters and lone surrogates.")
    return text


def _found(value: object) -> str:
    return f"{type_name(value)} of {len(value)}" if isinstance(value, str | list) else repr(value)
