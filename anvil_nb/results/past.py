"""What was published of a project, a set or a prompt, on one line of versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from anvil_nb.results import html
from anvil_nb.results.history import DraftHistory
from anvil_nb.results.result import Result, shown
from anvil_nb.results.text import text_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.history import DraftChange, History, Move, Version

    Kind = Literal["project", "set", "prompt"]


@dataclass(frozen=True, slots=True)
class Line:
    """One version on the line.

    Args:
        set: The address of its set.
        version: What is known of it.
        change: What it did to the prompt whose past this is: ``added``, ``changed`` or
            ``removed``, against the version before; empty for a project or a set.
    """

    set: str
    version: Version
    change: str = ""


@dataclass(frozen=True, slots=True)
class Past(Result):
    """The past of a project, a set or a prompt.

    Args:
        address: Whose.
        kind: What that is.
        lines: Versions, newest first: of all sets of a project, or those in which a prompt changed.
        sets: The history of each set that this is of, by its address.
        present: For a prompt, the versions that have it, and ``draft`` where that does.
        drafts: For a prompt, its changes in the draft, newest first.
    """

    address: str
    kind: Kind
    lines: tuple[Line, ...]
    sets: Mapping[str, History]
    present: frozenset[str] = frozenset()
    drafts: tuple[DraftChange, ...] = field(default=())

    def moves(self) -> list[tuple[str, Move]]:
        """Return the moves of labels with the set of each, newest first; none for a prompt."""
        if self.kind == "prompt":
            return []
        found = [(path, move) for path, one in self.sets.items() for move in one.moves]
        return sorted(found, key=lambda each: each[1].moved_at, reverse=True)

    def to_text(self) -> str:
        """Return versions, and what goes with them, as tables."""
        if self.kind == "set":
            return self.sets[self.address].to_text()
        table = text_table(self._header(), map(self._row, self.lines), whole=[0, 1])
        parts = [table if self.lines else self._nothing()]
        if self.drafts:
            parts.append(self._draft().to_text())
        return "\n\n".join(parts)

    def to_html(self) -> html.Html:
        """Return versions, and what goes with them, as tables."""
        if self.kind == "set":
            return self.sets[self.address].to_html()
        table = html.table(self._header(), map(self._row, self.lines))
        parts = [table if self.lines else html.muted(self._nothing())]
        if self.drafts:
            parts.append(html.details("Changes in the draft", self._draft().to_html()))
        return html.section("History", *parts, address=self.address)

    def to_json(self) -> Json:
        """Return address, kind, versions and changes in the draft."""
        versions: Json = [
            {"set": one.set, "change": one.change, **one.version.to_json()} for one in self.lines
        ]
        drafts: Json = [one.to_json() for one in self.drafts]
        return {
            "address": self.address,
            "kind": self.kind,
            "versions": versions,
            "drafts": drafts,
        }

    def _draft(self) -> DraftHistory:
        return DraftHistory(self.address, self.drafts, None)

    def _nothing(self) -> str:
        what = "is in no version." if self.kind == "prompt" else "has no published version."
        return f"{self.address} {what}"

    def _header(self) -> tuple[str, ...]:
        first = "set" if self.kind == "project" else "prompt"
        return (first, "version", "labels", "published", "by", "change", "message")

    def _row(self, one: Line) -> tuple[str, ...]:
        version = one.version
        change = f"rollback to {version.source}" if version.source else version.bump
        return (
            one.set.rpartition("/")[2] if self.kind == "project" else one.change,
            version.number,
            ", ".join(version.labels),
            shown(version.published_at),
            version.published_by,
            change,
            version.message,
        )
