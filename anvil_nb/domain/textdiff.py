r"""Two versions of a text, compared by line and, within a changed line, by word.

It owns the comparison and its plain form, as ``diff -u`` writes hunks; the HTML form belongs to
the results. Lines end at a line feed and nowhere else, and keep it: a carriage return is a
character of its line like any other, so that ``\r\n`` against ``\n`` is a difference that is
seen. Which lines and words count as the same is decided in `anvil_nb.domain.matching`, what a
word is in `anvil_nb.domain.words`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from anvil_nb.domain.matching import Work, anchored_matches
from anvil_nb.domain.visible import visible
from anvil_nb.domain.words import marked, paired
from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind: TypeAlias = Literal["equal", "removed", "added"]

WORK = 2_000_000
"""Steps of matching that one comparison may cost, lines and words together: about half a second."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_SIGNS: dict[Kind, str] = {"equal": " ", "removed": "-", "added": "+"}
_NO_NEWLINE = "\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line.

    Attributes:
        text: The piece, as it stands in the text.
        changed: Whether it differs from the line that this one replaced, or was replaced by. A
            line without such a counterpart has nothing marked: its kind says it all.
    """

    text: str
    changed: bool


_Spans: TypeAlias = tuple[Span, ...]
_Marks: TypeAlias = dict[int, tuple[_Spans, int | None]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison: in both texts, only in the old one, or only in the new one.

    Attributes:
        kind: Where the line stands.
        old_number: Its number in the old text, from 1; ``None`` when it is not there.
        new_number: Its number in the new text, from 1; ``None`` when it is not there.
        spans: The line in pieces, its line feed included; neighbours differ in ``changed``.
        counterpart: The number, in the other text, of the line that it replaced or was replaced
            by, where words of the two are marked.
    """

    kind: Kind
    old_number: int | None
    new_number: int | None
    spans: tuple[Span, ...]
    counterpart: int | None = None

    @property
    def text(self) -> str:
        """The whole line, with the line feed if it has one."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring changes with the equal lines around them.

    Attributes:
        old_start: Number of its first line in the old text; of the line before it when
            ``old_count`` is 0, as ``diff -u`` counts.
        old_count: How many lines of the old text it covers.
        new_start: The same for the new text.
        new_count: The same for the new text.
        lines: Its lines, in order.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[Line, ...]

    @property
    def header(self) -> str:
        """The hunk's place, for example ``@@ -1,4 +1,5 @@``."""
        return (
            f"@@ -{_range(self.old_start, self.old_count)}"
            f" +{_range(self.new_start, self.new_count)} @@"
        )


@dataclass(frozen=True, slots=True)
class TextDiff:
    """What `compare_text` found: every line of both texts, once, in order."""

    lines: tuple[Line, ...]

    @property
    def changed(self) -> bool:
        """Whether the texts differ at all."""
        return any(line.kind != "equal" for line in self.lines)

    @property
    def added(self) -> int:
        """How many lines stand only in the new text."""
        return sum(line.kind == "added" for line in self.lines)

    @property
    def removed(self) -> int:
        """How many lines stand only in the old text."""
        return sum(line.kind == "removed" for line in self.lines)

    @property
    def ends_matter(self) -> bool:
        """Whether the line feed at a text's end, or that there is none, is part of what differs.

        It is where one text has it and the other not, and where a line is the last of one text,
        without a line feed, and stands in the midst of the other.
        """
        last = {
            next((line.text for line in reversed(self.lines) if line.kind != other), "")
            for other in ("added", "removed")
        } - {""}
        open_ended = [text for text in last if not text.endswith("\n")]
        changed = {line.text for line in self.lines if line.kind != "equal"}
        return any(f"{text}\n" in changed for text in open_ended) or (
            len(open_ended) == 1 and len(last) > 1
        )

    def hunks(self, context: int = 3) -> tuple[Hunk, ...]:
        """Return the changes, each with up to ``context`` equal lines before and after it.

        Raises:
            InvalidInputError: for a negative ``context``.
        """
        if context < 0:
            raise InvalidInputError(
                f"a difference cannot be shown with {context} lines of context: "
                "the number of equal lines around a change is 0 or more",
                "Use 0 to see changed lines only, or 3 as diff -u does.",
            )
        ranges: list[tuple[int, int]] = []
        for at, line in enumerate(self.lines):
            if line.kind == "equal":
                continue
            start, end = max(0, at - context), min(len(self.lines), at + context + 1)
            if ranges and start <= ranges[-1][1]:
                start = ranges.pop()[0]
            ranges.append((start, end))
        return tuple(self._hunk(start, end) for start, end in ranges)

    def unified(self, context: int = 3) -> str:
        r"""Return the hunks as ``diff -u`` writes them, without file names.

        Every line ends with a line feed; equal texts give the empty string. That a text does not
        end with one is only said where it matters (`ends_matter`). Hidden characters are written
        out (`visible`), so a carriage return reads ``␍``: for texts that hold none, ``patch``
        understands the result.

        Raises:
            InvalidInputError: for a negative ``context``.
        """
        ending = _NO_NEWLINE if self.ends_matter else ""
        return "".join(
            part
            for hunk in self.hunks(context)
            for part in (f"{hunk.header}\n", *(_unified(line, ending) for line in hunk.lines))
        )

    def _hunk(self, start: int, end: int) -> Hunk:
        lines = self.lines[start:end]
        old = [line.old_number for line in lines if line.old_number is not None]
        new = [line.new_number for line in lines if line.new_number is not None]
        # What precedes a hunk is equal, or nothing: a neighbouring change would be part of it.
        before = self.lines[start - 1] if start else None
        return Hunk(
            old_start=old[0] if old else (before and before.old_number) or 0,
            old_count=len(old),
            new_start=new[0] if new else (before and before.new_number) or 0,
            new_count=len(new),
            lines=lines,
        )


def compare_text(old: str, new: str) -> TextDiff:
    """Compare two texts by line; where lines replace lines, mark the words that differ.

    In a replaced block, lines that are alike are paired in order, and the words that one has and
    the other lacks are marked (`anvil_nb.domain.words` says what a word is).

    The cost is bounded for any input. Equal texts are not searched at all; equal lines at either
    end are set aside, and lines that stand once in each text are aligned, without search. What
    lies between is searched for ``WORK`` steps; once these are spent, what is still unmatched
    counts as replaced as a whole, without words marked. Nor are words marked in blocks of more
    than 4,000 lines and in lines of more than 20,000 characters. The result is exact all the
    same: it only says less finely what changed.

    Args:
        old: The text as it was.
        new: The text as it is.
    """
    before: list[str] = _LINE.findall(old)
    after: list[str] = before if old == new else _LINE.findall(new)
    # One span for all lines that read the same: a text of a million empty lines has one.
    whole: dict[str, _Spans] = {line: (Span(line, changed=False),) for line in {*before, *after}}
    if old == new:
        return TextDiff(
            tuple(Line("equal", at, at, whole[line]) for at, line in enumerate(before, 1))
        )
    return TextDiff(tuple(_compared(before, after, whole)))


def _compared(before: list[str], after: list[str], whole: dict[str, _Spans]) -> Iterator[Line]:
    work = Work(WORK)
    i = j = 0
    for a, b, size in anchored_matches(before, after, work):
        removed, added = before[i:a], after[j:b]
        old_marks, new_marks = _marks(removed, added, work)
        for at, line in enumerate(removed):
            spans, other = old_marks.get(at, (whole[line], None))
            yield Line("removed", i + at + 1, None, spans, None if other is None else j + other + 1)
        for at, line in enumerate(added):
            spans, other = new_marks.get(at, (whole[line], None))
            yield Line("added", None, j + at + 1, spans, None if other is None else i + other + 1)
        i, j = a + size, b + size
        for at in range(size):
            yield Line("equal", a + at + 1, b + at + 1, whole[before[a + at]])


def _marks(removed: list[str], added: list[str], work: Work) -> tuple[_Marks, _Marks]:
    """The lines in which words are marked, by their place in the block.

    Of each its spans, and the place of its counterpart.
    """
    old_marks: _Marks = {}
    new_marks: _Marks = {}
    for i, j in paired(removed, added, work):
        old, new = marked(removed[i], added[j], work)
        # A line that is marked from end to end says no more than its kind does.
        if not all(changed for _, changed in old):
            old_marks[i] = tuple(Span(text, changed) for text, changed in old), j
            new_marks[j] = tuple(Span(text, changed) for text, changed in new), i
    return old_marks, new_marks


def _range(start: int, count: int) -> str:
    return str(start) if count == 1 else f"{start},{count}"


def _unified(line: Line, ending: str) -> str:
    text = line.text
    shown = _SIGNS[line.kind] + visible(text.removesuffix("\n"), keep="\t") + "\n"
    return shown if text.endswith("\n") else shown + ending
