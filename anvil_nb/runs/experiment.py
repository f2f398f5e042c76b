"""The service: one or more versions of a prompt over the same rows, side by side."""

from __future__ import annotations

import time
from difflib import get_close_matches
from typing import TYPE_CHECKING

from anvil_nb.catalog.lookup import get_in
from anvil_nb.domain.address import Latest
from anvil_nb.domain.parameters import MAX_NAME
from anvil_nb.domain.values import type_name
from anvil_nb.errors import AnvilError, InvalidInputError
from anvil_nb.results.run import Cell, Column, Run, RunRow
from anvil_nb.results.text import shorten
from anvil_nb.runs.calls import POLL_SECONDS, call_each
from anvil_nb.runs.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address, Selector
    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.results.prompt import Prompt, Rendered
    from anvil_nb.runs.rows import Rows

MAX_CELLS = 100_000
"""The most prompts that one run renders: rows times versions."""

_LATEST = Latest()
_SAID_COLUMNS = 10
_SAID_CELLS = 40


def run(  # noqa: PLR0913 - what a run may say
    access: Access,
    addresses: Sequence[Address],
    data: object,
    *,
    call: Callable[[Rendered], object] | None = None,
    variables: Mapping[str, object] | None = None,
    concurrency: int = 8,
    progress: Callable[[int, int], None] | None = None,
    default: Selector = _LATEST,
) -> Run:
    """Render versions of a prompt over rows, and call a function on each rendered prompt.

    What cannot be rendered, and what the function raises, is kept in its cell. ``'now'`` is the
    same time in all of them. At most ``MAX_ROWS`` rows and ``MAX_CELLS`` cells.

    Args:
        access: Whose store.
        addresses: Of the prompts; all are read from one state of the store.
        data: The rows; see ``rows_of``. Columns that are no parameters are ignored, and noted.
        call: Takes each rendered prompt, several at a time. It runs in other threads, or when it
            is asynchronous in an event loop that is kept for runs: an asynchronous client may be
            made once for all runs, but not be shared with code that a notebook awaits.
        variables: Values for every row, over what the row has in their columns.
        concurrency: The most calls at a time.
        progress: Told how many cells are done, of how many: from this thread, at most ten times
            a second, and at the end.
        default: The selector of an address that has none.

    Raises:
        NotFoundError: when there is nothing at an address.
        InvalidInputError: when there are no addresses, no rows or too many, or a variable is a
            parameter of none of the prompts.
        SourceError: when the data is a file that cannot be read.
        KeyboardInterrupt: at once; calls that have not begun are not made.
    """
    _check(addresses, call, concurrency)
    given = dict(variables or {})
    prompts = _prompts(access, addresses, default)
    _check_variables(given, prompts)
    rows = rows_of(data)
    _check_size(len(rows.rows), len(addresses))
    told = _Progress(progress, len(rows.rows) * len(prompts))
    cells = _rendered(prompts, rows, given, access.clock(), told)
    if call is not None:
        cells = _called(cells, call, concurrency, told)
    told.end()
    width = len(prompts)
    return Run(
        tuple(
            Column(one.address, one.digest, one.tree, str(asked.selector or ""))
            for one, asked in zip(prompts, addresses, strict=True)
        ),
        tuple(
            RunRow(at + 1, {**row, **given}, tuple(cells[at * width : (at + 1) * width]))
            for at, row in enumerate(rows.rows)
        ),
        called=call is not None,
        notes=_notes(rows, given, prompts),
    )


def _check(addresses: Sequence[Address], call: object, concurrency: object) -> None:
    if not addresses:
        msg = "there are no addresses to run"
        raise InvalidInputError(msg, "Give at least one: project/set/prompt")
    if call is not None and not callable(call):
        msg = f"what is called on each prompt is a function, found {type_name(call)}"
        raise InvalidInputError(msg, "For example: call=lambda prompt: model(prompt.text)")
    if not isinstance(concurrency, int) or isinstance(concurrency, bool) or concurrency < 1:
        msg = f"the number of calls at a time is an integer from 1 on, found {concurrency!r}"
        raise InvalidInputError(msg, "Try: concurrency=8")


def _check_size(rows: int, versions: int) -> None:
    if rows * versions > MAX_CELLS:
        msg = (
            f"a run renders at most {MAX_CELLS:,} prompts: {rows:,} rows with {versions:,} versions"
            f" are {rows * versions:,}"
        )
        raise InvalidInputError(msg, "Run fewer rows or fewer versions at a time.")


def _prompts(access: Access, addresses: Sequence[Address], default: Selector) -> list[Prompt]:
    wanted = [one if one.selector else one.with_selector(default) for one in addresses]
    with access.read() as tx:
        found = {address: get_in(access, tx, address) for address in dict.fromkeys(wanted)}
    return [found[address] for address in wanted]


def _check_variables(variables: Mapping[str, object], prompts: Sequence[Prompt]) -> None:
    known = {one.name for prompt in prompts for one in prompt.parameters}
    for name in variables:
        if name not in known:
            near = get_close_matches(name, known, 1)
            listed = ", ".join(sorted(known)) or "none"
            msg = f"'{name}' is a parameter of none of the prompts"
            hint = f"Did you mean '{near[0]}'?" if near else f"The parameters are: {listed}"
            raise InvalidInputError(msg, hint)


def _notes(rows: Rows, given: Mapping[str, object], prompts: Sequence[Prompt]) -> tuple[str, ...]:
    """Name the columns that no prompt takes, each with the parameter it was likely meant for."""
    takes = dict.fromkeys(one.name for prompt in prompts for one in prompt.parameters)
    columns = dict.fromkeys(name for row in rows.rows for name in row)
    ignored = [name for name in columns if name not in takes]
    if not ignored:
        return ()
    without_value = [name for name in takes if name not in columns and name not in given]
    said = [_with_meant(name, without_value) for name in ignored[:_SAID_COLUMNS]]
    if len(ignored) > len(said):
        said.append(f"and {len(ignored) - len(said):,} more")
    what, them = ("column", "it") if len(ignored) == 1 else ("columns", "them")
    return (f"{what} ignored, since no prompt takes {them}: {', '.join(said)}",)


def _with_meant(column: str, parameters: Sequence[str]) -> str:
    near = get_close_matches(column, parameters, 1) if len(column) <= MAX_NAME else []
    name = shorten(column, _SAID_CELLS)
    return f"'{name}' (did you mean '{near[0]}'?)" if near else f"'{name}'"


class _Progress:
    """Tells how far a run is, not too often.

    Args:
        tell: Whom to tell; ``None`` for nobody.
        total: The number of cells.
    """

    def __init__(self, tell: Callable[[int, int], None] | None, total: int) -> None:
        self._tell = tell
        self._total = total
        self._last = time.monotonic()

    def at(self, done: int) -> None:
        """Say that so many cells are done, if nothing was said for a while."""
        if self._tell is not None and time.monotonic() - self._last >= POLL_SECONDS:
            self._tell(done, self._total)
            self._last = time.monotonic()

    def end(self) -> None:
        """Say that all are done."""
        if self._tell is not None:
            self._tell(self._total, self._total)


def _rendered(
    prompts: Sequence[Prompt],
    rows: Rows,
    given: Mapping[str, object],
    at: datetime,
    told: _Progress,
) -> list[Cell]:
    """Render all cells, row by row."""
    columns = [(prompt, {one.name: one for one in prompt.parameters}) for prompt in prompts]
    cells: list[Cell] = []
    for row in rows.rows:
        own = {name: value for name, value in row.items() if name not in given}
        for prompt, parameters in columns:
            cells.append(_cell(prompt, parameters, rows, own, given, at))
            told.at(len(cells))
    return cells


def _cell(  # noqa: PLR0913, PLR0917 - one cell
    prompt: Prompt,
    parameters: Mapping[str, Parameter],
    rows: Rows,
    row: Mapping[str, object],
    given: Mapping[str, object],
    at: datetime,
) -> Cell:
    passed = {name: value for name, value in given.items() if name in parameters}
    try:
        rendered = prompt.render({**rows.values(row, parameters), **passed}, at=at)
    except AnvilError as error:
        return Cell(None, None, error.message, 0.0)
    return Cell(rendered, None, None, 0.0)


def _called(
    cells: Sequence[Cell],
    call: Callable[[Rendered], object],
    concurrency: int,
    told: _Progress,
) -> list[Cell]:
    """Call the function on all cells that could be rendered."""
    prompts = [cell.rendered for cell in cells if cell.rendered is not None]
    failed = len(cells) - len(prompts)
    outcomes = iter(
        call_each(call, prompts, concurrency=concurrency, tell=lambda done: told.at(failed + done))
    )
    called: list[Cell] = []
    for cell in cells:
        if cell.rendered is None:
            called.append(cell)
        else:
            one = next(outcomes)
            called.append(Cell(cell.rendered, one.output, one.error, one.seconds))
    return called
