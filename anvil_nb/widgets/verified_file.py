"""The file that was verified: that one is planned and imported, or none is."""

from __future__ import annotations

from pathlib import Path

from anvil_nb.bundles.opening import file_digest
from anvil_nb.errors import MovedSinceError


class VerifiedFile:
    """A file as it was when its verification began.

    Args:
        path: Of the file.

    Attributes:
        digest: The SHA-256 of its bytes.

    Raises:
        SourceError: when there is none.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._stamp = _stamp(path)
        self.digest = file_digest(path)

    def check(self) -> None:
        """Refuse a file that was put in its place; one of the same bytes is the same.

        Raises:
            MovedSinceError: for another one.
        """
        stamp = _stamp(self.path)
        if stamp == self._stamp:
            return
        if file_digest(self.path) != self.digest:
            msg = f"{Path(self.path).name} is another file by now than the one that was verified"
            raise MovedSinceError(msg, "Run this cell again, or choose it anew: it is verified.")
        self._stamp = stamp


def _stamp(path: str) -> tuple[int, int, int]:
    """Return what is another when a file was written to, as far as that is known cheaply."""
    try:
        said = Path(path).stat()
    except OSError:
        return (0, 0, 0)
    return (said.st_ino, said.st_size, said.st_mtime_ns)
