"""What a notebook adds to the commands: ``--widget``, and commands that open a view."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import click

from anvil_nb.cli.commands import bundles, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anvil_nb.cli.grammar import Command
    from anvil_nb.cli.surface import Surface
    from anvil_nb.widgets.view import View


def with_widget(
    original: Command, view: Callable[..., View], help_: str, example: str = ""
) -> Command:
    """Return a command that also takes ``--widget``, and then returns a view.

    Args:
        original: The command; its own grammar and result stay as they are without the option.
        view: Makes the view, of the surface and what the command was told.
        help_: Of the option.
        example: A line that shows it.
    """
    made = copy.copy(original)
    inner = original.callback
    assert inner is not None

    needed = [one for one in original.params if one.required]

    def called(*, widget: bool, **said: Any) -> Any:
        ctx = click.get_current_context()
        if widget:
            return view(ctx.obj, **said)
        for one in needed:
            if said[one.name or ""] is None:
                raise click.MissingParameter(ctx=ctx, param=one)
        return inner(**said)

    option = click.Option(["--widget"], is_flag=True, help=help_)
    made.params = [*map(_optional, original.params), option]
    made.callback = called
    if example:
        made.in_notebook = (*original.in_notebook, example)
    return made


def _optional(param: click.Parameter) -> click.Parameter:
    """Return a parameter that may be left out: a view asks for it."""
    if not param.required:
        return param
    made = copy.copy(param)
    made.required = False
    return made


def _export(surface: Surface, *, addresses: Sequence[str], **_: Any) -> View:
    used = () if surface.working_set is None else (surface.working_set,)
    return surface.workspace.exporting(*(addresses or used))


def _history(surface: Surface, *, address: str | None, **_: Any) -> View:
    return surface.workspace.history(surface.to_change(address))


INSTEAD = {
    "export": with_widget(
        bundles.export, _export, "Choose and write it in the page.", "export desk --widget"
    ),
    "log": with_widget(
        versions.log, _history, "Show them on a line, to work with.", "log desk/emails --widget"
    ),
}
"""Commands of a notebook in place of the terminal's, by name."""
