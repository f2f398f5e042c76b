"""Tab completion of ``%anvil`` lines, and of the first line of ``%%anvil`` cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.magics.magic import AnvilMagics

_LINE = re.compile(r"\s*(?:[\w.,\[\]'\" \t]+=\s*)?%anvil\s")
_CELL = re.compile(r"%%anvil\s")


def matcher_of(magics: AnvilMagics) -> Callable[[CompletionContext], dict[str, Any]]:
    """Return what completes the lines of ``magics``."""

    @context_matcher(identifier="anvil_nb.matcher", priority=100)  # type: ignore[untyped-decorator]  # IPython's own
    def match(context: CompletionContext) -> dict[str, Any]:
        line = context.text_until_cursor
        begin = _LINE.match(line) or (_CELL.match(line) if context.cursor_line == 0 else None)
        if begin is None:
            return {"completions": []}
        try:
            word, found = _completed(magics, line[begin.end() :])
        except Exception:  # noqa: BLE001 - whatever it is, completion stays silent
            return {"completions": []}
        return {
            "completions": [SimpleCompletion(text, type="anvil") for text in found],
            "matched_fragment": word,
            "ordered": True,
            "suppress": bool(found),
        }

    match_in_context: Callable[[CompletionContext], dict[str, Any]] = match
    return match_in_context


def _completed(magics: AnvilMagics, line: str) -> tuple[str, list[str]]:
    """Return the word at the end of ``line``, as it is written, and what it can go on to."""
    from click.shell_completion import ShellComplete  # noqa: PLC0415 - late, on purpose

    from anvil_nb.magics.line import scan  # noqa: PLC0415 - late, on purpose
    from anvil_nb.magics.program import NAME, PROGRAM, WRITTEN  # noqa: PLC0415 - late, on purpose

    words = scan(line, WRITTEN)
    last = words.pop() if words and words[-1].end == len(line) else None
    written = line[last.start :] if last else ""
    incomplete = last.text if last else ""
    completer = ShellComplete(PROGRAM, {"obj": magics.surface}, NAME, "")
    items = completer.get_completions([word.text for word in words], incomplete)
    before = written.removesuffix(incomplete)  # an opening quote
    if incomplete.startswith("--") and "=" in incomplete:
        before += incomplete.partition("=")[0] + "="
    found = [f"{before}{item.value}" for item in items if item.type == "plain"]
    return written, found
