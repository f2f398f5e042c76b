"""Where syncs stand: how two sides differ, what is to be done, what is open, and what was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result, shown
from anvil_nb.results.sync import KINDS, MOST_SHOWN
from anvil_nb.results.text import indent, text_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.sync import SyncConflict


@dataclass(frozen=True, slots=True)
class SyncDifference(Result):
    """One key on both sides: its files, compared.

    Args:
        key: Target and name.
        state: What a sync would make of it.
        files: Path, kind of difference, and the lines that differ, for each file.
        suggestion: The two changes together by path, where there is a base.
        clean: Whether the suggestions have no conflict markers.
        base: The files by path that both had last; ``None`` where they are not known. These and
            the next two are for programs that hold the result, and not in its JSON form.
        ours: The files of our side; ``None`` where it has nothing.
        theirs: Those of their side.
    """

    key: str
    state: str
    files: tuple[tuple[str, str, str], ...]
    suggestion: Mapping[str, str] = field(default_factory=dict)
    clean: bool = False
    base: Mapping[str, bytes] | None = field(default=None, repr=False)
    ours: Mapping[str, bytes] | None = field(default=None, repr=False)
    theirs: Mapping[str, bytes] | None = field(default=None, repr=False)

    def to_text(self) -> str:
        """Return the state, and the lines of each file that differs."""
        lines = [f"{visible(self.key)}: {self.state}"]
        for path, what, text in self.files:
            lines.append(f"{visible(path)}  {what}")
            if text:
                lines.append(indent(visible(text, keep="\n\t"), "  "))
        if self.suggestion:
            how = "without conflict" if self.clean else "with conflict markers"
            lines.append(f"A merge of both is suggested {how}: {', '.join(self.suggestion)}")
        return "\n".join(lines)

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        blocks: list[html.Html | str] = []
        for path, what, text in self.files:
            blocks.append(html.element("div", f"{path}  {what}"))
            if text:
                blocks.append(html.element("pre", text))
        return html.section(self.state, "", *blocks, address=self.key)

    def to_json(self) -> Json:
        """Return all fields."""
        return {
            "key": self.key,
            "state": self.state,
            "files": [
                {"path": path, "difference": what, "diff": text} for path, what, text in self.files
            ],
            "suggestion": dict(self.suggestion),
            "clean": self.clean,
        }


@dataclass(frozen=True, slots=True)
class SyncStatus(Result):
    """Where every target stands.

    Args:
        targets: For each: what it is, where its sides are, and what is to be done.
        conflicts: What has to be decided.
    """

    targets: tuple[Mapping[str, Json], ...]
    conflicts: tuple[SyncConflict, ...]

    def to_text(self) -> str:
        """Return a table of the targets, and the conflicts."""
        titles = ("Target", "Here", "There", "To push", "To pull", "Conflicts", "Last sync")
        rows = [[str(one.get(title, "")) for title in _STATUS] for one in self.targets]
        lines = [text_table(titles, rows, max_width=120, whole=(0,))]
        lines += [f"conflict: {visible(one.key)}" for one in self.conflicts[:MOST_SHOWN]]
        for one in self.targets:
            if names := one.get("guards"):
                lines.append(f"guard: {one['target']}: {', '.join(map(str, names))}")  # type: ignore[arg-type]  # a list
            if number := one.get("problems"):
                lines.append(f"problem: {number} of {one['target']} cannot be read")
        return "\n".join(lines)

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        titles = ("Target", "Here", "There", "To push", "To pull", "Conflicts", "Last sync")
        rows = [[str(one.get(title, "")) for title in _STATUS] for one in self.targets]
        return html.section("Sync", "", html.table(titles, rows))

    def to_json(self) -> Json:
        """Return all fields."""
        return {
            "targets": [dict(one) for one in self.targets],
            "conflicts": [one.to_json() for one in self.conflicts],
        }


_STATUS = ("target", "here", "there", "to_push", "to_pull", "conflicts", "last")


@dataclass(frozen=True, slots=True)
class SyncConflicts(Result):
    """The conflicts that are open."""

    conflicts: tuple[SyncConflict, ...]

    def to_text(self) -> str:
        """Return a line for each."""
        if not self.conflicts:
            return "No conflicts."
        rows = [
            (one.key, KINDS.get(one.kind, one.kind), _when(one.opened_at)) for one in self.conflicts
        ]
        return text_table(("Key", "What happened", "Since"), rows, whole=(0,))

    def to_html(self) -> html.Html:
        """Return the same as a table."""
        rows = [
            (one.key, KINDS.get(one.kind, one.kind), _when(one.opened_at)) for one in self.conflicts
        ]
        return html.section("Conflicts", "", html.table(("Key", "What happened", "Since"), rows))

    def to_json(self) -> Json:
        """Return all of them."""
        return {"conflicts": [one.to_json() for one in self.conflicts]}


@dataclass(frozen=True, slots=True)
class SyncHistory(Result):
    """The syncs that were carried out, newest first."""

    runs: tuple[Mapping[str, Json], ...]

    def to_text(self) -> str:
        """Return a line for each."""
        if not self.runs:
            return "Nothing was synced yet."
        rows = [[str(run.get(name, "")) for name in _HISTORY] for run in self.runs]
        return text_table(("When", "What", "Way", "State", "By", "Done"), rows)

    def to_html(self) -> html.Html:
        """Return the same as a table."""
        rows = [[str(run.get(name, "")) for name in _HISTORY] for run in self.runs]
        titles = ("When", "What", "Way", "State", "By", "Done")
        return html.section("History of syncs", "", html.table(titles, rows))

    def to_json(self) -> Json:
        """Return all of them."""
        return {"runs": [dict(run) for run in self.runs]}


_HISTORY = ("when", "target", "direction", "state", "by", "done")


def _when(moment: datetime | None) -> str:
    return "" if moment is None else shown(moment)
