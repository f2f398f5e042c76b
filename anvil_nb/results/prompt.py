"""A prompt as it stands at an address, and what it renders to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import short
from anvil_nb.domain.renderer import Renderer
from anvil_nb.domain.values import type_name
from anvil_nb.domain.visible import visible
from anvil_nb.errors import AnvilError, InvalidInputError
from anvil_nb.results import html
from anvil_nb.results.result import Result
from anvil_nb.results.text import indent, json_text, shorten, text_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.domain.address import Address
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.domain.prompt import Content, Metadata
    from anvil_nb.domain.template import Message

_SHOWN_CELLS = 40


def _clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Rendered(Result):
    """What a prompt rendered to.

    Args:
        text: The text; of a chat, the messages' contents with a blank line between.
        messages: The messages of a chat; none otherwise.
        address: Of the prompt that was rendered.
        digest: Of its content.
    """

    text: str
    messages: tuple[Message, ...]
    address: str
    digest: str

    def to_text(self) -> str:
        """Return the text; of a chat, each message under its role."""
        if not self.messages:
            return self.text
        return "\n\n".join(f"[{one.role}]\n{one.content}" for one in self.messages)

    def to_html(self) -> html.Html:
        """Return the text or the messages as blocks."""
        if not self.messages:
            return html.section("Rendered", html.code_block(self.text), address=self.address)
        blocks = [html.message_block(one.role, one.content) for one in self.messages]
        return html.section("Rendered chat", *blocks, address=self.address)

    def to_json(self) -> Json:
        """Return text, messages (``null`` for a text prompt), address and digest."""
        messages: Json = [dict(one.to_json()) for one in self.messages]
        return {
            "text": self.text,
            "messages": messages if self.messages else None,
            "address": self.address,
            "digest": self.digest,
        }


class Prompt(Result):
    """A prompt, read once and unchanging: ``render`` it, look at it, hand it on.

    Args:
        address: Where it was found, with the selector that is exact: a version or the draft.
        content: Template, parameters and metadata.
        version: The version number; ``None`` for the draft.
        tree: The digest of the whole version; ``None`` for the draft.
        partials: The contents its partials reach, by name.
        clock: What time it is, for ``'now'``; only asked when ``at`` is not given.
    """

    def __init__(  # noqa: PLR0913 - what a prompt is
        self,
        address: Address,
        content: Content,
        *,
        version: str | None,
        tree: str | None,
        partials: Mapping[str, Content],
        clock: Callable[[], datetime] = _clock,
    ) -> None:
        self._address = address
        self.content = content
        self.version = version
        self.tree = tree
        self.partials = partials
        self._clock = clock

    def __repr__(self) -> str:
        return f"<Prompt {self.address} {short(self.digest)}>"

    @cached_property
    def address(self) -> str:
        """The full address, with an exact selector."""
        return str(self._address)

    @cached_property
    def digest(self) -> str:
        """The digest of the content."""
        return self.content.digest

    @property
    def template(self) -> str:
        """The template, byte for byte as it was saved."""
        return self.content.template

    @property
    def metadata(self) -> Metadata:
        """Description, tags and model settings."""
        return self.content.metadata

    @cached_property
    def renderer(self) -> Renderer:
        """The content, parsed."""
        return Renderer(self.content, self.partials)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters it takes: declared ones, then those found in the template."""
        return self.renderer.signature.parameters

    @property
    def is_chat(self) -> bool:
        """Whether it renders to messages."""
        return self.renderer.is_chat

    def parameters_schema(self) -> dict[str, Json]:
        """Return JSON Schema (draft 2020-12) for the object of all values."""
        return self.renderer.signature.schema()

    def render(
        self,
        values: Mapping[str, object] | None = None,
        /,
        *,
        at: datetime | None = None,
        **named: object,
    ) -> Rendered:
        """Render the prompt.

        Args:
            values: Values by parameter name, for names that are no Python names.
            at: What ``'now'`` means in the template; the time of the call by default.
            **named: Values by parameter name.

        Raises:
            MissingValueError: when a required parameter has no value.
            ValueTypeError: when a value is not of its parameter's type.
            InvalidInputError: when there is no parameter of that name, or a value without one.
            TemplateLimitError: when the template asks for too much.
            RenderError: when anything else goes wrong in the template.
        """
        if values is not None and not isinstance(values, Mapping):
            raise self._no_mapping(values)
        given = {**values, **named} if values else named
        text, messages = self.renderer.render(given, at or self._clock())
        return Rendered(text, messages, self.address, self.digest)

    def _no_mapping(self, found: object) -> InvalidInputError:
        shown = repr(found) if isinstance(found, str | int | float) else type_name(found)
        said = ", ".join(f"{one.name}=…" for one in self.parameters)
        msg = f"values are passed by name, found {shorten(shown, _SHOWN_CELLS)} without one"
        hint = f"Try: render({said})" if said else "This prompt takes none. Try: render()"
        return InvalidInputError(msg, hint)

    def to_text(self) -> str:
        """Return address, metadata, parameters and template."""
        known = self._known()
        lines = [f"{self.address}  {short(self.digest)}"]
        lines += [visible(f"{name}: {value}") for name, value in self._said()]
        if known.problem:
            lines.append(f"not sound: {known.problem}")
        if known.parameters:
            lines += ["", indent(text_table(_HEADER, map(_row, known.parameters)), "  ")]
        return "\n".join([*lines, "", indent(visible(self.template), "  ")])

    def to_html(self) -> html.Html:
        """Return the prompt as a card."""
        known = self._known()
        parts = [html.definition(self._said())] if self._said() else []
        if known.problem:
            parts.append(html.join([html.badge("not sound", "bad"), " ", known.problem]))
        if known.parameters:
            parts.append(html.table(_HEADER, map(_row, known.parameters)))
        return html.section(
            "Chat prompt" if known.is_chat else "Prompt",
            *parts,
            html.code_block(self.template),
            html.muted(short(self.digest)),
            address=self.address,
        )

    def to_json(self) -> Json:
        """Return address, version, digests, template, metadata and parameters."""
        known = self._known()
        return {
            "address": self.address,
            "version": self.version,
            "digest": self.digest,
            "version_digest": self.tree,
            "kind": "chat" if known.is_chat else "text",
            "syntax": self.content.syntax,
            "template": self.template,
            "metadata": self.metadata.to_json(),
            "parameters": [one.to_json() for one in known.parameters],
            "problem": known.problem or None,
        }

    def _known(self) -> _Known:
        """Return what is to be shown; also of a prompt that a change of its partials broke."""
        try:
            return _Known(self.parameters, is_chat=self.is_chat)
        except AnvilError as error:
            return _Known(self.content.parameters, problem=error.message)

    def _said(self) -> list[tuple[str, str]]:
        fields = self.metadata.to_json()
        if self.content.syntax == "plain":
            fields["syntax"] = "plain"
        return [(name, _value(value)) for name, value in fields.items()]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the template says about a prompt, or why it cannot be told."""

    parameters: tuple[Parameter, ...]
    is_chat: bool = False
    problem: str = ""


_HEADER = ("parameter", "type", "required", "default", "description")


def _row(one: Parameter) -> tuple[str, str, str, str, str]:
    fields = one.to_json()
    kind = one.type or "any"
    if one.enum is not None:
        kind += f": {', '.join(map(_value, one.enum))}"
    described = one.description or ("" if one.declared else "(not declared)")
    default = _value(fields["default"]) if "default" in fields else ""
    return one.name, kind, "yes" if one.required else "no", default, described


def _value(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(map(str, value))
    return json_text(value)
