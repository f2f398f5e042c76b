"""What the template library's errors mean to the author of a template: where, and what to do.

Only ``anvil_nb.domain.template`` uses it. The library is imported when there is an error of its.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from anvil_nb.errors import (
    AnvilError,
    MissingValueError,
    RenderError,
    TemplateLimitError,
    TemplateSyntaxError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liquid.exceptions import LiquidError

    from anvil_nb.domain.template import Template

_SHOWN = 300
_SPLIT = "Move parts of it into partials: {% render 'name' %}."
_HINTS = (
    ("unexpected tag 'include'", "Partials are rendered by name: {% render 'name' %}."),
    (
        r"unexpected tag '(end\w*|else|elsif|when)'",
        "No block that it belongs to is open here. Remove it, or open one.",
    ),
    (r"expected (\{% end\w+ %\})", r"Add \1 where that block ends."),
    (
        "expected '(}}|%})'",
        "Close it, or wrap text that is no template in {% raw %}…{% endraw %}.",
    ),
    ("stands outside", "Put it into {% message user %}…{% endmessage %}."),
    ("named by a quoted text", "For example: {% render 'signature' %}."),
    (r"the roles .*found a quoted text", "Leave the quotes out: {% message user %}."),
    ("message block cannot stand inside", "Move it out: message blocks stand side by side."),
    ("nested too deeply|has more than|is longer than", _SPLIT),
    ("too much white space", "Leave the blanks out."),
)
"""What to do about messages of the parser, by what is in them."""
_ROLE = "For example: {% message user %}…{% endmessage %}."
_LANGUAGE = "See https://shopify.github.io/liquid for the language."


def syntax_error(error: LiquidError, source: str) -> TemplateSyntaxError:
    """Return the error for a template, ``source``, that does not parse."""
    from liquid.exceptions import BlockNestingError  # noqa: PLC0415 - late

    line, column = _located(error, source)
    message = shortened(str(error.message or "the template does not parse"))
    if isinstance(error, BlockNestingError):
        message = "blocks are nested too deeply"
    if isinstance(error.__cause__, RecursionError):
        message = "an expression is nested too deeply"
    return TemplateSyntaxError(
        f"{message} at line {line}, column {column}", _hint(message), line=line, column=column
    )


def render_error(error: LiquidError, source: str, partials: Mapping[str, Template]) -> AnvilError:
    """Return the error for a template, ``source``, that could not be rendered."""
    from liquid.exceptions import ResourceLimitError, UndefinedError  # noqa: PLC0415 - late

    line, column = _located(error, source)
    where = f"at line {line}, column {column}"
    if error.token is not None and error.token.source != source:
        named = next((n for n, one in partials.items() if one.source == error.token.source), "")
        where += f" of the partial '{named}'" if named else ""
    message = f"{shortened(str(error.message))} {where}"
    if isinstance(error, UndefinedError):
        hint = "Pass a value for it, or write {{ … | default: '…' }}."
        return MissingValueError(message, hint, line=line, column=column)
    if isinstance(error, ResourceLimitError):
        hint = "Loop over less, or prepare the data before it is passed."
        return TemplateLimitError(message, hint, line=line, column=column)
    return RenderError(
        message, "Check the values against what the template does.", line=line, column=column
    )


def shortened(message: str) -> str:
    """Return a message of the library, which may quote a value or a name of any length."""
    return message if len(message) <= _SHOWN else f"{message[:_SHOWN]}…"


def _located(error: LiquidError, source: str) -> tuple[int, int]:
    """Return where an error stands; one without a place stands at the end of the text."""
    token = error.token
    if token is None or token.start_index < 0:
        return _place(source, len(source.rstrip()))
    return _place(token.source, token.start_index)


def _place(source: str, index: int) -> tuple[int, int]:
    index = min(max(index, 0), len(source))
    return source.count("\n", 0, index) + 1, index - source.rfind("\n", 0, index)


def _hint(message: str) -> str:
    from anvil_nb.domain.liquid.environment import environment  # noqa: PLC0415 - late
    from anvil_nb.domain.liquid.tags import ROLES  # noqa: PLC0415 - late

    for pattern, hint in _HINTS:
        if found := re.search(pattern, message):
            return found.expand(hint)
    for pattern, known, otherwise in (
        (r"unknown filter '(.+)'", environment().filters, _LANGUAGE),
        (r"unexpected tag '(.+)'", environment().tags, _LANGUAGE),
        (r"the roles .*found '(\w+)'", ROLES, _ROLE),
    ):
        if found := re.search(pattern, message):
            near = get_close_matches(found.group(1), [one for one in known if one.islower()], 1)
            return f"Did you mean '{near[0]}'?" if near else otherwise
    return _LANGUAGE
