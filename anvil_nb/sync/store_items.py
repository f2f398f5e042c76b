"""The store as a replica of skills, content or agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.items.parsing import parse
from anvil_nb.errors import AnvilError, ConflictError
from anvil_nb.store import blobs, items
from anvil_nb.store.items import ItemDelete, ItemWrite
from anvil_nb.sync import pairing
from anvil_nb.sync.portions import portions
from anvil_nb.sync.replica import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anvil_nb.access import Access
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.domain.sync.tree import Entry, Tree
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.items import Written
    from anvil_nb.sync.replica import Fetch, Run, Wanted

_NO_PLACE = ("id", "notes")
"""What a tree says of an item besides where it belongs."""


class StoreItems:
    """All items of one kind in the store.

    Args:
        access: The store, and who acts.
        kind: ``skill``, ``content`` or ``agent``.
        why: What the history of an item says of changes made here.
    """

    name = "store"
    location = "store"

    def __init__(self, access: Access, kind: Kind, why: str = "sync") -> None:
        self._access, self._kind, self._why = access, kind, why

    def identity(self) -> str:
        """Return the id of what this store has of the organisation."""
        return pairing.own_identity(self._access)

    def recover(self) -> None:
        """Do nothing: a transaction is whole or was not."""

    def tree(self) -> Tree:
        """Return all items of the kind."""
        with self._access.read("sync") as tx:
            return items.tree_of(tx, self._access.organisation_id, self._kind)

    def read(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        """Return bytes, some at a time.

        Raises:
            StoreDamagedError: for what the store names and does not have.
        """
        for some in portions(wanted, lambda one: one[1].size):
            with self._access.read("sync") as tx:
                digests = {leaf.digest for _, leaf in some}
                found = blobs.need_blobs(tx, self._access.organisation_id, digests)
            for _, leaf in some:
                yield found[leaf.digest]

    def apply(self, changes: Sequence[Change], fetch: Fetch, run: Run) -> Iterator[Outcome]:
        """Write and delete items, a transaction for each portion."""
        for some in portions(changes, _size):
            if run.cancelled():
                return
            yield from self._apply(some, fetch)

    def _apply(self, changes: Sequence[Change], fetch: Fetch) -> Iterator[Outcome]:
        writes: list[ItemWrite] = []
        bodies: dict[str, bytes] = {}
        for change in changes:
            if change.source is None:
                continue
            try:
                wanted = [(change.source, leaf) for leaf in change.source.leaves]
                found = fetch(wanted)  # by itself: what was edited meanwhile stops no other
                files = {leaf.path: next(found) for _, leaf in wanted}
                check_arrived(change.source, files)
                writes.append(self._write(change, files))
            except ConflictError as error:
                yield Outcome(change.key, Status.MOVED, error.message, error.hint)
            except AnvilError as error:
                yield Outcome(change.key, Status.FAILED, error.message, error.hint)
            else:
                bodies.update((leaf.digest, files[leaf.path]) for _, leaf in wanted)
        deletes = [
            ItemDelete(self._kind, change.key, change.standing.digest)
            for change in changes
            if change.source is None and change.standing is not None
        ]
        with self._access.write("sync") as tx:
            done = self._carry_out(tx, writes, deletes, bodies)
        yield from (_outcome(one) for one in done)

    def _carry_out(
        self,
        tx: Transaction,
        writes: Sequence[ItemWrite],
        deletes: Sequence[ItemDelete],
        bodies: Mapping[str, bytes],
    ) -> list[Written]:
        actor, now = self._access.actor, self._access.now()
        blobs.put_blobs(tx, actor.organisation_id, bodies)
        done = items.write(tx, actor, now, writes, why=self._why) if writes else []
        return [*done, *(items.delete(tx, actor, now, deletes, why=self._why) if deletes else [])]

    def _write(self, change: Change, files: Mapping[str, bytes]) -> ItemWrite:
        entry = change.source
        assert entry is not None
        place = {name: value for name, value in entry.meta.items() if name not in _NO_PLACE}
        parsed = parse(self._kind, files, place)
        return ItemWrite(
            self._kind,
            change.key,
            entry.leaves,
            place,
            parsed.fields,
            None if change.standing is None else change.standing.digest,
        )


def check_arrived(entry: Entry, files: Mapping[str, bytes]) -> None:
    """Refuse bytes that are not what the tree promised.

    Raises:
        ConflictError: for such bytes.
    """
    for leaf in entry.leaves:
        if digest_of_bytes(files[leaf.path]) != leaf.digest:
            msg = f"{leaf.path} of {entry.name} changed while it was read"
            raise ConflictError(msg, "Sync again.")


def _size(change: Change) -> int:
    return 0 if change.source is None else sum(leaf.size for leaf in change.source.leaves)


def _outcome(one: Written) -> Outcome:
    if one.ok:
        return Outcome(one.key, Status.DONE)
    if one.taken:
        msg = "another item has this name"
        return Outcome(one.key, Status.FAILED, msg, "Rename one of the two.")
    return Outcome(one.key, Status.MOVED)
