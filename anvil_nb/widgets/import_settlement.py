"""An import as something to settle: its conflicts, its plan, carrying it out, taking it back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from anvil_nb.bundles.merging import notes_on
from anvil_nb.errors import InvalidInputError, RefusedError
from anvil_nb.results.exchange import ImportPlan, ImportReport
from anvil_nb.widgets.conflicts import MERGED, Bodies, of_import
from anvil_nb.widgets.decisions import check_marks, choice_of, decision
from anvil_nb.widgets.settlement import Shown, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anvil_nb.results import exchange
    from anvil_nb.results.exchange import Step
    from anvil_nb.results.moving import Moving
    from anvil_nb.widgets.conflicts import Conflict
    from anvil_nb.widgets.decisions import Decision
    from anvil_nb.widgets.job import Job
    from anvil_nb.widgets.settlement import Made, Progress
    from anvil_nb.widgets.verified_file import VerifiedFile
    from anvil_nb.workspace import Workspace

SKIP = "skip"
_HEADER = ("does", "what", "where", "note")
_VERSION = "version"
_FINISHING = "Cancelling: unless all is written by now, nothing is changed"
_FEW = 100
"""With no more conflicts than these each merged text is tried as it is taken."""


class ImportSettlement(Source):
    """One bundle, about to be imported.

    Args:
        workspace: Where to; it is used for as long as this is.
        path: Of the file.
        name: What the file is called for people.
        how: What else ``import_bundle`` is told: passphrases, names, and so on.
        file: The file as it was verified; ``None`` where whatever lies at the path is meant.
    """

    whole: ClassVar[bool] = True
    verb: ClassVar[str] = "Import"
    skipping: ClassVar[str] = "stays here as it is, and theirs is left out"

    def __init__(
        self,
        workspace: Workspace,
        path: str,
        name: str,
        how: Mapping[str, Any],
        file: VerifiedFile | None = None,
    ) -> None:
        super().__init__(f"Import {name}", f"{PurePath(name).stem}-decisions.json")
        self.ws, self.path, self.name, self.how = workspace, path, name, dict(how)
        self.verified = file
        self.planned: ImportPlan | None = None
        self._looked: ImportPlan | None = None  # the one that the conflicts are of
        self._counted: frozenset[str] = frozenset()  # whose decisions the planned one went by

    def begin(self, progress: Progress, strategy: str = "manual", resolutions: Any = None) -> None:
        """Find the conflicts, and take what was decided before the page was opened.

        Args:
            progress: Is told how far it is.
            strategy: The choice for every conflict that has it.
            resolutions: Decisions by key.

        Raises:
            AnvilError: for a bundle that is not taken.
        """
        self.look({}, progress)
        assert self.planned is not None
        self.id = self.planned.id
        made: dict[str, Decision] = {
            key: strategy for key, one in self.conflicts.items() if strategy in one.choices
        }
        unknown = self.take(resolutions or {}, progress, made)
        if unknown:
            msg = f"there is no conflict '{unknown[0]}' in this import"
            known = ", ".join(self.conflicts) or "none"
            raise InvalidInputError(msg, f"There are: {known}")

    def take_over(self, other: Source, progress: Progress) -> None:
        """Take what was decided elsewhere, on conflicts that are here too and can be so decided."""
        self.before = other.id
        made = {
            key: said
            for key, said in other.decided.items()
            if key in self.conflicts and choice_of(said) in self.conflicts[key].choices
        }
        if made:
            self.look({**self.decided, **made}, progress)

    def look(self, made: Made, progress: Progress) -> None:
        """Find the conflicts that there are when so much is decided."""
        plan = self._plan(made, progress)
        self._take(plan)
        # What was decided on conflicts that are gone for now is kept: they may come again.
        self.decided = dict(made)

    def changes_list(self, conflict: Conflict, choice: str) -> bool:
        """Tell whether a choice may be refused, bring up conflicts, or take some away.

        To try it takes a plan of all: with very many conflicts a text that renders what is not
        there is told when all is planned.
        """
        if conflict.key.startswith(f"{_VERSION}:"):
            return choice == MERGED and len(self.conflicts) <= _FEW
        return True

    def bodies(self, key: str) -> Bodies:
        """Return the prompts in which both sides differ."""
        return Bodies(self._found(key).prompts)

    def check(self, key: str, texts: Mapping[str, str]) -> tuple[str, ...]:
        """Refuse merged texts that the import would refuse; return what else there is to note.

        What others that render them make of them is told when they are taken.
        """
        for name, text in texts.items():
            check_marks(name, text)
        return notes_on(self._found(key), texts)

    def plan(self, progress: Progress, *, skip: bool) -> Shown:
        """Return what the import would do, and find the conflicts that there are by now."""
        made, stays = self._made(skip=skip)
        plan = self._plan(made, progress)
        if skip:
            self.planned = plan
        else:
            self._take(plan)
        shown = replace(plan, path=self.name)
        return Shown(
            shown,
            shown.to_text().splitlines()[0],
            _HEADER,
            _rows(plan.steps),
            "" if plan.open else plan.id,
            stays,
        )

    def apply(self, plan: str, job: Job, *, skip: bool) -> Shown:
        """Import the bundle; a cancel changes nothing, and comes too late when all is written."""
        made, stays = self._made(skip=skip)
        report = self._import(made, _to_the_end(job), plan=plan)
        assert isinstance(report, ImportReport)
        report = replace(report, path=self.name)
        title = report.to_text().splitlines()[0]
        self.done = Shown(report, title, _HEADER, _rows(report.steps), stays=stays, undo=report.id)
        self.undone = False
        return self.done

    def undo(self, job: Job) -> str:
        """Take the import back; as an import, whole or not at all."""
        if self.done is None or not self.done.undo or self.undone:
            raise RefusedError("there is no import to take back", "See all: anvil imports")
        said = self.ws.undo_import(
            self.done.undo,
            organisation=self.how.get("organisation"),
            progress=_told(_to_the_end(job)),
        ).message
        self.undone = True
        return said

    def _take(self, plan: ImportPlan) -> None:
        self.planned = self._looked = plan
        self.conflicts = {one.key: of_import(one) for one in plan.conflicts}

    def _found(self, key: str) -> exchange.Conflict:
        assert self._looked is not None
        return next(one for one in self._looked.conflicts if one.key == key)

    def _made(self, *, skip: bool) -> tuple[dict[str, Decision], tuple[str, ...]]:
        skipped = self.open if skip else []
        made = {**self.decided, **{one.key: decision(one, SKIP) for one in skipped}}
        return made, tuple(f"{one.address} {self.skipping}" for one in skipped)

    def _plan(self, made: Made, progress: Progress) -> ImportPlan:
        """Return the plan when so much is decided.

        A decision on a set may bring up conflicts of its versions, and another take them away, as
        may somebody who writes to the store: of what was decided so much counts as there are
        conflicts.
        """
        if made.keys() <= self.conflicts.keys():
            try:
                return self._dry_run(made, progress)
            except InvalidInputError:
                # Each is of a conflict that there is: it is the decision that is refused.
                if made.keys() <= {one.key for one in self._dry_run({}, progress).conflicts}:
                    raise
        said: dict[str, Decision] = {}
        while True:
            plan = self._dry_run(said, progress)
            keys = {one.key for one in plan.conflicts}
            more = {key: one for key, one in made.items() if key in keys}
            if more.keys() <= said.keys():
                return plan
            said = more

    def _dry_run(self, made: Made, progress: Progress) -> ImportPlan:
        plan = self._import(made, progress, dry_run=True)
        assert isinstance(plan, ImportPlan)
        self._counted = frozenset(made)
        return plan

    def _import(self, made: Made, progress: Progress, **more: Any) -> ImportPlan | ImportReport:
        if self.verified is not None:
            self.verified.check()
        known = made
        if not more.get("dry_run"):  # what was decided on conflicts that are gone says nothing
            known = {key: one for key, one in made.items() if key in self._counted}
        return self.ws.import_bundle(
            self.path, resolutions=known, progress=_told(progress), **self.how, **more
        )


def _to_the_end(job: Job) -> Progress:
    """Return what tells a job how far it is; a cancel at the end of a step may come too late."""

    def tell(text: str, share: float | None) -> None:
        job.progress(text, share)
        if share == 1:
            job.finishes(_FINISHING)

    return tell


def _told(progress: Progress) -> Callable[[Moving], None]:
    def tell(moving: Moving) -> None:
        share = moving.items / moving.all_items if moving.all_items else None
        progress(moving.to_text(), share)

    return tell


def _rows(steps: tuple[Step, ...]) -> tuple[tuple[str, ...], ...]:
    """Return what is done as rows, what stays the same at the end."""
    ordered = sorted(steps, key=lambda one: one.action == "same")
    return tuple((one.action, one.kind.replace("_", " "), one.address, one.note) for one in ordered)
