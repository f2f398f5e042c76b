"""Uploads that come in pieces: what of a blob is here, until all of it is and goes to the store.

A file for each, in a folder that nothing else uses; what nobody goes on with is removed. It is
only ever a part of something that its sender has whole, so it is not forced to the disk: after a
crash the sender asks how much there is, and goes on there, or begins anew.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from anvil_nb.domain.digest import PREFIX
from anvil_nb.errors import (
    BlobError,
    ConflictError,
    FilesMovedError,
    StoreUnavailableError,
    TooLargeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

    from anvil_nb.cloud.limits import TenantLimits

KEPT_SECONDS: Final = 24 * 3600
"""How long an upload is kept that nobody goes on with."""

_LOOK_AGAIN_SECONDS: Final = 600


class Uploads:
    """The uploads that are under way here. Several servers may share the folder.

    Args:
        folder: Made when it is needed.
        limits: Of each tenant.
        clock: Returns seconds since 1970.
    """

    def __init__(
        self, folder: Path, limits: TenantLimits, clock: Callable[[], float] = time.time
    ) -> None:
        self.folder = folder
        self._limits = limits
        self._clock = clock
        self._cleaned = float("-inf")

    def offset(self, organisation_id: UUID, digest: str) -> int:
        """Return how many bytes of a blob are here."""
        try:
            return self._path(organisation_id, digest).stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def going_on(
        self, organisation_id: UUID, digest: str, offset: int, length: int
    ) -> Iterator[Part]:
        """Open an upload to append to. What is written stays, however the block ends.

        Args:
            organisation_id: Whose.
            digest: Of the whole.
            offset: Where the sender goes on.
            length: Of the whole, in bytes.

        Raises:
            ConflictError: when another request writes to it.
            FilesMovedError: when it is at another offset.
            StoreUnavailableError: when there is no room for it.
            TooLargeError: when it, or all uploads of the tenant, are too large.
        """
        if length > self._limits.file_bytes:
            msg = (
                f"a file of {length:,} bytes is too large; {self._limits.file_bytes:,} are allowed"
            )
            raise TooLargeError(msg, "Leave it out: name it in .anvilignore.")
        path = self._path(organisation_id, digest)
        with _room():
            self.clean()
            path.parent.mkdir(parents=True, exist_ok=True)
            self._check_room(path, length)
            file = path.open("ab")
        with file:
            _lock(file)
            found = os.fstat(file.fileno()).st_size
            if found != offset:
                msg = f"the upload is at {found:,}, and not at {offset:,}"
                raise FilesMovedError(msg, "Go on from there.", found=found)
            yield Part(file, path, found, length)

    def clean(self) -> None:
        """Remove what nobody has gone on with for a day."""
        now = self._clock()
        if now - self._cleaned < _LOOK_AGAIN_SECONDS:
            return
        self._cleaned = now
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                if now - path.stat().st_mtime > KEPT_SECONDS:
                    path.unlink()

    def _check_room(self, path: Path, length: int) -> None:
        others = sum(one.stat().st_size for one in path.parent.iterdir() if one != path)
        if others + length > self._limits.total_bytes:
            msg = f"uploads that are under way have {others:,} bytes already"
            raise TooLargeError(msg, "Finish them first.")

    def _path(self, organisation_id: UUID, digest: str) -> Path:
        return self.folder / str(organisation_id) / digest.removeprefix(PREFIX)


@dataclass(slots=True)
class Part:
    """An upload that is open, and locked.

    Args:
        file: To append to.
        path: Of it.
        offset: How many bytes it has.
        length: How many it is to have.
    """

    file: IO[bytes]
    path: Path
    offset: int
    length: int

    def write(self, data: bytes) -> None:
        """Append some bytes.

        Raises:
            BlobError: when they are more than there are to be; the upload is dropped.
            StoreUnavailableError: when there is no room for them.
        """
        if self.offset + len(data) > self.length:
            self.drop()
            msg = f"more bytes came than the {self.length:,} that were announced"
            raise BlobError(msg, "Send it again from the beginning.")
        with _room():
            self.file.write(data)
        self.offset += len(data)

    def whole(self) -> bytes | None:
        """Return all of it when it is complete, and ``None`` before."""
        if self.offset < self.length:
            return None
        with _room():
            self.file.flush()
        return self.path.read_bytes()

    def drop(self) -> None:
        """Remove it: it is in the store, or it was no good."""
        self.path.unlink(missing_ok=True)


def _lock(file: IO[bytes]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        msg = "another request writes to this upload"
        raise ConflictError(msg, "Wait until it is done; then ask where it is.") from error


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        msg = f"the folder for uploads cannot be written: {error.strerror or error}"
        raise StoreUnavailableError(msg, "Make room there, or name another folder.") from error
