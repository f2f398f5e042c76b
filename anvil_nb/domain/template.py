"""Templates: parsed once, analysed for what they use, rendered under a budget.

A ``Template`` is one text. Partials are other texts of the same prompt set; ``requirements``
follows them, and ``render`` is handed all of them. Rendering is a pure function of template,
partials, values and time.

The rules of chat prompts: a template with ``{% message role %}`` blocks is a chat. Outside the
blocks there may be tags and white space, no text. Blocks may stand in conditions and loops, not
in one another, in captures, or in partials. White space at both ends of a message is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from anvil_nb.domain.prompt import check_text
from anvil_nb.domain.template_errors import render_error, shortened, syntax_error
from anvil_nb.errors import (
    RefusedError,
    RenderError,
    TemplateLimitError,
    TemplateSyntaxError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from anvil_nb.domain.liquid.environment import PricedTemplate
    from anvil_nb.domain.liquid.inspection import Inspection
    from anvil_nb.domain.liquid.shapes import Shape
    from anvil_nb.domain.liquid.vocabulary import Vocabulary

MAX_PARTIAL_DEPTH = 50
"""How deep partials may render each other."""
MAX_REMEMBERED = 32 * 1024
"""Longest text that is remembered parsed, which can take 300 times the memory of the text."""
MAX_MARKUPS = 5_000
"""Most different kinds of markup whose soundness is remembered."""


@dataclass(frozen=True, slots=True)
class Use:
    """A variable that a template needs from outside.

    Args:
        name: Its name, the first segment of a dotted one.
        line, column: Place of the first use that needs a value, 1-based.
        required: Whether any use stands outside a ``default`` filter.
        partial: The partial it stands in, or ``""``.
    """

    name: str
    line: int
    column: int
    required: bool
    partial: str = ""


class Message(dict[str, str]):
    """One message of a chat: ``{"role": …, "content": …}``, as model clients take it."""

    __slots__ = ()

    def __init__(self, role: str, content: str) -> None:
        super().__init__(role=role, content=content)

    @property
    def role(self) -> str:
        """One of the roles."""
        return self["role"]

    @property
    def content(self) -> str:
        """The text."""
        return self["content"]

    def to_json(self) -> dict[str, str]:
        """Return a plain object."""
        return dict(self)


class Template:
    """A parsed Liquid template. Make one with ``parse``.

    Attributes:
        source: The text.
        calls: The partials it renders, each with the variables that every call hands over.
        is_chat: Whether it is made of message blocks.
        bound: The form that python-liquid renders.
    """

    __slots__ = ("_lenient", "_uses", "bound", "calls", "is_chat", "source")

    def __init__(self, source: str, bound: PricedTemplate, inspection: Inspection) -> None:
        self.source = source
        self.bound = bound
        self.is_chat = inspection.chat
        self.calls: dict[str, frozenset[str]] = {}
        for call in inspection.partials:
            # What every call of a partial hands over is not needed from outside.
            self.calls[call.name] = self.calls.get(call.name, call.bound) & call.bound
        self._lenient = inspection.lenient
        self._uses: dict[str, Use] | None = None

    @property
    def uses(self) -> dict[str, Use]:
        """What it needs from outside itself, by name. Found when first asked for."""
        if self._uses is None:
            from anvil_nb.domain.liquid.inspection import uses_of  # noqa: PLC0415 - late

            self._uses = _first_uses(self.source, uses_of(self.bound), self._lenient)
        return self._uses

    @property
    def partials(self) -> tuple[str, ...]:
        """The names of the prompts this template renders itself, each once."""
        return tuple(self.calls)

    def requirements(self, partials: Mapping[str, Template]) -> dict[str, Use]:
        """Return what this template and its partials need from outside, by name.

        Args:
            partials: The prompts of the set by name; those that are not there are left out.

        Raises:
            RefusedError: when partials render each other in a circle, or are chat prompts.
        """
        return _Needs(partials).of(self)

    def shapes(self, partials: Mapping[str, Template]) -> dict[str, Shape]:
        """Return what this template and its partials do with what comes from outside, by name.

        Args:
            partials: The prompts of the set by name; those that are not there are left out.
        """
        from anvil_nb.domain.liquid.shapes import shapes_of  # noqa: PLC0415 - late

        return shapes_of(self.bound, {name: one.bound for name, one in partials.items()})

    def render(
        self,
        values: Mapping[str, object],
        *,
        now: datetime,
        partials: Mapping[str, Template],
        sizes: Mapping[int, int] | None = None,
    ) -> tuple[str, tuple[Message, ...]]:
        """Return the text and, for a chat, the messages.

        Args:
            values: Every variable's value; plain data.
            now: What ``'now'`` means, with its time zone.
            partials: The prompts that ``{% render %}`` may name.
            sizes: The size of arrays and objects in ``values`` by ``id``, as far as they are known.

        Raises:
            MissingValueError: for an undefined variable.
            TemplateLimitError: when a budget is used up.
            RenderError: for anything else that goes wrong, with its place.
        """
        from liquid.exceptions import LiquidError, LiquidInterrupt  # noqa: PLC0415 - late

        from anvil_nb.domain.liquid.budget import Budget, Buffer  # noqa: PLC0415 - late
        from anvil_nb.domain.liquid.context import Context  # noqa: PLC0415 - late

        budget = Budget()
        context = Context(
            self.bound,
            globals=values,
            budget=budget,
            partials={name: one.bound for name, one in partials.items()} if partials else None,
            now=now,
            sizes=sizes,
        )
        buffer = Buffer(budget)
        node = None
        try:
            budget.spend(self.bound.steps)
            for node in self.bound.nodes:
                node.render_to_output(context, buffer)
        except LiquidInterrupt:
            pass  # a break or continue outside a loop ends the template, as in Shopify's Liquid
        except LiquidError as error:
            if error.token is None and node is not None:
                error.token = node.token
            raise render_error(error, self.source, partials) from error
        except RecursionError as error:
            msg = "the template's blocks and partials are nested too deeply"
            raise TemplateLimitError(msg, "Take some of them apart.") from error
        except (ArithmeticError, ValueError, TypeError, LookupError) as error:
            msg = f"the template cannot be rendered: {shortened(str(error))}"
            raise RenderError(msg, "Check the values against what the template does.") from error
        if not self.is_chat:
            return buffer.getvalue(), ()
        messages = tuple(Message(role, content) for role, content in context.messages)
        return "\n\n".join(one.content for one in messages), messages


def parse(source: str) -> Template:
    """Parse a Liquid template; one that was parsed lately and is not large is remembered.

    Raises:
        TemplateSyntaxError: for text that does not parse, an unknown tag or filter, or a message
            where none may stand; with line and column.
    """
    return _remembered(source) if len(source) <= MAX_REMEMBERED else _parsed(source)


@lru_cache(maxsize=512)
def _remembered(source: str) -> Template:
    return _parsed(source)


def partials_in(source: str) -> tuple[str, ...]:
    """Return the names of the partials that a template renders; it is not kept.

    For many templates at once: those of the same tags and outputs, whatever the text between
    them, are parsed once.

    Raises:
        TemplateSyntaxError: as ``parse`` does.
    """
    from liquid.exceptions import LiquidError  # noqa: PLC0415 - late

    from anvil_nb.domain.liquid.environment import markup_of  # noqa: PLC0415 - late

    check_text(source)
    try:
        markup = markup_of(source)
    except LiquidError as error:
        raise syntax_error(error, source) from error
    found = None if markup is None else _partials_by_markup.get(markup)
    if found is None:
        found = _parsed(source).partials
        if len(_partials_by_markup) >= MAX_MARKUPS:
            _partials_by_markup.clear()
        if markup is not None and len(markup) <= MAX_REMEMBERED:
            _partials_by_markup[markup] = found
    return found


_partials_by_markup: dict[str, tuple[str, ...]] = {}


def vocabulary() -> Vocabulary:
    """Return the tags, filters and roles that a template may use."""
    from anvil_nb.domain.liquid import vocabulary as words  # noqa: PLC0415 - late

    return words.vocabulary()


def _parsed(source: str) -> Template:
    from liquid.exceptions import LiquidError  # noqa: PLC0415 - a tenth of a second to import

    from anvil_nb.domain.liquid.environment import (  # noqa: PLC0415 - late
        check_markup,
        environment,
    )
    from anvil_nb.domain.liquid.inspection import inspect  # noqa: PLC0415 - late

    check_text(source)
    try:
        check_markup(source)
        bound = environment().parsed(source)
        return Template(source, bound, inspect(bound))
    except LiquidError as error:
        raise syntax_error(error, source) from error
    except RecursionError as error:
        msg = "the template is nested too deeply"
        raise TemplateSyntaxError(msg, "Split it into partials.") from error


def verbatim(source: str) -> Template:
    """Return a template that renders to ``source`` as it stands, to serve as a partial."""
    from liquid.builtin.content import ContentNode  # noqa: PLC0415 - late
    from liquid.token import TOKEN_CONTENT, Token  # noqa: PLC0415 - late

    from anvil_nb.domain.liquid.environment import (  # noqa: PLC0415 - late
        PricedTemplate,
        environment,
    )
    from anvil_nb.domain.liquid.inspection import inspect  # noqa: PLC0415 - late

    check_text(source)
    node = ContentNode(Token(TOKEN_CONTENT, source, 0, source), source)
    bound = PricedTemplate(environment(), [node])
    return Template(source, bound, inspect(bound))


class _Needs:
    """What templates need from outside, their partials' needs included; each is asked once."""

    def __init__(self, partials: Mapping[str, Template]) -> None:
        self._partials = partials
        self._known: dict[str, dict[str, Use]] = {}
        self._path: list[str] = []

    def of(self, template: Template) -> dict[str, Use]:
        """Return the needs of ``template`` by name."""
        found = dict(template.uses)
        for name, bound in template.calls.items():
            for use in self._of_partial(name).values():
                known = found.get(use.name)
                better = known is None or (use.required and not known.required)
                if better and use.name not in bound:
                    found[use.name] = use
        return found

    def _of_partial(self, name: str) -> dict[str, Use]:
        if name in self._path:
            circle = " → ".join((*self._path[self._path.index(name) :], name))
            msg = f"the partials render each other in a circle: {circle}"
            raise RefusedError(msg, f"Remove one of the {{% render %}} tags of '{name}'.")
        partial = self._partials.get(name)
        if partial is None:
            return {}
        if name in self._known:
            return self._known[name]
        if partial.is_chat:
            msg = f"'{name}' is a chat prompt and cannot be a partial: it has message blocks"
            raise RefusedError(msg, "Move the shared text into a prompt without message blocks.")
        if len(self._path) >= MAX_PARTIAL_DEPTH:
            msg = f"the partials render each other more than {MAX_PARTIAL_DEPTH} deep"
            raise RefusedError(msg, "Put some of them together.")
        self._path.append(name)
        needs = self.of(partial)
        self._path.pop()
        self._known[name] = {
            # What a deeper partial needs is told as that one's need.
            one: use if use.partial else replace(use, partial=name)
            for one, use in needs.items()
        }
        return self._known[name]


def _first_uses(
    source: str, found: Mapping[str, list[int]], lenient: frozenset[int]
) -> dict[str, Use]:
    required = {
        name: [index for index in indexes if index not in lenient]
        for name, indexes in found.items()
    }
    first = {name: min(required[name] or indexes) for name, indexes in found.items()}
    places = _places(source, first.values())
    return {name: Use(name, *places[at], bool(required[name])) for name, at in first.items()}


def _places(source: str, indexes: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return line and column of many places, in one pass over the text."""
    found: dict[int, tuple[int, int]] = {}
    line, at, line_break = 1, 0, -1
    for index in sorted(indexes):
        line += source.count("\n", at, index)
        line_break = max(line_break, source.rfind("\n", at, index))
        at = index
        found[index] = line, index - line_break
    return found
