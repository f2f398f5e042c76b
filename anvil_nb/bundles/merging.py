"""Merged texts for conflicts of an import: whether they are sound among what they come to.

A plan refuses those that are not; here one conflict is asked about, before there is a plan with it.
"""

from __future__ import annotations

from collections import ChainMap
from dataclasses import replace
from typing import TYPE_CHECKING

from anvil_nb.domain.frontmatter import opens_with_frontmatter
from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from anvil_nb.access import Access
    from anvil_nb.domain.prompt import Content
    from anvil_nb.results.exchange import Conflict


def check_merged(
    key: str,
    contents: Mapping[str, Content],
    names: Iterable[str],
    still: Callable[[], None] = lambda: None,
) -> None:
    """Refuse merged texts that are not sound among the prompts that they come to.

    Args:
        key: Of the conflict that they resolve.
        contents: Of all prompts, by name.
        names: Of those to check.
        still: Is called before each: whoever is told may end it there.

    Raises:
        InvalidInputError: names the first, and says why.
    """
    from anvil_nb.catalog.validation import check  # noqa: PLC0415 - loads the parser

    for name in names:
        still()
        if errors := check(contents[name], contents).errors:
            raise _unsound(key, name, errors[0])


def notes_on(conflict: Conflict, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return what deserves attention in merged texts: undeclared parameters, and the like.

    It is what ``anvil validate`` would say of each, among the prompts of the conflict's plan. What
    others that render these texts make of them is told by a plan with them.

    Args:
        conflict: Of a plan, which the texts are to resolve.
        texts: By the names of their prompts.

    Raises:
        InvalidInputError: for a text that an import would refuse, and one of no prompt of theirs.
        TemplateSyntaxError: for a text that does not parse.
    """
    from anvil_nb.catalog.validation import check  # noqa: PLC0415 - loads the parser
    from anvil_nb.domain.template import parse  # noqa: PLC0415 - as above

    theirs = conflict.declared
    made: dict[str, Content] = {}
    for name, text in texts.items():
        if name not in theirs:
            msg = f"{conflict.key} has no prompt '{name}' to take a merged text"
            raise InvalidInputError(msg, f"There are: {', '.join(theirs) or 'none'}")
        made[name] = replace(theirs[name], template=text)
        if made[name].syntax != "plain":
            parse(text)
    contents = ChainMap(made, conflict.among)  # type: ignore[arg-type]  # it is only read
    notes: list[str] = []
    for name, content in made.items():
        found = check(content, contents)
        if found.errors:
            raise _unsound(conflict.key, name, found.errors[0])
        notes += (f"{name}: {note}" for note in found.notes)
        if opens_with_frontmatter(texts[name]) and not opens_with_frontmatter(
            theirs[name].template
        ):
            notes.append(f"{name}: opens with frontmatter, which is text here and declares nothing")
    return tuple(notes)


def later(access: Access, brought: Mapping[str, Content]) -> Callable[[str], Content]:
    """Return what reads contents by digest once a plan is made and its transaction is over.

    Args:
        access: Whose store.
        brought: Those that are not in it yet.
    """

    def read(digest: str) -> Content:
        if digest in brought:
            return brought[digest]
        with access.read() as tx:
            return access.content(tx, digest)

    return read


def _unsound(key: str, name: str, why: str) -> InvalidInputError:
    msg = f"with the merged texts for {key}, {name} is not sound: {why}"
    return InvalidInputError(msg, "Mend the texts.")
