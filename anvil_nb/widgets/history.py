"""Versions on a line, of a project, a set or a prompt: search, read, compare, roll back, label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.address import parse_set_address
from anvil_nb.domain.visible import visible
from anvil_nb.errors import LabelMovedError, NotFoundError, PlanMovedError
from anvil_nb.results.text import json_text
from anvil_nb.versions import showing
from anvil_nb.versions.past import past
from anvil_nb.widgets.calls import call, work
from anvil_nb.widgets.diff import DiffView
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.history import DraftChange, History, Move, Published
    from anvil_nb.results.html import Html
    from anvil_nb.results.past import Line
    from anvil_nb.widgets.job import Job
    from anvil_nb.workspace import Workspace

PAGE = 60
"""How many versions are sent at a time."""
MOVES = 100
"""How many moves of labels, or changes of a draft, are sent at a time."""
_NUMBERS = 3_000
"""How many versions there are to compare with, the newest."""
_REASONS = 8
"""How many reasons of a bump are told before a rollback."""
_MESSAGE = 400
"""How much of a message the line shows."""


class HistoryView(View):
    """The history of one set, of all sets of a project, or of one prompt.

    The calls that are about one version take its number, and the address of its set as ``of``
    where the history is of a project.

    Args:
        workspace: Whose it is.
        address: A project, ``project/set`` or ``project/set/prompt``.
    """

    name = "history"

    def __init__(self, workspace: Workspace, address: str) -> None:
        super().__init__(workspace)
        self._past = past(self.ws.access, address)
        self.address = self._past.address
        self.title = f"History of {self.address}"

    # What is shown

    def state(self, of: str = "") -> dict[str, Json]:
        """Return the newest versions, and what is known of a set: a project's only if named."""
        sets = [of] if self._past.kind == "project" else [*self._past.sets]
        return {
            "kind": self._past.kind,
            "address": self.address,
            "sets": {one: self.known(one) for one in sets if one in self._past.sets},
            "moves": len(self._past.moves()),
            **self.page(0),
        }

    def to_html(self) -> Html:
        """Return versions and moves as tables."""
        return self._past.to_html()

    def to_text(self) -> str:
        """Return versions and moves as tables."""
        return self._past.to_text()

    # What the page calls to look

    @call
    def refresh(self, of: str = "") -> dict[str, Json]:
        """Return what is true now."""
        self._past = past(self.ws.access, self.address)
        self.changed()
        return self.state(of)

    @call
    def page(self, start: int, text: str = "") -> dict[str, Json]:
        """Return some of the versions with a text in number, message, label, author or set.

        They begin with the one at ``start``, counted from 0 among these. Whoever asks says what is
        sought: several pages may show the view, each with a search of its own.
        """
        sought = text.strip().casefold()
        found = [one for one in self._past.lines if sought in self._searched(one)]
        shown = found[start : start + PAGE]
        newest = {
            path: {move.label: move for move in reversed(self._past.sets[path].moves)}
            for path in {one.set for one in shown}
        }
        rows: list[Json] = [_row(one, newest[one.set]) for one in shown]
        drafts = len(self._drafts(text))
        return {"count": len(found), "start": start, "rows": rows, "drafts": drafts}

    @call
    def known(self, of: str) -> dict[str, Json]:
        """Return the labels of a set, and what its versions are compared with, newest first."""
        history = self._history(of)
        present = self._past.present
        alone = self._past.kind == "prompt"
        return {
            "labels": {name: one.number for one in history for name in one.labels},
            "numbers": [
                one.number
                for one in history.versions[:_NUMBERS]
                if not alone or one.number in present
            ],
            "draft": not alone or "draft" in present,
        }

    @call
    def moves(self, start: int = 0) -> dict[str, Json]:
        """Return some of the moves of labels, newest first."""
        found = self._past.moves()
        rows: list[Json] = [
            {"set": path, **one.to_json()} for path, one in found[start : start + MOVES]
        ]
        return {"count": len(found), "start": start, "rows": rows}

    @call
    def drafts(self, start: int = 0, text: str = "") -> dict[str, Json]:
        """Return some of a prompt's changes in the draft with a text in them, newest first."""
        found = self._drafts(text)
        rows: list[Json] = [_draft_row(one) for one in found[start : start + MOVES]]
        return {"count": len(found), "start": start, "rows": rows}

    @call
    def version(self, number: str, of: str = "") -> dict[str, Json]:
        """Return what is known of one version, and the names of its prompts."""
        place = parse_set_address(self._at(number, of))
        tree = showing.show(self.ws.access, place)
        alone = self.address.rpartition("/")[2] if self._past.kind == "prompt" else None
        prompts: list[Json] = [one for one in tree.prompts if alone in {None, one}]
        reasons: list[Json] = [
            one for one in tree.version.reasons if alone is None or one.startswith(f"{alone}: ")
        ]
        return {
            "version": number,
            "digest": tree.version.digest,
            "message": tree.version.message,
            "reasons": reasons,
            "prompts": prompts,
        }

    @call
    def prompt(self, number: str, name: str, of: str = "") -> dict[str, Json]:
        """Return one prompt as it was in a version."""
        place = parse_set_address(self._at(number, of))
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
    def compare(self, version: str, other: str, of: str = "") -> Json:
        """Open the difference of a version with another, a label or the draft; older first."""
        history = self._history(of)
        self._at(version, of)
        known = [one.number for one in history]
        points = {name: one.number for one in history for name in one.labels}
        place = self.address if self._past.kind == "prompt" else history.address
        ends = [f"{place}@{version}", f"{place}@{other}"]
        mine, its = (known.index(version), points.get(other, other))
        if its in known and known.index(its) > mine:
            ends.reverse()
        return self.open(DiffView(self.ws, *ends))

    @call
    def foresee(self, version: str, of: str = "") -> dict[str, Json]:
        """Return what a rollback to a version would do, with the draft and without it."""
        at = self._at(version, of)
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
    def label(self, version: str, name: str, expect: str, message: str = "", of: str = "") -> Json:
        """Point a label to a version; ``expect`` is where the page saw it last, or ``none``."""
        try:
            self.ws.label(self._at(version, of), name, message=message, expect=expect)
        except LabelMovedError as error:
            raise self._moved(error) from error
        return self.refresh(of)

    @call
    def unlabel(self, name: str, expect: str, message: str = "", of: str = "") -> Json:
        """Remove a label; ``expect`` is where the page saw it last."""
        try:
            self.ws.unlabel(self._history(of).address, name, message=message, expect=expect)
        except LabelMovedError as error:
            raise self._moved(error) from error
        return self.refresh(of)

    @work
    def roll_back(  # noqa: PLR0913 - what is said of one
        self,
        job: Job,
        version: str,
        plan: str,
        message: str = "",
        of: str = "",
        *,
        draft: bool = False,
    ) -> Json:
        """Publish the content of an old version as a new one, as it was foreseen."""
        job.check()
        job.finishes("It is being rolled back, which ends whole")
        try:
            at = self._at(version, of)
            made = self.ws.rollback(at, message=message, draft=draft, plan=plan)
        except PlanMovedError as error:
            hint = "The line shows what there is now. Roll back again if you still want to."
            raise PlanMovedError(error.message, hint) from error
        whose = f"{of}: " if self._past.kind == "project" else ""
        return {**self.refresh(of), "said": f"{whose}{_what_came(version, made)}"}

    def _moved(self, error: LabelMovedError) -> LabelMovedError:
        hint = "The line shows where it is now, and who moved it. Do it again if you still want to."
        return LabelMovedError(error.message, hint)

    def _history(self, of: str) -> History:
        """Return the history of a set; without its address, of the only one there is."""
        sets = self._past.sets
        if not of and self._past.kind != "project":
            return next(iter(sets.values()))
        if of not in sets:
            msg = f"{self.address} has no set '{of}'"
            raise NotFoundError(msg, "Press Refresh to see what there is.")
        return sets[of]

    def _at(self, version: str, of: str) -> str:
        history = self._history(of)
        if all(one.number != version for one in history):
            msg = f"{history.address} has no version '{version}'"
            raise NotFoundError(msg, "Press Refresh to see which there are.")
        return f"{history.address}@{version}"

    def _drafts(self, text: str) -> list[DraftChange]:
        sought = text.strip().casefold()
        return [
            one
            for one in self._past.drafts
            if sought in f"{one.prompt}\n{one.action}\n{one.message}\n{one.actor}".casefold()
        ]

    def _searched(self, line: Line) -> str:
        one = line.version
        of = line.set if self._past.kind == "project" else line.change
        # A line feed between, so that nothing is found that runs over from one into the other.
        return "\n".join([one.number, one.message, one.published_by, of, *one.labels]).casefold()


def _what_came(version: str, made: Published) -> str:
    """Say what a rollback has done, in a sentence or two."""
    if made.created:
        said = f"Published {made.version}, which is what {version} was."
    elif made.version == version:
        said = f"{version} is the latest version already: no version was made."
    else:
        said = f"{version} is what {made.version} is already: no version was made."
    return f"{said} The draft was reset to it." if made.reset else said


def _said(value: Json) -> str:
    """Return a value of the metadata as people write it: a list of words without its brackets."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(map(str, value))
    return json_text(value)


def _row(line: Line, newest: Mapping[str, Move]) -> dict[str, Json]:
    one = line.version
    return {
        "set": line.set,
        "version": one.number,
        "message": _cut(one.message),
        "bump": one.bump,
        "change": line.change,
        "source": one.source,
        "by": one.published_by,
        "at": one.published_at.isoformat(),
        "labels": [_label(name, newest.get(name)) for name in one.labels],
    }


def _label(name: str, move: Move | None) -> dict[str, Json]:
    """Return a label with who put it where it is, and when."""
    if move is None:
        return {"name": name, "by": "", "at": "", "message": ""}
    at = move.moved_at.isoformat()
    return {"name": name, "by": move.moved_by, "at": at, "message": _cut(move.message)}


def _draft_row(one: DraftChange) -> dict[str, Json]:
    return {
        "prompt": one.prompt,
        "action": one.action,
        "message": _cut(one.message),
        "by": one.actor,
        "at": one.at.isoformat(),
    }


def _cut(message: str) -> str:
    return message if len(message) <= _MESSAGE else f"{message[:_MESSAGE]}…"
