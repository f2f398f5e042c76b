"""A run as a grid: rows by versions, with what differs marked, and the whole of a row on demand."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Literal

from anvil_nb.domain.textdiff import compare_text
from anvil_nb.errors import AnvilError, InvalidInputError, NotFoundError
from anvil_nb.results import html
from anvil_nb.results.foreign import as_text
from anvil_nb.widgets.calls import call
from anvil_nb.widgets.failing import failed
from anvil_nb.widgets.job import Job
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.run import Cell, Run, RunRow
    from anvil_nb.workspace import Workspace

    Go = Callable[[Workspace, Callable[[int, int], None]], Run]

Only = Literal["all", "different", "failed"]

PAGE = 60
"""How many rows are sent at a time."""
_CHARACTERS = 160
"""How much of a cell the grid shows."""


class RunsView(View):
    """One run.

    Args:
        workspace: Whose prompts were run.
        run: What came of it; or what carries it out, of a workspace and whom to tell how far it is:
            then it begins at once, in a thread, and the view shows how far it is.
    """

    name = "runs"
    title = "Run"

    def __init__(self, workspace: Workspace, run: Run | Go) -> None:
        super().__init__(workspace)
        self.run: Run | None = None
        self._error: AnvilError | None = None
        self._texts: list[str] = []
        self._different: frozenset[int] = frozenset()
        self._failed: frozenset[int] = frozenset()
        self._job = Job(lambda value: self.tell("progress", value))
        if callable(run):
            self._thread = Thread(target=self._carry_out, args=(run,), daemon=True)
            self._thread.start()
        else:
            self._take(run)

    def _carry_out(self, go: Go) -> None:
        def told(done: int, total: int) -> None:
            self._job.progress(f"{done:,} of {total:,} cells", done / total if total else 1)

        try:
            self._take(go(self.ws, told))
        except AnvilError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 - the outermost loop of this thread
            self._error = failed(error)
        self.changed()
        self.tell("state", self.state())

    def wait(self, seconds: float | None = None) -> Run:
        """Wait until the run is done, and return it.

        Args:
            seconds: How long at most; as long as it takes when ``None``.

        Raises:
            AnvilError: what the run ended with.
            InvalidInputError: when it is not done by then.
        """
        if self.run is None and self._error is None:
            self._thread.join(seconds)
        if self._error is not None:
            raise self._error
        if self.run is None:
            raise InvalidInputError("the run is not done yet", "Wait longer, or cancel it.")
        return self.run

    def _take(self, run: Run) -> None:
        # Lower case, so that a filter is quick: what is shown, and what went in.
        self._texts = [
            "\0".join(
                [*map(as_text, row.inputs.values()), *(run.shown(cell) for cell in row.cells)]
            ).casefold()
            for row in run.rows
        ]
        self._different = frozenset(
            at
            for at, row in enumerate(run.rows)
            if any(run.differs(row, cell) for cell in row.cells[1:])
        )
        self._failed = frozenset(at for at, row in enumerate(run.rows) if _has_failed(row))
        self.run = run

    def close(self) -> None:
        """End a run that is under way, and let go of the store."""
        self._job.cancel()
        super().close()

    # What is shown

    def state(self) -> dict[str, Json]:
        """Return the first rows, the columns, and how many there are; or how the run stands."""
        if self.run is None:
            error = self._error.to_json() if self._error else None
            return {"running": error is None, "error": error}
        run = self.run
        columns: list[Json] = [
            {"label": label, "address": one.address}
            for label, one in zip(run.labels(), run.columns, strict=True)
        ]
        return {
            "running": False,
            "error": None,
            "summary": run.summary(),
            "notes": list(run.notes),
            "columns": columns,
            "inputs": list(dict.fromkeys(name for row in run.rows[:1000] for name in row.inputs)),
            "different": len(self._different),
            "failed": len(self._failed),
            **self.page(0),
        }

    def to_html(self) -> html.Html:
        """Return the run as it shows itself."""
        return self.run.to_html() if self.run else html.section("Run", html.muted(self.to_text()))

    def to_text(self) -> str:
        """Return the run as it shows itself."""
        if self.run is not None:
            return self.run.to_text()
        return str(self._error) if self._error else "The run is under way."

    # What the page calls

    @call
    def cancel(self) -> None:
        """End the run at its next step."""
        self._job.cancel()

    @call
    def page(self, start: int, text: str = "", only: Only = "all") -> dict[str, Json]:
        """Return some of the rows that have a text in them and are as ``only`` says.

        They begin with the one at ``start``, counted from 0 among these. Whoever asks says what is
        sought: several pages may show the view, each with a filter of its own.
        """
        rows = self._done().rows
        found = self._sought(text.casefold(), only)
        shown: list[Json] = [self._row(rows[at]) for at in found[start : start + PAGE]]
        return {"count": len(found), "start": start, "rows": shown}

    def _sought(self, text: str, only: Only) -> Sequence[int]:
        every = range(len(self._texts))
        kinds: dict[str, Container[int]] = {
            "all": every,
            "different": self._different,
            "failed": self._failed,
        }
        if only not in kinds:
            msg = f"there are no rows called {only!r}"
            raise InvalidInputError(msg, f"Use one of: {', '.join(kinds)}.")
        if only == "all" and not text:
            return every
        wanted = kinds[only]
        return [at for at in every if at in wanted and text in self._texts[at]]

    @call
    def row(self, number: int) -> dict[str, Json]:
        """Return all that is known of the row with a number: inputs, prompts, outputs."""
        run = self._done()
        if not 1 <= number <= len(run.rows):
            raise NotFoundError(f"there is no row {number}", f"The last one is {len(run.rows)}.")
        row = run.rows[number - 1]
        first = run.shown(row.cells[0], 2)
        inputs: list[Json] = [[name, as_text(value, 2)] for name, value in row.inputs.items()]
        return {
            "number": number,
            "inputs": inputs,
            "cells": [self._whole(row, cell, first) for cell in row.cells],
        }

    def _whole(self, row: RunRow, cell: Cell, first: str) -> dict[str, Json]:
        run = self._done()
        shown = run.shown(cell, 2)
        prompt = cell.rendered.to_text() if cell.rendered is not None and run.called else None
        differs = run.differs(row, cell)
        return {
            "shown": _new_side(first, shown) if differs else [[shown, False]],
            "prompt": prompt,
            "failed": cell.error is not None,
            "differs": differs,
            "seconds": cell.seconds if run.called else None,
        }

    def _row(self, row: RunRow) -> dict[str, Json]:
        run = self._done()
        cells: list[Json] = [
            {
                "text": _cut(run.shown(cell)),
                "differs": run.differs(row, cell),
                "failed": cell.error is not None,
            }
            for cell in row.cells
        ]
        inputs = ", ".join(
            f"{name}={_cut(as_text(value), 60)}" for name, value in row.inputs.items()
        )
        return {"number": row.number, "inputs": _cut(inputs), "cells": cells}

    def _done(self) -> Run:
        if self.run is None:
            raise InvalidInputError("the run is not done yet", "Wait for its end, or cancel it.")
        return self.run


def _has_failed(row: RunRow) -> bool:
    return any(cell.error is not None for cell in row.cells)


def _cut(text: str, most: int = _CHARACTERS) -> str:
    one_line = " ".join(text[: most * 2].split())
    return one_line if len(one_line) <= most else f"{one_line[: most - 1]}…"


def _new_side(old: str, new: str) -> list[Json]:
    """Return the new text in pieces, each with whether the old one has something else there."""
    pieces: list[Json] = []
    for line in compare_text(old, new).lines:
        if line.kind == "equal":
            pieces.append([line.text, False])
        elif line.kind == "added":
            marked = any(span.changed for span in line.spans)
            pieces += [[span.text, span.changed or not marked] for span in line.spans]
    return pieces
