"""Running prompts over rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from anvil_nb.cli.grammar import command
from anvil_nb.cli.options import FILE, PROMPT, WrittenOption, var_option, vars_option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anvil_nb.cli.surface import Assignment, Surface
    from anvil_nb.results.run import Run
    from anvil_nb.workspace import Workspace


@command(
    "run",
    examples=(
        "run desk/emails/welcome@1.0.0 desk/emails/welcome@draft --data customers.csv",
        "run desk/emails/welcome --data customers.jsonl --with answers:ask_model --var tone=warm",
    ),
    in_notebook=(
        "run welcome@1.0.0 welcome --data customers.csv",
        "run welcome --data rows[:20] --with ask_model --var tone='warm'",
    ),
    sound=lambda run: not run.errors,
)
@click.argument("address", nargs=-1, required=True, type=PROMPT, metavar="A [B]...")
@click.option(
    "--data",
    "source",
    cls=WrittenOption,
    required=True,
    type=FILE,
    metavar="FILE|-",
    help="A CSV, JSON or JSONL file of rows; in a notebook, Python for rows may stand there.",
)
@click.option(
    "--with",
    "function",
    cls=WrittenOption,
    metavar="MODULE:FUNCTION",
    help="What to call with each rendered prompt, sync or async; in a notebook, Python for it.",
)
@var_option
@vars_option
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    metavar="N",
    help="How many calls at a time.",
)
@click.pass_obj
def run(surface: Surface, /, **said: Any) -> Run:
    """Render prompts over rows, and call a function on each.

    Several prompts, or versions of one, stand side by side in the result: row by row, with what
    differs marked. Ends with exit code 1 when some of them failed.
    """
    go = prepared(surface, **said)
    with surface.progress() as progress:
        return go(surface.workspace, progress)


def prepared(  # noqa: PLR0913 - what a run may say
    surface: Surface,
    *,
    address: Sequence[str],
    source: str,
    function: str | None,
    said: Sequence[Assignment],
    values: str | None,
    concurrency: int,
) -> Callable[[Workspace, Callable[[int, int], None] | None], Run]:
    """Return what carries the run out; all that was typed is read by then."""
    addresses = [surface.to_read(one) for one in address]
    prompts = [surface.workspace.get(one) for one in addresses]
    # Where two versions declare a value differently, the first one says how it is read.
    parameters = {one.name: one for prompt in reversed(prompts) for one in prompt.parameters}
    data = surface.rows(source)
    call = surface.function(function) if function is not None else None
    variables = surface.values(parameters.values(), said, values)

    def go(workspace: Workspace, progress: Callable[[int, int], None] | None) -> Run:
        return workspace.run(
            addresses,
            data,
            call=call,
            variables=variables,
            concurrency=concurrency,
            progress=progress,
        )

    return go
