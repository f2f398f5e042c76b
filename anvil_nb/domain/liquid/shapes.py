"""What templates do with their variables: which are gone through, and which fields are read.

A guess for stand-ins, not a rule: what cannot be told from the template is left open. Aliases are
followed: loop variables, ``assign`` of a look-up, filters that hand on the items they are given,
and what a ``render`` hands over.
"""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from liquid.ast import BlockNode
from liquid.builtin.expressions import FilteredExpression, Path, StringLiteral
from liquid.builtin.expressions.loop import LoopExpression
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.render_tag import RenderNode
from liquid.context import RenderContext

from anvil_nb.domain.liquid.tags import Lenient

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from liquid.ast import Node
    from liquid.builtin.expressions.filtered import Filter
    from liquid.expression import Expression

    from anvil_nb.domain.liquid.environment import PricedTemplate

MOST_NODES = 20_000
"""After so many tags no more is learnt: partials that render partials can be very many."""
MOST_DEPTH = 12
"""How deep fields and partials are followed."""

_HANDING_ON = frozenset({
    "compact", "concat", "default", "reject", "reverse", "slice", "sort", "sort_natural", "uniq",
    "where",
})  # fmt: skip
"""Filters that give what they are given, or some of its items."""
_READING = frozenset({
    "compact", "find", "find_index", "has", "map", "reject", "sort", "sort_natural", "sum", "uniq",
    "where",
})  # fmt: skip
"""Filters whose first argument names a field of the items they are given."""
_ONE = frozenset({"find", "first", "last"})
"""Filters that give one of the items."""


@dataclass(slots=True)
class Shape:
    """What is known of a value.

    Args:
        depth: How many look-ups lead to it.
        fields: Of an object that it is, by name.
        item: What each of its items is, where it is gone through; ``None`` where it is not.
    """

    depth: int = 0
    fields: dict[str, Shape] = field(default_factory=dict)
    item: Shape | None = None

    def at(self, name: str) -> Shape:
        """Return one of its fields, which it has from here on."""
        if self.depth >= MOST_DEPTH:
            return Shape(self.depth)
        return self.fields.setdefault(name, Shape(self.depth + 1))

    def items(self) -> Shape:
        """Return what its items are: it has some from here on."""
        if self.depth >= MOST_DEPTH:
            return Shape(self.depth)
        if self.item is None:
            self.item = Shape(self.depth + 1)
        return self.item


def shapes_of(template: PricedTemplate, partials: Mapping[str, PricedTemplate]) -> dict[str, Shape]:
    """Return what is known of the variables that come from outside, by name.

    Args:
        template: What is rendered.
        partials: What its render tags may name.
    """
    walk = _Walk(partials, RenderContext(template))
    walk.nodes(template.nodes, {}, 0)
    return walk.outside


class _Walk:
    """One walk through a template and the partials it renders, in the order of the text."""

    def __init__(self, partials: Mapping[str, PricedTemplate], context: RenderContext) -> None:
        self.partials, self.context = partials, context
        self.outside: dict[str, Shape] = {}
        self.left = MOST_NODES

    def nodes(self, nodes: Sequence[Node], scope: MutableMapping[str, Shape], depth: int) -> None:
        """Learn from nodes.

        Args:
            nodes: In order.
            scope: The variables of the template's own, by name.
            depth: How many partials stand around it.
        """
        for node in nodes:
            self.left -= 1
            if self.left < 0:
                return
            self.node(node, scope, depth)

    def node(self, node: Node, scope: MutableMapping[str, Shape], depth: int) -> None:
        inner = scope
        for expression in node.expressions():
            if isinstance(expression, LoopExpression):
                item = self.learn(expression.iterable, scope).items()
                inner = ChainMap({str(expression.identifier): item, "forloop": Shape()}, scope)
            self.learn(expression, scope)
        if isinstance(node, AssignNode):
            _outermost(scope)[str(node.name)] = self.learn(node.expression, scope)
        elif isinstance(node, CaptureNode):
            _outermost(scope)[str(node.name)] = Shape()
        elif isinstance(node, RenderNode):
            self.render(node, scope, depth)
            return
        for child in node.children(self.context, include_partials=False):
            if isinstance(child, BlockNode):
                self.nodes(child.nodes, inner, depth)
            else:
                self.nodes([child], inner, depth)

    def render(self, node: RenderNode, scope: MutableMapping[str, Shape], depth: int) -> None:
        """Learn from a partial what it does with what it is handed, and with what it is not."""
        assert isinstance(node.name, StringLiteral)
        partial = self.partials.get(node.name.value)
        handed = {str(one.name): self.learn(one.value, scope) for one in node.args}
        if node.var is not None:
            given = self.learn(node.var, scope)
            handed[str(node.alias)] = given.items() if node.loop else given
        if node.loop:
            handed["forloop"] = Shape()
        if partial is not None and depth < MOST_DEPTH:
            self.nodes(partial.nodes, handed, depth + 1)

    def learn(self, expression: Expression, scope: MutableMapping[str, Shape]) -> Shape:
        """Learn from an expression; return what is known of its value."""
        if isinstance(expression, Lenient):
            return self.learn(expression.path, scope)
        if isinstance(expression, Path):
            return self.look_up(expression, scope)
        if isinstance(expression, FilteredExpression):
            return self.filtered(expression, scope)
        for child in expression.children():
            self.learn(child, scope)
        return Shape()

    def look_up(self, path: Path, scope: MutableMapping[str, Shape]) -> Shape:
        """Learn that there is something at a path."""
        head, *rest = path.path
        if not isinstance(head, str):
            return Shape()
        shape = scope[head] if head in scope else self.outside.setdefault(head, Shape())
        for segment in rest:
            if isinstance(segment, str):
                shape = shape.at(segment)
            else:
                if isinstance(segment, Path):
                    self.learn(segment, scope)
                shape = shape.items()
        return shape

    def filtered(self, expression: FilteredExpression, scope: MutableMapping[str, Shape]) -> Shape:
        """Learn from a value and the filters behind it."""
        shape = self.learn(expression.left, scope)
        for used in expression.filters or ():
            for child in used.children():
                self.learn(child, scope)
            shape = _behind(shape, used)
        return shape


def _behind(shape: Shape, used: Filter) -> Shape:
    """Return what is known of a value behind a filter."""
    named = None
    if used.name in _READING and used.args:
        first = getattr(used.args[0], "value", None)
        if isinstance(first, StringLiteral):
            named = shape.items().at(first.value)
    if used.name == "map":
        mapped = Shape(shape.depth)
        mapped.item = named
        return mapped
    if used.name in _ONE:
        return shape.items()
    return shape if used.name in _HANDING_ON else Shape()


def _outermost(scope: MutableMapping[str, Shape]) -> MutableMapping[str, Shape]:
    """Return the scope of the template, in which ``assign`` sets also inside a loop."""
    while isinstance(scope, ChainMap):
        scope = scope.maps[-1]
    return scope
