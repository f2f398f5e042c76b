"""The grammar of the notebook: the terminal's, with ``use``, ``ui`` and ``-o``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anvil_nb.cli.commands import mcp
from anvil_nb.cli.grammar import Command, Group
from anvil_nb.cli.options import WrittenOption
from anvil_nb.cli.program import JSON, SECTIONS, make_program
from anvil_nb.magics.notebook import Notebook
from anvil_nb.magics.ui import ui
from anvil_nb.magics.use import use
from anvil_nb.magics.views import ADDED, INSTEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "%anvil"
_SHOWN = 4
"""The most examples under one heading of ``%anvil?``; each command's own help has all of its."""


def _assign(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is None or ctx.resilient_parsing:
        return
    if not value.isidentifier():
        raise click.BadParameter("a Python name was expected", ctx, param)
    if (notebook := ctx.find_object(Notebook)) is not None:
        notebook.out = value


OUT = click.Option(
    ["-o", "--out"],
    metavar="NAME",
    expose_value=False,
    callback=_assign,
    help="Assign the result to a variable, and show nothing.",
)

_IN_TERMINALS = {"completion", "serve"}
_INSTEAD: dict[str, Command | Group] = {"mcp": mcp.in_notebook, **INSTEAD}

PROGRAM = make_program(
    {
        title: [
            _INSTEAD.get(one.name or "", one) for one in commands if one.name not in _IN_TERMINALS
        ]
        + [*ADDED.get(title, ()), *([use, ui] if title == "Workspace" else [])]
        for title, commands in SECTIONS.items()
    },
    [OUT, JSON],
)


def _commands(group: click.Group) -> Iterator[click.Command]:
    for one in group.commands.values():
        yield one
        if isinstance(one, click.Group):
            yield from _commands(one)


WRITTEN = frozenset(
    name
    for one in _commands(PROGRAM)
    for option in one.params
    if isinstance(option, WrittenOption)
    for name in option.opts
)
"""The options whose values are kept as they are written."""


def documentation() -> str:
    """Return what ``%anvil?`` shows: the help, and an example of the first commands by heading."""
    with PROGRAM.make_context(NAME, [], resilient_parsing=True) as ctx:
        parts = [PROGRAM.get_help(ctx)]
        for title, commands in PROGRAM.sections.items():
            examples = [
                one.examples_for(ctx)[0] for one in commands[:_SHOWN] if isinstance(one, Command)
            ]
            if examples:
                parts += [f"  {title}:", *(f"    {line}" for line in examples)]
    return "\n".join(parts)
