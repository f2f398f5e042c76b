"""What somebody gives for a conflict: a text, a file, a folder, or texts by path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.errors import SourceError

if TYPE_CHECKING:
    Given = str | bytes | Path | Mapping[str, str | bytes]


def given(said: Given) -> dict[str | None, bytes]:
    """Return files by path; by ``None`` the one file whose path was not said.

    Raises:
        SourceError: for a file that cannot be read.
    """
    if isinstance(said, Mapping):
        return {path: _bytes(data) for path, data in said.items()}
    if not isinstance(said, Path):
        return {None: _bytes(said)}
    try:
        if said.is_dir():
            files = [path for path in sorted(said.rglob("*")) if path.is_file()]
            return {path.relative_to(said).as_posix(): path.read_bytes() for path in files}
        return {None: said.read_bytes()}
    except OSError as error:
        msg = f"{said} cannot be read: {error.strerror or error}"
        raise SourceError(msg, "Name a file or a folder that has the merged text.") from error


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data
