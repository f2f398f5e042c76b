"""The folder of keys: where it is, who may see it, and how its files are read and written.

Folder and private keys are for their user alone (0700 and 0600). Where they are not, they are
refused rather than mended: what others could read may have been read. Files are replaced whole,
and writers take turns by a lock beside them.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.domain.visible import visible
from anvil_nb.errors import KeyStoreError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE = "ANVIL_KEYS"
LOCK = "keys.lock"
MOST_BYTES = 16 * 1024 * 1024
"""The most that is read of a file, in bytes."""

_NEW = ".new"
_WAIT_SECONDS = 10.0
_PAUSE_SECONDS = 0.01
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def key_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the user's keys are.

    That is ``$ANVIL_KEYS``, else ``anvil/keys`` in ``$XDG_DATA_HOME`` or ``~/.local/share``.

    Raises:
        KeyStoreError: when the user has no home.
    """
    if said := environment.get(VARIABLE):
        return Path(said).expanduser().absolute()
    data = environment.get("XDG_DATA_HOME", "")
    if os.path.isabs(data):  # noqa: PTH117 - others are to be ignored (XDG Base Directory 0.8)
        return Path(data, "anvil", "keys")
    try:
        return Path.home() / ".local" / "share" / "anvil" / "keys"
    except RuntimeError as error:
        msg = "there is no home folder to keep keys in"
        raise KeyStoreError(msg, f"Set {VARIABLE} to a folder.") from error


class KeyFolder:
    """The files in the folder at ``path``, which is made when the first is written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self) -> bool:
        """Tell whether the folder is there.

        Raises:
            KeyStoreError: when others may see into it, or it is no folder of this user's.
        """
        with self._said():
            try:
                found = self.path.stat()
            except FileNotFoundError:
                return False
        if not stat.S_ISDIR(found.st_mode):
            msg = f"the place for keys, {_shown(self.path)}, is no folder"
            raise KeyStoreError(msg, f"Move it away, or set {VARIABLE} to a folder.")
        if fcntl is None:
            msg = "this operating system has no rights of files and locks to keep keys by"
            raise KeyStoreError(msg, "Use Linux or macOS.")
        _check_private(self.path, found, 0o700)
        return True

    def names(self, ending: str) -> list[str]:
        """Return the names of the files that end so, sorted."""
        if not self.check():
            return []
        with self._said():
            return sorted(one.name for one in self.path.iterdir() if one.name.endswith(ending))

    def read(self, name: str) -> bytes | None:
        """Return what a file holds; ``None`` when there is none.

        Raises:
            KeyStoreError: when others may read it, or it cannot be read.
        """
        if not self.check():
            return None
        path = self.path / name
        with self._said():
            try:
                # A pipe would keep whoever opens it waiting.
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            except FileNotFoundError:
                return None
            with os.fdopen(descriptor, "rb") as file:
                found = os.fstat(descriptor)
                _check_private(path, found, 0o600)
                # A read takes memory for all that it may return.
                size = min(found.st_size, MOST_BYTES)
                data = file.read(size + 1) if stat.S_ISREG(found.st_mode) else b""
        if not stat.S_ISREG(found.st_mode) or len(data) > size:
            raise KeyStoreError(f"{_shown(path)} is no file of keys", "Move it away.")
        return data

    def write(self, name: str, data: bytes) -> None:
        """Replace a file whole. The caller has the turn.

        A killed writer leaves at most one file ``.new``, which the next one overwrites.
        """
        new = self.path / _NEW
        with self._said():
            new.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            with os.fdopen(os.open(new, flags, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path / name)
            _sync(self.path)

    def move(self, old: str, new: str) -> None:
        """Give a file another name. The caller has the turn."""
        with self._said():
            (self.path / old).rename(self.path / new)
            _sync(self.path)

    @contextmanager
    def turn(self, wait_seconds: float = _WAIT_SECONDS) -> Iterator[None]:
        """Be the only one who writes, in a folder that is there from here on.

        Raises:
            KeyStoreError: when another process does not let go in time.
        """
        if not self.check():
            with self._said():
                self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
                _sync(self.path.parent)
            self.check()  # it may have come from somebody else meanwhile
        with self._said():
            descriptor = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with self._said():
                self._take(descriptor, time.monotonic() + wait_seconds)
            yield
        finally:
            # By name: a child that was forked meanwhile may still hold a copy.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def _take(self, descriptor: int, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    msg = f"another process is writing to the keys in {_shown(self.path)}"
                    raise KeyStoreError(msg, "Wait until it is done, then try again.") from None
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            msg = f"the keys in {_shown(self.path)} cannot be used: {error.strerror or error}"
            hint = f"See that you may read and write there, or set {VARIABLE} to another folder."
            raise KeyStoreError(msg, hint) from error


def _sync(folder: Path) -> None:
    """Make a renaming last: it is the folder that has changed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_private(path: Path, found: os.stat_result, mode: int) -> None:
    """Refuse what others may read or have in their hands."""
    if found.st_uid != os.geteuid():
        msg = f"{_shown(path)} holds keys and belongs to another user"
        raise KeyStoreError(msg, f"Set {VARIABLE} to a folder of your own.")
    if found.st_mode & _OTHERS:
        is_mode = stat.S_IMODE(found.st_mode)
        msg = f"{_shown(path)} holds keys and is open to other users: its mode is {is_mode:04o}"
        raise KeyStoreError(msg, f"If nobody has read it: chmod {mode:o} {_quoted(path)}")


def _shown(path: Path) -> str:
    return visible(os.fsencode(path).decode("utf-8", "replace"), keep="")


def _quoted(path: Path) -> str:
    import shlex  # noqa: PLC0415 - only for a hint

    return shlex.quote(_shown(path))
