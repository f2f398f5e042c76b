"""What a notebook adds to the commands: ``--widget``, and commands that open a view."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from anvil_nb.cli.commands import bundles, run, versions
from anvil_nb.cli.commands.sync import sync
from anvil_nb.cli.comparing import second_side
from anvil_nb.cli.grammar import Command, Group, command
from anvil_nb.cli.options import PROMPT_PLACE
from anvil_nb.cli.passphrases import BUNDLE, passphrase
from anvil_nb.domain.naming import is_name
from anvil_nb.errors import NotFoundError
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    if (sound := original.sound) is not None:
        made.sound = lambda result: isinstance(result, View) or sound(result)
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


def _refuse_more() -> None:
    """Refuse options that the view asks for by itself: none is left without a word.

    Raises:
        UsageError: for the first that was given.
    """
    ctx = click.get_current_context()
    for one in ctx.command.params:
        given = ctx.get_parameter_source(one.name or "") is ParameterSource.COMMANDLINE
        if given and isinstance(one, click.Option) and one.name != "widget":
            msg = f"--widget asks for that in the page; leave out {one.opts[-1]}"
            raise click.UsageError(msg)


def _export(surface: Surface, *, addresses: Sequence[str], **_: Any) -> View:
    _refuse_more()
    used = () if surface.working_set is None else (surface.working_set,)
    return surface.workspace.exporting(*(addresses or used))


def _diff(surface: Surface, *, address: str | None, other: str | None) -> View:
    if address is None or other is None:
        return surface.workspace.compare(surface.to_change(address))
    old = surface.to_read(address)
    return surface.workspace.compare(old, second_side(surface, old, other))


@command("edit", examples=("edit desk/emails/welcome", "edit welcome"))
@click.argument("address", type=PROMPT_PLACE)
@click.pass_obj
def edit(surface: Surface, *, address: str) -> View:
    """Edit a prompt of a draft, with a preview; one that is not there yet starts empty."""
    return surface.workspace.edit(surface.to_change(address))


def _history(surface: Surface, *, address: str | None, **_: Any) -> View:
    _refuse_more()
    # One name alone is a prompt of the set in use, where there is one, and else a project.
    if address is not None and is_name(address):
        if surface.working_set is None:
            return surface.workspace.history(address)
        try:
            return surface.workspace.history(surface.to_change(address))
        except NotFoundError:
            try:
                return surface.workspace.history(address)
            except NotFoundError:
                pass  # the set in use was meant, and what that has is told
            raise
    return surface.workspace.history(surface.to_change(address))


def _run(surface: Surface, **said: Any) -> View:
    from anvil_nb.widgets.runs import RunsView  # noqa: PLC0415 - late, on purpose

    return RunsView(surface.workspace, run.prepared(surface, **said))


def _import(surface: Surface, *, file: str | None, **said: Any) -> View:
    for name in ("undo", "plan", "dry_run"):
        if said.pop(name):
            option = name.replace("_", "-")
            msg = f"--widget shows the plan, and undoes, by itself; leave out --{option}"
            raise click.UsageError(msg)
    resolutions = {
        **bundles.resolutions_of(said.pop("resolutions")),
        **dict(said.pop("resolve")),
    }
    secret_file = said.pop("passphrase_file")
    secret = None if secret_file is None else passphrase("the bundle", BUNDLE, secret_file)
    return surface.workspace.importing(
        file,
        resolutions=resolutions,
        renames=dict(said.pop("renames")),
        passphrase=secret or os.environ.get(BUNDLE),
        **said,
    )


def _conflicts(surface: Surface) -> View:
    return surface.workspace.settle()


def _sync() -> Group:
    """Return the commands of sync, with those that open a view in place."""
    shown = with_widget(
        _command(sync, "conflicts"), _conflicts, "Settle them by hand.", "sync conflicts --widget"
    )
    commands = [shown if one.name == shown.name else one for one in sync.commands.values()]
    return Group("sync", help=sync.help, commands=commands)


def _command(group: Group, name: str) -> Command:
    found = group.commands[name]
    assert isinstance(found, Command)
    return found


INSTEAD: dict[str, Command | Group] = {
    "diff": with_widget(
        versions.diff,
        _diff,
        "Show them side by side, and choose others in place.",
        "diff desk/emails@1.0.0 draft --widget",
    ),
    "export": with_widget(
        bundles.export, _export, "Choose and write it in the page.", "export desk --widget"
    ),
    "import": with_widget(
        bundles.import_,
        _import,
        "Import by hand: see it verified, settle conflicts, see the plan. FILE may be left out.",
        "import desk.anvil --widget",
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
    "sync": _sync(),
}
"""Commands of a notebook in place of the terminal's, by name."""

ADDED = {"Prompts": (edit,)}
"""Commands that only a notebook has, by the heading they stand under."""
