"""Finding prompts: by where they are, and by what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import command
from anvil_nb.cli.names import without_selector
from anvil_nb.cli.options import ANY, cursor_option, limit_option
from anvil_nb.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.cli.surface import Surface
    from anvil_nb.results.listing import Hits, Page


@command("ls", examples=("ls", "ls desk/emails", "ls desk/emails/wel --limit 10"))
@click.argument("prefix", required=False, type=ANY)
@limit_option
@cursor_option
@click.pass_obj
def ls(surface: Surface, *, prefix: str | None, limit: int | None, cursor: str | None) -> Page:
    """List projects, the sets of a project, or the prompts of a set.

    A project or set that is not there is an error; with a * behind it, what begins so is listed,
    or nothing. In a notebook with a working set, ls lists that, and ls * the projects.
    """
    paged = {} if limit is None else {"limit": limit}
    in_use = without_selector(surface.working_set or "") if prefix is None else ""
    try:
        return surface.workspace.ls(in_use if prefix is None else prefix, **paged, cursor=cursor)
    except NotFoundError:
        if not in_use:
            raise
        from anvil_nb.results.listing import Page  # noqa: PLC0415 - late, on purpose

        return Page(in_use, (), None)  # the first save makes the set that is in use


@command("search", examples=("search refund", "search late delivery --prefix desk/emails"))
@click.argument("words", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "--prefix", type=ANY, default="", metavar="PREFIX", help="Only below this project or set."
)
@limit_option
@cursor_option
@click.pass_obj
def search(
    surface: Surface, *, words: Sequence[str], prefix: str, limit: int | None, cursor: str | None
) -> Hits:
    """Search names, descriptions, tags and templates.

    All the words must be there, in any order and letter case.
    """
    paged = {} if limit is None else {"limit": limit}
    return surface.workspace.search(" ".join(words), prefix=prefix, **paged, cursor=cursor)
