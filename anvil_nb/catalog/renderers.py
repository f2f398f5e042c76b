"""Who renders a prompt: said before it goes, or goes by another name, and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog.lookup import missing, snapshot
from anvil_nb.catalog.validation import contents_of
from anvil_nb.domain.address import Draft
from anvil_nb.errors import AnvilError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address
    from anvil_nb.domain.prompt import Content

MOST_NAMED = 8
"""How many a sentence names; the facts have all."""


def in_draft(access: Access, address: Address) -> tuple[str, list[str]]:
    """Return a prompt's digest in the draft, and the prompts of the draft that render it.

    Raises:
        NotFoundError: when it is not in the draft.
    """
    with access.read() as tx:
        found = snapshot(access, tx, address.as_set(), default=Draft())
        name = address.prompt or ""
        if name not in found.tree:
            raise missing(access, tx, address.with_selector(Draft()))
        contents = contents_of(access, tx, found)
    return contents[name].digest, renderers(contents, name)


def renderers(contents: Mapping[str, Content], name: str) -> list[str]:
    """Return the prompts of a tree that render one, by themselves or through others, in order."""
    from anvil_nb.domain.template import partials_in  # noqa: PLC0415 - loads the parser

    direct: dict[str, set[str]] = {}
    for one, content in contents.items():
        if content.syntax != "liquid" or "render" not in content.template:
            continue
        try:
            partials = partials_in(content.template)
        except AnvilError:  # what does not parse renders nothing
            continue
        for partial in partials:
            direct.setdefault(partial, set()).add(one)
    found: set[str] = set()
    waiting = [name]
    while waiting:
        more = direct.get(waiting.pop(), set()) - found
        found |= more
        waiting += more
    return sorted(found - {name})


def told(names: Sequence[str], and_so: str) -> str:
    """Say in a sentence who renders a prompt, and what follows for them."""
    if not names:
        return "No other prompt renders it."
    count = "1 other prompt renders" if len(names) == 1 else f"{len(names):,} other prompts render"
    named = ", ".join(names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"{count} it, and {and_so}: {named}{more}."
