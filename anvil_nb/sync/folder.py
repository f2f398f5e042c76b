"""A folder of services as a replica: what those of files and of items have in common.

The folder carries the ids of its pairs. Changes are written by groups: the files of one key are
changed together or not at all, and each only where what was planned still stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from anvil_nb.errors import SettingsError
from anvil_nb.sync import pairing
from anvil_nb.sync.replica import Outcome, Status
from anvil_nb.trees.changes import FileChange, Swap
from anvil_nb.trees.folder import Folder
from anvil_nb.trees.marker import read_marker, write_marker
from anvil_nb.trees.reading import FileState
from anvil_nb.trees.swapping import recover, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.domain.sync.tree import Entry
    from anvil_nb.sync.replica import Fetch, Run, Wanted
    from anvil_nb.trees.changes import Swapped

    Paths = Callable[[Entry, Leaf], str]

_STATUSES = {Swap.DONE: Status.DONE, Swap.MOVED: Status.MOVED, Swap.FAILED: Status.FAILED}


class ServicesFolder:
    """The part of a folder of services that one target is about.

    Args:
        services: The folder.
        tops: The folders in it that are looked at.
    """

    name = "disk"

    def __init__(self, services: Path, tops: Sequence[str]) -> None:
        self.services, self.tops = services, tuple(tops)
        self.location = pairing.here(str(services))

    @property
    def folder(self) -> Folder:
        """The folder on disk."""
        return Folder(self.services, tops=self.tops)

    @property
    def is_there(self) -> bool:
        """Whether there is a folder; where there is none, there are no files."""
        return self.services.is_dir()

    def identity(self) -> str:
        """Return the folder itself: what tells it from others is the marker in it."""
        return self.location

    def pair_id(self, target: str) -> UUID | None:
        """Return the id of the pair for a target, if the folder carries one."""
        found = read_marker(self.services).get(target)
        return None if found is None else UUID(found)

    def mark(self, target: str, pair_id: UUID) -> None:
        """Let the folder carry it from here on; make it where it is missing."""
        try:
            self.services.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"the folder {self.services} cannot be made: {error.strerror or error}"
            hint = 'Name another one in anvil.toml: services = "…"'
            raise SettingsError(msg, hint) from error
        write_marker(self.services, target, str(pair_id))

    def recover(self) -> None:
        """Finish what a sync that was killed had begun to write."""
        if self.is_there:
            recover(self.folder)

    def bytes_of(self, wanted: Sequence[Wanted], path: Paths) -> Iterator[bytes]:
        """Return the bytes of leaves, each checked against its digest."""
        return self.folder.read_all((path(entry, leaf), leaf.digest) for entry, leaf in wanted)

    def carry_out(
        self, changes: Sequence[Change], fetch: Fetch, run: Run, path: Paths
    ) -> Iterator[Outcome]:
        """Write the files of changes, those of a change together."""
        done = write(self.folder, _file_changes(changes, fetch, path), str(run.id))
        for change in changes:
            swapped = done.get(change.key)
            if swapped is None:
                yield Outcome(change.key, Status.DONE)  # nothing of it had to be written
            else:
                yield _outcome(change.key, swapped)


def state_of(leaf: Leaf) -> FileState:
    """Return what stands on disk where a leaf does."""
    return FileState(leaf.digest, leaf.size, leaf.executable)


def _file_changes(changes: Sequence[Change], fetch: Fetch, path: Paths) -> Iterator[FileChange]:
    """Yield what is to be done to each file; bytes are fetched in one go, and one after another."""
    todo: list[tuple[Change, str, Leaf | None, Leaf | None]] = []
    for change in changes:
        wanted = _by_path(change.source, path)
        standing = _by_path(change.standing, path)
        for name in sorted({*wanted, *standing}):
            one, other = wanted.get(name), standing.get(name)
            if one is None or other is None or state_of(one) != state_of(other):
                todo.append((change, name, one, other))
    arriving = fetch(
        [(change.source, one) for change, _, one, _ in todo if one is not None and change.source]
    )
    for change, name, one, other in todo:
        yield FileChange(
            name,
            None if one is None else state_of(one),
            None if other is None else state_of(other),
            b"" if one is None else next(arriving),
            change.key,
        )


def _by_path(entry: Entry | None, path: Paths) -> dict[str, Leaf]:
    return {} if entry is None else {path(entry, leaf): leaf for leaf in entry.leaves}


def _outcome(key: str, swapped: Swapped) -> Outcome:
    return Outcome(key, _STATUSES[swapped.swap], swapped.message, swapped.hint)
