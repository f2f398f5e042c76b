"""A tenant's agents, skills and contexts at a server as a replica.

One import names them all, on the condition of each digest: it is done whole or not at all. Small
files come in it, as far as one body of blobs would hold them; the others travel as blobs before.
Where others came in between, what does not touch theirs goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anvil_nb.domain.records import LISTS, send_files
from anvil_nb.domain.sync.tree import Tree
from anvil_nb.errors import (
    PlanMovedError,
    RemoteMovedError,
    RemoteNotFoundError,
    RemoteTooLargeError,
    RemoteUnreachableError,
)
from anvil_nb.store.bulk import in_bulk
from anvil_nb.sync.replica import Outcome, Status
from anvil_nb.sync.store_records import kind_of, mapping_of, record_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.domain.sync.tree import Entry
    from anvil_nb.remote.api import Api, RemoteRecord
    from anvil_nb.sync.replica import Fetch, Run, Wanted

TRIES: Final = 5
"""How often an import is sent that others come in between of."""

_FEW: Final = 16
SMALL: Final = 4 << 10
"""So many bytes of a file travel in the import itself: a blob of its own costs more than they."""
_MOST_INSIDE: Final = 8 << 20
"""So many bytes travel in an import: as many as a body of blobs has, which is sent again whole."""


class CloudRecords:
    """All records of a tenant. The key of each is its id.

    Args:
        api: Of the tenant.
    """

    name = "cloud"

    def __init__(self, api: Api) -> None:
        self._api = api
        self.location = f"{api.calls.place}/{api.tenant}"
        self._identity: str | None = None
        self._tag: str | None = None
        self._known: dict[str, Entry] = {}

    def identity(self) -> str:
        """Return the id by which the server's store knows itself."""
        if self._identity is None:
            self._identity = self._api.information().replica
        return self._identity

    def recover(self) -> None:
        """Do nothing: an import there is whole or was not."""

    def tree(self) -> Tree:
        """Return all records."""
        with in_bulk():
            found = self._api.records(self._tag)
            if found is not None:
                self._tag = found[0] or None
                self._known = {one.id: _entry(one) for one in found[1]}
        return Tree(dict(self._known))

    def read(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        """Return bytes, each checked against its digest.

        Raises:
            ConflictError: when the server does not have them any more.
        """
        try:
            yield from self._api.blobs.fetch([(leaf.digest, leaf.size) for _, leaf in wanted])
        except RemoteNotFoundError as error:
            msg = "records at the server changed since they were listed"
            raise PlanMovedError(msg, "Run the sync again.") from error

    def apply(self, changes: Sequence[Change], fetch: Fetch, run: Run) -> Iterator[Outcome]:
        """Send the bytes that are not there, and then all records at once."""
        inside, rest = _parted(changes)
        self._send(rest, fetch)
        brought = dict(zip(inside, fetch(list(inside.values())), strict=True)) if inside else {}
        todo = list(changes)
        for number in range(TRIES):
            last = number + 1 == TRIES
            if run.cancelled():
                return
            with in_bulk():
                said = _import(todo, brought)
            try:
                self._api.import_records(said)
            except (RemoteUnreachableError, RemoteTooLargeError):
                if last or not brought:
                    raise
                # Piece by piece, blobs get through where one body does not.
                self._send(inside, fetch)
                brought = {}
                continue
            except RemoteMovedError as error:
                if last or error.remote_code not in _MOVED:
                    raise
            else:
                yield from (Outcome(change.key, Status.DONE) for change in todo)
                return
            todo, settled = _as_it_stands(todo, self.tree().entries)
            yield from settled
            if not todo:
                return

    def _send(self, wanted: Mapping[str, Wanted], fetch: Fetch) -> None:
        """Send those of some files as blobs that are not there."""
        blobs = self._api.blobs
        lacked = list(wanted) if len(wanted) <= _FEW else blobs.missing(wanted)
        if lacked:
            arriving = fetch([wanted[digest] for digest in lacked])
            blobs.send(zip(lacked, arriving, strict=True))


def _parted(changes: Sequence[Change]) -> tuple[dict[str, Wanted], dict[str, Wanted]]:
    """Return the files that an import brings, each for one record, and the others, by digest."""
    inside: dict[str, Wanted] = {}
    rest: dict[str, Wanted] = {}
    room = _MOST_INSIDE
    sources = [change.source for change in changes if change.source is not None]
    for source in sources:
        for leaf in source.leaves:
            if leaf.digest in inside:
                rest[leaf.digest] = inside.pop(leaf.digest)
            elif leaf.digest not in rest:
                fits = leaf.size <= min(SMALL, room)
                (inside if fits else rest)[leaf.digest] = (source, leaf)
                room -= leaf.size if fits else 0
    return inside, rest


_MOVED: Final = frozenset({"records-moved", "repeated", "conflict", None})
"""What the server calls it that records moved, or that an answer of its own was lost."""


def _entry(one: RemoteRecord) -> Entry:
    return record_entry(
        one.id,
        one.kind,
        one.key,
        one.digest,
        one.leaves,
        place=one.place,
        extra=one.extra,
        created_at=one.created_at,
        updated_at=one.updated_at,
    )


def _as_it_stands(
    changes: Sequence[Change], there: Mapping[str, Entry]
) -> tuple[list[Change], list[Outcome]]:
    """Return the changes whose condition holds, and what became of the others."""
    todo, settled = [], []
    for change in changes:
        entry = there.get(change.key)
        found = None if entry is None else entry.digest
        if found == (None if change.source is None else change.source.digest):
            settled.append(Outcome(change.key, Status.DONE))
        elif found == (None if change.standing is None else change.standing.digest):
            todo.append(change)
        else:
            settled.append(Outcome(change.key, Status.MOVED))
    return todo, settled


def _import(changes: Sequence[Change], inside: Mapping[str, bytes]) -> dict[str, Any]:
    said: dict[str, Any] = {name: [] for name in LISTS.values()}
    said["delete"] = []
    for change in changes:
        expect = None if change.standing is None else change.standing.digest
        if change.source is not None:
            said[LISTS[kind_of(change.source)]].append(_record(change.source, expect, inside))
        elif change.standing is not None:
            kind = kind_of(change.standing)
            said["delete"].append({"kind": kind, "id": change.key, "if_digest": expect})
    return said


def _record(entry: Entry, expect: str | None, inside: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "id": entry.key,
        "name": entry.meta["key"],
        "key": entry.meta["key"],
        "digest": entry.digest,
        "if_digest": expect,
        "place": mapping_of(entry, "place"),
        "extra": mapping_of(entry, "extra"),
        "files": send_files(entry.leaves, inside),
        "created_at": entry.meta["created_at"],
        "updated_at": entry.meta["updated_at"],
    }
