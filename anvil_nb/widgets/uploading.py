"""A file that comes from the page in pieces: each is acknowledged, and the whole has its digest.

A connection of Jupyter's takes messages of 10 MiB at most, and drops in silence what is larger: so
no piece is larger than ``LARGEST``, and the page sends the next one when this one is acknowledged.
The page and this side each compute the SHA-256 of the whole as the pieces go by; the browser's own
digest takes whole files only, and only on pages that came over TLS or from this machine.
"""

from __future__ import annotations

import hashlib
import shutil
import weakref
from pathlib import PureWindowsPath
from threading import Lock
from typing import TYPE_CHECKING

from anvil_nb.archive import Limits
from anvil_nb.domain.visible import visible
from anvil_nb.errors import ConflictError, InvalidInputError, TooLargeError
from anvil_nb.files.uploads import Uploads
from anvil_nb.results.bundles import size_text

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

PIECE = 2 * 1024 * 1024
"""How much the page sends at a time, in bytes."""
LARGEST = 4 * 1024 * 1024
"""The most that a piece may have, in bytes."""
MOST = 2 * Limits().total_bytes
"""The most that a file may have: what ``import`` opens at all."""
_LONGEST_NAME = 60  # of four bytes each at most, and no file system takes more than 255
_AGAIN = "Choose the file again."


class Upload:
    """One file on its way.

    Args:
        folder: Where it goes.
        number: By which the page names it.
        name: What the file is called, as ``shown_name`` gives it.
        size: How large it is, in bytes.

    Raises:
        InvalidInputError: for a file without bytes.
        TooLargeError: for one that is too large.
    """

    def __init__(self, folder: Path, number: int, name: str, size: int) -> None:
        if size < 1:
            raise InvalidInputError(f"{name} is empty", "Choose the file of a bundle.")
        if size > MOST:
            msg = f"{name} has {size:,} bytes; a bundle has {MOST:,} at most"
            raise TooLargeError(msg, "See that it is the right file.")
        self.number, self.name, self.size = number, name, size
        room = folder / str(number)  # so that the file has its own name in what is recorded
        room.mkdir()
        self.path = room / name
        self.received = 0
        self._digest = hashlib.sha256()
        self._last = b""
        self._file: BinaryIO | None = self.path.open("xb")
        weakref.finalize(self, self._file.close)

    def add(self, at: int, piece: bytes) -> int:
        """Take a piece; return how many bytes there are by then.

        One that came before is acknowledged again: its answer may have been lost.

        Raises:
            TooLargeError: for more than a piece, or a file, may have.
            ConflictError: for a piece that is not the next one.
        """
        if not piece or len(piece) > LARGEST:
            msg = f"a piece of a file has 1 to {LARGEST:,} bytes, found {len(piece):,}"
            raise TooLargeError(msg, _AGAIN)
        digest = hashlib.sha256(piece).digest()
        if at + len(piece) == self.received and digest == self._last:
            return self.received
        if self._file is None or at != self.received:
            msg = f"the piece at {at:,} of {self.name} is not the next one, at {self.received:,}"
            raise ConflictError(msg, _AGAIN)
        if at + len(piece) > self.size:
            msg = f"{self.name} has more than the {self.size:,} bytes that were announced"
            raise TooLargeError(msg, "It changed while it was sent. " + _AGAIN)
        self._file.write(piece)
        self._digest.update(piece)
        self._last = digest
        self.received += len(piece)
        return self.received

    def finish(self, sha256: str) -> str:
        """End the file; return its digest.

        Raises:
            InvalidInputError: when bytes are missing, or are not what the page has sent.
        """
        if self.received != self.size:
            msg = f"{self.received:,} of the {self.size:,} bytes of {self.name} came"
            raise InvalidInputError(msg, _AGAIN)
        found = self._digest.hexdigest()
        if found != sha256:
            msg = f"{self.name} changed on its way: it is sha256:{found[:12]} here"
            raise InvalidInputError(msg, _AGAIN)
        self._end()
        return found

    def discard(self) -> None:
        """Remove what came."""
        self._end()
        shutil.rmtree(self.path.parent, ignore_errors=True)

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Arrivals:
    """The files of one view, one at a time, in a folder that goes with it.

    The folder goes when the view is closed or forgotten, and when the kernel ends; that of a
    kernel that was killed when the next upload begins on the machine.

    Args:
        parent: Where the folder is made; the system's for temporary files when ``None``.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self._parent = parent
        self._uploads: Uploads | None = None
        self._number = 0
        self._lock = Lock()
        self.current: Upload | None = None

    @property
    def folder(self) -> Path | None:
        """Where the files are; none until there is one."""
        return None if self._uploads is None else self._uploads.folder

    def begin(self, name: str, size: int) -> Upload:
        """Begin a file; what came of another one is removed.

        Raises:
            StoreUnavailableError: when no folder can be made.
        """
        with self._lock:
            self._drop()
            if self._uploads is None:
                self._uploads = Uploads(self._parent).__enter__()
                weakref.finalize(self, self._uploads.__exit__)
            self._number += 1
            self.current = Upload(self._uploads.folder, self._number, shown_name(name), size)
            return self.current

    def of(self, number: int) -> Upload:
        """Return the file that is on its way.

        Raises:
            ConflictError: when that is another one by now.
        """
        found = self.current
        if found is None or found.number != number:
            raise ConflictError("this upload was cancelled, or another began", _AGAIN)
        return found

    def drop(self) -> None:
        """Remove what came."""
        with self._lock:
            self._drop()

    def close(self) -> None:
        """Remove the folder."""
        with self._lock:
            self._drop()
            if self._uploads is not None:
                self._uploads.__exit__()
                self._uploads = None

    def _drop(self) -> None:
        if self.current is not None:
            self.current.discard()
            self.current = None


def shown_name(name: str) -> str:
    """Return the last part of a name, as a file may be called: the page may say anything."""
    last = visible(PureWindowsPath(name).name)[-_LONGEST_NAME:]
    return last if last.strip(". ") else "bundle.anvil"


def progress_text(upload: Upload) -> str:
    """Return how much of a file has come."""
    return f"{size_text(upload.received)} of {size_text(upload.size)}"
