"""Large files that appear whole: written under no name, and named when they are done.

Where the system can (Linux), a file has no name until it is complete, so that not even a killed
process leaves a part of it behind. Elsewhere, and for the moment in which it takes the place of
another file, it has a temporary name beside its place; the next one to be written there removes
what a killed process left under such a name.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from anvil_nb.errors import AnvilError, ExistsError, RefusedError
from anvil_nb.files import temporary
from anvil_nb.files.text import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a write to a file may meet."""


@contextmanager
def whole_file(path: str | Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """Open a new file to write and read; it stands at ``path`` when the block ends without error.

    Args:
        path: Where. A folder above it that is missing is not made.
        force: Replace a file that stands there.

    Raises:
        ExistsError: when there is a file, and it may not be replaced.
        RefusedError: when there is a folder, a symbolic link or a device.
        AnvilError: when the system does not let it be written.
    """
    path = Path(path)
    _check_place(path, force=force)
    temporary.remove_abandoned(path.parent)
    with _said_of(path):
        descriptor, name = _opened(path.parent)
    with _said_of(path, _DISK):  # also what closing the file meets, which writes what is left
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                with _said_of(path):
                    file.flush()
                    os.fsync(file.fileno())
                    _appear(file, name, path, force=force)
        except BaseException:
            if name is not None:
                name.unlink(missing_ok=True)
            raise
    with _said_of(path):
        _sync_folder(path.parent)


def _check_place(path: Path, *, force: bool) -> None:
    if path.is_symlink() or path.is_dir():
        what = "symbolic link" if path.is_symlink() else "folder"
        raise RefusedError(f"{shown(path)} is a {what}", "Give the name of a file.")
    if not path.parent.is_dir():
        msg = f"there is no folder {shown(path.parent)}"
        raise RefusedError(msg, "Make it first, or choose another one.")
    if path.exists() and not path.is_file():
        raise RefusedError(f"{shown(path)} is no plain file", "Give the name of a file.")
    if path.exists() and not force:
        raise _taken(path)


def _taken(path: Path) -> ExistsError:
    return ExistsError(
        f"there is a file {shown(path)} already", "Add --force to replace it, or name another."
    )


def _opened(folder: Path) -> tuple[int, Path | None]:
    """Open a file without a name, or else with a temporary one."""
    if hasattr(os, "O_TMPFILE"):
        with suppress(OSError):  # a file system that does not know it
            descriptor = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o666)
            temporary.hold(descriptor)
            return descriptor, None
    return temporary.create(folder)


def _appear(file: BinaryIO, name: Path | None, path: Path, *, force: bool) -> None:
    """Give the file its name; a new name at once, an old one by renaming over it."""
    if name is None:
        try:
            _link(file, path)
        except FileExistsError:
            if not force:
                raise _taken(path) from None
        else:
            return
        name = temporary.new_name(path.parent)
        _link(file, name)
        try:
            name.replace(path)
        except BaseException:
            name.unlink(missing_ok=True)
            raise
        return
    if not force:
        try:
            os.link(name, path)  # fails where another file came first
        except FileExistsError:
            raise _taken(path) from None
        name.unlink()
        return
    name.replace(path)


def _link(file: BinaryIO, path: Path) -> None:
    """Name a file that has no name."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # With a folder's descriptor Python calls linkat(), which alone follows the link in /proc.
        source = f"/proc/self/fd/{file.fileno()}"
        os.link(source, path.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


@contextmanager
def _said_of(path: Path, errors: Collection[int] | None = None) -> Iterator[None]:
    """Say what kept a file from being written: any error, or only those with these numbers."""
    try:
        yield
    except OSError as error:
        if errors is not None and error.errno not in errors:
            raise
        raise AnvilError(
            f"{shown(path)} cannot be written: {error.strerror or error}",
            "Make room or get the right to write there, or choose another place.",
        ) from error


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
