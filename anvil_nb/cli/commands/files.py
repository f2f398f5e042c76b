"""Bringing prompts in from files, and putting them out as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import command
from anvil_nb.cli.options import ANY, FILE, SET_PLACE, TEXT_ASSIGNMENT, message_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.cli.surface import Assignment, Surface
    from anvil_nb.results.transfer import Loaded, Written


@command(
    "load",
    examples=(
        "load prompts.csv --into library/imported --column name=act --column template=prompt",
        "load prompts/ --into desk/emails --liquid --dry-run",
    ),
    sound=lambda loaded: not loaded.refused,
)
@click.argument("file", type=FILE)
@click.option(
    "--into", required=True, type=SET_PLACE, metavar="SET", help="The set; made when it is new."
)
@click.option(
    "--column",
    "columns",
    type=TEXT_ASSIGNMENT,
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column holds the name, the template or another field, where it is not guessed.",
)
@click.option("--liquid", is_flag=True, help="Take the texts as Liquid templates, not as they are.")
@click.option("--dry-run", is_flag=True, help="Report what would be done, and do nothing.")
@message_option
@click.pass_obj
def load(  # noqa: PLR0913 - what a load may say
    surface: Surface,
    *,
    file: str,
    into: str,
    columns: Sequence[Assignment],
    liquid: bool,
    dry_run: bool,
    message: str,
) -> Loaded:
    """Load prompts from a table or a folder into a draft.

    A table is a CSV, TSV, JSON or JSONL file; a folder holds Markdown or .prompt files. All of it
    happens in one transaction; loading again changes nothing. Ends with exit code 1 when rows
    were refused; the others are loaded all the same.
    """
    return surface.workspace.load(
        file,
        surface.to_change(into),
        columns=dict(columns),
        liquid=liquid,
        dry_run=dry_run,
        message=message,
    )


@command("write", examples=("write desk/emails emails/", "write desk/emails@1.0.0 backup/"))
@click.argument("prefix", type=ANY)
@click.argument("folder", type=FILE, metavar="DIR")
@click.option("--force", is_flag=True, help="Replace files that hold something else.")
@click.pass_obj
def write(surface: Surface, *, prefix: str, folder: str, force: bool) -> Written:
    """Write prompts to files that load back the same.

    Drafts are written where no selector is given.
    """
    return surface.workspace.write(prefix, folder, force=force)
