"""The tags that differ from python-liquid's: output, chat messages, partials, and steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from liquid.ast import BlockNode, Node
from liquid.builtin.expressions import Identifier, Path, StringLiteral
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.builtin.tags.render_tag import RenderNode, RenderTag
from liquid.exceptions import LiquidSyntaxError
from liquid.expression import Expression
from liquid.parser import get_parser
from liquid.tag import Tag
from liquid.token import TOKEN_EOF, TOKEN_TAG, TOKEN_WORD

from anvil_nb.domain.liquid.context import Context

if TYPE_CHECKING:
    from collections.abc import Iterable

    from liquid import RenderContext, Token, TokenStream

ROLES = ("system", "developer", "user", "assistant", "tool")
"""The roles a message may have."""


class TextOutputNode(OutputNode):
    """``{{ … }}``: writes text as it is, and arrays and objects as JSON."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value."""
        value = self.expression.evaluate(context)
        assert isinstance(context, Context)
        return buffer.write(value if type(value) is str else context.text_of(value))


class TextOutput(Output):
    """Parses ``{{ … }}``."""

    node_class = TextOutputNode


class TextEchoNode(EchoNode):
    """``{% echo … %}``: the same as an output."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value."""
        assert isinstance(context, Context)
        return buffer.write(context.text_of(self.expression.evaluate(context)))


class TextEchoTag(EchoTag):
    """Parses ``{% echo … %}``."""

    node_class = TextEchoNode


class PricedRange(RangeLiteral):
    """``(1..9)``: is measured and paid for wherever it stands."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> range:
        """Return the range."""
        assert isinstance(context, Context)
        made = super().evaluate(context)
        context.pay_range(made)
        return made


class StepNode(Node):
    """Stands at the head of every block and pays for one pass through it."""

    __slots__ = ("steps",)

    def __init__(self, token: Token, steps: int) -> None:
        super().__init__(token)
        self.blank = True
        self.steps = steps

    def render_to_output(self, context: RenderContext, _: TextIO) -> int:
        """Draw on the budget; write nothing."""
        assert isinstance(context, Context)
        context.budget.spend(self.steps)
        return 0


class Lenient(Expression):
    """A look-up under a ``default`` filter: what is not defined is nil there, not an error."""

    __slots__ = ("path",)

    def __init__(self, path: Path) -> None:
        super().__init__(path.token)
        self.path = path

    def evaluate(self, context: RenderContext) -> object:
        """Return the value, or nil."""
        segments = [
            segment.evaluate(context) if isinstance(segment, Expression) else segment
            for segment in self.path.path
        ]
        return context.get(segments, token=self.token, default=None)

    def children(self) -> Iterable[Expression]:
        """Return the look-up itself, for the analysis."""
        return [self.path]


class MessageNode(Node):
    """``{% message role %}…{% endmessage %}``: one message of a chat."""

    __slots__ = ("block", "role")

    def __init__(self, token: Token, role: str, block: BlockNode) -> None:
        super().__init__(token)
        self.blank = False
        self.role = role
        self.block = block

    def __str__(self) -> str:
        return f"{{% message {self.role} %}}{self.block}{{% endmessage %}}"

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Render the message; its white space at both ends is dropped."""
        assert isinstance(context, Context)
        content = context.get_buffer(buffer)
        self.block.render(context, content)
        context.messages.append((self.role, content.getvalue().strip()))
        return 0

    def children(
        self, static_context: RenderContext, *, include_partials: bool = True
    ) -> Iterable[Node]:
        """Return the block."""
        del static_context, include_partials
        return [self.block]


class MessageTag(Tag):
    """Parses a message block."""

    name = "message"
    end = "endmessage"

    def parse(self, stream: TokenStream) -> MessageNode:
        """Return the node of the message that begins here."""
        token = stream.eat(TOKEN_TAG)
        expected = f"expected one of the roles {', '.join(ROLES)}"
        tokens = stream.into_inner(tag=token)
        role = tokens.current
        if role.kind != TOKEN_WORD or role.value not in ROLES:
            found = "a quoted text" if role.kind != TOKEN_WORD else repr(role.value)
            msg = f"{expected}, found {found}"
            raise LiquidSyntaxError(msg, token=role if role.start_index >= 0 else token)
        next(tokens)
        tokens.expect_eos()
        block = get_parser(self.env).parse_block(stream, frozenset((self.end, TOKEN_EOF)))
        if not stream.current.is_tag(self.end):
            msg = "expected {% endmessage %}, found the end: nothing closes the {% message %}"
            raise LiquidSyntaxError(msg, token=token)
        return MessageNode(token, role.value, block)


class NamedRenderTag(RenderTag):
    """``{% render 'name' %}``: a prompt of the same set, named by a quoted text."""

    def parse(self, stream: TokenStream) -> Node:
        """Return the node; a variable as the name is refused."""
        token = stream.current
        node = super().parse(stream)
        assert isinstance(node, RenderNode)
        if not isinstance(node.name, StringLiteral):
            msg = "a partial is named by a quoted text, never by a variable"
            raise LiquidSyntaxError(msg, token=token)
        if node.var is not None and node.alias is None:
            # The library falls back to the loaded template's own name; here it is the
            # name in the tag, whatever object serves it.
            node.alias = Identifier(node.name.value, token=node.name.token)
        return node
