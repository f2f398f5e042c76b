"""The MCP server: the workspace's prompts, syncs and bundles for agents."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from anvil_nb.cli.commands.installing import install
from anvil_nb.cli.grammar import Group, WorkingGroup
from anvil_nb.cli.listening import Listening, listening
from anvil_nb.cli.options import FILE
from anvil_nb.errors import InvalidInputError, SettingsError

if TYPE_CHECKING:
    from anvil_nb.cli.surface import Surface
    from anvil_nb.mcp_server.desk import Desk
    from anvil_nb.results.done import Done


@click.command(
    "mcp",
    cls=WorkingGroup,
    examples=(
        "mcp",
        "mcp --read-only --toolsets prompts,sync",
        "--workspace ~/desk mcp --root ~/bundles",
        "mcp --http --port 8322",
    ),
    commands=[install],
)
@click.option("--read-only", is_flag=True, help="Offer no tool that writes.")
@click.option(
    "--toolsets",
    default="",
    metavar="LIST",
    help="What to offer, of prompts, sync, bundles and skills; all of it unless said.",
)
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=FILE,
    metavar="DIR",
    help="A folder that agents may touch; the workspace's own unless said. Again for more.",
)
@click.option("--http", is_flag=True, help="Serve over HTTP, to whoever has a token.")
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="A name that a proxy asks by. Again for more.",
)
@listening(port=8322)
@click.pass_context
def mcp(  # noqa: PLR0913 - what a server may be told
    ctx: click.Context,
    /,
    *,
    read_only: bool,
    toolsets: str,
    roots: tuple[str, ...],
    http: bool,
    allowed_hosts: tuple[str, ...],
    **said: Any,
) -> Done:
    """Serve the workspace to agents, over MCP.

    A client of the Model Context Protocol starts it, speaks with it over standard input and
    output, and acts as the workspace's own user. With --http it serves many, at the URL on the
    first line of the output, each with the rights of its token: anvil token create NAME --scope
    read:prompts. The log goes to standard error.
    """
    from anvil_nb.results.done import Done  # noqa: PLC0415 - late, on purpose

    surface: Surface = ctx.obj
    if not surface.terminal:
        msg = "agents are served by a process of its own"
        raise InvalidInputError(msg, "In a terminal: anvil mcp")
    if not http:
        _check_alone(ctx, {"allowed_hosts", *said})
    try:
        from anvil_nb.mcp_server import desk as desks  # noqa: PLC0415 - may not be installed
        from anvil_nb.mcp_server import stdio, streams  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise _missing(error, "mcp") from error
    if not http and sys.stdin.isatty():
        click.echo(
            "A client is to speak here; Ctrl-D ends. For clients: anvil mcp install", err=True
        )
    # First of all: whatever writes from here on must not write among the messages.
    taken = None if http else streams.take_streams()
    workspace = surface.workspace
    desk = desks.Desk(
        workspace,
        read_only=read_only,
        toolsets=desks.parse_toolsets(toolsets),
        roots=desks.usual_roots(workspace.settings, roots),
    )
    if taken is None:
        return _over_http(surface, desk, Listening(**said), allowed_hosts)
    stdio.serve(desk, taken)
    return Done("The client is done", {})


def _over_http(
    surface: Surface, desk: Desk, where: Listening, allowed_hosts: tuple[str, ...]
) -> Done:
    import os  # noqa: PLC0415 - help needs none

    from anvil_nb.results.done import Done  # noqa: PLC0415 - late, on purpose

    try:
        from anvil_nb.mcp_server import http  # noqa: PLC0415 - may not be installed
    except ModuleNotFoundError as error:
        raise _missing(error, "mcp,server") from error

    def announce(url: str) -> None:
        facts = f'{{"url": "{url}", "pid": {os.getpid()}}}'
        click.echo(facts if surface.json else f"Serving agents at {url}")

    url = http.serve(desk, where.limits(), where.binding(), announce, allowed_hosts)
    return Done(f"Stopped serving agents at {url}", {"url": url})


def _missing(error: ModuleNotFoundError, extras: str) -> SettingsError:
    msg = f"the MCP server needs packages that are not installed: {error.name}"
    return SettingsError(msg, f'Try: pip install "anvil-nb[{extras}]"')


def _check_alone(ctx: click.Context, of_http: set[str]) -> None:
    """Refuse options that mean nothing without ``--http``."""
    for one in ctx.command.params:
        source = ctx.get_parameter_source(one.name or "")
        if one.name in of_http and source is ParameterSource.COMMANDLINE:
            msg = f"{one.opts[0]} goes with --http"
            raise click.UsageError(msg, ctx)


in_notebook = Group("mcp", help="Tell clients of agents where the server is.", commands=[install])
"""The same where no client can start a server: a notebook."""
