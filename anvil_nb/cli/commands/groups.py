"""Projects and prompt sets: creating, showing, renaming, describing, deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import Group, command, options
from anvil_nb.cli.options import PROJECT, SET_PLACE, dry_run_option

if TYPE_CHECKING:
    from anvil_nb.cli.surface import Surface
    from anvil_nb.results.done import Done
    from anvil_nb.results.listing import Group as Shown

_described = options(
    click.option("--title", default="", metavar="TEXT", help="The name to display."),
    click.option("--description", default="", metavar="TEXT", help="A sentence about it."),
)
_redescribed = options(
    click.option("--title", metavar="TEXT", help="The name to display; '' removes it."),
    click.option("--description", metavar="TEXT", help="A sentence about it; '' removes it."),
)


def _check_described(*said: str | None) -> None:
    if all(one is None for one in said):
        msg = "nothing to describe it with"
        raise click.UsageError(f"{msg}: give --title or --description", click.get_current_context())


@command("create", examples=("project create desk --title 'Support desk'",))
@click.argument("name")
@_described
@click.pass_obj
def _create_project(surface: Surface, *, name: str, title: str, description: str) -> Shown:
    """Make a project."""
    return surface.workspace.create_project(name, title=title, description=description)


@command("show", examples=("project show desk",))
@click.argument("name", type=PROJECT)
@click.pass_obj
def _show_project(surface: Surface, *, name: str) -> Shown:
    """Show a project and its sets."""
    return surface.workspace.project(name)


@command("rename", examples=("project rename desk support",))
@click.argument("name", type=PROJECT)
@click.argument("new")
@click.pass_obj
def _rename_project(surface: Surface, *, name: str, new: str) -> Shown:
    """Give a project another name; the addresses of its sets follow."""
    return surface.workspace.update_project(name, rename=new)


@command("describe", examples=("project describe desk --description 'What we answer with'",))
@click.argument("name", type=PROJECT)
@_redescribed
@click.pass_obj
def _describe_project(
    surface: Surface, *, name: str, title: str | None, description: str | None
) -> Shown:
    """Change a project's title and description."""
    _check_described(title, description)
    return surface.workspace.update_project(name, title=title, description=description)


@command("delete", examples=("project delete trial --force",))
@click.argument("name", type=PROJECT)
@click.option("--force", is_flag=True, help="Delete its sets and their versions too.")
@dry_run_option
@click.pass_obj
def _delete_project(surface: Surface, *, name: str, force: bool, dry_run: bool) -> Done:
    """Delete a project; one that has sets only by --force."""
    return surface.workspace.delete_project(name, force=force, dry_run=dry_run)


@command("create", examples=("set create desk/emails --title 'E-mails'",))
@click.argument("address", type=SET_PLACE, metavar="SET")
@_described
@click.pass_obj
def _create_set(surface: Surface, *, address: str, title: str, description: str) -> Shown:
    """Make a prompt set, and its project when that is new."""
    return surface.workspace.create_set(address, title=title, description=description)


@command("show", examples=("set show desk/emails",))
@click.argument("address", required=False, type=SET_PLACE, metavar="SET")
@click.pass_obj
def _show_set(surface: Surface, *, address: str | None) -> Shown:
    """Show a set: its draft's prompts, its versions and labels."""
    return surface.workspace.set(surface.to_change(address))


@command("rename", examples=("set rename desk/emails letters",))
@click.argument("address", type=SET_PLACE, metavar="SET")
@click.argument("new")
@click.pass_obj
def _rename_set(surface: Surface, *, address: str, new: str) -> Shown:
    """Give a set another name in its project."""
    return surface.workspace.update_set(surface.to_change(address), rename=new)


@command("describe", examples=("set describe desk/emails --title 'Letters'",))
@click.argument("address", type=SET_PLACE, metavar="SET")
@_redescribed
@click.pass_obj
def _describe_set(
    surface: Surface, *, address: str, title: str | None, description: str | None
) -> Shown:
    """Change a set's title and description."""
    _check_described(title, description)
    place = surface.to_change(address)
    return surface.workspace.update_set(place, title=title, description=description)


@command("delete", examples=("set delete desk/trial",))
@click.argument("address", type=SET_PLACE, metavar="SET")
@click.option("--force", is_flag=True, help="Delete its published versions too.")
@dry_run_option
@click.pass_obj
def _delete_set(surface: Surface, *, address: str, force: bool, dry_run: bool) -> Done:
    """Delete a set; one that has published versions only by --force."""
    place = surface.to_change(address)
    return surface.workspace.delete_set(place, force=force, dry_run=dry_run)


project = Group(
    "project",
    help="Create, show, rename, describe or delete a project.",
    commands=[_create_project, _show_project, _rename_project, _describe_project, _delete_project],
)
prompt_set = Group(
    "set",
    help="Create, show, rename, describe or delete a prompt set.",
    commands=[_create_set, _show_set, _rename_set, _describe_set, _delete_set],
)
