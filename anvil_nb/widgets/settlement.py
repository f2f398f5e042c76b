"""What conflicts come from, and go back to when they are decided: an import, or a sync."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakSet

from anvil_nb.errors import RefusedError
from anvil_nb.results import html
from anvil_nb.results.text import text_table
from anvil_nb.widgets.decisions import choice_of, read, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.html import Html
    from anvil_nb.results.result import Result
    from anvil_nb.widgets.conflicts import Bodies, Conflict
    from anvil_nb.widgets.decisions import Decision
    from anvil_nb.widgets.job import Job
    from anvil_nb.widgets.view import View

    Progress = Callable[[str, float | None], None]
    Made = Mapping[str, Decision]


_SHOWN = 40
_HEADER = ("conflict", "what is the matter", "decided")


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan, or what was done, as the page shows it.

    Args:
        result: Of the service.
        title: What it comes to, in a sentence.
        header: The titles of the columns.
        rows: What is done, or left, one by one.
        plan: The id of a plan; empty for what was done, and where nothing is to be done.
        stays: What is left as it is, since it was skipped.
        undo: What it is taken back by; empty where it cannot be.
        left: The keys of what was decided, and not begun: it was cancelled.
    """

    result: Result
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    plan: str = ""
    stays: tuple[str, ...] = ()
    undo: str = ""
    left: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """Return all but the result."""
        return {
            "title": self.title,
            "header": [*self.header],
            "rows": [[*row] for row in self.rows],
            "plan": self.plan,
            "stays": [*self.stays],
            "undo": self.undo,
            "left": [*self.left],
        }

    def to_html(self) -> Html:
        """Return what the service's result shows."""
        return self.result.to_html()


class Source(ABC):
    """Where conflicts come from; it holds what was decided.

    So a view that is closed and opened again goes on.

    Attributes:
        title: What is settled.
        id: That of the plan with nothing decided: what the browser keeps decisions by.
        before: That of the plan in whose place this one came; empty for none.
        conflicts: By key; ``look`` brings them up to date.
        decided: By key.
        done: What was done last; ``None`` for nothing yet.
        undone: Whether that was taken back.
        turn: Is held by who decides, plans or carries out: one at a time.
        doing: Whether something is carried out, or taken back, at this moment.
        number: Grows with each change: pages that show this tell by it whether they know all.
        views: Those that show this, in all windows.
        whole: Whether all is carried out at once, even where nothing is in conflict: an import.
            What is settled one by one, as conflicts of syncs are, has nothing to plan until
            something is decided, and may have more to decide after it was carried out.
        verb: The word on the button that carries the plan out.
        skipping: What becomes of what is skipped, in words.
        file: The name of the file in which decisions are saved.
    """

    whole: ClassVar[bool]
    verb: ClassVar[str]
    skipping: ClassVar[str]

    def __init__(self, title: str, file: str) -> None:
        self.title, self.file = title, file
        self.id = self.before = ""
        self.conflicts: dict[str, Conflict] = {}
        self.decided: dict[str, Decision] = {}
        self.done: Shown | None = None
        self.undone = False
        self.turn = Lock()
        self.number, self.doing = 0, False
        self.views: WeakSet[View] = WeakSet()

    @property
    def open(self) -> list[Conflict]:
        """The conflicts that are still to be decided."""
        return [one for key, one in self.conflicts.items() if key not in self.decided]

    def choice(self, key: str) -> str:
        """Return what was decided on a conflict; empty for nothing."""
        made = self.decided.get(key)
        return "" if made is None else choice_of(made)

    def take(self, saved: Any, progress: Progress, made: Made | None = None) -> list[str]:
        """Take decisions that were saved; return the keys of those on no conflict that comes up.

        One may bring up the conflict that another is on: they are taken in rounds, until a round
        brings no more.

        Args:
            saved: As ``decisions.to_json`` says them.
            progress: Is told how far it is.
            made: What is decided before, where no saved one says otherwise.

        Raises:
            InvalidInputError: for what is no such decision.
        """
        before = {**self.decided, **(made or {})}
        taken: dict[str, Decision] = {}
        while True:
            found, unknown = read(saved, self.conflicts)
            if not (found.keys() - taken.keys() or before.keys() - self.decided.keys()):
                return [key for key in unknown if key not in taken]
            taken = {**taken, **found}
            self.look({**before, **taken}, progress)

    def saved(self) -> dict[str, Json]:
        """Return the decisions on the conflicts that there are, as they are kept and sent."""
        return to_json({key: one for key, one in self.decided.items() if key in self.conflicts})

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Carry out, or take back, when it is one's turn."""
        with self.turn:
            self.doing = True
            try:
                yield
            finally:
                self.doing = False

    def tell(self) -> None:
        """Tell all pages that show this that it changed."""
        self.number += 1
        for view in [*self.views]:
            view.tell("changed", self.number)

    @property
    def said(self) -> str:
        """How much is decided, in words."""
        total, left = len(self.conflicts), len(self.open)
        if not total:
            return "no conflicts" if self.done is None else "done"
        return f"{left:,} of {total:,} left to decide"

    def to_html(self) -> Html:
        """Return what is decided, and what was done."""
        rows = list(self._table())
        parts = [html.muted("It was taken back.")] if self.undone else []
        parts += [] if self.done is None else [self.done.to_html()]
        parts += [html.table(_HEADER, rows[:_SHOWN])] if rows else []
        if len(rows) > _SHOWN:
            parts.append(html.muted(f"… and {len(rows) - _SHOWN:,} more"))
        return html.section(f"{self.title}: {self.said}", *parts)

    def to_text(self) -> str:
        """Return the same for a terminal."""
        rows = list(self._table())
        lines = [f"{self.title}: {self.said}", *(["It was taken back."] * self.undone)]
        lines += [] if self.done is None else [self.done.result.to_text()]
        lines += [text_table(_HEADER, rows[:_SHOWN], whole=(0,))] if rows else []
        if len(rows) > _SHOWN:
            lines.append(f"… and {len(rows) - _SHOWN:,} more")
        return "\n".join(lines)

    def _table(self) -> Iterable[tuple[str, str, str]]:
        for one in self.conflicts.values():
            yield one.address, one.kind, self.choice(one.key) or "to decide"

    @abstractmethod
    def look(self, made: Made, progress: Progress) -> None:
        """Find the conflicts that there are when so much is decided.

        Raises:
            InvalidInputError: for a decision that cannot be carried out; all stays as it was.
        """

    @abstractmethod
    def changes_list(self, conflict: Conflict, choice: str) -> bool:
        """Tell whether a choice has to be tried out: it may be refused, or bring up conflicts."""

    @abstractmethod
    def bodies(self, key: str) -> Bodies:
        """Return the texts of a conflict."""

    @abstractmethod
    def check(self, key: str, texts: Mapping[str, str]) -> tuple[str, ...]:
        """Refuse merged texts that are not sound; return what deserves attention in them.

        Raises:
            AnvilError: says why.
        """

    @abstractmethod
    def plan(self, progress: Progress, *, skip: bool) -> Shown:
        """Return what would be done, with what is not decided left out where ``skip`` says so."""

    @abstractmethod
    def apply(self, plan: str, job: Job, *, skip: bool) -> Shown:
        """Do it, if the plan still holds."""

    def undo(self, job: Job) -> str:
        """Take back what was done last; return what is to be said.

        Raises:
            RefusedError: when it cannot be.
        """
        del job
        raise RefusedError("this cannot be taken back", "What was given up is kept.")
