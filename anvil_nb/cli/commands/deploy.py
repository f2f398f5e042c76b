"""Deploying: built, pushed and announced by the steps of ``anvil.toml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import command

if TYPE_CHECKING:
    from anvil_nb.cli.surface import Surface
    from anvil_nb.results.deploying import DeployReport


@command(
    "deploy",
    examples=("deploy --dry-run", "deploy", "deploy --tag v42 --skip-build"),
    sound=lambda report: report.sound,
)
@click.option("--dry-run", is_flag=True, help="Show what would be run, and run nothing.")
@click.option(
    "--tag", metavar="TAG", help="Of the image; made of the time and the commit unless said."
)
@click.option(
    "--skip-build", is_flag=True, help="Leave out the steps that say build = true in anvil.toml."
)
@click.pass_obj
def deploy(surface: Surface, *, dry_run: bool, tag: str | None, skip_build: bool) -> DeployReport:
    """Build and push an image, and run it there.

    The steps are those of [deploy] in anvil.toml. One that fails is the last one that is run; each
    has its log in .anvil/deploys.
    """
    with surface.progress() as progress:
        return surface.workspace.deploy(
            dry_run=dry_run, tag=tag, skip_build=skip_build, progress=progress
        )
