"""Conflicts that were settled together, or would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.results import html
from anvil_nb.results.result import Result
from anvil_nb.results.sync import MOST_SHOWN
from anvil_nb.results.text import indent, text_table

DECIDED = "decided"
"""The choice where each key has one of its own."""

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.results.sync import SyncConflict

_TITLES = ("", "What", "Note")
DECIDED = "decided"
"""What ``SyncSettled`` says of keys that each have a choice of their own."""
SAME = "same"
"""The status of a key that was settled already, by whomever: both sides have the same."""
_SIGNS = {
    "planned": "~",
    "done": "ok",
    SAME: "=",
    "moved": "-",
    "failed": "-",
    "cancelled": "-",
}


def outcomes(conflict: SyncConflict) -> dict[str, str]:
    """Return the choices that a conflict has, with what comes of each."""
    given = {"merged": "the text that you give stands on both sides; what it replaces is kept"}
    if conflict.ours is None:
        return {
            "ours": "it is deleted there too; what stood there is kept with the conflict",
            "theirs": "it comes back here, as it stands there",
            **given,
        }
    if conflict.theirs is None:
        return {
            "ours": "it comes back there, as it stands here",
            "theirs": "it is deleted here too; its files are in .anvil/trash or its history",
            **given,
        }
    found = {
        "ours": "what is here stands on both sides; theirs is kept with the conflict",
        "theirs": "what is there stands on both sides; ours is kept with the conflict",
    }
    if conflict.key.startswith("bundles/"):  # a version is a whole, and there is one of each number
        return found
    beside = "ours stands on both sides, and theirs beside it under a name that says so"
    return {**found, "both": beside, **given}


@dataclass(frozen=True, slots=True)
class SettledKey:
    """One key.

    Args:
        key: Target and name.
        status: ``planned``, ``done``, ``same`` where both sides have the same already, ``moved``,
            ``failed``, or ``cancelled`` where it was not begun.
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
        return self.status in {"planned", "done", SAME}

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
        if self.plan and self.glob:
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
        same = sum(item.status == SAME for item in self.items)
        done = sum(item.sound for item in self.items) - same
        cancelled = sum(item.status == "cancelled" for item in self.items)
        left = len(self.items) - done - same - cancelled
        conflicts = f"conflict{'' if done == 1 else 's'} as decided"
        how = conflicts if self.choice == DECIDED else f"by {self.choice}"
        said = f"{'Would settle' if self.dry_run else 'Settled'} {done:,} {how}"
        said += f", left {left:,} as {'they are' if left > 1 else 'it is'}" if left else ""
        said += f"; {same:,} {'was' if same == 1 else 'were'} the same already" if same else ""
        return said + (f"; cancelled: {cancelled:,} not begun" if cancelled else "")

    def _shown(self) -> list[SettledKey]:
        """Return what a person is shown: first what was left."""
        return sorted(self.items, key=lambda item: item.sound)[:MOST_SHOWN]
