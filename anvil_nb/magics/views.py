"""What a notebook adds to the commands: ``--widget``, and commands that open a view."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import click

from anvil_nb.cli.commands import run, versions
from anvil_nb.cli.comparing import second_side
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.cli.grammar import Command
    from anvil_nb.cli.surface import Surface


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

    def called(*, widget: bool, **said: Any) -> Any:
        if not widget:
            return inner(**said)
        return view(click.get_current_context().obj, **said)

    option = click.Option(["--widget"], is_flag=True, help=help_)
    made.params = [*original.params, option]
    made.callback = called
    if (sound := original.sound) is not None:
        made.sound = lambda result: isinstance(result, View) or sound(result)
    if example:
        made.in_notebook = (*original.in_notebook, example)
    return made


def _diff(surface: Surface, *, address: str | None, other: str | None) -> View:
    if address is None or other is None:
        return surface.workspace.compare(surface.to_change(address))
    old = surface.to_read(address)
    return surface.workspace.compare(old, second_side(surface, old, other))


def _history(surface: Surface, *, address: str | None, **_: Any) -> View:
    return surface.workspace.history(surface.to_change(address))


def _run(surface: Surface, **said: Any) -> View:
    from anvil_nb.widgets.runs import RunsView  # noqa: PLC0415 - late, on purpose

    return RunsView(surface.workspace, run.prepared(surface, **said))


INSTEAD = {
    "diff": with_widget(
        versions.diff,
        _diff,
        "Show them side by side, and choose others in place.",
        "diff desk/emails@1.0.0 draft --widget",
    ),
    "log": with_widget(
        versions.log, _history, "Show them on a line, to work with.", "log desk/emails --widget"
    ),
    "run": with_widget(
        run.run,
        _run,
        "Show a grid at once, and run in it.",
        "run welcome@1.0.0 welcome --data rows --widget",
    ),
}
"""Commands of a notebook in place of the terminal's, by name."""
