"""The blocks in which results show themselves in a notebook.

Made for JupyterLab in its light and dark themes, the classic notebook, and GitHub, which drops
every style: order, marks and words carry the meaning, colour only repeats it. Styles are inline
and take their colours from JupyterLab's variables, with fallbacks for where there are none. Text
keeps the colour it inherits and lies on faint tints of the theme's success, warn and error
colours: so it has contrast on whatever page it is put.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from anvil_nb.domain.visible import visible
from anvil_nb.results.markup import Child, Html, element, escape, join

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from anvil_nb.domain.textdiff import Hunk, Kind, Line, Span, TextDiff

__all__ = [
    "Child",
    "Html",
    "Tone",
    "badge",
    "code_block",
    "definition",
    "details",
    "diff_block",
    "element",
    "escape",
    "join",
    "message_block",
    "muted",
    "section",
    "table",
]

Tone: TypeAlias = Literal["neutral", "good", "warn", "bad"]

DIFF_ROWS = 1_000
"""A difference shows at most this many lines; a notebook keeps what it shows."""

_COLOURS: dict[Tone, str] = {
    "neutral": "var(--jp-border-color1,#9e9e9e)",
    "good": "var(--jp-success-color1,#388e3c)",
    "warn": "var(--jp-warn-color1,#f57c00)",
    "bad": "var(--jp-error-color1,#d32f2f)",
}
_LINE = "1px solid var(--jp-border-color2,rgba(127,127,127,.4))"
_MUTED = "color:var(--jp-content-font-color2,inherit)"
_CODE_FONT = (
    "font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px)"
)
_PRE = (
    f"{_CODE_FONT};white-space:pre-wrap;overflow-wrap:anywhere;word-break:normal;"
    "tab-size:4;text-align:start;margin:0;padding:.5em .75em;border-radius:3px;"
    "background:var(--jp-cell-editor-background,rgba(127,127,127,.1))"
)
_CELL = (
    "padding:.25em 1em .25em 0;vertical-align:top;white-space:pre-wrap;"
    f"overflow-wrap:break-word;border-bottom:{_LINE}"
)
# JupyterLab stripes and highlights rows and sets cells flush right, unless told otherwise.
_ROW = "background:none"
_LEFT = f"text-align:left;{_CELL}"
_RIGHT = f"text-align:right;{_CELL}"
_CAPTION = "color:inherit;text-align:left;caption-side:top;padding:0 0 .25em"
_TABLE = "border-collapse:collapse;table-layout:auto;margin:0"


def section(title: Child, *children: Child, address: str | None = None) -> Html:
    """Return the card around a result: its title, the address it is about, its parts."""
    head = [element("strong", title)]
    if address is not None:
        head += [Html(" "), element("code", address)]
    return element(
        "div",
        element("div", *head),
        *(element("div", child, style="margin-top:.5em") for child in children),
        style=f"border:{_LINE};border-radius:4px;padding:.5em .75em;margin:.25em 0",
    )


def table(
    header: Sequence[Child],
    rows: Iterable[Sequence[Child]],
    *,
    caption: Child | None = None,
    numeric: Collection[int] = (),
) -> Html:
    """Return a table with titled columns.

    Args:
        header: The titles of the columns.
        rows: The cells.
        caption: What the table shows, where that is not said beside it.
        numeric: The columns, counted from 0, that are set flush right.
    """

    def style(at: int) -> str:
        return _RIGHT if at in numeric else _LEFT

    titles = [element("th", title, scope="col", style=style(at)) for at, title in enumerate(header)]
    body = [
        element(
            "tr",
            *(element("td", cell, style=style(at)) for at, cell in enumerate(row)),
            style=_ROW,
        )
        for row in rows
    ]
    return _scrolling(
        [] if caption is None else [element("caption", caption, style=_CAPTION)],
        [element("thead", element("tr", *titles, style=_ROW)), element("tbody", *body)],
    )


def definition(pairs: Iterable[tuple[Child, Child]]) -> Html:
    """Return a table of names and what they stand for."""
    rows = [
        element(
            "tr",
            element("th", name, scope="row", style=_LEFT),
            element("td", value, style=_LEFT),
            style=_ROW,
        )
        for name, value in pairs
    ]
    return _scrolling([], [element("tbody", *rows)])


def _scrolling(*parts: Sequence[Html]) -> Html:
    """A table that scrolls by itself where it is wider than the page."""
    inside = [part for some in parts for part in some]
    return element("div", element("table", *inside, style=_TABLE), style="overflow-x:auto")


def code_block(text: Child) -> Html:
    """Return a text as it is, white space and line ends included; long lines wrap."""
    shown = escape(text)
    # An HTML parser drops a line feed that follows <pre> directly (HTML standard, 13.2.6.4.7).
    kept = Html("\n" + shown) if shown.startswith("\n") else shown
    return element("pre", kept, dir="auto", style=_PRE)


def badge(text: str, kind: Tone = "neutral") -> Html:
    """Return a small label. Its text says all; the kind gives it a colour to find it by."""
    return element(
        "strong",
        text,
        style=f"border:1px solid {_COLOURS[kind]};border-radius:1em;padding:0 .6em;"
        f"font-size:90%;font-weight:600;white-space:nowrap;background:{_tint(kind, 15)}",
    )


def muted(text: Child) -> Html:
    """Return what is said aside."""
    return element("span", text, style=_MUTED)


def details(summary: Child, *children: Child) -> Html:
    """Return parts that show when the reader opens them."""
    return element(
        "details", element("summary", summary, style="cursor:pointer;display:list-item"), *children
    )


def message_block(role: str, content: Child) -> Html:
    """Return one message of a chat under its role."""
    return element(
        "div",
        element("div", element("strong", role)),
        code_block(content),
        role="group",
        aria_label=f"{role} message",
        style="border-left:3px solid var(--jp-brand-color1,#1976d2);padding-left:.75em",
    )


def _tint(tone: Tone, percent: int) -> str:
    return f"color-mix(in srgb,{_COLOURS[tone]} {percent}%,transparent)"


_NUMBER = "padding:0 .5em;text-align:right;vertical-align:top;user-select:none"
_TEXT = (
    "padding:0 .5em;text-align:left;vertical-align:top;width:100%;"
    "white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4"
)
# The element keeps white space where styles are dropped, and looks like its cell where not.
_BARE = "all:unset"
_SIGNS: dict[Kind, str] = {"equal": "", "removed": "−", "added": "+"}  # noqa: RUF001 - as wide as the plus
_LINES: dict[Kind, str] = {
    "equal": _ROW,
    "removed": f"background:{_tint('bad', 15)}",
    "added": f"background:{_tint('good', 15)}",
}
_MARKS: dict[Kind, tuple[str, str]] = {
    "removed": ("del", f"text-decoration:line-through;background:{_tint('bad', 30)}"),
    "added": ("ins", f"text-decoration:underline;background:{_tint('good', 30)}"),
}


def diff_block(text_diff: TextDiff, context: int = 3) -> Html:
    """Return a difference as a table: old and new line number, sign, text with words marked.

    At most ``DIFF_ROWS`` lines are shown; the rest is counted.

    Args:
        text_diff: What to show.
        context: How many equal lines to show before and after each change.

    Raises:
        InvalidInputError: for a negative ``context``.
    """
    hunks = text_diff.hunks(context)
    if not hunks:
        return muted("No difference.")
    titles = [
        element("th", title, scope="col", style=style)
        for title, style in zip(
            ("old", "new", "", "line"), (_NUMBER, _NUMBER, _NUMBER, _TEXT), strict=True
        )
    ]
    return element(
        "table",
        element(
            "caption",
            f"{_count(text_diff.removed, 'line')} removed, {text_diff.added} added",
            style=_CAPTION,
        ),
        element("thead", element("tr", *titles, style=f"{_ROW};{_MUTED}")),
        element("tbody", *_diff_rows(text_diff, hunks)),
        style=f"{_TABLE};width:100%;{_CODE_FONT}",
    )


def _diff_rows(text_diff: TextDiff, hunks: Sequence[Hunk]) -> Iterator[Html]:
    old_total = len(text_diff.lines) - text_diff.added
    say_newline = text_diff.ends_matter
    shown = reached = 0
    for hunk in hunks:
        start = hunk.old_start - 1 if hunk.old_count else hunk.old_start
        yield from _folded(start - reached)
        for line in hunk.lines:
            if shown == DIFF_ROWS:
                rest = sum(len(each.lines) for each in hunks) - shown
                yield _aside(f"… {_count(rest, 'more line')} not shown …")
                return
            yield _diff_row(line, say_newline=say_newline)
            shown += 1
        reached = start + hunk.old_count
    yield from _folded(old_total - reached)


def _diff_row(line: Line, *, say_newline: bool) -> Html:
    text = join(_span(span, line.kind) for span in line.spans)
    cells = [element("pre", text, dir="auto", style=_BARE)]
    if say_newline and not line.text.endswith("\n"):
        cells.append(element("em", " no newline at the end"))
    return element(
        "tr",
        element("td", str(line.old_number or ""), style=_NUMBER),
        element("td", str(line.new_number or ""), style=_NUMBER),
        element("td", _SIGNS[line.kind], style=_NUMBER),
        element("td", *cells, style=_TEXT),
        style=_LINES[line.kind],
    )


def _span(span: Span, kind: Kind) -> Html:
    text = visible(span.text.removesuffix("\n"), keep="\t")
    if not span.changed or not text:
        return escape(text)
    tag, style = _MARKS[kind]
    return element(tag, text, style=style)


def _folded(lines: int) -> Iterator[Html]:
    if lines:
        yield _aside(f"… {_count(lines, 'equal line')} …")


def _aside(text: str) -> Html:
    return element("tr", element("td", muted(text), colspan=4, style=_TEXT), style=_ROW)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
