"""Batches of items are written each on its condition, with blobs, tombstones and histories."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

import pytest

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf
from anvil_nb.errors import StoreDamagedError
from anvil_nb.store import blobs, items
from anvil_nb.store.items import ItemDelete, ItemWrite, Written

if TYPE_CHECKING:
    from anvil_nb.domain.sync.tree import Tree
    from anvil_nb.store.items import ItemChange
    from anvil_nb.workspace import Workspace
    from tests.services.conftest import Opener


def leaf(text: str) -> Leaf:
    return Leaf("SKILL.md", digest_of_bytes(text.encode()), len(text.encode()))


def item(
    key: str,
    text: str,
    expect: str | None = None,
    *,
    kind: str = "skill",
    item_id: uuid.UUID | None = None,
    extra: dict[str, str] | None = None,
) -> ItemWrite:
    return ItemWrite(
        kind, key, (leaf(text),), {"folder": key}, {"name": key}, expect, item_id, extra
    )


def write(ws: Workspace, *writes: ItemWrite) -> list[Written]:
    access = ws.access
    with access.engine.write() as tx:
        return items.write(tx, access.actor, access.now(), writes)


def delete(ws: Workspace, *deletes: ItemDelete) -> list[Written]:
    access = ws.access
    with access.engine.write() as tx:
        return items.delete(tx, access.actor, access.now(), deletes)


def tree(ws: Workspace, kind: str = "skill") -> Tree:
    with ws.access.engine.read() as tx:
        return items.tree_of(tx, ws.access.organisation_id, kind)


def history(ws: Workspace, key: str, kind: str = "skill") -> list[ItemChange]:
    with ws.access.engine.read() as tx:
        return items.log(tx, ws.access.organisation_id, kind, key, None, 100)


def test_an_item_comes_back_as_it_was_written(ws: Workspace) -> None:
    (done,) = write(ws, item("a", "A", extra={"theirs": "kept"}))
    with ws.access.engine.read() as tx:
        row = items.find(tx, ws.access.organisation_id, "skill", "a")

    assert done == Written("skill", "a", True, item("a", "A").digest, done.item_id)
    assert row is not None
    assert row.id == done.item_id == items.derived_id("skill", "a")
    assert row.leaves == (leaf("A"),)
    assert row.fields == {"name": "a"}
    assert row.extra == {"theirs": "kept"}
    assert row.updated_by == "ada"
    entry = tree(ws).entries["a"]
    assert entry.digest == done.standing
    assert entry.meta == {"id": str(row.id), "folder": "a"}


def test_what_moved_is_not_written_and_the_others_of_its_batch_are(ws: Workspace) -> None:
    first = write(ws, item("a", "A"), item("b", "B"))
    stale, fresh = (one.standing for one in first)
    write(ws, item("a", "A2", stale))

    done = write(
        ws, item("a", "A3", stale), item("b", "B2", fresh), item("c", "C"), item("d", "D", fresh),
        item("b", "other", kind="agent"),
    )  # fmt: skip

    assert [one.ok for one in done] == [False, True, True, False, True]
    assert done[0].standing == item("a", "A2").digest
    assert done[3].standing is None
    assert sorted(tree(ws).entries) == ["a", "b", "c"]
    assert tree(ws).entries["a"].digest == item("a", "A2").digest
    assert [one.action for one in history(ws, "a")] == ["changed", "created"]
    assert history(ws, "d") == []


def test_nothing_may_stand_where_none_is_expected(ws: Workspace) -> None:
    write(ws, item("a", "A"))

    (done,) = write(ws, item("a", "A"))

    assert (done.ok, done.standing) == (False, item("a", "A").digest)


def test_a_deleted_item_leaves_a_tombstone_until_its_key_comes_back(ws: Workspace) -> None:
    digest = item("a", "A").digest
    (made,) = write(ws, item("a", "A"))

    missed = delete(ws, ItemDelete("skill", "a", "sha256:" + "0" * 64))
    assert [one.ok for one in missed] == [False]
    (gone, absent) = delete(ws, ItemDelete("skill", "a", digest), ItemDelete("skill", "b", digest))

    assert (gone.ok, gone.standing, gone.item_id) == (True, None, made.item_id)
    assert (absent.ok, absent.standing) == (False, None)
    assert tree(ws).entries == {}
    assert tree(ws).gone == {"a": digest}
    assert tree(ws, "agent").gone == {}

    (again,) = write(ws, item("a", "A2"))
    assert again.item_id == made.item_id
    assert tree(ws).gone == {}
    assert [one.action for one in history(ws, "a")] == ["created", "deleted", "created"]


def test_an_item_goes_and_comes_back_again_and_again_in_one_transaction(ws: Workspace) -> None:
    access = ws.access
    with access.engine.write() as tx:
        for text in ("A", "B", "C"):
            (made,) = items.write(tx, access.actor, access.now(), [item("a", text)])
            assert made.ok
            assert made.standing
            (gone,) = items.delete(
                tx, access.actor, access.now(), [ItemDelete("skill", "a", made.standing)]
            )
            assert gone.ok
        items.write(tx, access.actor, access.now(), [item("a", "D")])

    assert tree(ws).entries["a"].digest == item("a", "D").digest
    assert tree(ws).gone == {}
    assert len(history(ws, "a")) == 7


def test_an_id_takes_its_item_to_another_key(ws: Workspace) -> None:
    (made,) = write(ws, item("old", "A", extra={"x": "y"}))
    (moved,) = write(ws, item("new", "B", made.standing, item_id=made.item_id))

    assert moved.ok
    assert moved.item_id == made.item_id
    assert list(tree(ws).entries) == ["new"]
    assert [(one.key, one.action) for one in history(ws, "old")] == [
        ("new", "renamed"), ("old", "created"),
    ]  # fmt: skip
    with ws.access.engine.read() as tx:
        row = items.find_by_id(tx, ws.access.organisation_id, made.item_id or uuid.uuid4())
    assert row is not None
    assert row.extra == {"x": "y"}

    (fresh,) = write(ws, item("old", "C"))
    assert fresh.ok
    assert fresh.item_id != made.item_id


def test_a_key_that_another_item_has_is_not_taken(ws: Workspace) -> None:
    first, second = write(ws, item("a", "A"), item("b", "B"))

    taken, foreign = write(
        ws,
        item("b", "X", first.standing, item_id=first.item_id),
        item("a", "Y", first.standing, item_id=uuid.uuid4()),
    )

    assert (taken.ok, taken.taken, taken.item_id) == (False, True, second.item_id)
    assert (foreign.ok, foreign.taken, foreign.standing) == (False, True, first.standing)


def test_two_writes_of_one_batch_never_have_the_same_key(ws: Workspace) -> None:
    with pytest.raises(ValueError, match="same key"):
        write(ws, item("a", "A"), item("a", "B"))


def test_another_organisation_has_items_of_its_own(ws: Workspace, open_workspace: Opener) -> None:
    other = open_workspace("bob", "umbra")
    write(ws, item("a", "A"))
    (theirs,) = write(other, item("a", "B"))

    assert theirs.ok
    assert tree(ws).entries["a"].digest == item("a", "A").digest
    (missed,) = delete(ws, ItemDelete("skill", "a", theirs.standing or ""))
    assert not missed.ok
    assert list(tree(other).entries) == ["a"]


def test_blobs_come_back_byte_for_byte_and_are_packed_where_that_is_worth_it(
    ws: Workspace,
) -> None:
    who = ws.access.organisation_id
    texts = [b"", b"a", b"text " * 1_000, os.urandom(6_000), b"\0\xff" * 10]
    texts += [b"n%d" % n for n in range(20)] + [b"small " * 85, b"larger" * 86]
    kept = {digest_of_bytes(text): text for text in texts}
    with ws.access.engine.write() as tx:
        blobs.put_blobs(tx, who, kept)
        blobs.put_blobs(tx, who, kept)
        packing = dict(tx.rows("select size, packing from blobs where size > 100"))

    with ws.access.engine.read() as tx:
        assert blobs.read_blobs(tx, who, kept) == kept
        one = digest_of_bytes(texts[2])
        assert blobs.read_blobs(tx, who, [one]) == {one: texts[2]}
        unknown = digest_of_bytes(b"never stored")
        assert blobs.missing_blobs(tx, who, [one, unknown]) == {unknown}
        assert blobs.missing_blobs(tx, who, [*kept, unknown]) == {unknown}
        assert blobs.blob_sizes(tx, who, [one]) == {one: 5_000}
        assert blobs.read_blobs(tx, uuid.uuid4(), kept) == {}
        with pytest.raises(StoreDamagedError, match="does not have"):
            blobs.need_blobs(tx, who, [unknown])
    assert packing == {5_000: "zlib", 6_000: "none", 510: "none", 516: "zlib"}


def test_damaged_bytes_are_told_as_damage(ws: Workspace) -> None:
    who, text = ws.access.organisation_id, b"text " * 1_000
    digest = digest_of_bytes(text)
    with ws.access.engine.write() as tx:
        blobs.put_blobs(tx, who, {digest: text})
        tx.execute("update blobs set size = 4999")
    with ws.access.engine.read() as tx, pytest.raises(StoreDamagedError, match="damaged"):
        blobs.read_blobs(tx, who, [digest])


def test_the_views_show_items_to_people_with_sql(ws: Workspace) -> None:
    ws.save_skill("triage", {"description": "Sorts", "tags": ["a"], "instructions": "Do"})
    ws.save_content("blog/hello", {"title": "Hello", "public": False, "body": "Text"})
    ws.save_agent("research", {"system_prompt_address": "desk/agents/research@live"})
    ws.save_context("support", {"description": "Questions"})
    with ws.access.engine.read() as tx:
        skill = tx.row("select key, name, enabled, instructions, tags::text from skills")
        page = tx.row("select source_id, slug, title, public, body from contents")
        agent = tx.row("select name, enabled, system_prompt_address from agents")
        context = tx.row("select slug, name, description from contexts")

    assert skill == ("triage", "triage", True, "Do", '["a"]')
    assert page == ("blog", "hello", "Hello", False, "Text")
    assert agent == ("research", True, "desk/agents/research@live")
    assert context == ("support", "support", "Questions")
