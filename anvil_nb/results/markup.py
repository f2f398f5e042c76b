"""HTML that is safe to show: text is escaped unless it says that it is HTML already.

It owns escaping and elements. Only tags and attributes that are listed here can be written:
none of them runs a script or loads anything.
"""

from __future__ import annotations

from html import escape as escape_markup
from typing import TYPE_CHECKING, TypeAlias

from anvil_nb.domain.visible import visible
from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOID = frozenset({"br", "hr"})
_TAGS = _VOID | frozenset(
    [
        "caption",
        "code",
        "del",
        "details",
        "div",
        "em",
        "ins",
        "p",
        "pre",
        "small",
        "span",
        "strong",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "aria-hidden",
        "aria-label",
        "class",
        "colspan",
        "dir",
        "lang",
        "open",
        "role",
        "rowspan",
        "scope",
        "style",
        "title",
    ]
)


class Html(str):
    """Text that is HTML already: `escape` leaves it alone.

    What string methods and ``+`` make of it is plain text again, and escaped when it is shown.
    """

    __slots__ = ()


Child: TypeAlias = str | Html
"""What goes into an element: HTML as it is, or text, which is escaped."""


def escape(text: Child) -> Html:
    """Return ``text`` as HTML, with hidden characters written out; HTML is returned unchanged."""
    return text if isinstance(text, Html) else Html(escape_markup(visible(text)))


def join(parts: Iterable[Child], between: Child = "") -> Html:
    """Return the parts one after the other, with ``between`` between them."""
    return Html(str(escape(between)).join(map(escape, parts)))


def element(tag: str, *children: Child, **attributes: str | int | bool | None) -> Html:
    """Return an element.

    Args:
        tag: Its name.
        children: What it holds; text is escaped.
        attributes: By name: ``_`` stands for ``-``, and one at the end is dropped (``class_``).
            ``True`` gives the bare name; ``None`` and ``False`` leave the attribute out.

    Raises:
        InvalidInputError: for a tag or an attribute that results do not use.
    """
    if tag not in _TAGS:
        raise InvalidInputError(
            f"results show no <{tag}> element: only tags that cannot run or load anything",
            f"Use one of: {', '.join(sorted(_TAGS))}.",
        )
    opening = "".join(
        _attribute(name.removesuffix("_").replace("_", "-"), value)
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    if tag in _VOID:
        return Html(f"<{tag}{opening}>")
    return Html(f"<{tag}{opening}>{join(children)}</{tag}>")


def _attribute(name: str, value: str | int) -> str:
    if name not in _ATTRIBUTES:
        raise InvalidInputError(
            f"results have no attribute {name!r}: only ones that cannot run or load anything",
            f"Use one of: {', '.join(sorted(_ATTRIBUTES))}.",
        )
    return f" {name}" if value is True else f' {name}="{escape_markup(visible(str(value)))}"'
