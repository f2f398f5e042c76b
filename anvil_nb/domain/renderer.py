"""A content made ready to render: parsed, with its partials and its signature.

The signature of a prompt is what it declares, and beyond that what its template and its partials
use: declared by the partial, or of any type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.parameters import Parameter, Signature
from anvil_nb.domain.reach import check_reach
from anvil_nb.domain.template import Message, Template, Use, parse, verbatim

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from anvil_nb.domain.liquid.shapes import Shape
    from anvil_nb.domain.prompt import Content


@dataclass(frozen=True, slots=True)
class Agreement:
    """Declared parameters against used ones.

    Args:
        matched: Declared and used.
        missing: Used and declared neither here nor by the partial that uses it.
        unused: Declared and not used.
    """

    matched: tuple[str, ...]
    missing: tuple[str, ...]
    unused: tuple[str, ...]


class Renderer:
    """Renders one content.

    Args:
        content: What is rendered.
        partials: The contents that its ``{% render %}`` tags reach, by name.

    Raises:
        TemplateSyntaxError: when a template does not parse.
        RefusedError: when partials go in a circle, are chat prompts, or too many or too large.
    """

    __slots__ = ("_content", "_partials", "_template", "signature", "uses")

    def __init__(self, content: Content, partials: Mapping[str, Content]) -> None:
        self._content = content
        if partials:
            check_reach((content, *partials.values()))
        self._partials = {name: template_of(one) for name, one in partials.items()}
        # Plain text uses nothing, and no parser is loaded to say so.
        self._template = None if content.syntax == "plain" else parse(content.template)
        self.uses: dict[str, Use] = (
            {} if self._template is None else self._template.requirements(self._partials)
        )
        declared = {one.name: one for one in content.parameters}
        found = {
            name: _inferred(use, partials)
            for name, use in self.uses.items()
            if name not in declared
        }
        self.signature = Signature((*declared.values(), *found.values()))

    @property
    def is_chat(self) -> bool:
        """Whether it renders to messages."""
        return self._template is not None and self._template.is_chat

    @property
    def agreement(self) -> Agreement:
        """Declared parameters against used ones."""
        declared = [one.name for one in self._content.parameters]
        return Agreement(
            matched=tuple(name for name in declared if name in self.uses),
            missing=tuple(one.name for one in self.signature.parameters if not one.declared),
            unused=tuple(name for name in declared if name not in self.uses),
        )

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """What template and partials do with their variables, as far as it can be told."""
        return {} if self._template is None else self._template.shapes(self._partials)

    def render(
        self, values: Mapping[str, object], now: datetime
    ) -> tuple[str, tuple[Message, ...]]:
        """Return the text and the messages; see ``Signature.bind`` and ``Template.render``."""
        bound, sizes = self.signature.bind(values)
        if self._template is None:
            return self._content.template, ()
        return self._template.render(bound, now=now, partials=self._partials, sizes=sizes)


def template_of(content: Content) -> Template:
    """Return the parsed template of a content.

    Raises:
        TemplateSyntaxError: when it does not parse.
    """
    return verbatim(content.template) if content.syntax == "plain" else parse(content.template)


def _inferred(use: Use, partials: Mapping[str, Content]) -> Parameter:
    """Return the parameter that a use stands for: as its partial declares it, or any type."""
    if use.partial and use.partial in partials:
        for one in partials[use.partial].parameters:
            if one.name == use.name:
                return one
    return Parameter(use.name, required=use.required, declared=False)
