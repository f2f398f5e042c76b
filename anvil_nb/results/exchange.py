"""What an import would do or has done, and what has to be decided before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import short
from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result, shown
from anvil_nb.results.text import indent, text_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.prompt import Content

_SHOWN = 40
_SHORT_ID = 13
"""How much of an import's id a table shows: its time, to the millisecond."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that an import does, or leaves as it is.

    Args:
        action: ``add``, ``same``, ``change``, ``rename``, ``keep``, ``move`` or ``leave``.
        kind: ``project``, ``prompt_set``, ``version``, ``prompt``, ``draft`` or ``label``.
        address: Of what it is done to.
        note: What deserves to be said.
    """

    action: str
    kind: str
    address: str
    note: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "action": self.action,
            "kind": self.kind,
            "address": self.address,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class PromptSides:
    """A prompt in which two sides differ: its texts, ``None`` where a side lacks it.

    Args:
        name: Of the prompt.
        base: What both had last, as far as is known.
        ours: What stands here.
        theirs: What the bundle has.
        suggestion: The two changes together, where there is a base; with conflict markers where
            they touch the same lines.
        clean: Whether the suggestion has no such markers.
        syntax: That of a merged text: ``liquid`` or ``plain``.
    """

    name: str
    base: str | None
    ours: str | None
    theirs: str | None
    suggestion: str | None = None
    clean: bool = False
    syntax: str = "liquid"

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "name": self.name,
            "base": self.base,
            "ours": self.ours,
            "theirs": self.theirs,
            "suggestion": self.suggestion,
            "clean": self.clean,
        }


@dataclass(frozen=True, slots=True)
class Conflict:
    """What an import cannot decide by itself.

    Args:
        key: What it is resolved by: its kind and address.
        kind: ``name``, ``version``, ``id`` or ``dependency``.
        address: Of what is in conflict.
        message: What is the matter.
        base: What both sides had last, where that is known.
        ours: What stands here.
        theirs: What the bundle has.
        choices: What can be chosen, with what comes of it.
        choice: What was chosen; ``None`` where that is still open.
        prompts: The prompts that differ, with their texts.
        declared: Theirs by name, whose declarations merged texts take; not shown.
        among: The prompts by name that merged texts come to; not shown.
    """

    key: str
    kind: str
    address: str
    message: str
    base: str | None
    ours: str
    theirs: str
    choices: Mapping[str, str]
    choice: str | None = None
    prompts: tuple[PromptSides, ...] = ()
    declared: Mapping[str, Content] = field(default_factory=dict, compare=False, repr=False)
    among: Mapping[str, Content] = field(default_factory=dict, compare=False, repr=False)

    def to_json(self) -> dict[str, Json]:
        """Return all fields that are shown."""
        return {
            "key": self.key,
            "kind": self.kind,
            "address": self.address,
            "message": self.message,
            "base": self.base,
            "ours": self.ours,
            "theirs": self.theirs,
            "choices": dict(self.choices),
            "choice": self.choice,
            "prompts": [one.to_json() for one in self.prompts],
        }


@dataclass(frozen=True, slots=True)
class ImportPlan(Result):
    """What an import would do.

    Args:
        id: Of the plan: it can be applied as long as neither the bundle nor the store moves.
        path: Of the bundle.
        bundle: Its digest.
        steps: What would be done, or left as it is.
        conflicts: With what was chosen for each, or not.
    """

    id: str
    path: str
    bundle: str
    steps: tuple[Step, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def open(self) -> tuple[Conflict, ...]:
        """The conflicts that are still to be decided."""
        return tuple(one for one in self.conflicts if one.choice is None)

    @property
    def counts(self) -> dict[str, int]:
        """How many steps there are of each action."""
        return dict(Counter(step.action for step in self.steps))

    def to_text(self) -> str:
        """Return what would be done, and what is to be decided."""
        return "\n".join(self._text(f"Would import {self.path}: {_counted(self.counts)}"))

    def to_html(self) -> html.Html:
        """Return the same."""
        return _html(
            f"Would import {self.path}: {_counted(self.counts)}", self.steps, self.conflicts
        )

    def to_json(self) -> Json:
        """Return all fields."""
        counts: dict[str, Json] = dict(self.counts)
        return {
            "plan_id": self.id,
            "path": self.path,
            "bundle": self.bundle,
            "counts": counts,
            "steps": [step.to_json() for step in self.steps],
            "conflicts": [one.to_json() for one in self.conflicts],
            "open": len(self.open),
        }

    def _text(self, first: str) -> Iterable[str]:
        yield visible(first)
        yield from _steps_text(self.steps)
        for one in self.conflicts:
            yield from _conflict_text(one)
        yield f"plan {self.id}" + (f", {len(self.open)} to decide" if self.open else "")


@dataclass(frozen=True, slots=True)
class ImportReport(Result):
    """What an import did.

    Args:
        id: Of its record; empty where nothing was to be done.
        path: Of the bundle.
        bundle: Its digest.
        steps: What was done, or left as it is.
        conflicts: With what was chosen for each.
    """

    id: str
    path: str
    bundle: str
    steps: tuple[Step, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def changed(self) -> bool:
        """Whether anything was done."""
        return bool(self.id)

    @property
    def counts(self) -> dict[str, int]:
        """How many steps there are of each action."""
        return dict(Counter(step.action for step in self.steps))

    def to_text(self) -> str:
        """Return what was done."""
        lines = [visible(self._what()), *_steps_text(self.steps)]
        lines += [f"{one.key}: {one.choice}" for one in self.conflicts]
        if self.changed:
            lines.append(f"To undo it: anvil import --undo {self.id}")
        return "\n".join(lines)

    def to_html(self) -> html.Html:
        """Return the same."""
        return _html(self._what(), self.steps, self.conflicts)

    def to_json(self) -> Json:
        """Return all fields."""
        counts: dict[str, Json] = dict(self.counts)
        return {
            "import_id": self.id,
            "path": self.path,
            "bundle": self.bundle,
            "changed": self.changed,
            "counts": counts,
            "steps": [step.to_json() for step in self.steps],
            "conflicts": [one.to_json() for one in self.conflicts],
        }

    def _what(self) -> str:
        if not self.changed and self.counts.keys() <= {"same"}:
            return f"Nothing to do: all of {self.path} is here already"
        if not self.changed:
            return f"Imported nothing of {self.path}: {_counted(self.counts)}"
        return f"Imported {self.path}: {_counted(self.counts)}"


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import of the past."""

    id: str
    at: datetime
    by: str
    source: str
    bundle: str
    file: str
    signers: tuple[str, ...]
    decisions: Mapping[str, Json] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    undone_at: datetime | None = None

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        counts: dict[str, Json] = dict(self.counts)
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "by": self.by,
            "source": self.source,
            "bundle": self.bundle,
            "file": self.file,
            "signers": list(self.signers),
            "decisions": dict(self.decisions),
            "counts": counts,
            "undone_at": None if self.undone_at is None else self.undone_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Imports(Result):
    """The imports of a store, newest first."""

    records: tuple[ImportRecord, ...]

    def to_text(self) -> str:
        """Return a table."""
        if not self.records:
            return "Nothing was imported yet."
        return text_table(_RECORDS, map(_record_row, self.records))

    def to_html(self) -> html.Html:
        """Return a table."""
        return html.section("Imports", html.table(_RECORDS, map(_record_row, self.records)))

    def to_json(self) -> Json:
        """Return all of them."""
        return {"imports": [one.to_json() for one in self.records]}


_RECORDS = ("import", "when", "by", "bundle", "signed by", "did")
_STEPS = ("does", "what", "where", "note")
_QUIET = ("same",)


def _record_row(record: ImportRecord) -> tuple[str, ...]:
    undone = "undone: " if record.undone_at else ""
    return (
        record.id[:_SHORT_ID],
        shown(record.at),
        record.by,
        f"{record.source} {short(record.bundle)}",
        ", ".join(record.signers) or "nobody",
        undone + _counted(record.counts),
    )


def _steps_text(steps: Iterable[Step]) -> Iterable[str]:
    rows = [_step_row(one) for one in steps if one.action not in _QUIET]
    if rows:
        yield text_table(_STEPS, rows[:_SHOWN])
    if len(rows) > _SHOWN:
        yield f"… and {len(rows) - _SHOWN} more (--json shows all)"


def _step_row(step: Step) -> tuple[str, ...]:
    return step.action, step.kind.replace("_", " "), step.address, step.note


def _conflict_text(conflict: Conflict) -> Iterable[str]:
    yield visible(f"conflict {conflict.key}: {conflict.message}")
    for name, outcome in conflict.choices.items():
        chosen = "→" if name == conflict.choice else " "
        yield indent(visible(f"{chosen} {name:<10} {outcome}"), "  ")


def _html(first: str, steps: Iterable[Step], conflicts: Iterable[Conflict]) -> html.Html:
    rows = [_step_row(one) for one in steps if one.action not in _QUIET]
    parts = [html.table(_STEPS, rows[:_SHOWN])] if rows else []
    if len(rows) > _SHOWN:
        parts.append(html.muted(f"… and {len(rows) - _SHOWN} more"))
    for one in conflicts:
        badge = html.badge(one.choice or "to decide", "neutral" if one.choice else "warn")
        table = html.table(("choice", "what comes of it"), one.choices.items())
        parts.append(html.details(html.element("span", badge, " ", one.message), table))
    return html.section(first, *parts)


def _counted(counts: Mapping[str, int]) -> str:
    words = {"add": "added", "same": "the same", "change": "changed", "rename": "renamed",
             "keep": "kept", "move": "moved", "leave": "left"}  # fmt: skip
    told = ", ".join(f"{count} {words.get(action, action)}" for action, count in counts.items())
    return told or "nothing"
