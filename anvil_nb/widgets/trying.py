"""Trying a prompt out: versions of it chosen, rows given, and the run opened that comes of them.

What is run is rendered, as ``%anvil run`` does it without a function; which function is called on
each prompt is said in code, and never in a page.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from anvil_nb.catalog.outline import outline
from anvil_nb.domain.parameters import ABSENT
from anvil_nb.errors import InvalidInputError, NotFoundError
from anvil_nb.files.tables import rows_in
from anvil_nb.results import html
from anvil_nb.results.foreign import as_text
from anvil_nb.widgets.calls import call, work
from anvil_nb.widgets.runs import RunsView
from anvil_nb.widgets.standing_in import stand_in
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.catalog.outline import OutlinedSet
    from anvil_nb.domain.digest import Json
    from anvil_nb.results.run import Run
    from anvil_nb.widgets.job import Job
    from anvil_nb.workspace import Workspace

_DRAFT, _LATEST = "draft", "latest"
_PROMPT = 3
"""How many names the address of a prompt has."""


class TryView(View):
    """A prompt, or the prompts of a set, to be run over rows.

    Args:
        workspace: Whose they are.
        address: ``project/set``, or ``project/set/prompt``.

    Raises:
        NotFoundError: when there is nothing there.
    """

    name = "run"

    def __init__(self, workspace: Workspace, address: str) -> None:
        super().__init__(workspace)
        names = address.split("/")
        self.address, self._first = "/".join(names[:2]), "".join(names[2:])
        self._set = self._outlined()
        self._labels = self.ws.set(self.address).labels or {}
        if not self._names() or (len(names) == _PROMPT and self._first not in self._names()):
            msg = f"there is no prompt to run at {address}"
            raise NotFoundError(msg, f"See what there is: anvil ls {self.address}")
        self._first = self._first or self._names()[0]
        self.title = f"Run {address}"
        self._run: Run | None = None

    def state(self) -> dict[str, Json]:
        """Return the prompts, and of the first what can be chosen and given."""
        return {"prompts": [*self._names()], **self._about(self._first)}

    def to_html(self) -> html.Html:
        """Return the last run."""
        if self._run is not None:
            return self._run.to_html()
        return html.section(self.title, html.muted("Nothing was run yet."))

    def to_text(self) -> str:
        """Return the last run."""
        return f"{self.title}: nothing was run yet." if self._run is None else self._run.to_text()

    @call
    def about(self, prompt: str) -> Json:
        """Return of a prompt which versions have it, and a row of examples for its parameters."""
        return self._about(prompt)

    @work
    def run(
        self, job: Job, prompt: str, versions: Sequence[str], rows: str = "", path: str = ""
    ) -> Json:
        """Render versions of a prompt over rows, and open the run; return what mounts it.

        Args:
            job: Is told how far it is.
            prompt: Its name.
            versions: Selectors, side by side in the order given.
            rows: JSON objects, one a line, or an array of them.
            path: Of a CSV, JSON or JSONL file, in place of them.
        """
        if not versions:
            raise InvalidInputError("no version was chosen", "Tick at least one.")
        data: object = path.strip() or rows_in(rows, "the text")
        job.progress("rendering")

        def told(done: int, total: int) -> None:
            job.progress(f"{done:,} of {total:,} prompts", done / total if total else None)

        addresses = [f"{self.address}/{prompt}@{one}" for one in versions]
        self._run = self.ws.run(addresses, data, progress=told)
        self.changed()
        return self.open(RunsView(self.ws, self._run))

    def _outlined(self) -> OutlinedSet:
        found = [one for one in outline(self.ws.access).sets if one.address == self.address]
        if not found:
            raise NotFoundError(f"there is no set {self.address}", "See all: anvil ls")
        return found[0]

    def _names(self) -> list[str]:
        named = [self._set.draft, *self._set.versions.values()]
        return list(dict.fromkeys(name for names in named for name in names))

    def _about(self, prompt: str) -> dict[str, Json]:
        """Return the selectors at which a prompt stands, newest first, and which are ticked."""
        numbers = [number for number, names in self._set.versions.items() if prompt in names]
        labels: dict[str, Json] = {
            label: number for label, number in self._labels.items() if number in numbers
        }
        selectors = [_DRAFT] if prompt in self._set.draft else []
        ticked = [*selectors]
        if self._set.latest in numbers:
            ticked = [_LATEST, *ticked]
            selectors = [_LATEST, *selectors]
        selectors += [*labels, *reversed(numbers)]
        chosen: list[Json] = [*(ticked or selectors[:1])]
        return {
            "prompt": prompt,
            "selectors": [*selectors],
            "labels": {**labels, **({_LATEST: self._set.latest} if _LATEST in ticked else {})},
            "chosen": chosen,
            "row": self._row(f"{self.address}/{prompt}@{chosen[-1]}"),
        }

    def _row(self, address: str) -> str:
        """Return a row with an example for each parameter, as somebody may go on writing it."""
        said = {one.name: stand_in(one, None)[0] for one in self.ws.get(address).parameters}
        given = {name: value for name, value in said.items() if value is not ABSENT}
        return json.dumps(given, ensure_ascii=False, default=as_text)
