"""The one environment all templates are parsed in, and the checks before the parser sees them."""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING, ClassVar

from liquid import BoundTemplate, Environment
from liquid.exceptions import LiquidError, LiquidSyntaxError, TemplateNotFoundError
from liquid.lex import compile_liquid_rules, get_lexer
from liquid.loader import BaseLoader
from liquid.parser import get_parser
from liquid.stream import TokenStream
from liquid.token import TOKEN_CONTENT, TOKEN_OUTPUT, TOKEN_TAG, Token
from liquid.undefined import StrictDefaultUndefined

from anvil_nb.domain.liquid import filters, tags
from anvil_nb.domain.liquid.blocks import about_blocks
from anvil_nb.domain.liquid.budget import (
    MAX_BLANKS,
    MAX_EXPRESSION,
    MAX_MARKUP,
    MAX_MARKUP_TEXT,
    MAX_NESTING,
)
from anvil_nb.domain.liquid.context import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TextIO

    from liquid import RenderContext
    from liquid.ast import Node
    from liquid.loader import TemplateSource

_OPEN = re.compile(r"\{[{%]")
_VERBATIM = re.compile(r"\{%-?\s{0,100}(raw|doc)\s{0,100}-?%\}")
_LIQUID = re.compile(r"\{%-?\s{0,100}liquid\b")
_PLAIN_TAG = re.compile(r"\{%-?\s{0,100}[a-z]+\b")
_TEXT = r"(?:[^{]++|\{(?![{%]))++"
_BLANKS = re.compile(rf"\s{{{MAX_BLANKS}}}")


_OUR_TAGS = (
    tags.MessageTag,
    tags.NamedRenderTag,
    tags.TextEchoTag,
    tags.TextOutput,
)


class PricedTemplate(BoundTemplate):
    """A template that knows what one pass over its top level costs, in steps."""

    context_class = Context
    steps: int = 1

    def render_with_context(
        self,
        context: RenderContext,
        buffer: TextIO,
        *args: object,
        partial: bool = False,
        block_scope: bool = False,
        **kwargs: object,
    ) -> None:
        """Render as a partial: pay first."""
        assert isinstance(context, Context)
        context.budget.spend(2 + self.steps)
        super().render_with_context(
            context, buffer, *args, partial=partial, block_scope=block_scope, **kwargs
        )


@cache
def _lexer() -> Callable[[str], Iterator[Token]]:
    lexer, theirs = get_lexer(), compile_liquid_rules().pattern
    assert isinstance(lexer, partial)
    assert theirs.count(".+?") == 1
    # Text up to the next brace at once, before character by character: a third of all parsing.
    rules = re.compile(theirs.replace(".+?", f"(?:{_TEXT}|.+?)"), re.DOTALL)
    return partial(lexer.func, rules=rules)


class _Partials(BaseLoader):
    """Finds partials among those the render was given."""

    def load(
        self,
        env: Environment,
        name: str,
        *,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - the library's name
        context: RenderContext | None = None,
        **kwargs: object,
    ) -> BoundTemplate:
        del env, globals, kwargs
        if isinstance(context, Context) and name in context.partials:
            found: BoundTemplate = context.partials[name]
            return found
        raise TemplateNotFoundError(_no_partial(name), token=None)

    def get_source(self, env: Environment, template_name: str, **kwargs: object) -> TemplateSource:
        """Refuse: partials are handed to a render parsed, so there is no source to get."""
        del env, kwargs
        raise TemplateNotFoundError(_no_partial(template_name), token=None)


def _no_partial(name: str) -> str:
    return f"there is no prompt '{name}' in this set"


class PromptEnvironment(Environment):
    """Liquid as prompts use it: strict, unescaped, bounded."""

    block_nesting_limit: ClassVar[int] = MAX_NESTING
    context_depth_limit: ClassVar[int] = 2 * MAX_NESTING
    template_class = PricedTemplate

    def __init__(self) -> None:
        super().__init__(loader=_Partials(), undefined=StrictDefaultUndefined)

    def parsed(self, source: str) -> PricedTemplate:
        """Parse ``source``."""
        template = self.from_string(source)
        assert isinstance(template, PricedTemplate)
        return template

    def tokenizer(self) -> Callable[[str], Iterator[Token]]:
        """Return the library's lexer, with a faster pattern for text."""
        return _lexer()

    def _parse(self, source: str) -> list[Node]:
        """Parse, and give errors at the end of an expression the place of their tag."""
        stream = TokenStream(self.tokenizer()(source))
        try:
            return get_parser(self).parse(stream)
        except LiquidError as error:
            if error.token is None or error.token.start_index < 0:
                error.token = _tag_before(stream)
            if (clearer := about_blocks(error, stream, self.tags)) is not None:
                raise clearer from error
            raise

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Take the standard tags and filters, less those that prompts have no use for."""
        super().setup_tags_and_filters(extra=extra)
        # include loads by variable names, tablerow writes HTML
        del self.tags["include"], self.tags["tablerow"]
        for tag in _OUR_TAGS:
            self.add_tag(tag)
        filters.register(self)


def _tag_before(stream: TokenStream) -> Token | None:
    for token in reversed(stream.tokens[: stream.pos + 1]):
        if token.kind in (TOKEN_TAG, TOKEN_OUTPUT):
            return token
    return None


@cache
def environment() -> PromptEnvironment:
    """Return the environment; there is one in a process, and it holds no state of renders."""
    return PromptEnvironment()


def check_markup(source: str) -> tuple[int, int]:
    """Refuse what the lexer's patterns would take minutes over, in one pass.

    Returns how many tags and outputs there are, and the characters in them.

    They are quadratic in unclosed tags and in runs of white space within tags, so every tag must
    be closed, at most so long, and without long runs; and there may be only so many.

    Raises:
        LiquidSyntaxError: with the place.
    """
    count = size = 0
    for start, end, number in _markups(source):
        count += number
        size += (end - start - 2) * bool(number)
        _check_most(source, start, count, size)
    return count, size


def _check_most(source: str, start: int, count: int, size: int) -> None:
    if count > MAX_MARKUP or size > MAX_MARKUP_TEXT:
        limits = f"{MAX_MARKUP:,} tags and outputs, or {MAX_MARKUP_TEXT:,} characters in them"
        _refuse(source, start, f"the template has more than {limits}")


def markup_of(source: str) -> str | None:
    """Return all that decides whether a source parses: tags and outputs, and where text stands.

    Sources of the same markup parse alike, since the parser asks of a text only whether it is
    blank. Returns ``None`` where a tag is so odd that the lexer may see others.

    Raises:
        LiquidSyntaxError: as ``check_markup`` does.
    """
    found: list[str] = []
    count = size = at = 0
    odd = False
    for start, end, number in _markups(source):
        count += number
        size += (end - start - 2) * bool(number)
        _check_most(source, start, count, size)
        between, piece = source[at:start], source[start:end]
        found.append("x" if between and not between.isspace() else " ")
        found.append(piece)
        odd = odd or (piece[1] == "%" and _PLAIN_TAG.match(piece) is None)
        at = end
    found.append("x" if source[at:].strip() else " ")
    return None if odd else "".join(found)


def _markups(source: str) -> Iterator[tuple[int, int, int]]:
    """Find tags, outputs and verbatim blocks: start, end, and how many markups each counts for."""
    at = 0
    while found := _OPEN.search(source, at):
        start = found.start()
        output = found.group() == "{{"
        end = source.find("}}" if output else "%}", start + 2)
        if end < 0:
            _refuse(source, start, f"expected '{'}}' if output else '%}'}', found the end")
        verbatim = None if output else _VERBATIM.match(source, start, end + 2)
        if verbatim:
            at = _end_of_verbatim(source, start, end + 2, verbatim.group(1))
            yield start, at, 0
            continue
        markup = source[start : end + 2]
        count = _sound.get(markup)
        if count is None:
            count = _check_one(source, start, end)
            if len(_sound) >= _MOST_SOUND:
                _sound.clear()
            _sound[markup] = count
        at = end + 2
        yield start, at, count


_sound: dict[str, int] = {}
"""Tags and outputs that were checked lately, and how many markups each counts for."""
_MOST_SOUND = 5_000


def _end_of_verbatim(source: str, start: int, after: int, name: str) -> int:
    closing = re.compile(rf"\{{%-?\s{{0,100}}end{name}\s{{0,100}}-?%\}}").search(source, after)
    if closing is None:
        missing = f"expected {{% end{name} %}}, found the end"
        _refuse(source, start, f"{missing}: nothing closes the {{% {name} %}}")
        raise AssertionError
    return closing.end()


def _check_one(source: str, start: int, end: int) -> int:
    """Check one tag or output; return how many it counts for."""
    markup = source[start + 2 : end]
    if not markup.strip(" \t\r\n-"):
        _refuse(source, start, "this tag is empty")
    lines = markup.split("\n") if _LIQUID.match(source, start) else [markup]
    if max(map(len, lines)) > MAX_EXPRESSION:
        _refuse(source, start, f"this tag is longer than {MAX_EXPRESSION:,} characters")
    if blank := _BLANKS.search(markup):
        _refuse(source, start + 2 + blank.start(), "too much white space in a tag")
    return len(lines)


def _refuse(source: str, index: int, message: str) -> None:
    raise LiquidSyntaxError(message, token=Token(TOKEN_CONTENT, source[index], index, source))
