"""The ways in which the program writes rows that have keys, on both engines."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from anvil_nb.store import UniqueViolationError

if TYPE_CHECKING:
    from anvil_nb.store import Engine, Transaction

OWNER, SET = uuid.uuid4(), uuid.uuid4()

ENTRIES = """
    insert into entries (organisation_id, address, set_id, selector, slug, prompt_id, digest)
    select $1::uuid, unnest($2::text[]), $3::uuid, 'draft', unnest($4::text[]),
           unnest($5::uuid[]), unnest($6::text[])
"""
OR_REPLACE = """
    on conflict (organisation_id, address) do update
    set prompt_id = excluded.prompt_id, digest = excluded.digest
"""


def put(tx: Transaction, digests: dict[str, str], how: str = "") -> None:
    tx.execute(
        ENTRIES + how,
        OWNER,
        [f"a/b/{slug}@draft" for slug in digests],
        SET,
        list(digests),
        [uuid.uuid4() for _ in digests],
        list(digests.values()),
    )


def found(engine: Engine) -> dict[str, str]:
    """Return the digests by address, after checking that the index knows each address."""
    with engine.read() as tx:
        rows = tx.rows("select address, digest from entries")
        for address, digest in rows:
            by_key = "select digest from entries where organisation_id = $1 and address = $2"
            assert tx.rows(by_key, OWNER, address) == [(digest,)]
    return dict(rows)


@pytest.fixture
def engine(engine: Engine) -> Engine:
    with engine.write() as tx:
        put(tx, {"p": "1", "q": "2", "r": "3"})
    return engine


def test_a_row_is_put_over_another_again_and_again_in_one_transaction(engine: Engine) -> None:
    with engine.write() as tx:
        for digest in ("4", "5", "6"):
            put(tx, {"p": digest, "new": digest}, OR_REPLACE)
    expected = {"p": "6", "q": "2", "r": "3", "new": "6"}
    assert found(engine) == {f"a/b/{slug}@draft": digest for slug, digest in expected.items()}


def test_a_key_is_removed_and_put_again_in_one_transaction(engine: Engine) -> None:
    with engine.write() as tx:
        for digest in ("4", "5"):
            tx.execute("delete from entries where set_id = $1 and slug = 'p'", SET)
            put(tx, {"p": digest})
    assert found(engine)["a/b/p@draft"] == "5"


def test_the_addresses_of_a_whole_set_change_at_once_and_back(engine: Engine) -> None:
    change = "update entries set address = $2 || '/' || slug || '@' || selector where set_id = $1"
    with engine.write() as tx:
        tx.execute(change, SET, "a/c")
        put(tx, {"p": "new at the old address"})
    assert sorted(found(engine)) == ["a/b/p@draft", "a/c/p@draft", "a/c/q@draft", "a/c/r@draft"]
    with engine.write() as tx:
        tx.execute("delete from entries where address = 'a/b/p@draft'")
        tx.execute(change, SET, "a/b")
    assert found(engine) == {"a/b/p@draft": "1", "a/b/q@draft": "2", "a/b/r@draft": "3"}


def test_two_names_are_swapped_through_a_third(engine: Engine) -> None:
    """In one statement PostgreSQL refuses it: it checks each row as it is written."""
    with engine.write() as tx:
        for old, new in (("p", "-"), ("q", "p"), ("-", "q")):
            tx.execute(
                "update entries set address = $2, slug = $3 where address = $1",
                f"a/b/{old}@draft",
                f"a/b/{new}@draft",
                new,
            )
    assert found(engine) == {"a/b/p@draft": "2", "a/b/q@draft": "1", "a/b/r@draft": "3"}


def test_a_key_that_is_there_is_refused_after_all_of_this(engine: Engine) -> None:
    with engine.write() as tx:
        tx.execute("update entries set address = 'a/c/p@draft' where slug = 'p'")
        tx.execute("update entries set address = 'a/b/p@draft' where slug = 'p'")
    with pytest.raises(UniqueViolationError), engine.write() as tx:
        put(tx, {"p": "again"})
    assert found(engine)["a/b/p@draft"] == "1"
