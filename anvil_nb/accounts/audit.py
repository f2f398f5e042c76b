"""The audit: who wrote what through a server."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from anvil_nb.catalog import LIMIT
from anvil_nb.catalog.listing import check_limit
from anvil_nb.domain.prose import is_keepable
from anvil_nb.errors import InvalidInputError
from anvil_nb.results.accounts import Audit, AuditEntry
from anvil_nb.results.result import utc
from anvil_nb.store import audit

if TYPE_CHECKING:
    from anvil_nb.access import Access


def entries(
    access: Access, *, resource: str = "", limit: int = LIMIT, cursor: str | None = None
) -> Audit:
    """Return what was written through servers, the newest first, a page at a time.

    Args:
        access: Whose store.
        resource: How the resources begin: ``desk/``.
        limit: Entries on the page.
        cursor: From the page before.

    Raises:
        ForbiddenError: when the actor may not see it.
        InvalidInputError: for a cursor that is none.
    """
    check_limit(limit)
    before = _position(cursor)
    if not is_keepable(resource):
        msg = "a resource is text without a NUL character or half of a surrogate pair"
        raise InvalidInputError(msg, "For example: desk/emails/")
    with access.read("admin") as tx:
        rows = audit.page(tx, access.organisation_id, resource, before, limit + 1)
    found = tuple(
        AuditEntry(
            id=str(row.id),
            at=utc(row.at),
            actor=row.user,
            token_id=None if row.token_id is None else str(row.token_id),
            token=row.token,
            action=row.action,
            resource=row.resource,
            before=row.before,
            after=row.after,
            request_id=row.request_id,
        )
        for row in rows[:limit]
    )
    return Audit(found, found[-1].id if len(rows) > limit else None)


def _position(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(cursor)
    except ValueError as error:
        msg = "that is no cursor of the audit"
        hint = "Pass the cursor that the page before gave, or none."
        raise InvalidInputError(msg, hint) from error
