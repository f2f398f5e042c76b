"""A folder of services as a replica: what those of files and of items have in common.

The folder carries the ids of its pairs. Changes are written by groups: the files of one key are
changed together or not at all, and each only where what was planned still stands.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from anvil_nb.domain.filepaths import printable
from anvil_nb.domain.sync.tree import Problem
from anvil_nb.errors import InvalidInputError, SettingsError
from anvil_nb.sync import pairing
from anvil_nb.sync.replica import Outcome, Status
from anvil_nb.trees.changes import FileChange, Swap
from anvil_nb.trees.folder import Folder
from anvil_nb.trees.ignoring import OURS, IgnoreRules
from anvil_nb.trees.marker import FILE as MARKER
from anvil_nb.trees.marker import read_marker, write_marker
from anvil_nb.trees.reading import FileState
from anvil_nb.trees.scope import Scope
from anvil_nb.trees.swapping import recover, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.domain.sync.tree import Entry
    from anvil_nb.sync.replica import Fetch, Run, Wanted
    from anvil_nb.trees.changes import Swapped

_ELSEWHERE: Final = "Rename one of the two, take it away, or leave this one out by a filter."
_STATUSES: Final = {Swap.DONE: Status.DONE, Swap.MOVED: Status.MOVED, Swap.FAILED: Status.FAILED}


class ServicesFolder(ABC):
    """The part of a folder of services that one target is about.

    Args:
        services: The folder.
        tops: The folders in it that are looked at.
    """

    name = "disk"

    def __init__(self, services: Path, tops: Sequence[str]) -> None:
        self.services, self.tops = services, tuple(tops)
        self.location = pairing.here(str(services))
        self.owners: dict[str, str] = {}
        """The keys of what was found, by the room that it takes."""

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
        try:
            return None if found is None else UUID(found)
        except ValueError as error:
            msg = f"{self.services} says that it is synced as {found!r}, which is no pair"
            hint = f"Delete {self.services / OURS / MARKER}, and sync again."
            raise InvalidInputError(msg, hint) from error

    def mark(self, target: str, pair_id: UUID) -> None:
        """Let the folder carry it from here on; make it where it is missing."""
        try:
            self.services.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"the folder {self.services} cannot be made: {error.strerror or error}"
            hint = 'Name another one in anvil.toml: services = "…"'
            raise SettingsError(msg, hint) from error
        write_marker(self.services, target, str(pair_id))

    def is_elsewhere(self, location: str, target: str, pair_id: UUID, *, shared: bool) -> bool:
        """Tell whether another folder carries a pair too; see ``pairing.Marked``."""
        host, _, path = location.partition(":")
        if location == self.location:
            return False
        if shared and host != self.location.partition(":")[0]:
            return True
        other = Path(path)
        if not other.is_dir() or (self.is_there and other.samefile(self.services)):
            return False
        try:
            return read_marker(other).get(target) == str(pair_id)
        except InvalidInputError:
            return True

    @abstractmethod
    def path(self, entry: Entry, leaf: Leaf) -> str:
        """Return where a file of an entry lies, or belongs."""

    def room(self, path: str) -> str:
        """Return what a file takes for its entry alone: its path, or the folder of a whole."""
        return path

    def fault(self, change: Change, path: str) -> str:
        """Return why a file cannot lie at its path, as what it is."""
        del change, path
        return ""

    def refused(self, changes: Sequence[Change]) -> list[Problem]:
        """Return the changes that would write where the folder has no place for them.

        Those of which the folder's rules leave every file out are said to be left out.
        """
        scope = self.folder.scope if self.is_there else Scope(IgnoreRules(), frozenset(self.tops))
        sources = {one.key: one.source for one in changes}
        problems = []
        for one in self._in_the_way(changes, scope.fault):
            said = [scope.left_out(path) for path in self._by_path(sources[one.key])]
            left_out = Problem(one.key, said[0], "", left_out=True) if all(said) else None
            problems.append(left_out or one)
        return problems

    def _in_the_way(
        self, changes: Sequence[Change], rules: Callable[[str], str] = lambda _: ""
    ) -> list[Problem]:
        going = {change.key for change in changes if change.source is None}
        owners = {room: key for room, key in self.owners.items() if key not in going}
        problems: list[Problem] = []
        for change in changes:
            why = ""
            for path in sorted(self._by_path(change.source)):
                owner = owners.setdefault(self.room(path), change.key)
                if owner != change.key:
                    why = f"is where '{printable(owner)}' lies"
                why = why or rules(path) or self.fault(change, path)
                if why:
                    message = f"'{printable(change.name)}' has no place: {printable(path)} {why}"
                    problems.append(Problem(change.key, message, _ELSEWHERE))
                    break
        return problems

    def recover(self) -> None:
        """Finish what a sync that was killed had begun to write."""
        if self.is_there:
            recover(self.folder)

    def read(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        """Return bytes, each checked against its digest."""
        return self.folder.read_all((self.path(entry, leaf), leaf.digest) for entry, leaf in wanted)

    def apply(self, changes: Sequence[Change], fetch: Fetch, run: Run) -> Iterator[Outcome]:
        """Write and delete files, those of a change together."""
        # Paths that the rules leave out are refused as they are written.
        refused = {one.key: one for one in self._in_the_way(changes)}
        if run.cancelled():
            return
        swaps, groups = self._swaps([one for one in changes if one.key not in refused])
        done = write(self.folder, _file_changes(swaps, fetch), str(run.id))
        for change in changes:
            if change.key in refused:
                why = refused[change.key]
                yield Outcome(change.key, Status.FAILED, why.message, why.hint)
            elif (group := groups[change.key]) in done:
                yield _outcome(change.key, done[group])
            else:
                yield Outcome(change.key, Status.DONE)  # nothing of it had to be written

    def _swaps(self, changes: Sequence[Change]) -> tuple[list[_Swap], dict[str, str]]:
        """Return what is to be done to each file, and with which others each change goes.

        Where one gives up a path that another takes, the two go together.
        """
        wanted = {change.key: self._by_path(change.source) for change in changes}
        standing = {change.key: self._by_path(change.standing) for change in changes}
        leaving = {
            path: (key, leaf)
            for key, paths in standing.items()
            for path, leaf in paths.items()
            if path not in wanted[key]
        }
        groups = {change.key: change.key for change in changes}
        swaps: dict[str, _Swap] = {
            path: _Swap(path, key, None, None, leaf) for path, (key, leaf) in leaving.items()
        }
        for change in changes:
            for path, leaf in wanted[change.key].items():
                before = standing[change.key].get(path)
                if before is None and path in leaving:
                    key, before = leaving[path]
                    old, new = groups[key], groups[change.key]
                    groups |= {one: new for one, group in groups.items() if group == old}
                if before is None or state_of(leaf) != state_of(before):
                    swaps[path] = _Swap(path, change.key, change.source, leaf, before)
                else:
                    swaps.pop(path, None)
        ordered = sorted(swaps.values(), key=lambda one: one.path)
        return [replace(one, group=groups[one.group]) for one in ordered], groups

    def _by_path(self, entry: Entry | None) -> dict[str, Leaf]:
        return {} if entry is None else {self.path(entry, leaf): leaf for leaf in entry.leaves}


@dataclass(frozen=True, slots=True)
class _Swap:
    """One file: what is to stand there, and what does now."""

    path: str
    group: str
    entry: Entry | None
    wanted: Leaf | None
    standing: Leaf | None


def _file_changes(swaps: Sequence[_Swap], fetch: Fetch) -> Iterator[FileChange]:
    """Yield what is to be done to each file; bytes are fetched one after another."""
    arriving = fetch([(one.entry, one.wanted) for one in swaps if one.entry and one.wanted])
    for one in swaps:
        yield FileChange(
            one.path,
            None if one.wanted is None else state_of(one.wanted),
            None if one.standing is None else state_of(one.standing),
            b"" if one.wanted is None else next(arriving),
            one.group,
        )


def state_of(leaf: Leaf) -> FileState:
    """Return what stands on disk where a leaf does."""
    return FileState(leaf.digest, leaf.size, leaf.executable)


def _outcome(key: str, swapped: Swapped) -> Outcome:
    return Outcome(key, _STATUSES[swapped.swap], swapped.message, swapped.hint)
