"""One walk over a parsed template that prices it and checks its structure; and what it uses.

The walk does four things to the tree: it puts a step node at the head of every block, so that
each pass through the block pays; it makes ranges pay; it makes look-ups under a ``default`` filter
lenient; and it lets plain variables skip the filter machinery. It refuses unknown filters, numbers
that are too long, and messages and text where they may not stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path, StringLiteral
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.cycle_tag import CycleNode
from liquid.builtin.tags.decrement_tag import DecrementNode
from liquid.builtin.tags.increment_tag import IncrementNode
from liquid.builtin.tags.render_tag import RenderNode
from liquid.context import RenderContext
from liquid.exceptions import LiquidSyntaxError, UnknownFilterError

from anvil_nb.domain.liquid.tags import Lenient, MessageNode, PricedRange, StepNode
from anvil_nb.domain.values import MAX_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from liquid import Token
    from liquid.expression import Expression

    from anvil_nb.domain.liquid.environment import PricedTemplate

_CHARACTERS_A_STEP = 512
_WRITERS = (CycleNode, IncrementNode, DecrementNode, RenderNode)


@dataclass(frozen=True, slots=True)
class PartialCall:
    """A ``{% render %}`` tag: the prompt it names and the variables it hands over."""

    name: str
    bound: frozenset[str]
    index: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a template turned out to be.

    Args:
        lenient: The indexes in the source of look-ups under ``default``.
        partials: The render tags, in order.
        chat: Whether there are message blocks.
    """

    lenient: frozenset[int]
    partials: tuple[PartialCall, ...]
    chat: bool


class _Walk:
    """The state of one walk."""

    def __init__(self, template: PricedTemplate) -> None:
        self.template = template
        self.filters = template.env.filters
        # For the library's children(), which asks for one and reads nothing of it here.
        self.context = RenderContext(template)
        self.lenient: set[int] = set()
        self.partials: list[PartialCall] = []
        self.messages: list[MessageNode] = []
        self.writers: list[Token] = []

    def nodes(self, nodes: Iterable[Node], *, inside: str) -> int:
        """Walk ``nodes``; return the steps that one pass over them takes."""
        return sum(self.node(node, inside=inside) for node in nodes)

    def node(self, node: Node, *, inside: str) -> int:
        """Walk one node; its blocks pay for themselves, so only its head is priced."""
        steps = 1 + sum(self.expression(expression) for expression in _expressions(node))
        if isinstance(node, ContentNode | OutputNode):
            return steps + self.leaf(node, inside=inside)
        if isinstance(node, _WRITERS) and not inside:
            self.writers.append(node.token)
        if isinstance(node, RenderNode):
            self.partials.append(_call(node))
        elif isinstance(node, MessageNode):
            self.message(node, inside=inside)
            inside = "message"
        elif isinstance(node, CaptureNode):
            inside = "capture"
        for child in node.children(self.context, include_partials=False):
            if isinstance(child, BlockNode):
                self.block(child, inside=inside)
            else:
                steps += self.node(child, inside=inside)
        return steps

    def leaf(self, node: ContentNode | OutputNode, *, inside: str) -> int:
        """Walk a text or an output, which most nodes are; return the steps beyond the node's."""
        if isinstance(node, OutputNode):
            if not inside:
                self.writers.append(node.token)
            node.expression = _plainest(node.expression)
            return 0
        if not inside and not node.blank:
            self.writers.append(node.token)
        return len(node.text) // _CHARACTERS_A_STEP

    def block(self, block: BlockNode, *, inside: str) -> None:
        """Walk a block, and put what a pass over it costs at its head."""
        steps = 2 + self.nodes(block.nodes, inside=inside)
        block.nodes.insert(0, StepNode(block.token, steps))

    def message(self, node: MessageNode, *, inside: str) -> None:
        """Check where a message stands."""
        if inside:
            msg = f"a message block cannot stand inside a {inside} block"
            raise LiquidSyntaxError(msg, token=node.token)
        self.messages.append(node)

    def expression(self, expression: Expression) -> int:
        """Walk an expression; return its steps."""
        steps = 1
        if isinstance(expression, Path):  # most are, and those have nothing to check
            return steps + sum(self.expression(child) for child in expression.children())
        if isinstance(expression, StringLiteral):
            steps += len(expression.value) // _CHARACTERS_A_STEP
        elif isinstance(expression, IntegerLiteral):
            if expression.value.bit_length() > MAX_BITS:
                msg = "this number has too many digits"
                raise LiquidSyntaxError(msg, token=expression.token)
        elif type(expression) is RangeLiteral:
            # In place: ranges stand in all kinds of expressions, and each keeps its parts its way.
            expression.__class__ = PricedRange
        if isinstance(expression, FilteredExpression) and expression.filters:
            for used in expression.filters:
                if used.name not in self.filters:
                    msg = f"unknown filter '{used.name}'"
                    raise UnknownFilterError(msg, token=used.token)
                steps += 1
            defaults = any(used.name == "default" for used in expression.filters)
            if defaults and isinstance(expression.left, Path):
                self.lenient.add(expression.left.token.start_index)
                expression.left = Lenient(expression.left)
        return steps + sum(self.expression(child) for child in expression.children())


def inspect(template: PricedTemplate) -> Inspection:
    """Walk ``template``: price it, check it, and return what it is.

    Raises:
        LiquidError: for an unknown filter, or a message or text where it may not stand.
    """
    walk = _Walk(template)
    template.steps = 1 + walk.nodes(template.nodes, inside="")
    if walk.messages and walk.writers:
        msg = "in a chat prompt all text stands in message blocks; this text stands outside"
        raise LiquidSyntaxError(msg, token=walk.writers[0])
    return Inspection(frozenset(walk.lenient), tuple(walk.partials), bool(walk.messages))


def uses_of(template: PricedTemplate) -> dict[str, list[int]]:
    """Return the variables that come from outside: by name, the index in the source of each use."""
    found = template.analyze(include_partials=False).globals
    return {name: [use.span.index for use in places] for name, places in found.items()}


def _expressions(node: Node) -> Iterable[Expression]:
    return node.expressions()


def _plainest(expression: Expression) -> Expression:
    """Return what an expression without filters comes down to."""
    if isinstance(expression, FilteredExpression) and not expression.filters:
        return expression.left
    return expression


def _call(node: RenderNode) -> PartialCall:
    assert isinstance(node.name, StringLiteral)
    bound = {str(argument.name) for argument in node.args}
    if node.var is not None:
        bound.add(str(node.alias))
    if node.loop:
        bound.add("forloop")
    return PartialCall(node.name.value, frozenset(bound), node.token.start_index)
