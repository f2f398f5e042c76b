"""Files of a tree, read: never through a symbolic link, and never half of one, half of another.

A file that somebody writes while it is read is read again; one that does not come to rest is said
to be in use.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from anvil_nb.domain.digest import PREFIX, digest_of_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

_Found = TypeVar("_Found")

_ATTEMPTS: Final = 5
_CHUNK: Final = 1 << 20
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class FileState(NamedTuple):
    """What a file is.

    Args:
        digest: Of its bytes.
        size: In bytes.
        executable: Whether its owner may execute it.
    """

    digest: str
    size: int
    executable: bool = False


class UnstableFileError(OSError):
    """A file that was written to as often as it was read."""


def open_file(path: str, folder: int | None = None) -> int:
    """Open a regular file to read.

    Args:
        path: Of the file, from ``folder``.
        folder: A descriptor; the working folder when left out.

    Raises:
        OSError: when there is none, or something else stands there: nothing is opened that could
            block, or that leads elsewhere.
    """
    descriptor = os.open(path, _FLAGS, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file", path)
    return descriptor


def read_state(path: str, folder: int | None = None) -> tuple[FileState, os.stat_result]:
    """Return what a file is, and its status while it was that.

    Raises:
        OSError: when it cannot be read; ``UnstableFileError`` when it does not come to rest.
    """

    def digest(descriptor: int, size: int) -> str:
        if size <= _CHUNK:
            return digest_of_bytes(_read(descriptor, size))
        with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as file:
            return PREFIX + hashlib.file_digest(file, "sha256").hexdigest()

    found, status = _at_rest(path, folder, digest)
    return FileState(found, status.st_size, is_executable(status)), status


def read_file(path: str, folder: int | None = None) -> bytes:
    """Return the bytes of a file.

    Raises:
        OSError: as for :func:`read_state`.
    """
    return _at_rest(path, folder, _read)[0]


def is_executable(status: os.stat_result) -> bool:
    """Tell whether the owner of a file may execute it."""
    return bool(status.st_mode & stat.S_IXUSR)


def _at_rest(
    path: str, folder: int | None, read: Callable[[int, int], _Found]
) -> tuple[_Found, os.stat_result]:
    descriptor = open_file(path, folder)
    try:
        before = os.fstat(descriptor)
        for _ in range(_ATTEMPTS):
            found = read(descriptor, before.st_size)
            after = os.fstat(descriptor)
            if _moment(before) == _moment(after):
                return found, after
            before = after
            os.lseek(descriptor, 0, os.SEEK_SET)
    finally:
        os.close(descriptor)
    raise UnstableFileError(errno.EBUSY, "it is being written to", path)


def _moment(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _read(descriptor: int, size: int) -> bytes:
    """Return a whole file, of which ``size`` bytes are expected."""
    first = os.read(descriptor, size)
    if len(first) == size:
        return first  # had it grown since, it would not be at rest
    parts = [first]
    while part := os.read(descriptor, _CHUNK):
        parts.append(part)
    return b"".join(parts)
