"""Conflicts that were settled together, or would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.results import html
from anvil_nb.results.result import Result
from anvil_nb.results.sync import MOST_SHOWN
from anvil_nb.results.text import indent, text_table

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

_TITLES = ("", "What", "Note")
_SIGNS = {"planned": "~", "done": "ok", "moved": "-", "failed": "-"}


@dataclass(frozen=True, slots=True)
class SettledKey:
    """One key.

    Args:
        key: Target and name.
        status: ``planned``, ``done``, ``moved`` or ``failed``.
        message: Why it was left, or what else came of it.
        made: What stands beside it.
    """

    key: str
    status: str
    message: str = ""
    made: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether it was settled, or can be."""
        return self.status in {"planned", "done"}

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "key": self.key,
            "status": self.status,
            "message": self.message,
            "made": [*self.made],
        }


@dataclass(frozen=True, slots=True)
class SyncSettled(Result):
    """All conflicts that a glob names.

    Args:
        glob: Target and glob.
        choice: What they are settled by.
        dry_run: Whether nothing was to be done.
        items: Each of them.
        plan: The id of the plan, of a dry run that has something to settle.
    """

    glob: str
    choice: str
    dry_run: bool
    items: tuple[SettledKey, ...]
    plan: str = ""

    @property
    def sound(self) -> bool:
        """Whether every one of them was settled, or can be."""
        return all(item.sound for item in self.items)

    def to_text(self) -> str:
        """Return a line for each, and what to type next."""
        rows = [(_SIGNS[item.status], item.key, item.message) for item in self._shown()]
        lines = [self.message, indent(text_table(_TITLES, rows, whole=(1, 2)), "  ")]
        if len(self.items) > MOST_SHOWN:
            lines.append(f"  … and {len(self.items) - MOST_SHOWN:,} more")
        if self.plan:
            how = "--merged FILE" if self.choice == "merged" else f"--{self.choice}"
            lines.append(f"Do it: anvil sync resolve '{self.glob}' {how} --plan {self.plan}")
        return "\n".join(lines)

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        rows = [(_SIGNS[item.status], item.key, item.message) for item in self._shown()]
        return html.section(self.message, "", html.table(_TITLES, rows))

    def to_json(self) -> Json:
        """Return everything."""
        return {
            "key": self.glob,
            "choice": self.choice,
            "dry_run": self.dry_run,
            "items": [item.to_json() for item in self.items],
            "plan": self.plan,
        }

    @property
    def message(self) -> str:
        """How many were settled, or would be."""
        done = sum(item.sound for item in self.items)
        left = len(self.items) - done
        said = f"{'Would settle' if self.dry_run else 'Settled'} {done:,} by {self.choice}"
        return said + (f", left {left:,} as {'they are' if left > 1 else 'it is'}" if left else "")

    def _shown(self) -> list[SettledKey]:
        """Return what a person is shown: first what was left."""
        return sorted(self.items, key=lambda item: item.sound)[:MOST_SHOWN]
