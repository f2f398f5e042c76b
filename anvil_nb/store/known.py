"""What the last write left, so that the next one need not read it again.

A save reads the set and what stands in the draft before it writes both. Where one process saves
again and again, it reads what it has just written. An engine that can tell that nothing else has
written since hands that on from one write to the next; DuckDB's can (``shared_file``), and there
it spares a third of a save. PostgreSQL's cannot, and hands on nothing.

It is kept exact by leaving out, not by following: a write that ends without ``leave`` is taken to
have changed anything, and nothing is known after it. Nor is after one that failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from uuid import UUID

    from anvil_nb.store.entries import Entry
    from anvil_nb.store.sets import SetRow

MAX_KNOWN = 1_000
"""Most sets, and most entries, that are kept in memory."""

_Row = TypeVar("_Row")


class Known:
    """Sets and entries as they stand when a transaction begins. One transaction uses it.

    What is taken is gone from it: the transaction is about to change that row, and a second look
    reads it from the store.
    """

    __slots__ = ("_entries", "_left", "_sets")

    def __init__(self) -> None:
        self._sets: dict[tuple[UUID, str], SetRow] = {}
        self._entries: dict[tuple[UUID, str], Entry] = {}
        self._left = False

    def take_set(self, organisation_id: UUID, path: str) -> SetRow | None:
        """Return the set at a path, if it is known."""
        return self._sets.pop((organisation_id, path), None)

    def take_entry(self, organisation_id: UUID, address: str) -> Entry | None:
        """Return what an address stands for, if it is known."""
        return self._entries.pop((organisation_id, address), None)

    def leave(self, organisation_id: UUID, row: SetRow, address: str, entry: Entry) -> None:
        """Say what this transaction has made of a set and one entry of it.

        Only for one that changes no other set and no other entry.
        """
        _add(self._sets, (organisation_id, row.path), row)
        _add(self._entries, (organisation_id, address), entry)
        self._left = True

    def after_commit(self) -> Known:
        """Return what is known when the transaction has lasted."""
        if not self._left:
            return Known()
        self._left = False
        return self


def _add(rows: dict[tuple[UUID, str], _Row], key: tuple[UUID, str], row: _Row) -> None:
    """Put a row in, in the place of the one put in longest ago when there are too many."""
    rows[key] = row
    if len(rows) > MAX_KNOWN:
        del rows[next(iter(rows))]
