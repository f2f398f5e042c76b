"""A comparison for terminals: like ``diff -u``, with marks below the words that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.visible import visible
from anvil_nb.results.text import width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.textdiff import Line, TextDiff

_SIGNS = {"equal": " ", "removed": "-", "added": "+"}


def pointed(diff: TextDiff, context: int = 3) -> str:
    """Return the hunks of a comparison; a line that begins with ``?`` marks the words above it."""
    return "\n".join(_lines(diff, context))


def marked_words(diff: TextDiff) -> list[Json]:
    """Return the changed words of changed lines: side, number of the line, and the words."""
    return [
        {
            "side": "old" if line.kind == "removed" else "new",
            "line": line.old_number if line.kind == "removed" else line.new_number,
            "words": [span.text for span in line.spans if span.changed],
        }
        for hunk in diff.hunks(0)
        for line in hunk.lines
        if _is_marked(line)
    ]


def _lines(diff: TextDiff, context: int) -> Iterator[str]:
    for hunk in diff.hunks(context):
        yield hunk.header
        for line in hunk.lines:
            text = line.text
            yield _SIGNS[line.kind] + visible(text.removesuffix("\n"), keep="")
            if _is_marked(line):
                yield f"?{_marks(line)}".rstrip()
            if not text.endswith("\n") and diff.ends_matter:
                yield "\\ No newline at end of file"


def _is_marked(line: Line) -> bool:
    return any(span.changed for span in line.spans)


def _marks(line: Line) -> str:
    cells = (
        (width(visible(span.text.removesuffix("\n"), keep="")), span.changed) for span in line.spans
    )
    return "".join(("^" if changed else " ") * count for count, changed in cells)
