"""Settling: a key at which two sides differ is made the same on both, as somebody chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf
from anvil_nb.domain.sync.planning import Action, Change
from anvil_nb.errors import ConflictError, InvalidInputError, SyncGuardError
from anvil_nb.results.done import Done
from anvil_nb.results.sync import CHOICES
from anvil_nb.store import sync_conflicts, sync_pairs
from anvil_nb.store.identity import new_id
from anvil_nb.sync import comparing, conflicts, pairing, variants
from anvil_nb.sync.applying import AGREED
from anvil_nb.sync.differing import bodies
from anvil_nb.sync.keys import at_key
from anvil_nb.sync.replica import Run, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anvil_nb.access import Access
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.sync.tree import Entry
    from anvil_nb.sync.conflicts import Sides
    from anvil_nb.sync.given import Given
    from anvil_nb.sync.keys import At
    from anvil_nb.sync.replica import Wanted

    Three: TypeAlias = tuple[Entry | None, Entry | None, Entry | None]
    # What is to stand at a key, what stands on our side, and on theirs.


def settle(
    access: Access, sides: Sides, name: str, choice: str, merged: Given | None = None
) -> Done:
    """Make both sides the same at a key, as somebody chose.

    What is given up stays in the store, in the trash of the folder, or in both.

    Args:
        access: The store that remembers, and who acts.
        sides: The two replicas.
        name: Of the key.
        choice: ``ours``, ``theirs``, ``both``, or ``merged``.
        merged: What is to stand on both sides.

    Raises:
        NotFoundError: for a name that neither side has.
        InvalidInputError: for a choice that there is none of, or that does not fit.
        SyncGuardError: when it is not certain that the two sides belong together.
        ConflictError: when a side moved since the conflict was kept; nothing was done.
    """
    check_choice(choice, merged)
    sides.near.recover()
    sides.far.recover()
    at = at_key(access, sides, name)
    key = f"{sides.target}/{at.name}"
    check_pair(sides, at)
    pairing.keep(access, at.pair, sides.near)
    if at.is_same:
        record(access, [at], agreed({at.key: (at.ours, at.ours, at.theirs)}), AGREED)
        said = f"{key} is the same on both sides already, and was left so"
        return Done(said, {"key": key, "choice": AGREED})
    settling = Settling(access, sides, at)
    wanted = settling.wanted(choice, merged)
    conflicts.keep(access, at.pair.pair, [at.conflict()], sides)
    if at.has_moved:
        msg = f"{key} moved on one side since the conflict was kept; nothing was done"
        raise ConflictError(msg, f"Look again: anvil sync diff {key}\nThen settle it as it is now.")
    record(access, [at], settling.write(wanted), choice)
    made = [one for one in wanted if one != at.key]
    data: dict[str, Json] = {"key": key, "choice": choice, "made": [*made]}
    note = told(at, choice, made)
    return Done(f"Settled {key}: {choice}" + (f"; {note}" if note else ""), data)


def told(at: At, choice: str, made: Sequence[str]) -> str:
    """Say what a choice makes, or deletes, and where that is to be found."""
    if made:
        return f"theirs stands beside it as {', '.join(made)}"
    if (choice, at.theirs) == ("theirs", None):
        return "it is deleted here too, and its files are in .anvil/trash or its history"
    if (choice, at.ours) == ("ours", None):
        return "it is deleted there too"
    return ""


def record(
    access: Access,
    settled: Sequence[At],
    both: Mapping[str, tuple[str, str] | None],
    choice: str,
) -> None:
    """Record what both sides agree on, and by what keys were settled."""
    if not settled:
        return
    pair_id, keys = settled[0].pair.pair.id, [at.key for at in settled]
    with access.write("sync") as tx:
        sync_pairs.agree(tx, access.organisation_id, pair_id, both)
        sync_conflicts.settle(tx, access.actor, pair_id, keys, choice, access.now())


def check_choice(choice: str, merged: Given | None) -> None:
    """Refuse a choice that there is none of, and a text where none, or one, is to be taken."""
    if choice not in CHOICES:
        msg = f"'{choice}' settles nothing"
        raise InvalidInputError(msg, f"It is one of: {', '.join(CHOICES)}")
    if (choice == "merged") != (merged is not None):
        msg = "there is no text to take" if merged is None else f"{choice} takes no text"
        raise InvalidInputError(msg, "Name the file that has it, and nothing else: --merged FILE")


def check_pair(sides: Sides, at: At) -> None:
    """Refuse to settle what may not belong together.

    Raises:
        SyncGuardError: names why.
    """
    if not at.pair.guards:
        return
    names = tuple(guard.name for guard in at.pair.guards)
    said = "; ".join(guard.message for guard in at.pair.guards)
    msg = f"this looks like an accident ({', '.join(names)}): {said}"
    way = f"anvil sync {sides.target} push --on-conflict keep --force"
    raise SyncGuardError(msg, f"If it is right, say so first: {way}", guards=names)


class Settling:
    """One settling: what is written, and with what bytes."""

    def __init__(self, access: Access, sides: Sides, at: At) -> None:
        self.access, self.sides, self.at = access, sides, at
        self.given: dict[str, bytes] = {}

    def wanted(self, choice: str, merged: Given | None) -> dict[str, Three]:
        """Return what is to stand on both sides, and what stands there now, by key."""
        at = self.at
        if choice == "both":
            return self._both()
        if merged is not None:
            return {at.key: (self._merged(merged), at.ours, at.theirs)}
        return {at.key: (at.ours if choice == "ours" else at.theirs, at.ours, at.theirs)}

    def write(self, wanted: Mapping[str, Three]) -> dict[str, tuple[str, str] | None]:
        """Write both sides; return what they agree on by then."""
        run = Run(new_id())
        for replica, side in ((self.sides.near, 1), (self.sides.far, 2)):
            changes = [
                change for key, three in wanted.items() if (change := changed(key, three, side))
            ]
            for outcome in replica.apply(changes, self._fetch, run) if changes else ():
                if outcome.status is not Status.DONE:
                    where = f"{outcome.key} changed meanwhile, {replica.name}"
                    msg = outcome.message or where
                    raise ConflictError(msg, outcome.hint or "Look again, and settle it then.")
        return agreed(wanted)

    def _merged(self, merged: Given) -> Entry:
        at = self.at
        model = at.ours or at.theirs
        if model is None or not merged.files:
            msg = "there is no text to take"
            raise InvalidInputError(msg, "Name the file that has it: --merged FILE")
        files = {path: data for path, data in merged.files.items() if path is not None}
        leaves: dict[str, Leaf] = {}
        if None in merged.files:  # one file, and the rest stays as it is
            leaves = {leaf.path: leaf for leaf in model.leaves}
            files[comparing.one_path(at.ours, at.theirs)] = merged.files[None]
        runs = merged.executable
        if runs is None:
            sides = [one.leaves for one in (at.theirs, at.ours) if one is not None]
            known = {leaf.path: leaf.executable for side in sides for leaf in side}
            runs = frozenset(path for path, executable in known.items() if executable)
        for path, data in files.items():
            digest = digest_of_bytes(data)
            leaves[path] = Leaf(path, digest, len(data), path in runs)
            self.given[digest] = data
        return variants.of_files(self.sides.target, model, tuple(leaves.values()), self._bodies)

    def _both(self) -> dict[str, Three]:
        at = self.at
        if at.ours is None or at.theirs is None:
            msg = f"only one side has {at.name}"
            raise InvalidInputError(msg, "Take that one: --ours or --theirs")
        files = bodies(self.sides.far, at.theirs) or {}
        beside, made = variants.beside(self.sides.target, at.theirs, files, at.taken)
        self.given.update((digest_of_bytes(data), data) for data in made.values())
        return {at.key: (at.ours, at.ours, at.theirs), beside.key: (beside, None, None)}

    def _fetch(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        for _, leaf in wanted:
            if leaf.digest in self.given:
                yield self.given[leaf.digest]
            else:
                yield from self._standing(leaf.digest)

    def _standing(self, digest: str) -> Iterator[bytes]:
        """Return bytes from the side that has them."""
        for side, entry in ((self.sides.near, self.at.ours), (self.sides.far, self.at.theirs)):
            for leaf in entry.leaves if entry is not None else ():
                if leaf.digest == digest:
                    assert entry is not None
                    return side.read([(entry, leaf)])
        raise AssertionError(digest)

    def _bodies(self, leaves: Sequence[Leaf]) -> dict[str, bytes]:
        model = self.at.ours or self.at.theirs
        assert model is not None
        found = self._fetch([(model, leaf) for leaf in leaves])
        return dict(zip((leaf.path for leaf in leaves), found, strict=True))


def agreed(wanted: Mapping[str, Three]) -> dict[str, tuple[str, str] | None]:
    """Return what both sides agree on once all of it stands on both."""
    return {
        key: None if three[0] is None else (three[0].digest, conflicts.files_of(three[0]))
        for key, three in wanted.items()
    }


def changed(key: str, three: Three, side: int) -> Change | None:
    """Return what is to be written on a side, 1 for ours and 2 for theirs; nothing if it stands."""
    source, standing = three[0], three[side]
    if _digest(source) == _digest(standing):
        return None
    action = Action.DELETE if source is None else Action.CHANGE if standing else Action.ADD
    name = (source or standing).name if source or standing else key  # type: ignore[union-attr]
    return Change(key, name, action, None, source, standing)


def _digest(entry: Entry | None) -> str | None:
    return None if entry is None else entry.digest
