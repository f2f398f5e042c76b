"""The grammar of the terminal: every command, and the options that all of them take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from anvil_nb import __version__
from anvil_nb.cli.commands import (
    bundles,
    deploy,
    drafts,
    files,
    groups,
    keys,
    library,
    listing,
    mcp,
    prompts,
    run,
    serve,
    sync,
    tokens,
    versions,
    workspace,
)
from anvil_nb.cli.grammar import Command, Group, Program, answer
from anvil_nb.cli.options import FILE
from anvil_nb.cli.surface import Surface, surface_in

Sections = Mapping[str, Sequence[Command | Group]]

SECTIONS: Sections = {
    "Prompts": (prompts.save, prompts.show, prompts.render, run.run, prompts.validate),
    "Drafts": (drafts.remove, drafts.rename, drafts.copy, drafts.restore),
    "Versions": (
        versions.publish,
        versions.log,
        versions.diff,
        versions.rollback,
        versions.label,
        versions.unlabel,
    ),
    "Finding": (listing.ls, listing.search),
    "Files": (files.load, files.write),
    "Bundles": (bundles.export, bundles.inspect, bundles.import_, bundles.imports),
    "Keys": (keys.keys,),
    "Library": (library.skill, library.content, library.agent, library.context),
    "Sync": (sync.sync, sync.push, sync.pull, deploy.deploy, sync.login),
    "Projects and sets": (groups.project, groups.prompt_set),
    "Server": (serve.serve, tokens.token, mcp.mcp),
    "Workspace": (workspace.init, workspace.completion),
}
"""All commands, in the order of the help."""
ALIASES = {"rename": "mv"}


def _json(ctx: click.Context, _: click.Parameter, value: object) -> None:
    if value and (surface := surface_in(ctx)) is not None:
        surface.json = True


def _version(ctx: click.Context, _: click.Parameter, value: object) -> None:
    if value and not ctx.resilient_parsing:
        answer(f"anvil {__version__}")


JSON = click.Option(
    ["--json"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_json,
    help="Give the result as one JSON document, and an error as one on standard error.",
)

LOCATION = [
    click.Option(
        ["--workspace"],
        type=FILE,
        metavar="DIR",
        help="The folder of anvil.toml; this one, or the nearest above it.",
    ),
    click.Option(["--store"], metavar="PATH|URL", help="The store, in place of anvil.toml's."),
    click.Option(["--actor"], metavar="NAME", help="Who acts, in place of anvil.toml's."),
    click.Option(["--debug"], is_flag=True, help="Show the traceback of an error."),
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_version,
        help="Show the version and do nothing.",
    ),
]
"""The options that stand before the command."""

HELP = """Prompts with addresses, versions and digests.

An address is project/set/prompt@selector; the selector is a version (1.2.0), a range (^1.2),
latest, draft, a label, or sha256: and a digest's first digits."""


@click.pass_obj
def begin(
    surface: Surface,
    *,
    workspace: str | None,
    store: str | None,
    actor: str | None,
    debug: bool,
) -> None:
    """Turn the surface to what the options before the command say."""
    surface.debug = surface.debug or debug
    surface.locate(workspace, store, actor)


def make_program(sections: Sections, shared: Sequence[click.Option]) -> Program:
    """Return the grammar of a surface.

    Args:
        sections: Its commands, by heading.
        shared: The options that every command takes.
    """
    return Program(
        "anvil",
        sections=sections,
        aliases=ALIASES,
        shared=shared,
        params=LOCATION,
        callback=begin,
        help=HELP,
        context_settings={"max_content_width": 100},
    )


PROGRAM = make_program(SECTIONS, [JSON])
