"""How two versions, drafts or labels differ: by line and word, with the bump that calls for."""

from __future__ import annotations

import json
from itertools import groupby, islice
from typing import TYPE_CHECKING

from anvil_nb.catalog import places
from anvil_nb.domain.address import parse_place, parse_selector
from anvil_nb.domain.semver import Version, latest
from anvil_nb.domain.visible import visible
from anvil_nb.errors import InvalidInputError, NotFoundError
from anvil_nb.results.comparison import rows
from anvil_nb.widgets.calls import call
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anvil_nb.domain.address import Address
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.textdiff import Line, TextDiff
    from anvil_nb.results.comparison import Comparison, PromptComparison
    from anvil_nb.results.html import Html
    from anvil_nb.workspace import Workspace

    Piece = Line | tuple[int, int]

CONTEXT = 3
"""How many equal lines stand around a change."""
NAMES = 200
"""How many prompts of a list are sent at a time."""
LINES = 1_000
"""How many lines are unfolded at a time."""
_FEWEST = 4
"""How many equal lines are worth folding."""
_CHOICES = 3_000
"""How many versions there are to choose from, the newest."""
_FIRST, _PORTION = 40_000, 400_000
"""How many characters of lines come with the state, and with a call."""
_SMALL = 100_000
"""How many characters of JSON the state holds of the first prompt."""
_REASONS = 50


class DiffView(View):
    """One difference.

    Args:
        workspace: Whose prompts are compared.
        old: One side, a set or a prompt; its latest version where it has no selector.
        new: The other; the draft of the same place when ``None`` or without a selector.
    """

    name = "diff"

    def __init__(self, workspace: Workspace, old: str, new: str | None = None) -> None:
        super().__init__(workspace)
        self._take(old, new)

    def _take(self, old: str, new: str | None) -> None:
        found = self.ws.diff(old, new or None)
        one = places.place_at(self.ws.access, old)
        two = one.without_selector() if not new else places.place_at(self.ws.access, new)
        self._comparison: Comparison = found
        # A label stays one, so that what it points to can be looked at again.
        self._old = one if one.selector else parse_place(found.old)
        self._new = two if two.selector else parse_place(found.new)
        self._prompts = {each.name: each for each in found.prompts}
        self._pieces: dict[str, Sequence[Piece]] = {}
        self.title = f"{found.old} → {found.new}"

    # What is shown

    def state(self, prompt: str = "") -> dict[str, Json]:
        """Return both sides, what there is to choose from, the prompts, and one of them.

        It is the one called ``prompt`` where that differs, else the first; ``at`` is its place.
        """
        found = self._comparison
        reasons = [reason for each in found.prompts for reason in each.reasons]
        # The gravest first: they are why the bump is what it is.
        reasons.sort(key=lambda reason: -reason.bump)
        first: Json = None
        at = next((at for at, one in enumerate(found.prompts) if one.name == prompt), 0)
        if found.prompts:
            first = self._whole(found.prompts[at], _FIRST)
            if len(json.dumps(first)) > _SMALL:
                first = None
        return {
            "old": {**self._side(self._old), "address": found.old},
            "new": {**self._side(self._new), "address": found.new},
            "choices": {one.set_path: self._choices(one) for one in (self._old, self._new)},
            "summary": found.summary() if found.prompts else "",
            "bump": found.bump,
            "reasons": [
                {"prompt": one.prompt, "bump": one.bump.name.lower(), "text": one.text}
                for one in reasons[:_REASONS]
            ],
            "reason_count": len(reasons),
            **self.names(0),
            "at": at,
            "name": found.prompts[at].name if found.prompts else "",
            "first": first,
        }

    def to_html(self) -> Html:
        """Return the difference as it shows itself."""
        return self._comparison.to_html()

    def to_text(self) -> str:
        """Return the difference as it shows itself."""
        return self._comparison.to_text()

    def _side(self, place: Address) -> dict[str, Json]:
        return {"place": place.path, "set": place.set_path, "selector": str(place.selector)}

    def _choices(self, place: Address) -> dict[str, Json]:
        log = self.ws.log(str(place.as_set().without_selector()))
        labels: list[Json] = [[name, one.number] for one in log for name in one.labels]
        versions: list[Json] = [one.number for one in log.versions[:_CHOICES]]
        highest = latest(Version.parse(one.number) for one in log.versions)
        shown = None if highest is None else str(highest)
        return {"labels": labels, "versions": versions, "latest": shown}

    # What the page calls

    @call
    def choose(self, old: str, new: str, prompt: str = "") -> dict[str, Json]:
        """Compare other states of the same places, each a selector: ``1.0.0``, ``draft``.

        ``prompt`` is the one that is read, and goes on to be where it still differs.
        """
        one, two = parse_selector(old), parse_selector(new)
        self._take(str(self._old.with_selector(one)), str(self._new.with_selector(two)))
        self.changed()
        return self.state(prompt)

    @call
    def swap(self, prompt: str = "") -> dict[str, Json]:
        """Compare the other way round; ``prompt`` is the one that is read."""
        self._take(str(self._new), str(self._old))
        self.changed()
        return self.state(prompt)

    @call
    def names(self, start: int) -> dict[str, Json]:
        """Return some of the prompts that differ, from the one at ``start`` on, from 0."""
        found = self._comparison.prompts
        listed: list[Json] = [
            {
                "name": one.name,
                "kind": one.kind,
                "added": one.text.added,
                "removed": one.text.removed,
                "others": len(one.parameters) + len(one.metadata),
            }
            for one in found[start : start + NAMES]
        ]
        return {"count": len(found), "start": start, "rows": listed}

    @call
    def prompt(self, name: str) -> dict[str, Json]:
        """Return how one prompt differs, and the first of its lines."""
        return self._whole(self._prompt(name), _PORTION)

    @call
    def pieces(self, name: str, start: int) -> dict[str, Json]:
        """Return lines of a prompt, and where lines are folded, from a place on."""
        return self._portion(self._prompt(name), start, _PORTION)

    @call
    def lines(self, name: str, start: int, count: int) -> list[Json]:
        """Return lines that were folded: some that follow one another, counted from 0."""
        diff = self._prompt(name).text
        ending = diff.ends_matter
        wanted = diff.lines[max(0, start) : max(0, start) + min(count, LINES)]
        return [_written(one, say_ending=ending) for one in wanted]

    def _prompt(self, name: str) -> PromptComparison:
        if (found := self._prompts.get(name)) is None:
            msg = f"no prompt '{name}' differs"
            raise NotFoundError(msg, "Choose one of the list.")
        return found

    def _whole(self, one: PromptComparison, most: int) -> dict[str, Json]:
        return {
            "name": one.name,
            "kind": one.kind,
            "added": one.text.added,
            "removed": one.text.removed,
            "rows": [[what, visible(old), visible(new)] for what, old, new in rows(one)],
            "reasons": [
                {"bump": reason.bump.name.lower(), "text": reason.text} for reason in one.reasons
            ],
            **self._portion(one, 0, most),
        }

    def _portion(self, one: PromptComparison, start: int, most: int) -> dict[str, Json]:
        if start < 0:
            raise InvalidInputError(f"lines are counted from 0, not from {start}")
        if one.name not in self._pieces:
            self._pieces[one.name] = tuple(_folded(one.text)) if one.text.changed else ()
        found = self._pieces[one.name]
        ending = one.text.ends_matter
        sent: list[Json] = []
        size = 0
        for piece in islice(found, start, None):
            sent.append(
                {"fold": piece[0], "count": piece[1]}
                if isinstance(piece, tuple)
                else _written(piece, say_ending=ending)
            )
            size += 40 if isinstance(piece, tuple) else 20 + len(piece.text)
            if size > most:
                break
        end = start + len(sent)
        return {"pieces": sent, "next": end if end < len(found) else None}


def _folded(diff: TextDiff) -> Iterator[Piece]:
    """Yield the lines around changes, and of those between where they begin and how many."""
    at, total = 0, len(diff.lines)
    for equal, group in groupby(diff.lines, lambda line: line.kind == "equal"):
        lines = list(group)
        start, at = at, at + len(lines)
        if not equal:
            yield from lines
            continue
        head = CONTEXT if start else 0
        tail = CONTEXT if at < total else 0
        hidden = len(lines) - head - tail
        if hidden < _FEWEST:
            yield from lines
            continue
        yield from lines[:head]
        yield start + head, hidden
        yield from lines[head + hidden :]


def _written(line: Line, *, say_ending: bool) -> dict[str, Json]:
    """Return a line for the page; ``spans`` only where words of it are marked.

    An added line says beside which old line it stands, where it replaced one.
    """
    written: dict[str, Json] = {
        "kind": line.kind,
        "old": line.old_number,
        "new": line.new_number,
    }
    if any(span.changed for span in line.spans):
        written["spans"] = [[_seen(span.text), span.changed] for span in line.spans]
    else:
        written["text"] = _seen(line.text)
    if line.kind == "added" and line.counterpart is not None:
        written["beside"] = line.counterpart
    if say_ending and not line.text.endswith("\n"):
        written["open"] = True
    return written


def _seen(text: str) -> str:
    return visible(text.removesuffix("\n"), keep="\t")
