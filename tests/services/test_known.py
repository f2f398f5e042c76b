"""What a write knows of the one before it, by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from anvil_nb.store import sets
from anvil_nb.store.entries import Entry
from anvil_nb.store.known import MAX_KNOWN, Known

if TYPE_CHECKING:
    from anvil_nb.store.sets import SetRow
    from anvil_nb.workspace import Workspace

SET = "desk/emails"
ORGANISATION = uuid4()


def left(row: SetRow, *names: str) -> Known:
    known = Known()
    for name in names:
        entry = Entry(row.id, uuid4(), "sha256:0", None, None)
        known.leave(ORGANISATION, row, name, entry)
    return known


@pytest.fixture
def row(ws: Workspace) -> SetRow:
    ws.create_set(SET)
    with ws.access.engine.read() as tx:
        row = sets.by_path(tx, ws.access.organisation_id, SET)
    assert row is not None
    return row


def test_it_is_taken_once(row: SetRow) -> None:
    known = left(row, "a").after_commit()
    assert known.take_set(ORGANISATION, SET) is row
    assert known.take_set(ORGANISATION, SET) is None
    assert known.take_entry(ORGANISATION, "a") is not None
    assert known.take_entry(ORGANISATION, "a") is None


def test_another_organisations_is_not_found(row: SetRow) -> None:
    known = left(row, "a").after_commit()
    assert known.take_set(uuid4(), SET) is None
    assert known.take_entry(uuid4(), "a") is None


def test_a_write_that_leaves_nothing_ends_it(row: SetRow) -> None:
    known = left(row, "a").after_commit().after_commit()
    assert known.take_set(ORGANISATION, SET) is None
    assert known.take_entry(ORGANISATION, "a") is None


def test_the_oldest_makes_place(row: SetRow) -> None:
    known = left(row, *(f"p{number}" for number in range(MAX_KNOWN + 1)))
    assert known.take_entry(ORGANISATION, "p0") is None
    assert known.take_entry(ORGANISATION, "p1") is not None
    assert known.take_entry(ORGANISATION, f"p{MAX_KNOWN}") is not None
