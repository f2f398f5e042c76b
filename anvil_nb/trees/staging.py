"""The staging of a run: everything that it will write, complete on the disk before it writes any.

``.anvil/staging/RUN`` holds a slot for each file, named by a number, and then a journal of what is
to become of them. With its journal a run is decided: whoever comes next finishes it. Without one it
was never begun, and is swept away.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from anvil_nb.domain.digest import PREFIX, is_digest
from anvil_nb.domain.filepaths import path_fault
from anvil_nb.errors import InvalidInputError
from anvil_nb.trees import exchanging
from anvil_nb.trees.changes import FileChange
from anvil_nb.trees.ignoring import OURS
from anvil_nb.trees.reading import FileState, read_file, read_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anvil_nb.trees.places import Places

FOLDER: Final = "staging"
JOURNAL: Final = "journal.json"
_PART: Final = "journal.part"
_FORMAT: Final = 1
_FEW: Final = 32
"""Up to so many files are made to last one by one; above, all of the file system at once."""
_run_id: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}").fullmatch


@dataclass(frozen=True, slots=True)
class Staged:
    """A change, and the slot of its file.

    Args:
        change: Without its data.
        slot: Name in the staging folder; for a deletion it is free, and takes what is deleted.
    """

    change: FileChange
    slot: str


class Staging:
    """The staging folder of a run.

    Args:
        places: The folders of the tree.
        run: Of which this is the staging.
    """

    def __init__(self, places: Places, run: str) -> None:
        if _run_id(run) is None:
            raise InvalidInputError(f"{run!r} cannot name a run", "Use letters, digits and -.")
        self.places, self.run = places, run
        self.path = f"{OURS}/{FOLDER}/{run}"
        folder, _ = places.make(f"{self.path}/{JOURNAL}")
        self.folder = os.dup(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.folder)

    def fill(self, changes: Iterable[FileChange]) -> list[Staged]:
        """Write every file into its slot.

        Raises:
            OSError: when there is no room, or it is not allowed.
            InvalidInputError: when the bytes are not those that were announced, or a path comes
                twice.
        """
        staged: list[Staged] = []
        seen: set[str] = set()
        for number, change in enumerate(changes):
            if change.path in seen:
                raise InvalidInputError(f"{change.path} is to be changed twice", "Name it once.")
            seen.add(change.path)
            slot = str(number)
            if change.wanted is not None:
                self._fill(slot, change, change.wanted)
            stripped = FileChange(change.path, change.wanted, change.standing, b"", change.together)
            staged.append(Staged(stripped, slot))
        return staged

    def decide(self, staged: Sequence[Staged]) -> None:
        """Make the slots last, then write what is to become of them: from here on it is done.

        Raises:
            OSError: when there is no room; nothing is decided then.
        """
        slots = [one.slot for one in staged if one.change.wanted is not None]
        if len(slots) > _FEW:
            exchanging.sync_all(self.folder)
        else:
            for slot in slots:
                _fsync(slot, self.folder)
        self._write_journal(staged)

    def journal(self) -> list[Staged] | None:
        """Return what a run had decided to do; nothing when it had not come to that.

        Raises:
            InvalidInputError: when the journal is damaged, or none of ours.
        """
        try:
            data = read_file(JOURNAL, self.folder)
        except FileNotFoundError:
            return None
        try:
            return _parsed(json.loads(data), self.run)
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInputError(
                f"the journal {self.path}/{JOURNAL} is damaged",
                f"Look for your files in {self.path}, then delete that folder.",
            ) from error

    def forget(self) -> None:
        """Say that the run is done or was never begun, and remove its staging.

        Raises:
            OSError: when that cannot be said; what else is left is swept away by the next run.
        """
        with suppress(FileNotFoundError):
            os.unlink(JOURNAL, dir_fd=self.folder)
            os.fsync(self.folder)
        with suppress(OSError):
            for name in os.listdir(self.folder):  # noqa: PTH208 - a descriptor
                os.unlink(name, dir_fd=self.folder)
            folder, name = self.places.find(self.path)
            os.rmdir(name, dir_fd=folder)

    def has(self, slot: str) -> bool:
        """Tell whether anything lies in a slot."""
        try:
            os.stat(slot, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def state(self, slot: str) -> FileState | None:
        """Return what lies in a slot; nothing when it is free."""
        try:
            return read_state(slot, self.folder)[0]
        except FileNotFoundError:
            return None

    def _fill(self, slot: str, change: FileChange, wanted: FileState) -> None:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
        descriptor = os.open(slot, flags, 0o666, dir_fd=self.folder)
        digest = hashlib.sha256()
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            data = change.data
            for part in (data,) if isinstance(data, bytes) else data:
                digest.update(part)
                _write(file.fileno(), part)
        if PREFIX + digest.hexdigest() != wanted.digest:
            raise InvalidInputError(
                f"{change.path} came with other bytes than were announced",
                "Run the sync again.",
            )
        set_mode(self.folder, slot, executable=wanted.executable)

    def _write_journal(self, staged: Sequence[Staged]) -> None:
        said = {"format": _FORMAT, "run": self.run, "files": [_to_json(one) for one in staged]}
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
        descriptor = os.open(_PART, flags, 0o600, dir_fd=self.folder)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            _write(file.fileno(), json.dumps(said, separators=(",", ":")).encode())
            os.fsync(file.fileno())
        os.rename(_PART, JOURNAL, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        os.fsync(self.folder)


def set_mode(folder: int, name: str, *, executable: bool, like: int | None = None) -> None:
    """Make a file executable or not, its rights otherwise its own or those of another.

    Args:
        folder: Descriptor of its folder.
        name: Of the file.
        executable: For everyone who may read it.
        like: The mode of the other.
    """
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode & 0o777
    kept = mode if like is None else like & 0o777
    if not executable:
        kept &= ~0o111
    elif not kept & 0o100:
        kept |= (kept & 0o444) >> 2
    if kept != mode:
        os.chmod(name, kept, dir_fd=folder)


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _fsync(name: str, folder: int) -> None:
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _to_json(staged: Staged) -> list[Any]:
    one = staged.change
    return [one.path, one.together, staged.slot, _state_to_json(one.wanted),
            _state_to_json(one.standing)]  # fmt: skip


def _state_to_json(state: FileState | None) -> list[Any] | None:
    return None if state is None else [*state]


def _parsed(said: Any, run: str) -> list[Staged]:
    """Return what a journal says; it may have come with a folder from anywhere."""
    if said["format"] != _FORMAT or said["run"] != run:
        raise ValueError(errno.EINVAL)
    staged = []
    for path, group, slot, wanted, standing in said["files"]:
        if path_fault(path) or path.partition("/")[0] == OURS or not slot.isdecimal():
            raise ValueError(path)
        change = FileChange(path, _state(wanted), _state(standing), b"", str(group))
        staged.append(Staged(change, slot))
    return staged


def _state(said: Any) -> FileState | None:
    if said is None:
        return None
    digest, size, executable = said
    if not is_digest(digest):
        raise ValueError(digest)
    return FileState(digest, int(size), bool(executable))
