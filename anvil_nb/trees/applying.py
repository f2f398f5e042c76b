"""Applying what a run has decided, group by group, and putting back what cannot be done whole.

Every step can come twice: after a kill all are gone through again, and each tells by digests
whether it was done. What is taken from the tree goes through the slot of its change to the trash,
so that it has a name at every moment.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.filepaths import printable
from anvil_nb.trees import exchanging
from anvil_nb.trees.changes import Swap, Swapped, is_same
from anvil_nb.trees.places import Places, remove_hollow
from anvil_nb.trees.reading import read_state
from anvil_nb.trees.staging import set_mode
from anvil_nb.trees.trash import find_thrown, throw

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anvil_nb.trees.reading import FileState
    from anvil_nb.trees.staging import Staged, Staging

_DONE: Final = Swapped(Swap.DONE)
_MANY: Final = 32
"""From so many folders on, all of the file system is made to last at once."""


class _MovedError(Exception):
    """What stands at a path is not what was expected."""


class Applying:
    """An apply under way.

    Args:
        root: Of the tree.
        places: Its folders.
        staging: What the run has decided, and its files.
        again: Whether some of it may have been done before.
    """

    def __init__(self, root: str, places: Places, staging: Staging, *, again: bool = False) -> None:
        self.root, self.places, self.staging, self.again = root, places, staging, again
        self.run_id, self.slots = staging.run, staging.folder
        self.begun: set[str] = set()
        self.half_done: set[str] = set()
        self.done: set[str] = set()
        self.stuck = False

    def run(self, staged: Sequence[Staged]) -> dict[str, Swapped]:
        """Carry out all of it; return what became of each group."""
        groups: dict[str, list[Staged]] = {}
        # What is deleted makes room: for a folder where a file was, for a name in another case.
        for one in sorted(staged, key=lambda one: (one.change.wanted is not None, one.change.path)):
            groups.setdefault(one.change.together, []).append(one)
        outcomes: dict[str, Swapped] = {}
        with Places(self.root) as self.trash:
            if self.again:
                self._settle(staged)
            for group, members in sorted(groups.items(), key=lambda pair: _writes(pair[1])):
                outcomes[group] = self._group(members)
            self._last()
        if not self.stuck:
            self.staging.forget()
        return outcomes

    def _settle(self, staged: Iterable[Staged]) -> None:
        """Throw away what lies in slots that was taken from the tree before."""
        for one in staged:
            if not self._is_ours(one):
                self._throw(one, one.slot)
            if self.staging.has(_taken_to(one)):
                self._throw(one, _taken_to(one))

    def _is_ours(self, one: Staged) -> bool:
        """Tell whether a slot is free, or holds what was staged in it."""
        with suppress(OSError):
            found = self.staging.state(one.slot)
            wanted = one.change.wanted
            return found is None or (wanted is not None and found.digest == wanted.digest)
        return False

    def _group(self, members: Sequence[Staged]) -> Swapped:
        path = ""
        try:
            todo = []
            for one in members:
                path = one.change.path
                now = self._look(path)
                if not is_same(now, one.change.wanted):
                    if now is None and self._is_half_done(one):
                        self.half_done.add(one.slot)
                    else:
                        self._expect(now, one.change.standing)
                    todo.append(one)
                elif now is None and self.again:
                    self.places.prune(path)
            for one in todo:
                path = one.change.path
                self.begun.add(one.slot)
                self._do(one)
                self.done.add(one.slot)
        except _MovedError:
            self._undo(members)
            return _moved(path)
        except OSError as error:
            self._undo(members)
            return _failed(path, error)
        return _DONE

    def _is_half_done(self, one: Staged) -> bool:
        """Tell whether a file was taken away before, and the new one not put in its place yet."""
        change = one.change
        if not self.again or change.standing is None or not self.staging.has(one.slot):
            return False
        return find_thrown(self.trash, self.run_id, change.path, change.standing) is not None

    def _look(self, path: str) -> FileState | None:
        """Return what stands at a path; nothing where it is a folder, which may be empty."""
        try:
            folder, name = self.places.find(path)
            return read_state(name, folder)[0]
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            if self._is_folder(path):
                return None
            raise

    def _is_folder(self, path: str) -> bool:
        with suppress(OSError):
            folder, name = self.places.find(path)
            return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        return False

    def _expect(self, found: FileState | None, expected: FileState | None) -> None:
        if not is_same(found, expected):
            raise _MovedError

    def _do(self, one: Staged) -> None:
        change = one.change
        if change.wanted is None:
            self._delete(one)
        elif change.standing is None or one.slot in self.half_done:
            self._add(one)
        else:
            self._change(one, change.wanted)
        self.places.touched.add(change.path.rpartition("/")[0])

    def _add(self, one: Staged) -> None:
        path = one.change.path
        self.places.make(path)
        self.places.check_new(path)
        folder, name = self.places.find(path)
        if self._is_folder(path):
            remove_hollow(folder, name)
        try:
            exchanging.move_new(self.slots, one.slot, folder, name)
        except FileExistsError:
            raise _MovedError from None

    def _change(self, one: Staged, wanted: FileState) -> None:
        folder, name = self.places.find(one.change.path)
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        set_mode(self.slots, one.slot, executable=wanted.executable, like=mode)
        if not exchanging.exchange(self.slots, one.slot, folder, name):
            self._take_away(one, _taken_to(one))
            self._add(one)
            return
        try:
            self._expect(self._taken(one.slot), one.change.standing)
            throw(self.trash, self.run_id, one.change.path, self.slots, one.slot)
        except (_MovedError, OSError):
            with suppress(OSError):
                exchanging.exchange(self.slots, one.slot, folder, name)
            if not self._is_ours(one):  # edited once more, between the two
                self._throw(one, one.slot)
            raise

    def _delete(self, one: Staged) -> None:
        self._take_away(one, one.slot)
        self.places.prune(one.change.path)

    def _take_away(self, one: Staged, slot: str) -> None:
        path = one.change.path
        folder, name = self.places.find(path)
        os.rename(name, slot, src_dir_fd=folder, dst_dir_fd=self.slots)
        try:
            self._expect(self._taken(slot), one.change.standing)
            throw(self.trash, self.run_id, path, self.slots, slot)
        except (_MovedError, OSError):
            try:
                exchanging.move_new(self.slots, slot, folder, name)
            except OSError:  # made anew meanwhile
                self._throw(one, slot)
            raise

    def _taken(self, slot: str) -> FileState | None:
        """Return what was taken out of the tree; nothing where it was no file."""
        try:
            return self.staging.state(slot)
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.EINVAL}:
                return None
            raise

    def _throw(self, one: Staged, slot: str) -> None:
        """Throw away what a slot holds; where that cannot be, it stays, and so does the run."""
        try:
            throw(self.trash, self.run_id, one.change.path, self.slots, slot)
        except OSError:
            self.stuck = True

    def _undo(self, members: Sequence[Staged]) -> None:
        """Put back what was done of a group, but nothing that somebody changed since."""
        for one in reversed(members):
            if self.again or one.slot in self.begun:
                try:
                    self._put_back(one)
                except OSError:
                    self.stuck = True

    def _put_back(self, one: Staged) -> None:
        change = one.change
        if change.standing is None:
            self._take_out(one)
            return
        place = find_thrown(self.trash, self.run_id, change.path, change.standing)
        if place is None or not self._take_out(one):
            return
        self.places.make(change.path)
        folder, name = self.places.find(change.path)
        source, thrown = self.trash.find(place)
        with suppress(FileExistsError):
            exchanging.move_new(source, thrown, folder, name)

    def _take_out(self, one: Staged) -> bool:
        """Take what was written from its path; return whether nothing stands there any more."""
        change = one.change
        now = self._look(change.path)
        if now is None:
            return True
        if one.slot in self.done:
            with suppress(FileNotFoundError):
                os.unlink(one.slot, dir_fd=self.slots)  # a second name of what was moved
        if not is_same(now, change.wanted) or self.staging.has(one.slot):
            return False
        folder, name = self.places.find(change.path)
        os.rename(name, one.slot, src_dir_fd=folder, dst_dir_fd=self.slots)
        if is_same(self._taken(one.slot), change.wanted):
            self.places.prune(change.path)
            return True
        with suppress(FileExistsError):
            exchanging.move_new(self.slots, one.slot, folder, name)
            return False
        self._throw(one, one.slot)
        return False

    def _last(self) -> None:
        """Make what was done last."""
        touched = len(self.places.touched) + len(self.trash.touched)
        if touched > _MANY:
            exchanging.sync_all(self.places.root)
        else:
            self.trash.sync()
            self.places.sync()


def _taken_to(one: Staged) -> str:
    """Return where a file lies that is replaced where the system cannot exchange two."""
    return f"{one.slot}.old"


def _writes(members: Sequence[Staged]) -> bool:
    """Tell whether a group does more than delete."""
    return any(one.change.wanted is not None for one in members)


def _moved(path: str) -> Swapped:
    shown = printable(path)
    message = f"{shown} was changed while the sync was under way, and stands as it was left"
    return Swapped(Swap.MOVED, shown, message, "Run the sync again.")


def _failed(path: str, error: OSError) -> Swapped:
    shown = printable(path)
    why = {
        errno.ENOTEMPTY: "a folder stands there, with files that are not synced",
        errno.ENOTDIR: "a file or a symbolic link stands where its folder would be",
        errno.ELOOP: "a symbolic link stands there",
    }.get(error.errno or 0, error.strerror or str(error))
    message = f"{shown} cannot be written: {why}"
    return Swapped(Swap.FAILED, shown, message, "Move what is in the way, then run the sync again.")
