"""Changes of items: each is conditional, and is recorded.

A change names the digest that it expects to stand: one that finds another is not made, and says
so, while the others of its batch are. What was deleted leaves a tombstone until its key comes
back; what an item ever was stays in its history.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from anvil_nb.domain.filetree import digest_of_leaves, leaves_to_json
from anvil_nb.store import item_statements as statements
from anvil_nb.store.identity import new_id
from anvil_nb.store.item_statements import FullRow, Line, Row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor

_NAMESPACE = uuid5(NAMESPACE_URL, "https://anvil-nb.invalid/items")
"""Under which ids are derived; changing it would part what two machines took for the same."""


@dataclass(frozen=True, slots=True)
class ItemWrite:
    """An item to write.

    Args:
        kind: ``skill``, ``content``, ``agent`` or ``context``.
        key: By which it is found; at most one write of a batch may have it.
        leaves: Its files; their bytes are stored already.
        place: Where on disk it belongs.
        fields: What was read from its files.
        expect: The digest that must stand; ``None`` where nothing may.
        item_id: Its lasting id. The item that has it gets the key, under whatever key it stood.
            ``None`` takes the item at the key, or derives a new id from the key.
        extra: What another program's record said besides; ``None`` keeps what is there.
        created_at: For one that is new here; now when ``None``.
        updated_at: Now when ``None``.
        known_digest: That of its files, where it was computed from them already.
    """

    kind: str
    key: str
    leaves: tuple[Leaf, ...]
    place: Mapping[str, Json]
    fields: Mapping[str, Json]
    expect: str | None
    item_id: UUID | None = None
    extra: Mapping[str, Json] | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    known_digest: str | None = None

    @property
    def digest(self) -> str:
        """Of its files."""
        return self.known_digest or digest_of_leaves(self.leaves)


@dataclass(frozen=True, slots=True)
class ItemDelete:
    """An item to delete; ``expect`` is the digest that must stand."""

    kind: str
    key: str
    expect: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one write or delete.

    Args:
        kind: Of the item.
        key: Of the item.
        ok: Whether it was done.
        standing: The digest that stands now; ``None`` where nothing does.
        item_id: Of the item that stands, or was deleted; ``None`` where there is none.
        taken: Whether it was not done because another item has the key.
    """

    kind: str
    key: str
    ok: bool
    standing: str | None
    item_id: UUID | None
    taken: bool = False


def derived_id(kind: str, key: str) -> UUID:
    """Return the id of an item first made here: the same on every machine."""
    return uuid5(_NAMESPACE, f"{kind}/{key}")


def write(
    tx: Transaction, actor: Actor, now: datetime, writes: Sequence[ItemWrite], *, why: str = ""
) -> list[Written]:
    """Write items, each on its condition.

    Args:
        tx: Where to write.
        actor: Who writes, and whose items these are.
        now: When.
        writes: The bytes of their leaves are stored already.
        why: For the history.

    Returns:
        What became of each, in the order of ``writes``.

    Raises:
        UniqueViolationError: when another writer took a key meanwhile that an item is renamed to.
    """
    _check_once(writes)
    standing = _standing(tx, actor.organisation_id, writes)
    steps = [standing.step(one) for one in writes]
    ready = [one for one in steps if one.ready]
    done = statements.create(tx, actor, [one.full(now) for one in ready if one.before is None])
    done |= statements.change(tx, actor, [one.full(now) for one in ready if one.before])
    made = ready if len(done) == len(ready) else [one for one in ready if one.row.id in done]
    statements.revive(tx, actor.organisation_id, [one.row for one in made if one.arrives])
    statements.record(tx, actor, now, [one.line for one in made], why)
    if len(made) == len(steps):
        return [one.done for one in steps]
    missed = [one.write for one in ready if one.row.id not in done]
    found = _standing(tx, actor.organisation_id, missed) if missed else standing
    return [
        one.done if one.ready and one.row.id in done else _not_done(one, found) for one in steps
    ]


def delete(
    tx: Transaction, actor: Actor, now: datetime, deletes: Sequence[ItemDelete], *, why: str = ""
) -> list[Written]:
    """Delete items, each on its condition; a tombstone stays in the place of each.

    Returns:
        What became of each, in the order of ``deletes``.
    """
    _check_once(deletes)
    standing = _standing(tx, actor.organisation_id, deletes)
    meant = {one: standing.by_key.get((one.kind, one.key)) for one in deletes}
    ready = sorted(
        (row.id, one.expect) for one, row in meant.items() if row and row.digest == one.expect
    )
    gone = statements.take(tx, actor.organisation_id, ready)
    statements.bury(tx, actor, now, gone)
    lines = [Line(row, statements.DELETED, row.digest) for row in gone.values()]
    statements.record(tx, actor, now, lines, why)
    missed = [one for one, row in meant.items() if row is None or row.id not in gone]
    found = _standing(tx, actor.organisation_id, missed) if missed else standing
    return [
        Written(one.kind, one.key, ok=True, standing=None, item_id=row.id)
        if row and row.id in gone
        else found.not_done(one)
        for one, row in meant.items()
    ]


@dataclass(frozen=True, slots=True)
class _Step:
    """A write, the item that it changes, and whether its condition holds so far.

    ``row`` is the item as it will stand.
    """

    write: ItemWrite
    row: Row
    before: Row | None
    ready: bool
    taken: bool = False

    @property
    def arrives(self) -> bool:
        """Whether the item was not at this key before."""
        return self.before is None or self.before.key != self.write.key

    @property
    def line(self) -> Line:
        """What its history says of this."""
        row = self.row
        if self.before is None:
            return Line(row, statements.CREATED, None)
        action = statements.RENAMED if self.arrives else statements.CHANGED
        return Line(row, action, self.before.digest)

    @property
    def done(self) -> Written:
        """The report of a write that was done."""
        one = self.write
        return Written(one.kind, one.key, ok=True, standing=self.row.digest, item_id=self.row.id)

    def full(self, now: datetime) -> FullRow:
        """Return all that is to be written."""
        one, was = self.write, self.before.key if self.before else None
        made, changed = one.created_at or now, one.updated_at or now
        return FullRow(self.row, _json(one.fields), one.expect, was, made, changed)


@dataclass(frozen=True, slots=True)
class _Standing:
    """The items that stand at some keys, or have some ids."""

    by_key: dict[tuple[str, str], Row]
    by_id: dict[UUID, Row]

    def step(self, one: ItemWrite) -> _Step:
        """Return what a write comes to."""
        there = self.by_key.get((one.kind, one.key))
        mine = self.by_id.get(one.item_id) if one.item_id else there
        if there is not None and there is not mine:
            return _Step(one, _row(one, there.id, mine), mine, ready=False, taken=True)
        if mine is not None:
            return _Step(one, _row(one, mine.id, mine), mine, ready=mine.digest == one.expect)
        made = one.item_id or self._new_id(one)
        return _Step(one, _row(one, made, None), None, ready=one.expect is None)

    def _new_id(self, one: ItemWrite) -> UUID:
        derived = derived_id(one.kind, one.key)
        return new_id() if derived in self.by_id else derived

    def not_done(self, one: ItemWrite | ItemDelete, *, taken: bool = False) -> Written:
        """Return the report of what was not done."""
        row = self.by_key.get((one.kind, one.key))
        standing, item_id = (row.digest, row.id) if row else (None, None)
        return Written(one.kind, one.key, ok=False, standing=standing, item_id=item_id, taken=taken)


def _check_once(changes: Sequence[ItemWrite | ItemDelete]) -> None:
    if len({(one.kind, one.key) for one in changes}) != len(changes):
        raise ValueError("two changes of one batch have the same key")


def _standing(
    tx: Transaction, organisation_id: UUID, changes: Sequence[ItemWrite | ItemDelete]
) -> _Standing:
    writes = [one for one in changes if isinstance(one, ItemWrite)]
    ids = [one.item_id or derived_id(one.kind, one.key) for one in writes]
    kinds, keys = sorted({one.kind for one in changes}), [one.key for one in changes]
    rows = statements.standing(tx, organisation_id, kinds, keys, ids)
    return _Standing({(row.kind, row.key): row for row in rows}, {row.id: row for row in rows})


def _not_done(step: _Step, found: _Standing) -> Written:
    """Return the report of a write that was not done: what has its id, or stands at its key."""
    one = step.write
    mine = found.by_id.get(one.item_id) if one.item_id else None
    if mine is None or step.taken:
        return found.not_done(one, taken=step.taken)
    return Written(one.kind, one.key, ok=False, standing=mine.digest, item_id=mine.id)


def _row(one: ItemWrite, item_id: UUID, before: Row | None) -> Row:
    """Return an item as it will stand."""
    kept = before.extra if before else "{}"
    return Row(
        item_id,
        one.kind,
        one.key,
        one.digest,
        leaves_to_json(one.leaves),
        _json(one.place),
        kept if one.extra is None else _json(one.extra),
    )


_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _json(value: Mapping[str, Json]) -> str:
    return _write(value if type(value) is dict else dict(value)) if value else "{}"
