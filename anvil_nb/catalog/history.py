"""The history of a draft: every change of it, a page at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anvil_nb.catalog import LIMIT
from anvil_nb.catalog.listing import check_limit
from anvil_nb.catalog.lookup import missing, set_row
from anvil_nb.domain.address import Draft
from anvil_nb.domain.naming import NAME_PATTERN
from anvil_nb.errors import InvalidInputError
from anvil_nb.results.history import DraftChange, DraftHistory
from anvil_nb.results.result import utc
from anvil_nb.store import drafts

if TYPE_CHECKING:
    from uuid import UUID

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address
    from anvil_nb.store.drafts import LogRow
    from anvil_nb.store.engine import Transaction

_CURSOR = re.compile(rf"([0-9]{{1,18}}):({NAME_PATTERN})")
_START = (2**62, "")
"""Before the first page: a sequence that no set reaches."""
_ALL = 2**31 - 1


def draft_log(
    access: Access, address: Address, *, limit: int = LIMIT, cursor: str | None = None
) -> DraftHistory:
    """Return the changes of a draft, or of one prompt in it under all its names, newest first.

    Args:
        access: Whose store.
        address: Of a set, or of a prompt.
        limit: Changes on the page.
        cursor: From the page before.

    Raises:
        NotFoundError: when there is no such set, or the prompt never was in it.
        InvalidInputError: for a cursor that is none, and for the address of a version.
    """
    if not isinstance(address.selector, Draft | None):
        msg = f"'{address}' names a version, which never changes, and not the draft"
        raise InvalidInputError(msg, f"Try: anvil log --draft {address.path}")
    check_limit(limit)
    before = _position(cursor)
    with access.read() as tx:
        row = set_row(access, tx, address)
        found = drafts.log(tx, row.id, address.prompt, before, limit + 1)
        if not found and address.prompt and cursor is None:
            raise missing(access, tx, address.with_selector(Draft()))
    changes = tuple(map(_change, found[:limit]))
    # One write may have changed many prompts, so the sequence alone is no position.
    more = f"{changes[-1].sequence}:{changes[-1].prompt}" if len(found) > limit else None
    return DraftHistory(address.path, changes, more)


def changes_of(tx: Transaction, set_id: UUID, prompt: str) -> tuple[DraftChange, ...]:
    """Return all changes of one prompt in a draft, under all its names, newest first."""
    return tuple(map(_change, drafts.log(tx, set_id, prompt, _START, _ALL)))


def _change(row: LogRow) -> DraftChange:
    return DraftChange(
        sequence=row.sequence,
        prompt=row.slug,
        action=row.action,
        digest=row.digest,
        previous=row.previous,
        message=row.message,
        actor=row.actor,
        at=utc(row.at),
    )


def _position(cursor: str | None) -> tuple[int, str]:
    if cursor is None:
        return _START
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        msg = "that is no cursor of a draft's history"
        raise InvalidInputError(msg, "Pass the cursor that the page before gave, or none.")
    return int(found[1]), found[2]
