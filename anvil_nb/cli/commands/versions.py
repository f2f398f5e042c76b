"""Publishing, comparing, going back, and naming versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from anvil_nb.cli.grammar import command
from anvil_nb.cli.options import (
    ANY,
    LABEL,
    SET,
    SET_OR_LABEL,
    SET_PLACE,
    SIDE,
    bump_option,
    cursor_option,
    dry_run_option,
    limit_option,
    message_option,
    plan_option,
    version_option,
)
from anvil_nb.cli.surface import missing_argument

if TYPE_CHECKING:
    from anvil_nb.cli.surface import Surface
    from anvil_nb.results.comparison import Comparison
    from anvil_nb.results.done import Done
    from anvil_nb.results.history import DraftHistory, History, Published


@command(
    "publish",
    examples=("publish desk/emails -m 'First version'", "publish desk/emails --bump minor"),
)
@click.argument("address", required=False, type=SET_PLACE, metavar="SET")
@bump_option
@version_option
@message_option
@click.option(
    "--expect",
    metavar="VERSION",
    help="Refuse unless this is the latest version; '' when there is to be none.",
)
@dry_run_option
@plan_option
@click.pass_obj
def publish(surface: Surface, /, *, address: str | None, **said: Any) -> Published:
    """Publish the draft of a set as a version that never changes."""
    return surface.workspace.publish(surface.to_change(address), **said)


@command("log", examples=("log desk/emails", "log --draft desk/emails/welcome"))
@click.argument("address", required=False, type=ANY, metavar="SET")
@click.option("--draft", is_flag=True, help="Every change of the draft, or of one prompt in it.")
@limit_option
@cursor_option
@click.pass_obj
def log(
    surface: Surface, *, address: str | None, draft: bool, limit: int | None, cursor: str | None
) -> History | DraftHistory:
    """Show the versions of a set and the moves of its labels."""
    place = surface.to_change(address)
    if draft:
        paged = {} if limit is None else {"limit": limit}
        return surface.workspace.draft_log(place, **paged, cursor=cursor)
    if limit is not None or cursor is not None:
        msg = "--limit and --cursor go with --draft: versions are shown all at once"
        raise click.UsageError(msg, click.get_current_context())
    return surface.workspace.log(place)


@command(
    "diff",
    examples=(
        "diff desk/emails",
        "diff desk/emails@1.0.0 1.1.0",
        "diff desk/emails/welcome@production draft",
    ),
)
@click.argument("address", required=False, type=ANY, metavar="A")
@click.argument("other", required=False, type=SIDE, metavar="[B]")
@click.pass_obj
def diff(surface: Surface, *, address: str | None, other: str | None) -> Comparison:
    """Show how two versions, labels or drafts differ.

    It says what bump the differences call for. B may be a selector alone, which means the same
    place. Without B, A's latest version is compared with the draft.
    """
    from anvil_nb.cli.comparing import second_side  # noqa: PLC0415 - late, on purpose

    if address is None or other is None:
        return surface.workspace.diff(surface.to_change(address))
    old = surface.to_read(address)
    return surface.workspace.diff(old, second_side(surface, old, other))


@command(
    "rollback",
    examples=(
        "rollback desk/emails@1.0.0 -m 'The new tone did not work'",
        "rollback desk/emails@1.0.0 --dry-run",
    ),
)
@click.argument("address", type=SET, metavar="SET@VERSION")
@click.option("--draft", is_flag=True, help="Reset the draft too; its history keeps the old one.")
@bump_option
@version_option
@message_option
@dry_run_option
@plan_option
@click.pass_obj
def rollback(surface: Surface, /, *, address: str, **said: Any) -> Published:
    """Publish the content of an old version as a new one.

    The draft is left alone, unless --draft resets it too.
    """
    return surface.workspace.rollback(surface.to_change(address), **said)


@command(
    "label",
    examples=("label desk/emails@1.0.0 production", "label desk/emails@latest staging"),
)
@click.argument("address", type=SET, metavar="SET@SELECTOR")
@click.argument("name", type=LABEL)
@message_option
@click.option(
    "--expect",
    metavar="VERSION",
    help="Refuse unless the label is at this version now, or at 'none'.",
)
@dry_run_option
@plan_option
@click.pass_obj
def label(surface: Surface, /, *, address: str, name: str, **said: Any) -> Done:
    """Point a label to a version; every move is kept."""
    return surface.workspace.label(surface.to_change(address), name, **said)


@command("unlabel", examples=("unlabel desk/emails staging",), in_notebook=("unlabel staging",))
@click.argument("address", type=SET_OR_LABEL, metavar="SET")
@click.argument("name", required=False, type=LABEL, metavar="NAME")
@message_option
@click.option("--expect", metavar="VERSION", help="Refuse unless the label is at this version now.")
@dry_run_option
@plan_option
@click.pass_obj
def unlabel(surface: Surface, /, *, address: str, name: str | None, **said: Any) -> Done:
    """Remove a label; its moves stay in the history."""
    if name is None and "/" in address:
        raise missing_argument("NAME")
    # One name alone is the label: the set is the one in use.
    place, label = (None, address) if name is None else (address, name)
    return surface.workspace.unlabel(surface.to_change(place), label, **said)
