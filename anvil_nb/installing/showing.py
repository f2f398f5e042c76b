"""Showing: a configuration as people may see it, where others keep their keys and tokens.

A change is shown in terminals, and in notebooks, which are shared. So of what is not ours only
the shape is seen: each text and each comment is three dots.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anvil_nb.installing.commented import parse_commented
from anvil_nb.installing.merging import entry_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.installing.clients import Client
    from anvil_nb.installing.commented import Placed
    from anvil_nb.installing.starting import Start

_PIECE = re.compile(
    r'(?P<text>"(?:[^"\\]|\\.)*")(?P<colon>\s*:)?|(?P<line>//[^\r\n]*)|(?P<block>/\*.*?\*/)',
    re.DOTALL,
)
_SEEN: Final = frozenset({"name", "type", "command", "args"})


def shown_text(text: str, client: Client, start: Start, place: str) -> str:
    """Return the text of a sound configuration, with what is not ours left out.

    Args:
        text: All of it.
        client: Whose it is.
        start: What starts our server, with the variables that are ours.
        place: Where it stands, for messages.
    """
    if not text.strip():
        return text
    root = parse_commented(text, place, comments=client.comments)
    seen = list(_ours(root, client, start, place))

    def masked(found: re.Match[str]) -> str:
        if found["line"]:
            return "// …"
        if found["block"]:
            return "/* … */"
        inside = any(first <= found.start() < end for first, end in seen)
        return found[0] if found["colon"] or inside else '"…"'

    return _PIECE.sub(masked, text)


def _ours(root: Placed, client: Client, start: Start, place: str) -> Iterator[tuple[int, int]]:
    """Yield where what may be seen begins and ends."""
    entry = entry_in(root, client, place)
    for key, placed in () if entry is None else entry.members.items():
        if key in _SEEN:
            yield placed.start, placed.end
        if key != "env":
            continue
        yield from (
            (one.start, one.end) for name, one in placed.members.items() if name in start.own
        )
        for one in placed.items:
            name = one.members.get("name")
            if name is not None:
                yield name.start, name.end
            if name is not None and name.value in start.own:
                yield one.start, one.end
