"""What another instance was last known to have: kept in a file, so that it need not say it again.

A cache and nothing more. It is believed only with its digest right, and asked about each time: the
other side answers whether it still is so.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.digest import PREFIX, digest_of_bytes
from anvil_nb.domain.filetree import Leaf, digest_of_leaves
from anvil_nb.remote.api import RemoteFiles

if TYPE_CHECKING:
    from pathlib import Path

_FORM: Final = "anvil-known-files/1"
_DIGITS: Final = 64


def path_of(folder: Path, location: str) -> Path:
    """Return where it is kept what is known of the tenant at ``location``."""
    return folder / f"files-{digest_of_bytes(location.encode()).removeprefix(PREFIX)[:16]}.txt"


def load(path: Path) -> RemoteFiles | None:
    """Return what was kept; ``None`` where nothing was, or it is damaged."""
    try:
        text = path.read_text("utf-8")
        head, *lines = text.split("\n")
        form, digest, revision = head.split(" ")
        if form != _FORM or lines.pop() != "":
            return None
        kept = [line for line in lines if not line.startswith("-")]
        files = dict(map(_leaf, kept))
        gone = dict(_gone(line) for line in lines if line.startswith("-"))
        if digest_of_leaves(files.values()) != digest:
            return None
        return RemoteFiles(digest, files, int(revision), gone)
    except (OSError, ValueError):
        return None


def save(path: Path, files: RemoteFiles) -> None:
    """Keep what is known; where that cannot be done, it is asked for the next time."""
    lines = [f"{_FORM} {files.digest} {files.revision}"]
    lines += (
        f"{leaf.digest.removeprefix(PREFIX)}{'x' if leaf.executable else ' '}{leaf.size} {path}"
        for path, leaf in files.files.items()
    )
    lines += (f"-{digest} {path}" for path, digest in files.gone.items())
    made = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            made.write_text("\n".join([*lines, ""]), "utf-8")
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)


def changed(
    files: RemoteFiles, put: list[Leaf], delete: list[str], digest: str, revision: int
) -> RemoteFiles | None:
    """Return what is there after a change that was confirmed.

    Args:
        files: What was there before.
        put: What was put.
        delete: The paths of what was deleted.
        digest: That the other side says all files have now.
        revision: That they have now.

    Returns:
        ``None`` when that is not what the change makes: something else happened, too.
    """
    after = {**files.files, **{leaf.path: leaf for leaf in put}}
    gone = {path: one for path, one in files.gone.items() if path not in after}
    for path in delete:
        after.pop(path, None)
    if digest_of_leaves(after.values()) != digest:
        return None
    return RemoteFiles(digest, after, revision, gone)


def _leaf(line: str) -> tuple[str, Leaf]:
    size, _, path = line[_DIGITS + 1 :].partition(" ")
    return path, Leaf(path, PREFIX + line[:_DIGITS], int(size), line[_DIGITS] == "x")


def _gone(line: str) -> tuple[str, str]:
    digest, _, path = line[1:].partition(" ")
    return path, digest
