"""Installing the MCP server in the clients of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import command
from anvil_nb.cli.options import FILE
from anvil_nb.errors import InvalidInputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.cli.surface import Surface
    from anvil_nb.installing.planning import Change
    from anvil_nb.installing.starting import Start
    from anvil_nb.results.installing import Installations

_CLIENTS = ("claude", "cursor", "vscode", "jupyter")


@command(
    "install",
    examples=(
        "mcp install",
        "mcp install --client claude",
        "mcp install --client jupyter --read-only --yes",
    ),
)
@click.option("--client", type=click.Choice(_CLIENTS), help="Which one; shows all that are there.")
@click.option("--read-only", is_flag=True, help="Let agents change nothing.")
@click.option(
    "--toolsets", default="", metavar="LIST", help="What to offer, with commas; all of it."
)
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=FILE,
    metavar="DIR",
    help="A folder that agents may touch; the workspace's own unless said. Again for more.",
)
@click.option(
    "--into", type=FILE, metavar="DIR", help="The folder the client opens; the workspace's."
)
@click.option("--dry-run", is_flag=True, help="Only show what would be written.")
@click.option("--yes", is_flag=True, help="Write it without asking.")
@click.pass_obj
def install(  # noqa: PLR0913 - what an installation may be told
    surface: Surface,
    *,
    client: str | None,
    read_only: bool,
    toolsets: str,
    roots: Sequence[str],
    into: str | None,
    dry_run: bool,
    yes: bool,
) -> Installations:
    """Tell a client of agents where the MCP server of this workspace is.

    Shows the change of the client's file for that folder, asks, and writes it. Where nobody can be
    asked, as in a notebook, it only shows, unless --yes is given.
    """
    from anvil_nb.installing.clients import client_named  # noqa: PLC0415 - late, on purpose
    from anvil_nb.installing.planning import plan, plans  # noqa: PLC0415 - see above
    from anvil_nb.results.installing import Installations  # noqa: PLC0415 - see above

    if yes and (dry_run or client is None):
        msg = "--yes writes, and --dry-run does not" if dry_run else "--yes writes for one client"
        raise InvalidInputError(msg, "Try: anvil mcp install --client claude --yes")
    _check_installed()
    start = _start(surface, toolsets, roots, read_only=read_only)
    folder = _folder(surface, into)
    if client is None:
        found = plans(start, folder)
        hint = "Nothing was written. Choose one: anvil mcp install --client"
        return Installations(found, f"{hint} {'|'.join(_CLIENTS)}")
    change = plan(client_named(client), start, folder)
    return _carried_out(surface, change, dry_run=dry_run, yes=yes)


def _carried_out(surface: Surface, change: Change, *, dry_run: bool, yes: bool) -> Installations:
    from anvil_nb.installing.planning import carry_out  # noqa: PLC0415 - late, on purpose
    from anvil_nb.results.installing import Installations  # noqa: PLC0415 - see above

    shown = change.shown
    if shown.state == "unchanged":
        return Installations((shown,))
    if dry_run or not (yes or surface.agreed(shown.to_text(), "Write it?")):
        return Installations((shown,), "Nothing was written. With --yes it is.")
    return Installations((carry_out(change),))


def _start(surface: Surface, toolsets: str, roots: Sequence[str], *, read_only: bool) -> Start:
    from anvil_nb.installing.starting import start_of  # noqa: PLC0415 - late, on purpose
    from anvil_nb.mcp_server.desk import parse_toolsets  # noqa: PLC0415 - see above

    chosen = parse_toolsets(toolsets) if toolsets else ()
    settings = surface.workspace.settings
    return start_of(settings, read_only=read_only, toolsets=chosen, roots=roots)


def _folder(surface: Surface, into: str | None) -> Path:
    root = surface.workspace.root
    folder = Path(into).expanduser() if into is not None else root or Path.cwd()
    if not folder.is_dir():
        msg = f"there is no folder {into}"
        raise InvalidInputError(msg, "Name the folder that the client opens: --into FOLDER")
    return folder.absolute()


def _check_installed() -> None:
    from importlib.util import find_spec  # noqa: PLC0415 - late, on purpose

    if find_spec("mcp") is None:
        msg = "the MCP server needs packages that are not installed: mcp"
        raise SettingsError(msg, 'Try: pip install "anvil-nb[mcp]"')
