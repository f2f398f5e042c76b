"""The resolver: every conflict seen, decided, planned together, and carried out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from anvil_nb.errors import AnvilError, InvalidInputError, PlanMovedError
from anvil_nb.widgets import decisions
from anvil_nb.widgets.calls import call, in_turn, work
from anvil_nb.widgets.conflicts import MERGED, kinds_of, title_of
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.html import Html
    from anvil_nb.widgets.conflicts import Conflict
    from anvil_nb.widgets.job import Job
    from anvil_nb.widgets.settlement import Source
    from anvil_nb.workspace import Workspace

PAGE = 1_000
"""How many conflicts the page gets at first, and with each call for more."""
OUTCOMES = 200
"""How many conflicts the page gets at a time with what would come of each."""
_WORDINGS = 3
"""How many outcomes are told with a choice for many conflicts, those that are most often."""


class ConflictsView(View):
    """The conflicts of one import or of syncs.

    Args:
        workspace: Whose they are.
        source: Returns where they come from, given the view's own handle to the store.
        told: Is called when something was decided or done.
    """

    name = "conflicts"

    def __init__(
        self,
        workspace: Workspace,
        source: Callable[[Workspace], Source],
        told: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(workspace)
        self.source = source(self.ws)
        self.source.views.add(self)
        self.title = self.source.title
        self._told = told

    def state(self) -> dict[str, Json]:
        """Return the first conflicts without their texts, and how many there are in all."""
        source = self.source
        kinds = kinds_of(source.conflicts.values())
        found: dict[str, Json] = {
            "id": source.id,
            "before": source.before,
            "number": source.number,
            "whole": source.whole,
            "verb": source.verb,
            "skipping": source.skipping,
            "file": source.file,
            "kinds": [*kinds],
            "total": len(source.conflicts),
            "left": len(source.open),
            "rows": self._rows(0, kinds),
            "done": None if source.done is None else source.done.to_json(),
            "undone": source.undone,
        }
        return found

    def to_html(self) -> Html:
        """Return what is decided, and what was done."""
        return self.source.to_html()

    def to_text(self) -> str:
        """Return the same for a terminal."""
        return self.source.to_text()

    def close(self) -> None:
        """Let go of the store; what is decided stays with where the conflicts come from."""
        self.source.views.discard(self)
        super().close()

    # Looking

    @call
    def now(self) -> Json:
        """Return what is drawn first as it is by now: another page has changed it."""
        return {"state": self.state()}

    @call
    def rows(self, start: int) -> Json:
        """Return more of the list."""
        return self._rows(start, kinds_of(self.source.conflicts.values()))

    @call
    def show(self, key: str) -> Json:
        """Return a conflict with all of its texts, and what was decided on it."""
        conflict = self._conflict(key)
        bodies = self.source.bodies(key)
        said = conflict.to_json(merging=bodies.mergeable)
        made = self.source.decided.get(key)
        decided: dict[str, Json] = {} if made is None else {"choice": decisions.choice_of(made)}
        if isinstance(made, dict):
            decided["merged"] = {name: text for name, text in made[MERGED].items()}  # noqa: C416 - of another type
        return {**said, **bodies.to_json(), "decided": decided}

    @call
    def check(self, key: str, texts: dict[str, str]) -> Json:
        """Tell whether merged texts are sound: the error or none, and what there is to note."""
        self._conflict(key)
        try:
            notes = self.source.check(key, texts)
        except AnvilError as error:
            return {"error": error.to_json(), "notes": []}
        return {"error": None, "notes": [*notes]}

    @call
    def choices(self, kind: str = "") -> Json:
        """Return what can be chosen for all that is left of a kind, with what comes of it.

        Each outcome in words comes with the number of conflicts that have it, the most frequent
        first; ``outcomes`` returns them all, conflict by conflict.
        """
        left = self._left(kind)
        found: dict[str, Counter[str]] = {}
        for one in left:
            for choice, outcome in one.choices.items():
                if choice != MERGED:
                    found.setdefault(choice, Counter())[outcome] += 1
        said: list[Json] = [
            {
                "choice": choice,
                "title": title_of(choice),
                "count": told.total(),
                "wordings": len(told),
                "outcomes": [[outcome, count] for outcome, count in told.most_common(_WORDINGS)],
            }
            for choice, told in found.items()
        ]
        return {"left": len(left), "choices": said}

    @call
    def outcomes(self, choice: str, kind: str = "", start: int = 0) -> Json:
        """Return some of the conflicts that a choice would decide, with what comes of each."""
        some = self._having(choice, kind)
        rows: list[Json] = [
            [one.address, one.choices[choice]] for one in some[start : start + OUTCOMES]
        ]
        return {"count": len(some), "start": start, "rows": rows}

    # Deciding

    @in_turn
    @work
    def decide(self, job: Job, key: str, choice: str, texts: dict[str, str] | None = None) -> Json:
        """Decide one conflict."""
        conflict = self._conflict(key)
        made = decisions.decision(conflict, choice, texts)
        if texts is not None:
            self.source.check(key, texts)
        return self._decide(job, {key: made}, tried=self.source.changes_list(conflict, choice))

    @in_turn
    @work
    def decide_all(self, job: Job, choice: str, kind: str = "") -> Json:
        """Decide all that is left of a kind, and has that choice, by it."""
        some = self._having(choice, kind)
        if not some:
            msg = f"nothing that is left of these has the choice '{choice}'"
            raise InvalidInputError(msg, "Choose another one.")
        tried = any(self.source.changes_list(one, choice) for one in some)
        made: dict[str, decisions.Decision] = {one.key: choice for one in some}
        return self._decide(job, made, tried=tried)

    @in_turn
    @work
    def undecide(self, job: Job, key: str) -> Json:
        """Take a decision back."""
        self._conflict(key)
        with self.source.turn:
            left = {one: made for one, made in self.source.decided.items() if one != key}
            self.source.look(left, job.progress)
        return self._now()

    @call
    def saved(self) -> Json:
        """Return all decisions as they are kept and sent."""
        return self.source.saved()

    @in_turn
    @work
    def resume(self, job: Job, saved: dict[str, Any]) -> Json:
        """Take decisions that were saved, over those that were made here."""
        with self.source.turn:
            unknown = self.source.take(saved, job.progress)
        taken = len(saved) - len(unknown)
        left: list[Json] = [*unknown]
        return {**self._now(), "taken": taken, "unknown": left}

    # Doing

    @in_turn
    @work
    def plan(self, job: Job, *, skip: bool = False) -> Json:
        """Return what would be done; with all that there is by now, where that is another list."""
        with self.source.turn:
            before = [*self.source.conflicts]
            try:
                shown = self.source.plan(job.progress, skip=skip).to_json()
            except AnvilError:
                if before != [*self.source.conflicts]:
                    self._tell_all()
                raise
        return shown if before == [*self.source.conflicts] else {**shown, **self._now()}

    @in_turn
    @work
    def apply(self, job: Job, plan: str, *, skip: bool = False) -> Json:
        """Do what was planned, if that holds still.

        Returns:
            Also which decisions were carried out, and the merged texts of those that were not,
            since a side moved.
        """
        with self.source.begun():
            made, before = self.source.decided, self._standing()
            try:
                done = self.source.apply(plan, job, skip=skip)
            except AnvilError as error:
                if before != self._standing():  # some of it was done before it failed
                    self._tell_all()
                if isinstance(error, PlanMovedError):  # not by a command: here it is a button
                    raise PlanMovedError(error.message, "Preview the plan again.") from error
                raise
            left = {*(one.key for one in self.source.open), *done.left}
        settled: list[Json] = [key for key in made if key not in left]
        drafts: dict[str, Json] = {
            key: dict(one[MERGED])
            for key, one in made.items()
            if key in left and key not in done.left and isinstance(one, dict)
        }
        return {**self._now(), "settled": settled, "drafts": drafts}

    @work
    def undo(self, job: Job) -> Json:
        """Take back what was done."""
        with self.source.begun():
            said = self.source.undo(job)
        return {**self._now(), "said": said}

    @in_turn
    @work
    def refresh(self, job: Job) -> Json:
        """Find the conflicts that there are now."""
        with self.source.turn:
            self.source.look(self.source.decided, job.progress)
        return self._now()

    def _decide(self, job: Job, made: dict[str, decisions.Decision], *, tried: bool) -> Json:
        with self.source.turn:
            every = {**self.source.decided, **made}
            if tried:
                before = list(self.source.conflicts)
                self.source.look(every, job.progress)
                if before != list(self.source.conflicts):
                    return self._now()
            else:
                self.source.decided = every
        self._tell_all()
        changed: dict[str, Json] = {key: decisions.choice_of(one) for key, one in made.items()}
        left = len(self.source.open)
        return {"left": left, "changed": changed, "number": self.source.number}

    def _standing(self) -> tuple[list[str], dict[str, decisions.Decision]]:
        return [*self.source.conflicts], dict(self.source.decided)

    def _now(self) -> dict[str, Json]:
        self._tell_all()
        return {"state": self.state()}

    def _tell_all(self) -> None:
        self.source.tell()
        self.changed()
        self._told()

    def _conflict(self, key: str) -> Conflict:
        found = self.source.conflicts.get(key)
        if found is None:
            msg = f"there is no conflict {key} any more"
            raise InvalidInputError(msg, "Look at the list again: Refresh.")
        return found

    def _left(self, kind: str) -> list[Conflict]:
        return [one for one in self.source.open if kind in {"", one.kind}]

    def _having(self, choice: str, kind: str) -> list[Conflict]:
        """Return what is left of a kind and has a choice that says all by itself."""
        return [one for one in self._left(kind) if choice in one.choices and choice != MERGED]

    def _rows(self, start: int, kinds: list[str]) -> Json:
        """Return conflicts as short as can be: key, kind, choice, and where the address is."""
        numbers = {kind: at for at, kind in enumerate(kinds)}
        some = list(self.source.conflicts.values())[start : start + PAGE]
        return [
            [one.key, numbers[one.kind], self.source.choice(one.key), one.address_in_key]
            for one in some
        ]
