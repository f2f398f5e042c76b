"""What a sync would do or has done: changes, conflicts, and what was left as it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import PREFIX
from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result
from anvil_nb.results.text import indent, text_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from anvil_nb.domain.digest import Json

MOST_SHOWN = 40
"""How many rows of a kind a person is shown; a program gets all."""

_SIGNS = {"added": "+", "modified": "~", "removed": "-"}
_SEEDS = {"added": "Added", "modified": "Modified", "removed": "Removed"}
_TITLES = ("", "What", "Size", "Note")


@dataclass(frozen=True, slots=True)
class SyncItem:
    """One key that a sync changes.

    Args:
        key: By which both sides know it.
        name: How people call it.
        action: ``added``, ``modified`` or ``removed``, as it happens to the destination.
        status: ``planned``, ``done``, ``moved``, ``failed``, or ``cancelled`` where it was not
            begun.
        ours: Digest of our side, disk or the local store; ``None`` where there is nothing.
        theirs: Digest of their side, the store or the cloud.
        size: In bytes, of what is written; of what is deleted otherwise.
        place: Where it lies on disk, as far as it does.
        message: Why it was not done.
    """

    key: str
    name: str
    action: str
    status: str
    ours: str | None
    theirs: str | None
    size: int
    place: str = ""
    message: str = ""

    def to_json(self, target: str) -> dict[str, Json]:
        """Return all fields, and those of a difference as they are known for the target."""
        said: dict[str, Json] = {
            "key": self.key,
            "name": self.name,
            "action": self.action,
            "status": self.status,
            "ours": self.ours,
            "theirs": self.theirs,
            "size": self.size,
            "message": self.message,
        }
        return said | _difference(target, self)


@dataclass(frozen=True, slots=True)
class SyncConflict:
    """One key that both sides changed apart.

    Args:
        key: What it is resolved by: the target and the name.
        kind: What happened on the two sides.
        base: Digest of what both had last, as far as is known.
        ours: Digest of our side; ``None`` where there is nothing.
        theirs: Digest of their side.
        opened_at: When it was found first; ``None`` where it is only foreseen.
    """

    key: str
    kind: str
    base: str | None
    ours: str | None
    theirs: str | None
    opened_at: datetime | None = None

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "key": self.key,
            "kind": self.kind,
            "base": self.base,
            "ours": self.ours,
            "theirs": self.theirs,
            "choices": list(CHOICES),
            "opened_at": None if self.opened_at is None else self.opened_at.isoformat(),
        }


CHOICES = ("ours", "theirs", "both", "merged")
"""How a conflict can be resolved."""


@dataclass(frozen=True, slots=True)
class Left:
    """Something that a sync left as it is, and why: it waits, or cannot be read."""

    key: str
    why: str
    hint: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {"key": self.key, "why": self.why, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class SyncReport(Result):
    """A sync: what it would do, or did.

    Args:
        target: What was kept equal: files, database, skills, content, agents, bundles or all.
        direction: ``push`` or ``pull``.
        dry_run: Whether nothing was to be done.
        plan: The id of the plan.
        state: ``planned``, ``completed``, ``partial`` where something moved or failed,
            ``cancelled`` where the rest was not begun, ``conflict``, or ``refused`` for a dry run
            of what would be.
        items: What was changed.
        conflicts: What has to be decided.
        waiting: What the other direction, or ``--delete``, would do.
        problems: What cannot be read.
        unchanged: How many keys are the same on both sides.
        guards: What speaks against it, for a dry run.
        refusal: What would keep all of it from being done, for a dry run.
        notes: What deserves attention.
        parts: The reports of ``all``.
        filter: The globs that it was narrowed to; empty for everything.
        delete: Whether deletions were carried over.
        on_conflict: What was to become of conflicts.
        sent: Bytes that went over the network, and came; ``None`` where there is none.
    """

    target: str
    direction: str
    dry_run: bool
    plan: str
    state: str
    items: tuple[SyncItem, ...] = ()
    conflicts: tuple[SyncConflict, ...] = ()
    waiting: tuple[Left, ...] = ()
    problems: tuple[Left, ...] = ()
    unchanged: int = 0
    guards: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    parts: tuple[Result, ...] = ()
    filter: str = ""
    delete: bool = False
    on_conflict: str = "stop"
    sent: int | None = None
    refusal: Left | None = None

    @property
    def sound(self) -> bool:
        """Whether all that was asked was done, or can be."""
        parts = (part.sound for part in self.parts if isinstance(part, SyncReport))
        return self.state in {"planned", "completed"} and not self.problems and all(parts)

    def counts(self) -> dict[str, int]:
        """Return how many keys were, or would be, added, modified, removed and so on."""
        if self.parts:
            parts = [part.counts() for part in self.parts if isinstance(part, SyncReport)]
            return {name: sum(one[name] for one in parts) for name in parts[0]} if parts else {}
        states = Counter(item.action for item in self.items if item.status in {"planned", "done"})
        return {
            "added": states["added"],
            "modified": states["modified"],
            "removed": states["removed"],
            "moved": sum(item.status == "moved" for item in self.items),
            "failed": sum(item.status == "failed" for item in self.items),
            "cancelled": sum(item.status == "cancelled" for item in self.items),
            "conflicts": len(self.conflicts),
            "waiting": len(self.waiting),
            "problems": len(self.problems),
            "unchanged": self.unchanged,
        }

    def to_text(self) -> str:
        """Return the counts, the changes, and what to type next."""
        return "\n".join(block for block in (*self._blocks(), self._next()) if block)

    def _blocks(self) -> list[str]:
        """Return everything but what to type next."""
        if self.parts:
            shown = [_nested(part) for part in self.parts]
            return ["\n\n".join(shown), *self._notes()]
        blocks = [self._headline(), self._table()]
        if self.conflicts:
            blocks.append(_block("Conflicts, kept until somebody settles them:", self._conflicts()))
        if self.problems:
            blocks.append(_block("Cannot be read, and was left alone:", _left(self.problems)))
        if self.waiting:
            blocks.append(_block("Left as it is:", _left(self.waiting)))
        blocks.extend(f"guard: {visible(guard)}" for guard in self.guards)
        if self.refusal is not None:
            blocks.append(_block("Would be refused, all of it:", self._refusal()))
        return [*blocks, *self._notes()]

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        if self.parts:
            parts = [part.to_html() for part in self.parts]
            parts += [html.element("div", html.muted(note)) for note in self.notes]
            return html.section(f"Sync {self.target}", f"{self.direction}", *parts)
        blocks: list[html.Html | str] = []
        if self.items:
            blocks.append(html.table(_TITLES, [_row(item) for item in self.items[:MOST_SHOWN]]))
        for title, lines in (
            ("Conflicts, kept until somebody settles them", self._conflicts()),
            ("Cannot be read, and was left alone", _left(self.problems)),
            ("Left as it is", _left(self.waiting)),
            ("Guards", list(self.guards)),
            ("Would be refused, all of it", self._refusal()),
        ):
            if lines:
                body = [html.element("div", line) for line in lines]
                blocks.append(html.details(title, html.element("div", *body)))
        blocks.extend(html.element("div", html.muted(note)) for note in self.notes)
        if hint := self._next():
            blocks.append(html.element("div", html.muted(hint)))
        return html.section(self._headline(), "", *blocks)

    def to_json(self) -> Json:
        """Return everything."""
        return {
            "target": self.target,
            "direction": self.direction,
            "dry_run": self.dry_run,
            "plan": self.plan,
            "state": self.state,
            "summary": dict(self.counts()),
            "items": [item.to_json(self.target) for item in self.items],
            "conflicts": [one.to_json() for one in self.conflicts],
            "waiting": [one.to_json() for one in self.waiting],
            "problems": [one.to_json() for one in self.problems],
            "guards": list(self.guards),
            "refusal": None if self.refusal is None else self.refusal.to_json(),
            "notes": list(self.notes),
            "filter": self.filter,
            "delete": self.delete,
            "on_conflict": self.on_conflict,
            "bytes_sent": self.sent,
            "parts": [part.to_json() for part in self.parts],
        }

    def _headline(self) -> str:
        said = [
            f"{number:,} {_ONE.get(what, what) if number == 1 else _WORDS.get(what, what)}"
            for what, number in self.counts().items()
            if number
        ]
        what = "Would sync" if self.dry_run else "Synced"
        if self.state in {"conflict", "refused"}:
            what = "Not synced:"
        if self.state == "cancelled":
            what = "Cancelled"
        plan = f"  plan {self.plan}" if self.dry_run and self.items else ""
        return f"{what} {self.target} {self.direction}: {', '.join(said) or 'nothing there'}{plan}"

    def _table(self) -> str:
        if not self.items:
            return ""
        rows = [_row(item) for item in self.items[:MOST_SHOWN]]
        table = indent(text_table(_TITLES, rows, numeric=(2,), whole=(1,)), "  ")
        return table + _more(len(self.items))

    def _conflicts(self) -> list[str]:
        lines = [f"{one.key}: {KINDS.get(one.kind, one.kind)}" for one in self.conflicts]
        return [*lines[:MOST_SHOWN], *_more_lines(len(lines))]

    def _refusal(self) -> list[str]:
        if self.refusal is None:
            return []
        return [f"{self.refusal.key}: {self.refusal.why}", *self.refusal.hint.splitlines()]

    def _notes(self) -> list[str]:
        return [f"note: {visible(note)}" for note in self.notes]

    def _next(self) -> str:
        if self.conflicts and not (self.dry_run and self.on_conflict != "stop"):
            lines = (
                f"See one:    anvil sync diff {self.conflicts[0].key}\n"
                f"Settle one: anvil sync resolve {self.conflicts[0].key} --ours|--theirs|--both"
                "|--merged FILE"
            )
            if len(self.conflicts) == 1:
                return lines
            glob = f"'{self.target}/**' --ours|--theirs|--both"
            return f"{lines}\nSettle all: anvil sync resolve {glob}"
        if self.state == "cancelled":
            words = [self.direction] if self.parts else ["sync", self.target, self.direction]
            return f"\nGo on with the rest: {' '.join(['anvil', *words, *self._options()])}"
        if self.parts:
            waits = self.dry_run and self.state == "planned" and self._changes
            return f"\nDo all of it: anvil {self.direction} --plan {self.plan}" if waits else ""
        if self.dry_run and self.items and self.refusal is None:
            words = ["anvil sync", self.target, self.direction, *self._options()]
            return f"Do it: {' '.join(words)} --plan {self.plan}"
        return ""

    @property
    def _changes(self) -> bool:
        return any(isinstance(part, SyncReport) and part.items for part in self.parts)

    def _options(self) -> list[str]:
        """Return the options under which the plan is this one."""
        said = [f"--filter '{self.filter}'"] if self.filter else []
        said += ["--delete"] if self.delete else []
        said += [f"--on-conflict {self.on_conflict}"] if self.on_conflict != "stop" else []
        return said + (["--force"] if self.guards else [])


KINDS = {
    "both-changed": "changed on both sides",
    "changed-and-deleted": "changed here, deleted there",
    "deleted-and-changed": "deleted here, changed there",
    "first-contact": "different on both sides, which were never synced before",
    "name-taken": "its name is taken by another on the other side",
}


_WORDS = {"cancelled": "not begun"}
_ONE = {**_WORDS, "conflicts": "conflict", "problems": "problem"}
"""The words for what is counted, and for one of it, where they are others."""


def _nested(part: Result) -> str:
    """Return a part of a larger report, which says itself what to type next."""
    if not isinstance(part, SyncReport) or part.conflicts:
        return part.to_text()
    return "\n".join(block for block in part._blocks() if block)  # noqa: SLF001 - of its own kind


def _row(item: SyncItem) -> Sequence[str]:
    note = item.message or ("" if item.status in {"planned", "done"} else item.status)
    return (_SIGNS[item.action], item.name, f"{item.size:,}", note)


def _left(found: Iterable[Left]) -> list[str]:
    lines = [f"{one.key}: {one.why}" + (f" ({one.hint})" if one.hint else "") for one in found]
    return [*lines[:MOST_SHOWN], *_more_lines(len(lines))]


def _block(title: str, lines: Iterable[str]) -> str:
    return "\n".join([title, *(f"  {visible(line)}" for line in lines)])


def _more(number: int) -> str:
    return "".join(f"\n  {line}" for line in _more_lines(number))


def _more_lines(number: int) -> list[str]:
    return [f"… and {number - MOST_SHOWN:,} more"] if number > MOST_SHOWN else []


def _difference(target: str, item: SyncItem) -> dict[str, Json]:
    """Return a difference between disk and store in the fields that such reports have."""
    if target not in {"skills", "content"}:
        return {}
    status = "Modified" if item.ours and item.theirs else "Added" if item.ours else "Removed"
    said: dict[str, Json] = {
        "status": status,
        "disk_hash": _hex(item.ours),
        "db_hash": _hex(item.theirs),
    }
    # What was done is said by ``status`` of the item, beside what the difference was.
    said = {("diff_status" if name == "status" else name): one for name, one in said.items()}
    if target == "skills":
        return {"skill_id": item.key, "file_path": item.place, **said}
    source, _, slug = item.key.partition("/")
    return {"slug": slug, "source_id": source, **said}


def _hex(digest: str | None) -> str | None:
    return None if digest is None else digest.removeprefix(PREFIX)


__all__ = [
    "CHOICES",
    "KINDS",
    "MOST_SHOWN",
    "Left",
    "SyncConflict",
    "SyncItem",
    "SyncReport",
]
