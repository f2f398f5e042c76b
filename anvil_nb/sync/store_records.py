"""The store's agents, skills and contexts as records that another store may have, too."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from anvil_nb.cloud import preparing, records
from anvil_nb.domain.records import LISTS, Record, RecordDelete
from anvil_nb.domain.sync.tree import Entry, Tree
from anvil_nb.errors import InvalidInputError
from anvil_nb.store import blobs
from anvil_nb.store.bulk import in_bulk
from anvil_nb.sync import pairing
from anvil_nb.sync.portions import portions
from anvil_nb.sync.replica import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anvil_nb.access import Access
    from anvil_nb.cloud.records import Done
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.sync.replica import Fetch, Run, Wanted

_KINDS: dict[str, Kind] = {kind: kind for kind in LISTS}


class StoreRecords:
    """All records of the store. The key of each is its id.

    Args:
        access: The store, and who acts.
    """

    name = "store"
    location = "store"

    def __init__(self, access: Access) -> None:
        self._access = access

    def identity(self) -> str:
        """Return the id of what this store has of the organisation."""
        return pairing.own_identity(self._access)

    def recover(self) -> None:
        """Do nothing: a transaction is whole or was not."""

    def tree(self) -> Tree:
        """Return all records."""
        with in_bulk():
            entries = {
                str(row.id): record_entry(
                    str(row.id),
                    row.kind,
                    row.key,
                    row.digest,
                    row.leaves,
                    place=row.place,
                    extra=row.extra,
                    created_at=records.moment(row.created_at),
                    updated_at=records.moment(row.updated_at),
                )
                for row in records.every(self._access)
            }
        return Tree(entries)

    def read(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        """Return bytes, some at a time.

        Raises:
            StoreDamagedError: for what the store names and does not have.
        """
        for some in portions(wanted, lambda one: one[1].size, most=10_000):
            with self._access.read("sync") as tx:
                digests = {leaf.digest for _, leaf in some}
                found = blobs.need_blobs(tx, self._access.organisation_id, digests)
            for _, leaf in some:
                yield found[leaf.digest]

    def apply(self, changes: Sequence[Change], fetch: Fetch, run: Run) -> Iterator[Outcome]:
        """Write and delete records, in one transaction; what moved meanwhile is left out."""
        ready: dict[tuple[str, str], preparing.Prepared] = {}
        failed: list[Outcome] = []
        with in_bulk():
            arrived = list(_arrived(changes, fetch))
            standing = preparing.Standing.of(self._access, arrived)
            for record in arrived:
                try:
                    one = standing.prepared(record)
                    if ready.setdefault((record.kind, one.key), one) is not one:
                        raise _named_alike(one)
                except InvalidInputError as error:
                    failed.append(Outcome(str(record.id), Status.FAILED, error.message, error.hint))
        yield from failed
        if run.cancelled():
            return
        deletes = [
            RecordDelete(kind_of(change.standing), UUID(change.key), change.standing.digest)
            for change in changes
            if change.source is None and change.standing is not None
        ]
        with in_bulk(), self._access.write("sync") as tx:
            done = records.carry_out(tx, self._access, list(ready.values()), deletes)
        yield from map(_outcome, done)


def record_entry(  # noqa: PLR0913 - what a record has
    record_id: str,
    kind: str,
    key: str,
    digest: str,
    leaves: tuple[Leaf, ...],
    *,
    place: Mapping[str, Json],
    extra: Mapping[str, Json],
    created_at: str,
    updated_at: str,
) -> Entry:
    """Return a record as an entry of a tree."""
    meta: dict[str, Json] = {
        "kind": kind,
        "key": key,
        "place": dict(place),
        "extra": dict(extra),
        "created_at": created_at,
        "updated_at": updated_at,
    }
    return Entry(record_id, digest, leaves, f"{LISTS[_KINDS[kind]]}/{key}", meta)


def kind_of(entry: Entry) -> Kind:
    """Return the kind of a record."""
    return _KINDS[str(entry.meta["kind"])]


def mapping_of(entry: Entry, name: str) -> dict[str, Json]:
    """Return an object that an entry has beside its files."""
    value = entry.meta.get(name)
    return value if isinstance(value, dict) else {}


def _arrived(changes: Sequence[Change], fetch: Fetch) -> Iterator[Record]:
    """Return the records that are to stand here, with their bytes."""
    sources = [change.source for change in changes if change.source is not None]
    wanted = {leaf.digest: (entry, leaf) for entry in sources for leaf in entry.leaves}
    bodies = dict(zip(wanted, fetch(list(wanted.values())), strict=True))
    for change in changes:
        entry = change.source
        if entry is None:
            continue
        yield Record(
            kind_of(entry),
            UUID(entry.key),
            {},
            key=str(entry.meta["key"]),
            leaves=entry.leaves,
            bodies={leaf.digest: bodies[leaf.digest] for leaf in entry.leaves},
            place=mapping_of(entry, "place"),
            extra=mapping_of(entry, "extra"),
            expect=None if change.standing is None else change.standing.digest,
            created_at=records.parsed_moment(str(entry.meta["created_at"])),
            updated_at=records.parsed_moment(str(entry.meta["updated_at"])),
        )


def _named_alike(one: preparing.Prepared) -> InvalidInputError:
    msg = f"two records are the {one.record.kind} '{one.key}'"
    return InvalidInputError(msg, "Rename one of the two.")


def _outcome(done: Done) -> Outcome:
    key = str(done.id)
    if done.what == "taken":
        msg = f"another record is the {done.kind} '{done.key}'"
        return Outcome(key, Status.FAILED, msg, "Rename one of the two.")
    if done.what in {"moved", "raced"}:
        return Outcome(key, Status.MOVED)
    return Outcome(key, Status.DONE)
