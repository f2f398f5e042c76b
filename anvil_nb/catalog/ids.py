"""Finding projects, sets and prompts by their ids, which stay when they are renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog import LIMIT
from anvil_nb.catalog.listing import check_limit, set_items
from anvil_nb.domain.address import Address, parse_prefix
from anvil_nb.errors import AddressError, InvalidInputError, NotFoundError
from anvil_nb.results.listing import Page
from anvil_nb.store import entries, projects, sets

if TYPE_CHECKING:
    from uuid import UUID

    from anvil_nb.access import Access


def project_of(access: Access, project_id: UUID) -> str:
    """Return the name of the project with an id.

    Raises:
        NotFoundError: when there is none.
    """
    with access.read() as tx:
        name = projects.slug_of(tx, access.organisation_id, project_id)
    if name is None:
        msg = f"there is no project with the id {project_id}"
        raise NotFoundError(msg, "Try: anvil ls")
    return name


def set_of(access: Access, set_id: UUID) -> Address:
    """Return the address of the set with an id.

    Raises:
        NotFoundError: when there is none.
    """
    with access.read() as tx:
        path = sets.path_of(tx, access.organisation_id, set_id)
    if path is None:
        msg = f"there is no prompt set with the id {set_id}"
        raise NotFoundError(msg, "Try: anvil ls")
    return Address.parse(path)


def ids_of(access: Access, address: Address) -> tuple[UUID, UUID] | None:
    """Return the ids of a set and of the prompt in its draft, or ``None`` where it is not there."""
    with access.read() as tx:
        found = entries.lookup(tx, access.organisation_id, f"{address.path}@{entries.DRAFT}")
    return None if found is None else (found.set_id, found.prompt_id)


def prompt_of(access: Access, set_id: UUID, prompt_id: UUID) -> Address | None:
    """Return the address that a prompt has in a draft by now, or ``None`` where it is in none."""
    with access.read() as tx:
        path = sets.path_of(tx, access.organisation_id, set_id)
        name = entries.slug_of(tx, set_id, prompt_id)
    return None if path is None or name is None else Address.parse(f"{path}/{name}")


def all_sets(access: Access, *, limit: int = LIMIT, cursor: str | None = None) -> Page:
    """List the sets of all projects, in order of their addresses, a page at a time.

    Raises:
        InvalidInputError: for a limit or a cursor that is none.
    """
    check_limit(limit)
    try:
        after = parse_prefix(cursor or "").path
    except AddressError as error:
        msg = f"that is no cursor of a listing: {error.message}"
        raise InvalidInputError(msg, "Pass the cursor that the page before gave.") from error
    with access.read() as tx:
        items = set_items(sets.page(tx, access.organisation_id, "", after, limit + 1))
    more = items[limit - 1].address if len(items) > limit else None
    return Page("", items[:limit], more)
