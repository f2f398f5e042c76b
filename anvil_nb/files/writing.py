"""Bytes into files: each appears whole or not at all, and nothing is overwritten unasked."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import AnvilError, ExistsError, RefusedError
from anvil_nb.files import temporary
from anvil_nb.files.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_SHOWN: Final = 10


def write_files(
    folder: str | Path, files: Mapping[str, bytes], *, force: bool = False
) -> list[Path]:
    """Write ``files`` below ``folder``, and return the paths that were written.

    Files that already hold these bytes are left untouched. Everything is checked before anything
    is written; each file is then replaced whole, in the order given.

    Args:
        folder: Where; made when it is not there.
        files: Bytes by relative path, with ``/`` between its parts.
        force: Replace files that hold other bytes.

    Raises:
        RefusedError: for a path that leaves the folder or leads through a symbolic link, or
            where a folder stands in the place of a file or the other way round.
        ExistsError: lists the files that hold other bytes; nothing was written.
        AnvilError: when the system does not let it be written.
    """
    root = Path(folder)
    with _said_of(root):
        targets = {_target(root, name): data for name, data in files.items()}
        _check_apart(root, targets)
        changed = [path for path, data in targets.items() if not _holds(path, data)]
        taken = [path for path in changed if path.exists()]
    if taken and not force:
        listed = ", ".join(map(shown, taken[:_MOST_SHOWN]))
        more = f" and {len(taken) - _MOST_SHOWN} more" if len(taken) > _MOST_SHOWN else ""
        raise ExistsError(
            f"these files hold something else: {listed}{more}",
            "Nothing was written. Pass force=True to replace them, or choose another folder.",
        )
    folders = {path.parent for path in changed}
    for parent in folders:
        temporary.remove_abandoned(parent)
    for path in changed:
        _write(path, targets[path])
    for parent in folders:
        _sync_folder(parent)
    return changed


def write_atomically(path: str | Path, data: bytes) -> None:
    """Replace the file at ``path`` by one that holds ``data``; its folder is made when missing.

    A reader, or a machine that loses power, sees the old file or the new one. The new one keeps
    the old one's rights.

    Raises:
        RefusedError: when a symbolic link or a folder stands there.
        AnvilError: when the system does not let it be written; the old file is unharmed.
    """
    path = Path(path)
    temporary.remove_abandoned(path.parent)
    _write(path, data)
    _sync_folder(path.parent)


def _write(path: Path, data: bytes) -> None:
    with _said_of(path):
        _check_end(path)
        _check_folder(path.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    """Turn what the system says into an error of ours."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise AnvilError(
            f"{shown(path)} cannot be written: {reason or error}",
            "Make room or get the right to write there, or choose another place.",
        ) from error


def _replace(path: Path, data: bytes) -> None:
    try:
        rights = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        rights = None
    # The same folder, so that the renaming stays within one file system.
    # Nobody reads it meanwhile who may not read the file that it replaces.
    descriptor, name = temporary.create(path.parent, 0o666 if rights is None else 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if rights is not None:
                os.fchmod(descriptor, rights)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            name.replace(path)
    except BaseException:
        name.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Make the renaming last; only POSIX systems open folders for that."""
    if os.name != "posix":
        return
    with _said_of(folder):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _target(root: Path, name: str) -> Path:
    parts = name.split("/")
    sound = parts == [*PurePosixPath(name).parts] and ".." not in parts
    if not sound or "\\" in name or "\0" in name or Path(name).is_absolute():
        raise RefusedError(
            f"{name!r} is not the path of a file below a folder",
            "Use a relative path with / between its parts, for example emails/welcome.prompt",
        )
    path = root / name
    _check_folder(root)
    for parent in _parents_below(root, path):
        if parent.is_symlink():
            raise RefusedError(
                f"{shown(parent)} is a symbolic link, so {name} would leave {shown(root)}",
                "Remove the link, or write to where it points.",
            )
        _check_folder(parent)
    _check_end(path)
    return path


def _check_apart(root: Path, targets: Mapping[Path, bytes]) -> None:
    for path in targets:
        for parent in _parents_below(root, path):
            if parent in targets:
                raise RefusedError(
                    f"{shown(parent)} would have to be a file and a folder",
                    "Rename one of the two.",
                )


def _parents_below(root: Path, path: Path) -> Iterator[Path]:
    for parent in path.parents:
        if parent == root:
            return
        yield parent


def _check_folder(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise RefusedError(
            f"{shown(path)} is a file where a folder has to be",
            "Move the file away, or choose another folder.",
        )


def _check_end(path: Path) -> None:
    if path.is_symlink():
        raise RefusedError(
            f"{shown(path)} is a symbolic link", "Remove the link, or write to where it points."
        )
    if path.is_dir():
        raise RefusedError(f"{shown(path)} is a folder", "Give the name of a file.")


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False
