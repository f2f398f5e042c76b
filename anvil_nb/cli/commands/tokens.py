"""Tokens: what programs elsewhere show to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import Group, command
from anvil_nb.domain.rights import RIGHTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.cli.surface import Surface
    from anvil_nb.results.accounts import NewToken, Tokens
    from anvil_nb.results.done import Done


@command(
    "create",
    examples=(
        "token create ci --scope read:prompts",
        "token create laptop --scope sync --scope deploy --expires 365d",
    ),
)
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(RIGHTS),
    help="What it may do; say it again for more.",
)
@click.option(
    "--expires",
    default="90d",
    metavar="DURATION",
    help="How long it holds: 12h, 90d, or never; 90d unless said.",
)
@click.pass_obj
def _create(surface: Surface, *, name: str, scopes: Sequence[str], expires: str) -> NewToken:
    """Make a token, which is shown this once and kept nowhere."""
    return surface.workspace.create_token(name, scopes, expires=expires)


@command("ls", examples=("token ls",))
@click.pass_obj
def _ls(surface: Surface) -> Tokens:
    """List the tokens, what they may do and when they were last used."""
    return surface.workspace.tokens()


@command("revoke", examples=("token revoke ci",))
@click.argument("token")
@click.pass_obj
def _revoke(surface: Surface, *, token: str) -> Done:
    """End a token, named or by its id, for ever."""
    return surface.workspace.revoke_token(token)


token = Group(
    "token",
    help="Make, list and revoke the tokens that a server asks for.",
    commands=[_create, _ls, _revoke],
)
