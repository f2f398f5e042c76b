"""Making a workspace, and teaching a shell to complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import command
from anvil_nb.cli.options import FILE

if TYPE_CHECKING:
    from anvil_nb.cli.said import Said
    from anvil_nb.cli.surface import Surface
    from anvil_nb.results.done import Done


@command("init", examples=("init", "init prompts --store postgresql://db.example/prompts"))
@click.argument("folder", required=False, type=FILE, metavar="[DIR]")
@click.option("--store", metavar="PATH|URL", help="Where prompts are kept; a file in .anvil/.")
@click.option("--actor", metavar="NAME", help="Who acts here; the name of the user.")
@click.pass_obj
def init(surface: Surface, *, folder: str | None, store: str | None, actor: str | None) -> Done:
    """Make a workspace: an anvil.toml in a folder, and its store.

    One that is there already stays as it is.
    """
    from anvil_nb.results.done import Done  # noqa: PLC0415 - late, on purpose

    made = surface.make_workspace(folder, store, actor)
    return Done(
        f"The workspace is {made.root}; its prompts are kept in {made.location}",
        {"folder": str(made.root), "store": made.location, "actor": made.settings.actor},
    )


@command(
    "completion",
    examples=(
        "completion bash >> ~/.bashrc",
        "completion fish > ~/.config/fish/completions/anvil.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(*, shell: str) -> Said:
    """Give the script that teaches a shell to complete.

    It completes commands and options, and the addresses, labels and versions in the store.
    """
    from anvil_nb.cli.completion import script  # noqa: PLC0415 - late, on purpose
    from anvil_nb.cli.said import Said  # noqa: PLC0415 - late, on purpose

    return Said(script(shell))
