"""The folder for what is being uploaded: one for each server or kernel, removed with it.

One that was killed leaves its folder behind; the next one that starts beside it removes that.
Which ones are left behind tells a lock, which ends with its process.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from anvil_nb.errors import StoreUnavailableError

if TYPE_CHECKING:
    from io import BufferedWriter

_LOCK = "lock"
_MARK = "anvil-upload-"


class Uploads:
    """A folder of this process's own, for the time of a ``with`` block.

    Args:
        parent: Where it is made; the system's folder for temporary files when ``None``.
    """

    def __init__(self, parent: Path | None) -> None:
        self._parent = parent if parent is not None else Path(tempfile.gettempdir())
        self._hint = (
            "Make room, or set TMPDIR to another one."
            if parent is None
            else "Name another one: --uploads DIR"
        )
        self._lock: BufferedWriter | None = None
        self.folder = self._parent

    def __enter__(self) -> Self:
        try:
            self._parent.mkdir(parents=True, exist_ok=True)
            self.sweep()
            self.folder = Path(tempfile.mkdtemp(prefix=_MARK, dir=self._parent))
            self._lock = (self.folder / _LOCK).open("wb")
        except OSError as error:
            msg = f"the folder for uploads {self._parent} cannot be used: {error.strerror}"
            raise StoreUnavailableError(msg, self._hint) from error
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()

    def sweep(self) -> None:
        """Remove the folders of processes that are no more."""
        for folder in self._parent.glob(f"{_MARK}*"):
            with suppress(OSError), (folder / _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
