"""Showing all prompts as a tree: a notebook's own command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import command

if TYPE_CHECKING:
    from anvil_nb.magics.notebook import Notebook
    from anvil_nb.widgets.browser import BrowserView


@command("ui", examples=("ui",))
@click.pass_obj
def ui(surface: Notebook) -> BrowserView:
    """Show projects, sets and prompts as a tree, to work with.

    The other views open beside it.
    """
    return surface.workspace.ui()
