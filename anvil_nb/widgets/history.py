"""The versions of a set on a line: search, read, compare, roll back, label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.address import parse_set_address
from anvil_nb.domain.visible import visible
from anvil_nb.errors import LabelMovedError, NotFoundError, PlanMovedError
from anvil_nb.results.text import json_text
from anvil_nb.versions import showing
from anvil_nb.widgets.calls import call
from anvil_nb.widgets.diff import DiffView
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.results.history import Published, Version
    from anvil_nb.results.html import Html
    from anvil_nb.workspace import Workspace

PAGE = 60
"""How many versions are sent at a time."""
MOVES = 100
"""How many moves of labels are sent at a time."""
_NUMBERS = 3_000
"""How many versions there are to compare with, the newest."""
_REASONS = 8
"""How many reasons of a bump are told before a rollback."""
_MESSAGE = 400
"""How much of a message the line shows."""


class HistoryView(View):
    """The history of one set.

    Args:
        workspace: Whose set it is.
        address: ``project/set``.
    """

    name = "history"

    def __init__(self, workspace: Workspace, address: str) -> None:
        super().__init__(workspace)
        self._history = self.ws.log(address)
        self.address = self._history.address
        self.title = f"History of {self.address}"

    # What is shown

    def state(self) -> dict[str, Json]:
        """Return the newest versions, where each label is, and who put it there when."""
        history = self._history
        latest = {move.label: move for move in reversed(history.moves)}
        labels: dict[str, Json] = {
            name: {
                "version": one.number,
                **({"by": move.moved_by, "at": move.moved_at.isoformat(), "message": move.message}
                   if (move := latest.get(name)) else {"by": "", "at": "", "message": ""}),
            }
            for one in history
            for name in one.labels
        }  # fmt: skip
        return {
            "address": self.address,
            "labels": labels,
            "numbers": [one.number for one in history.versions[:_NUMBERS]],
            "moves": len(history.moves),
            **self.page(0),
        }

    def to_html(self) -> Html:
        """Return versions and moves as tables."""
        return self._history.to_html()

    def to_text(self) -> str:
        """Return versions and moves as tables."""
        return self._history.to_text()

    # What the page calls to look

    @call
    def refresh(self) -> dict[str, Json]:
        """Return what is true now."""
        self._history = self.ws.log(self.address)
        self.changed()
        return self.state()

    @call
    def page(self, start: int, text: str = "") -> dict[str, Json]:
        """Return some of the versions with a text in number, message, label or author.

        They begin with the one at ``start``, counted from 0 among these. Whoever asks says what is
        sought: several pages may show the view, each with a search of its own.
        """
        sought = text.strip().casefold()
        found = [one for one in self._history.versions if sought in _searched(one)]
        rows: list[Json] = [_row(one) for one in found[start : start + PAGE]]
        return {"count": len(found), "start": start, "rows": rows}

    @call
    def moves(self, start: int = 0) -> dict[str, Json]:
        """Return some of the moves of labels, newest first."""
        rows: list[Json] = [one.to_json() for one in self._history.moves[start : start + MOVES]]
        return {"count": len(self._history.moves), "start": start, "rows": rows}

    @call
    def version(self, number: str) -> dict[str, Json]:
        """Return what is known of one version, and the names of its prompts."""
        place = parse_set_address(self._at(number))
        tree = showing.show(self.ws.access, place)
        return {
            "version": number,
            "digest": tree.version.digest,
            "message": tree.version.message,
            "reasons": list(tree.version.reasons),
            "prompts": list(tree.prompts),
        }

    @call
    def prompt(self, number: str, name: str) -> dict[str, Json]:
        """Return one prompt as it was in a version."""
        place = parse_set_address(self._at(number))
        found = self.ws.get(str(place.with_prompt(name)))
        parameters: list[Json] = [
            [
                one.name,
                one.type or "any",
                "required" if one.required else "optional",
                visible(one.description or ""),
            ]
            for one in found.parameters
        ]
        metadata: list[Json] = [
            [key, visible(_said(value))] for key, value in found.metadata.to_json().items()
        ]
        return {
            "template": visible(found.template),
            "parameters": parameters,
            "metadata": metadata,
        }

    @call
    def compare(self, version: str, other: str) -> Json:
        """Open the difference of a version with another, a label or the draft; older first."""
        known = [one.number for one in self._history]
        points = {name: one.number for one in self._history for name in one.labels}
        ends = [self._at(version), f"{self.address}@{other}"]
        mine, its = (known.index(version), points.get(other, other))
        if its in known and known.index(its) > mine:
            ends.reverse()
        return self.open(DiffView(self.ws, *ends))

    @call
    def foresee(self, version: str) -> dict[str, Json]:
        """Return what a rollback to a version would do, with the draft and without it."""
        at = self._at(version)
        alone, whole = (self.ws.rollback(at, draft=draft, dry_run=True) for draft in (False, True))
        reasons: list[Json] = [*alone.reasons[:_REASONS]]
        return {
            "created": alone.created,
            "version": alone.version,
            "previous": alone.previous,
            "bump": alone.bump,
            "reasons": reasons,
            "more": len(alone.reasons) - len(reasons),
            "resets": whole.reset,
            "plan": alone.plan,
            "draft_plan": whole.plan,
        }

    # What the page calls to change something

    @call
    def label(self, version: str, name: str, expect: str, message: str = "") -> Json:
        """Point a label to a version; ``expect`` is where the page saw it last, or ``none``."""
        try:
            self.ws.label(self._at(version), name, message=message, expect=expect)
        except LabelMovedError as error:
            raise self._moved(error) from error
        return self.refresh()

    @call
    def unlabel(self, name: str, expect: str, message: str = "") -> Json:
        """Remove a label; ``expect`` is where the page saw it last."""
        try:
            self.ws.unlabel(self.address, name, message=message, expect=expect)
        except LabelMovedError as error:
            raise self._moved(error) from error
        return self.refresh()

    @call
    def roll_back(self, version: str, plan: str, message: str = "", *, draft: bool = False) -> Json:
        """Publish the content of an old version as a new one, as it was foreseen."""
        try:
            made = self.ws.rollback(self._at(version), message=message, draft=draft, plan=plan)
        except PlanMovedError as error:
            hint = "The line shows what there is now. Roll back again if you still want to."
            raise PlanMovedError(error.message, hint) from error
        return {**self.refresh(), "said": _what_came(version, made)}

    def _moved(self, error: LabelMovedError) -> LabelMovedError:
        hint = "The line shows where it is now, and who moved it. Do it again if you still want to."
        return LabelMovedError(error.message, hint)

    def _at(self, version: str) -> str:
        if all(one.number != version for one in self._history):
            msg = f"{self.address} has no version '{version}'"
            raise NotFoundError(msg, "Press Refresh to see which there are.")
        return f"{self.address}@{version}"


def _what_came(version: str, made: Published) -> str:
    """Say what a rollback has done, in a sentence or two."""
    if made.created:
        said = f"Published {made.version}, which is what {version} was."
    elif made.version == version:
        said = f"{version} is the latest version already: no version was made."
    else:
        said = f"{version} is what {made.version} is already: no version was made."
    return f"{said} The draft was reset to it." if made.reset else said


def _searched(one: Version) -> str:
    # A line feed between, so that nothing is found that runs over from one into the other.
    return "\n".join([one.number, one.message, one.published_by, *one.labels]).casefold()


def _said(value: Json) -> str:
    """Return a value of the metadata as people write it: a list of words without its brackets."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(map(str, value))
    return json_text(value)


def _row(one: Version) -> dict[str, Json]:
    return {
        "version": one.number,
        "message": one.message if len(one.message) <= _MESSAGE else f"{one.message[:_MESSAGE]}…",
        "bump": one.bump,
        "source": one.source,
        "by": one.published_by,
        "at": one.published_at.isoformat(),
        "labels": list(one.labels),
    }
