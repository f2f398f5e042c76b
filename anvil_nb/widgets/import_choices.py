"""What an import can be told beside its conflicts: new names, and whose prompts they become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.accounts.organisation import mine
from anvil_nb.errors import AnvilError, InvalidInputError

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace


def organisations(workspace: Workspace) -> tuple[str, tuple[str, ...]]:
    """Return one's own organisation, and all in which one may act; none without a store."""
    try:
        access = workspace.access
    except AnvilError:  # it is told when something is to be looked up there
        return workspace.settings.organisation, ()
    return access.actor.organisation, tuple(mine(access))


def renames_in(lines: str) -> dict[str, str]:
    """Return the new names that lines of ``OLD=NEW`` give.

    Raises:
        InvalidInputError: for a line that is of another form.
    """
    found = {}
    for line in filter(None, map(str.strip, lines.splitlines())):
        was, mark, new = line.partition("=")
        if not mark or not was.strip() or not new.strip():
            msg = f"'{line}' is not of the form OLD=NEW"
            raise InvalidInputError(msg, "For example: desk=support, or desk/emails=desk/letters")
        found[was.strip()] = new.strip()
    return found
