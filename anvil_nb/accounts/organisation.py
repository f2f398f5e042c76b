"""The organisation that an actor belongs to, and its members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog import LIMIT
from anvil_nb.catalog.listing import check_limit
from anvil_nb.domain.prose import MAX_TITLE, check_prose, is_keepable
from anvil_nb.errors import InvalidInputError, NotFoundError
from anvil_nb.results.accounts import Member, Members, Organisation
from anvil_nb.results.result import utc
from anvil_nb.store import organisations

if TYPE_CHECKING:
    from anvil_nb.access import Access


def show(access: Access) -> Organisation:
    """Return the organisation."""
    with access.read() as tx:
        row = organisations.by_id(tx, access.organisation_id)
    return Organisation(str(row.id), row.slug, row.title, row.personal, utc(row.created_at))


def update(access: Access, title: str) -> Organisation:
    """Give the organisation another title; its slug, which addresses have, never changes."""
    check_prose("title", title, MAX_TITLE)
    with access.write("admin") as tx:
        organisations.set_title(tx, access.organisation_id, title)
        access.note("update", f"@{access.actor.organisation}")
    return show(access)


def members(access: Access, *, limit: int = LIMIT, cursor: str | None = None) -> Members:
    """Return the users of the organisation, in order of their names, a page at a time.

    Raises:
        InvalidInputError: for a limit that is none.
    """
    check_limit(limit)
    if cursor is not None and "\0" in cursor:
        msg = "that is no cursor of a list of members"
        raise InvalidInputError(msg, "Pass the cursor that the page before gave, or none.")
    with access.read() as tx:
        rows = organisations.members(tx, access.organisation_id, cursor or "", limit + 1)
    found = tuple(Member(str(row.id), row.name, utc(row.created_at)) for row in rows)
    more = found[limit - 1].name if len(found) > limit else None
    return Members(access.actor.organisation, found[:limit], more)


def member(access: Access, name: str) -> Member:
    """Return the user of a name, or of an id.

    Raises:
        NotFoundError: when there is none in the organisation.
    """
    with access.read() as tx:
        kept = is_keepable(name)  # no other can be anybody's
        row = organisations.member(tx, access.organisation_id, name) if kept else None
    if row is None:
        msg = f"there is no member '{name}'"
        raise NotFoundError(msg, "See who there is: GET organisation/members")
    return Member(str(row.id), row.name, utc(row.created_at))


def mine(access: Access) -> list[str]:
    """Return the organisations of the store in which the actor may act, in order."""
    if access.actor.scopes is not None:  # a token belongs to one organisation
        return [access.actor.organisation]
    with access.read() as tx:
        return organisations.of_user(tx, access.actor.name)
