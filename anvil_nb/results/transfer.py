"""Results of bringing prompts in from files and putting them out as files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result
from anvil_nb.results.text import text_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.domain.digest import Json

Status = Literal["created", "updated", "unchanged", "refused"]

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class LoadedRow:
    """What became of one row.

    Args:
        place: Where it stood, for example ``prompts.csv:17``.
        address: Of the prompt it became; ``""`` for a refused one.
        status: ``created``, ``updated``, ``unchanged`` or ``refused``.
        note: Why it was refused, or what deserves attention.
    """

    place: str
    address: str
    status: Status
    note: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "place": self.place,
            "address": self.address,
            "status": self.status,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Loaded(Result):
    """What a load did, or in a dry run would do, row by row.

    Args:
        source: What was loaded.
        into: The set, ``project/set``.
        rows: In the order of the source.
        dry_run: Whether nothing was done.
        notes: What deserves attention in the whole: templates that were taken as plain text.
    """

    source: str
    into: str
    rows: tuple[LoadedRow, ...]
    dry_run: bool
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[LoadedRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each status; those that none has are left out."""
        return dict(Counter(row.status for row in self.rows))

    @property
    def refused(self) -> tuple[LoadedRow, ...]:
        """The rows that could not be loaded."""
        return tuple(row for row in self.rows if row.status == "refused")

    def to_text(self) -> str:
        """Return the counts, and the rows that deserve attention."""
        rows, lines = self._noted(), [visible(self._what())]
        if rows:
            lines.append(text_table(_HEADER, map(_row, rows[:_SHOWN]), whole=[0, 1]))
        if len(rows) > _SHOWN:
            lines.append(f"… and {len(rows) - _SHOWN} more (--json shows all)")
        return "\n".join([*lines, *(f"note: {visible(note)}" for note in self.notes)])

    def to_html(self) -> html.Html:
        """Return the counts, and the rows that deserve attention as a table."""
        rows = self._noted()
        table = [html.table(_HEADER, map(_row, rows[:_SHOWN]))] if rows else []
        more = [html.muted(f"… and {len(rows) - _SHOWN} more")] if len(rows) > _SHOWN else []
        notes = [html.element("div", html.badge("note", "warn"), " ", one) for one in self.notes]
        return html.section(self._what(), *table, *more, *notes, address=self.into)

    def to_json(self) -> Json:
        """Return source, target, counts, every row, and notes."""
        counts: dict[str, Json] = dict(self.counts)
        rows: Json = [row.to_json() for row in self.rows]
        return {
            "source": self.source,
            "into": self.into,
            "dry_run": self.dry_run,
            "counts": counts,
            "rows": rows,
            "notes": list(self.notes),
        }

    def _noted(self) -> list[LoadedRow]:
        noted = (row for row in self.rows if row.note)
        return sorted(noted, key=lambda row: row.status != "refused")

    def _what(self) -> str:
        counts = ", ".join(f"{count} {status}" for status, count in self.counts.items())
        would = "Would load" if self.dry_run else "Loaded"
        return f"{would} {self.source} into {self.into}: {counts or 'nothing'}"


_HEADER = ("row", "prompt", "status", "note")


def _row(row: LoadedRow) -> tuple[str, str, str, str]:
    return row.place, row.address, row.status, row.note


@dataclass(frozen=True, slots=True)
class Written(Result):
    """Which files prompts were written to; ``changed`` are those that were not there so before."""

    folder: str
    files: tuple[str, ...]
    changed: tuple[str, ...]

    def to_text(self) -> str:
        """Return the counts."""
        same = len(self.files) - len(self.changed)
        kept = f", {same} were so already" if same else ""
        return visible(
            f"Wrote {len(self.changed)} file{'s' * (len(self.changed) != 1)} to {self.folder}{kept}"
        )

    def to_html(self) -> html.Html:
        """Return the counts and the names."""
        names = html.code_block("\n".join(self.files))
        return html.section(self.to_text(), html.details(f"{len(self.files)} files", names))

    def to_json(self) -> Json:
        """Return folder and files."""
        return {
            "folder": self.folder,
            "files": list(self.files),
            "changed": list(self.changed),
        }
