"""What somebody gives for a conflict: a text, a file, a folder, or texts by path."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.domain.values import type_name
from anvil_nb.errors import InvalidInputError, SourceError
from anvil_nb.trees.reading import is_executable

if TYPE_CHECKING:
    Said = str | bytes | os.PathLike[str] | Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True)
class Given:
    """Files that are to stand on both sides.

    Args:
        files: By path; by ``None`` the one file whose path was not said.
        executable: The paths that may be executed; ``None`` where that was not said.
    """

    files: Mapping[str | None, bytes]
    executable: frozenset[str] | None = None


def given(said: Said) -> Given:
    """Return what was given.

    Raises:
        InvalidInputError: for what is no text, no path, and no texts by path.
        SourceError: for a file that cannot be read.
    """
    if isinstance(said, Mapping):
        if any(not isinstance(path, str) for path in said):
            raise InvalidInputError("a path in merged is no text", _HINT)
        return Given({path: _bytes(data) for path, data in said.items()})
    if not isinstance(said, os.PathLike):
        return Given({None: _bytes(said)})
    place = Path(said)
    try:
        if not place.is_dir():
            return Given({None: place.read_bytes()})
        files = {
            path.relative_to(place).as_posix(): path
            for path in sorted(place.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }
        runs = frozenset(name for name, path in files.items() if is_executable(path.stat()))
        return Given({name: path.read_bytes() for name, path in files.items()}, runs)
    except OSError as error:
        msg = f"{place} cannot be read: {error.strerror or error}"
        raise SourceError(msg, "Name a file or a folder that has the merged text.") from error


def _bytes(data: object) -> bytes:
    if isinstance(data, bytes):
        return data
    if isinstance(data, str):
        return data.encode()
    raise InvalidInputError(f"merged is a text, found {type_name(data)}", _HINT)


_HINT = "Pass a text, the Path of a file or a folder, or a dict of texts by path."
