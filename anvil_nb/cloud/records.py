"""A tenant's records: what there is, exports of it, and imports, each all or nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from anvil_nb.access import MovedError, again
from anvil_nb.cloud import preparing
from anvil_nb.domain.digest import PREFIX
from anvil_nb.domain.records import ANY, LISTS, NOBODY, RecordDelete, export_files
from anvil_nb.errors import (
    ExistsError,
    FilesMovedError,
    InvalidInputError,
    NotFoundError,
    RecordsMovedError,
)
from anvil_nb.store import blobs, items, tenant_records
from anvil_nb.store.bulk import in_bulk
from anvil_nb.store.items import ItemDelete

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from uuid import UUID

    from anvil_nb.access import Access
    from anvil_nb.cloud.preparing import Prepared
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.records import Record
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.items import Written
    from anvil_nb.store.tenant_records import RecordRow

MERGE: Final = "merge"
SKIP_EXISTING: Final = "skip_existing"
REPLACE: Final = "replace"
STRATEGIES: Final = (MERGE, REPLACE, SKIP_EXISTING)

_WHY: Final = "sync database"


@dataclass(slots=True)
class Counts:
    """What became of the records of one kind."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import, by kind."""

    at: datetime
    counts: Mapping[str, Counts] = field(default_factory=lambda: {kind: Counts() for kind in LISTS})

    def to_json(self) -> dict[str, Any]:
        """Return it as the API says it."""
        names = ("created", "updated", "skipped", "deleted")
        each = {
            name: {one: getattr(self.counts[kind], one) for one in names}
            for kind, name in LISTS.items()
        }
        total = {one: sum(counts[one] for counts in each.values()) for one in names}
        return {**total, "imported_at": moment(self.at), "results": each}


def every(access: Access) -> list[RecordRow]:
    """Return all records, but for what was read from their files."""
    with in_bulk(), access.read("sync") as tx:
        return tenant_records.every(tx, access.organisation_id)


def digest_of_all(rows: Iterable[RecordRow]) -> str:
    """Return the digest of some records together."""
    hashed = hashlib.sha256()
    for row in sorted(rows, key=lambda row: row.id.bytes):
        hashed.update(row.id.bytes + row.digest.encode())
    return PREFIX + hashed.hexdigest()


def manifest_json(rows: Iterable[RecordRow]) -> list[dict[str, Any]]:
    """Return what is said of each record in the manifest of all."""
    return [
        {
            "id": str(row.id),
            "kind": row.kind,
            "key": row.key,
            "name": row.key,
            "digest": row.digest,
            "updated_at": moment(row.updated_at),
            "created_at": moment(row.created_at),
            "place": row.place,
            "extra": row.extra,
            "files": [leaf.to_json() for leaf in row.leaves],
        }
        for row in rows
    ]


def export(access: Access, ids: Collection[UUID] | None = None) -> dict[str, Any]:
    """Return records as a ``DatabaseExport``.

    Args:
        access: Whose.
        ids: Of the records; all when ``None``.

    Raises:
        NotFoundError: when one is not there.
    """
    organisation_id = access.organisation_id
    with access.read("sync") as tx:
        rows = tenant_records.every(tx, organisation_id)
        if ids is not None:
            wanted = set(ids)
            rows = [row for row in rows if row.id in wanted]
            if len(rows) < len(wanted):
                lacked = sorted(wanted - {row.id for row in rows})
                raise NotFoundError(f"there is no record {lacked[0]}", "Read the manifest again.")
        fields = tenant_records.fields_of(tx, organisation_id, [row.id for row in rows])
        digests = {leaf.digest for row in rows for leaf in row.leaves}
        bodies = blobs.need_blobs(tx, organisation_id, digests)
    agents = {row.key: str(row.id) for row in rows if row.kind == "agent"}
    said: dict[str, Any] = {name: [] for name in LISTS.values()}
    for row in rows:
        said[LISTS[row.kind]].append(_exported(row, fields[row.id], bodies, agents))
    return {**said, "timestamp": moment(access.now())}


def import_(
    access: Access,
    records: Sequence[Record],
    deletes: Sequence[RecordDelete] = (),
    strategy: str = MERGE,
    *,
    absent_of: str | None = None,
) -> Imported:
    """Put and delete records, all or nothing.

    Args:
        access: Whose, and who acts.
        records: Each with the digest that must stand.
        deletes: The same.
        strategy: ``merge`` puts all; ``skip_existing`` those that are not there; ``replace`` puts
            all and deletes every other record.
        absent_of: For ``replace``: the digest of all records that there are.

    Raises:
        ExistsError: when another record has the name of one.
        FilesMovedError: when ``absent_of`` is not the digest of all records.
        InvalidInputError: for a record that cannot be, or an unknown strategy.
        RecordsMovedError: when one is not what it is expected to be.
    """
    if strategy not in STRATEGIES:
        msg = f"Invalid merge_strategy: '{strategy}'. Valid values: {', '.join(STRATEGIES)}"
        raise InvalidInputError(msg, "Leave it out to merge.")
    if strategy == REPLACE and absent_of is None:
        msg = "to replace deletes every record that is not sent, so it says which there are"
        raise InvalidInputError(msg, "Send the ETag of database/manifest as If-Match.")

    def write(_: int) -> Imported:
        imported = Imported(access.now())
        prepared = preparing.prepare(access, records)
        with access.write("sync") as tx:
            gone = [*deletes, *_absent(tx, access, records, absent_of, strategy)]
            done = carry_out(tx, access, prepared, gone, skip=strategy == SKIP_EXISTING)
            _check(done)
            for one in done:
                counts = imported.counts[one.kind]
                setattr(counts, one.what, getattr(counts, one.what) + 1)
        return imported

    with in_bulk():
        return again(write)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one record.

    Args:
        kind: Of it.
        id: Of it.
        what: ``created``, ``updated``, ``skipped``, ``deleted``; ``moved``; ``raced`` when what it
            was made from moved; ``taken`` when another record has its key.
        key: Of it.
    """

    kind: str
    id: UUID
    what: str
    key: str = ""


def carry_out(
    tx: Transaction,
    access: Access,
    prepared: Sequence[Prepared],
    deletes: Sequence[RecordDelete],
    *,
    skip: bool = False,
) -> list[Done]:
    """Put and delete records in a transaction, each on its condition.

    Args:
        tx: To write in.
        access: Whose, and who acts.
        prepared: To put.
        deletes: To delete.
        skip: Whether records that are there are left as they are.
    """
    ids = {one.record.id for one in prepared} | {one.id for one in deletes}
    standing = tenant_records.with_ids(tx, access.organisation_id, ids)
    done: list[Done] = []
    writes = []
    for one in prepared:
        record, row = one.record, standing.get(one.record.id)
        what = _refusal(one, row, skip=skip)
        if what:
            done.append(Done(record.kind, record.id, what, one.key))
        else:
            writes.append((one, row))
    bodies: dict[str, bytes] = {}
    for one, _ in writes:
        bodies.update(one.bodies)
    blobs.put_blobs(tx, access.organisation_id, bodies)
    made = [one.write(row) for one, row in writes]
    written = items.write(tx, access.actor, access.now(), made, why=_WHY) if made else []
    for (one, row), result in zip(writes, written, strict=True):
        what, before = ("created", None) if row is None else ("updated", row.digest)
        done.append(Done(one.record.kind, one.record.id, _what(result, what), one.key))
        access.note(what, f"{one.record.kind}/{one.key}", before, one.digest)
    return done + _delete(tx, access, deletes, standing)


def _delete(
    tx: Transaction,
    access: Access,
    deletes: Sequence[RecordDelete],
    standing: Mapping[UUID, RecordRow],
) -> list[Done]:
    done, meant = [], []
    for one in deletes:
        row = standing.get(one.id)
        if row is None:
            done.append(Done(one.kind, one.id, "skipped"))
        elif one.expect is not ANY and one.expect != row.digest:
            done.append(Done(one.kind, one.id, "moved", row.key))
        else:
            meant.append(row)
    if meant:
        gone = [ItemDelete(row.kind, row.key, row.item_digest) for row in meant]
        written = items.delete(tx, access.actor, access.now(), gone, why=_WHY)
        for row, result in zip(meant, written, strict=True):
            done.append(Done(row.kind, row.id, _what(result, "deleted"), row.key))
            access.note("deleted", f"{row.kind}/{row.key}", row.digest, None)
    return done


def _refusal(one: Prepared, row: RecordRow | None, *, skip: bool) -> str:
    """Return why a record is not written; empty when it is."""
    expect = one.record.expect
    found = None if row is None else row.digest
    if row is not None and row.kind != one.record.kind:
        return "taken"
    if found == one.digest or (skip and row is not None):
        return "skipped"
    if expect is not ANY and expect != found:
        return "moved"
    return "" if one.based_on in (ANY, found) else "raced"


def _what(result: Written, done: str) -> str:
    if result.ok:
        return done
    return "taken" if result.taken else "moved"


def _check(done: Sequence[Done]) -> None:
    if any(one.what == "raced" for one in done):
        raise MovedError
    taken = [one for one in done if one.what == "taken"]
    if taken:
        msg = f"another record is the {taken[0].kind} '{taken[0].key}', and nothing was written"
        raise ExistsError(msg, "Rename one of the two, or send the id of the one that is there.")
    moved = [one for one in done if one.what == "moved"]
    if moved:
        msg = f"{len(moved):,} records were changed since they were read, and nothing was written"
        hint = "Read the manifest again."
        raise RecordsMovedError(msg, hint, ids=tuple(str(one.id) for one in moved))


def _absent(
    tx: Transaction,
    access: Access,
    records: Sequence[Record],
    absent_of: str | None,
    strategy: str,
) -> list[RecordDelete]:
    """Return the records that a replacement takes away."""
    if absent_of is None:
        return []
    rows = tenant_records.every(tx, access.organisation_id)
    found = digest_of_all(rows)
    if found != absent_of:
        msg = "records were changed since they were listed, and nothing was written"
        raise FilesMovedError(msg, "Read the manifest again.", found=found)
    kept = {record.id for record in records}
    gone = [row for row in rows if row.id not in kept] if strategy == REPLACE else []
    return [RecordDelete(row.kind, row.id, row.digest) for row in gone]


def _exported(
    row: RecordRow,
    fields: Mapping[str, Json],
    bodies: Mapping[str, bytes],
    agents: Mapping[str, str],
) -> dict[str, Any]:
    said: dict[str, Any] = {**row.extra, "id": str(row.id), "name": fields.get("name") or row.key}
    if row.kind == "agent":
        said["system_prompt"] = fields.get("system_prompt")
    else:
        said["description"] = fields.get("description") or None
    if row.kind == "skill":
        assigned = fields.get("assigned_agents")
        names = assigned if isinstance(assigned, list) else []
        known = (agents[name] for name in names if isinstance(name, str) and name in agents)
        said["agent_id"] = row.extra.get("agent_id") or next(known, NOBODY)
    said |= {"created_at": moment(row.created_at), "updated_at": moment(row.updated_at)}
    return {
        **said,
        "key": row.key,
        "digest": row.digest,
        "place": dict(row.place),
        "extra": dict(row.extra),
        "files": export_files(row.leaves, bodies),
    }


def parsed_moment(text: str) -> datetime:
    """Return a time as the store keeps it, from RFC 3339."""
    at = datetime.fromisoformat(text)
    if at.utcoffset():
        at = at.astimezone(UTC)
    return at.replace(tzinfo=None)


def moment(at: datetime) -> str:
    """Return a time of the store as RFC 3339 writes it."""
    return f"{at.isoformat()}Z"
