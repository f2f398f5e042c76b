"""Changing what stands in a draft: removing, renaming, copying, restoring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import command
from anvil_nb.cli.options import DIGEST, PROMPT, PROMPT_PLACE, dry_run_option, message_option

if TYPE_CHECKING:
    from anvil_nb.cli.surface import Surface
    from anvil_nb.results.done import Done, Saved


@command(
    "rm",
    examples=("rm desk/emails/footer --dry-run", "rm desk/emails/welcome -m 'Not sent any more'"),
)
@click.argument("address", type=PROMPT_PLACE)
@message_option
@dry_run_option
@click.pass_obj
def remove(surface: Surface, *, address: str, message: str, dry_run: bool) -> Done:
    """Remove a prompt from the draft; versions and history keep it.

    Which other prompts of the draft render it is said.
    """
    place = surface.to_change(address)
    return surface.workspace.remove(place, message=message, dry_run=dry_run)


@command(
    "mv",
    examples=("mv desk/emails/footer foot --dry-run", "mv desk/emails/welcome greeting"),
)
@click.argument("address", type=PROMPT_PLACE)
@click.argument("name")
@message_option
@dry_run_option
@click.pass_obj
def rename(surface: Surface, *, address: str, name: str, message: str, dry_run: bool) -> Done:
    """Give a prompt of the draft another name.

    Its history goes with it. Which other prompts of the draft render it by the old name is said.
    The command is called rename, too.
    """
    place = surface.to_change(address)
    return surface.workspace.rename(place, name, message=message, dry_run=dry_run)


@command("copy", examples=("copy desk/emails/welcome@1.0.0 shop/emails/welcome",))
@click.argument("address", type=PROMPT)
@click.argument("to", type=PROMPT_PLACE)
@message_option
@click.pass_obj
def copy(surface: Surface, *, address: str, to: str, message: str) -> Saved:
    """Copy a prompt, from the draft or any version, into a draft."""
    place = surface.to_change(address)
    return surface.workspace.copy(place, surface.to_change(to), message=message)


@command("restore", examples=("restore desk/emails/welcome --to sha256:9f86d081884c",))
@click.argument("address", type=PROMPT_PLACE)
@click.option(
    "--to",
    "digest",
    required=True,
    type=DIGEST,
    metavar="DIGEST",
    help="What the draft was once, as log --draft shows it; the first digits are enough.",
)
@message_option
@click.pass_obj
def restore(surface: Surface, *, address: str, digest: str, message: str) -> Saved:
    """Put back what the draft of a prompt was once."""
    return surface.workspace.restore(surface.to_change(address), digest, message=message)
