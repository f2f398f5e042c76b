"""Blocks that nothing closes, or that the wrong tag does: said with the tag that opened them.

The library names the tag it expected and points to where it gave up, which for a block that is
left open is the end of the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from liquid.exceptions import LiquidError, LiquidSyntaxError
from liquid.token import TOKEN_EOF, TOKEN_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from liquid import Token
    from liquid.stream import TokenStream
    from liquid.tag import Tag

_LEFT_OPEN = re.compile(
    r"expected tag end\w+, found end of expression|unexpected tag 'end of expression'"
    r"|comment tag was never closed"
)


def about_blocks(
    error: LiquidError, stream: TokenStream, tags: Mapping[str, Tag]
) -> LiquidError | None:
    """Return the error that names the tag which opened a block, where ``error`` is about one.

    Args:
        error: What the parser raised.
        stream: The template's tokens, where the parser gave up.
        tags: All tags by name.
    """
    at, message = stream.current, str(error.message)
    opened = _left_open(stream.tokens[: stream.pos], tags)
    if not opened:
        return None
    opener = opened[-1]
    closing = f"{{% {tags[opener.value].end} %}}"
    if at.kind == TOKEN_EOF and _LEFT_OPEN.fullmatch(message):
        msg = f"expected {closing}, found the end: nothing closes the {{% {opener.value} %}}"
        return LiquidSyntaxError(msg, token=opener)
    if at.kind == TOKEN_TAG and at.value.startswith("end") and message.startswith("unexpected tag"):
        place = _place(opener)
        msg = f"expected {closing} for the {{% {opener.value} %}} {place}, found {{% {at.value} %}}"
        return LiquidSyntaxError(msg, token=at)
    return None


def _left_open(tokens: Iterable[Token], tags: Mapping[str, Tag]) -> list[Token]:
    """Return the tags that open blocks which are not closed yet, the innermost last."""
    opened: list[Token] = []
    for token in tokens:
        if token.kind != TOKEN_TAG:
            continue
        inside = opened[-1].value if opened else ""
        if inside == "comment" and token.value != "endcomment":
            continue  # what stands there is no template
        if (tag := tags.get(token.value)) is not None and tag.block:
            opened.append(token)
        elif inside and token.value == tags[inside].end:
            opened.pop()
    return opened


def _place(token: Token) -> str:
    source, index = token.source, token.start_index
    line, column = source.count("\n", 0, index) + 1, index - source.rfind("\n", 0, index)
    return f"at line {line}, column {column}"
