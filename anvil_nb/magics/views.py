"""What a notebook adds to the commands: ``--widget``, and commands that open a view."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import click

from anvil_nb.cli.commands import versions
from anvil_nb.cli.grammar import command
from anvil_nb.cli.options import PROMPT_PLACE

if TYPE_CHECKING:
    from collections.abc import Callable

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

    def called(*, widget: bool, **said: Any) -> Any:
        if not widget:
            return inner(**said)
        return view(click.get_current_context().obj, **said)

    option = click.Option(["--widget"], is_flag=True, help=help_)
    made.params = [*original.params, option]
    made.callback = called
    if example:
        made.in_notebook = (*original.in_notebook, example)
    return made


@command("edit", examples=("edit desk/emails/welcome", "edit welcome"))
@click.argument("address", type=PROMPT_PLACE)
@click.pass_obj
def edit(surface: Surface, *, address: str) -> View:
    """Edit a prompt of a draft, with a preview; one that is not there yet starts empty."""
    return surface.workspace.edit(surface.to_change(address))


def _history(surface: Surface, *, address: str | None, **_: Any) -> View:
    return surface.workspace.history(surface.to_change(address))


INSTEAD = {
    "log": with_widget(
        versions.log, _history, "Show them on a line, to work with.", "log desk/emails --widget"
    ),
}
"""Commands of a notebook in place of the terminal's, by name."""

ADDED = {"Prompts": (edit,)}
"""Commands that only a notebook has, by the heading they stand under."""
