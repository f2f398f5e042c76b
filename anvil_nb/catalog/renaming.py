"""Giving a prompt another name: who renders it by the old one is said before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog import prompts
from anvil_nb.catalog.renderers import in_draft, told
from anvil_nb.results.done import Done

if TYPE_CHECKING:
    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address
    from anvil_nb.domain.digest import Json

_WOULD = "could not be rendered until they name the new one"
_DOES = "cannot be rendered until they name the new one"


def rename(
    access: Access, address: Address, new: str, *, message: str = "", dry_run: bool = False
) -> Done:
    """Give a prompt of the draft another name, and say which others of it render the old one.

    Args:
        access: Whose store.
        address: Of the prompt.
        new: The name.
        message: Why, for the draft's history.
        dry_run: Only say what would be done.

    Raises:
        NotFoundError: when it is not in the draft.
        ExistsError: when the new name is taken.
        RefusedError: for a version, which never changes, and when partials would go in a circle.
    """
    prompts.only_draft(address)
    _, rendering = in_draft(access, address)
    said: dict[str, Json] = {"rendered_by": [*rendering]}
    if dry_run:
        with access.read() as tx:
            target, _ = prompts.check_rename(access, tx, address, new)
        facts: dict[str, Json] = {"address": target.path, "was": address.path}
        would = f"Would rename {address.path} to {target.path}. "
        return Done(would + told(rendering, _WOULD), {**facts, **said, "dry_run": True})
    done = prompts.rename(access, address, new, message=message)
    names = f"\n{told(rendering, _DOES)}" if rendering else ""
    return Done(done.message + names, {**done.facts, **said})
