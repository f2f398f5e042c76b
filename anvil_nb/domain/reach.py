"""How far a prompt may reach: how many partials it may render, and how large they may be together.

A partial that is sound by itself is allowed a lot. A hundred such take a minute to parse, so what
one prompt and all of its partials come to is held to what one template may be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection

    from anvil_nb.domain.prompt import Content

MAX_PARTIALS = 100
"""Most partials that one prompt may reach."""


def check_reach(contents: Collection[Content]) -> None:
    """Hold a prompt and its partials to the limits, before anything of them is parsed.

    Raises:
        RefusedError: when they are too many or too large.
    """
    if reason := beyond_reach(contents):
        raise RefusedError(f"the prompt reaches {reason}", "Put some of its partials together.")


def beyond_reach(contents: Collection[Content]) -> str:
    """Return how a prompt and its partials are beyond the limits, or ``""`` when they are not.

    Who only collects partials may stop when they are: it is told when they are parsed.
    """
    from liquid.exceptions import LiquidError  # noqa: PLC0415 - a tenth of a second to import

    from anvil_nb.domain.liquid.budget import MAX_MARKUP, MAX_MARKUP_TEXT  # noqa: PLC0415 - late
    from anvil_nb.domain.liquid.environment import check_markup  # noqa: PLC0415 - late

    if len(contents) > MAX_PARTIALS + 1:
        return f"more than {MAX_PARTIALS} partials"
    count = size = 0
    for content in contents:
        if content.syntax != "liquid":
            continue
        try:
            tags, characters = check_markup(content.template)
        except LiquidError:
            continue  # which parsing tells, with the place
        count, size = count + tags, size + characters
        if count > MAX_MARKUP or size > MAX_MARKUP_TEXT:
            return (
                f"partials that have more than {MAX_MARKUP:,} tags and outputs with it, or "
                f"{MAX_MARKUP_TEXT:,} characters in them"
            )
    return ""
