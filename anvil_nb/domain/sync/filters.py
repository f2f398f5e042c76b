"""Filters: which names of a tree a sync is about.

A filter is one or more globs, with commas between them. In a glob ``*`` and ``?`` stay within a
segment and ``**`` crosses them; one without any of these means that name and everything below it,
so that ``skills/`` and ``skills`` both mean the folder. Names match in their exact case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MOST_SHOWN: Final = 8
_TOKENS: Final = re.compile(r"\*\*/|/\*\*\Z|\*\*|\*|\?|[^*?]+")
_WRITTEN: Final = {
    "**/": "(?:.*/)?",
    "/**": "(?:/.*)?",
    "**": ".*",
    "*": "[^/]*",
    "?": "[^/]",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Globs, any of which lets a name pass; without any, every name passes."""

    globs: tuple[str, ...]
    _passes: Callable[[str], object] | None

    def __str__(self) -> str:
        """The one form of this filter: its globs in order, with commas between them."""
        return ",".join(self.globs)

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return self._passes is not None

    def matches(self, *names: str) -> bool:
        """Tell whether any of these names passes."""
        passes = self._passes
        return passes is None or any(passes(name) for name in names)

    def check(self, names: Iterable[str]) -> None:
        """Refuse a filter with a glob that matches none of ``names``.

        Raises:
            InvalidInputError: that names the glob, and what is there.
        """
        if self._passes is None:
            return
        names = tuple(names)
        for glob in self.globs:
            matches = re.compile(_pattern(glob), re.DOTALL).fullmatch
            if not any(map(matches, names)):
                raise InvalidInputError(f"the filter {glob!r} matches nothing", _hint(glob, names))


def parse_filter(text: str | Iterable[str]) -> Filter:
    """Return the filter that is written, in one text or in several; empty for everything.

    Raises:
        InvalidInputError: for a glob with a part ``..``, or a backslash.
    """
    texts = (text,) if isinstance(text, str) else text
    globs = {_glob(one) for several in texts for one in several.split(",")} - {""}
    if not globs:
        return Filter((), None)
    ordered = tuple(sorted(globs))
    pattern = "|".join(map(_pattern, ordered))
    return Filter(ordered, re.compile(pattern, re.DOTALL).fullmatch)


def _glob(text: str) -> str:
    glob = text.strip().removeprefix("./").lstrip("/")
    if "\\" in glob or ".." in glob.split("/"):
        raise InvalidInputError(
            f"the filter {text.strip()!r} cannot match: no name has a backslash, or .. as a part",
            "Write it from the top, for example skills/webapp-testing or 'skills/**/*.md'.",
        )
    return glob


def _pattern(glob: str) -> str:
    """Return a regular expression for the names that ``glob`` means."""
    below = glob.endswith("/") or not ("*" in glob or "?" in glob)
    glob = glob.rstrip("/")
    written = "".join(_WRITTEN.get(token) or re.escape(token) for token in _tokens(glob))
    return f"{written}(?:/.*)?" if below else written


def _tokens(glob: str) -> Iterable[str]:
    """Yield the parts of a glob; text before ``/**`` at its end gives up that slash."""
    body, ends = (glob[:-3], True) if glob.endswith("/**") else (glob, False)
    yield from _TOKENS.findall(body)
    if ends:
        yield "/**"


def _hint(glob: str, names: tuple[str, ...]) -> str:
    if not names:
        return "There is nothing on either side yet: leave the filter out."
    tops = sorted({_top(name) for name in names})
    close = get_close_matches(glob.rstrip("/"), {*names, *(top.rstrip("/") for top in tops)}, n=1)
    more = f" and {len(tops) - _MOST_SHOWN:,} more" if len(tops) > _MOST_SHOWN else ""
    there = f"There is: {', '.join(tops[:_MOST_SHOWN])}{more}."
    return f"Did you mean {close[0]}? {there}" if close else there


def _top(name: str) -> str:
    head, slash, _ = name.partition("/")
    return head + slash
