"""What a tree remembers of its last scan, so that the next one reads only what changed.

The digest is the truth; size, times and inode only tell that a file is the one that was read. A
file that changed so shortly before it was read that a change after it could bear the same time is
not remembered, and neither is one whose time lies ahead (git's *racy* entries).
"""

from __future__ import annotations

import json
import os
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from anvil_nb.trees.ignoring import OURS
from anvil_nb.trees.own_folder import make_own_folder
from anvil_nb.trees.reading import FileState, read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

FILE: Final = "stats.json"
_FORMAT: Final = 2
_STAMP: Final = struct.Struct("<3qQ")
_TICK: Final = 50_000_000
"""Longer than the clock of any file system with fine times stands still, in nanoseconds."""
_SECOND: Final = 1_000_000_000

Stamp = tuple[int, int, int, int]
"""Size, time of change of the bytes, and of anything, in nanoseconds; inode."""


@dataclass(frozen=True, slots=True)
class StatCache:
    """The files that were read, by path.

    Args:
        scope: Digest of the rules and the limits under which they were found.
        stamps: By which a file is known again.
        states: What it was.
        folders: Those above the files.
    """

    scope: str
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    states: Mapping[str, FileState] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()


def stamp_of(status: os.stat_result) -> Stamp:
    """Return by what a file is known again."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def is_settled(stamp: Stamp, now: int) -> bool:
    """Tell whether a change of a file after ``now`` would show in its times.

    Args:
        stamp: Of the file.
        now: By the clock of its file system, before it was read, in nanoseconds.
    """
    _, modified, changed, _ = stamp
    margin = 2 * _SECOND if changed % _SECOND == 0 else _TICK  # of file systems with coarse times
    return max(modified, changed) + margin < now


def clock(root: str) -> int | None:
    """Return the time by the clock of the tree's file system; nothing where it is read-only."""
    with suppress(OSError):
        folder = make_own_folder(root)
        path = os.path.join(folder, f".clock-{os.urandom(8).hex()}")  # noqa: PTH118 - speed
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            os.unlink(path)  # noqa: PTH108 - speed
            return os.fstat(descriptor).st_mtime_ns
        finally:
            os.close(descriptor)
    return None


def load_cache(root: str, scope: str) -> StatCache:
    """Return what the last scan within the same scope found; nothing where that is not known."""
    with suppress(OSError, ValueError, KeyError, TypeError, struct.error):
        said = json.loads(read_file(os.path.join(root, OURS, FILE)))  # noqa: PTH118 - speed
        if said["format"] == _FORMAT and said["scope"] == scope and said["device"] == _device(root):
            return _parsed(scope, said)
    return StatCache(scope)


def _parsed(scope: str, said: dict[str, Any]) -> StatCache:
    paths: list[str] = said["paths"]
    stamps: list[Stamp] = [*_STAMP.iter_unpack(bytes.fromhex(said["stamps"]))]
    sizes = (size for size, _, _, _ in stamps)
    runs = map("x".__eq__, said["modes"])
    states = map(_state, zip(said["digests"], sizes, runs, strict=True))
    return StatCache(
        scope,
        dict(zip(paths, stamps, strict=True)),
        dict(zip(paths, states, strict=True)),
        frozenset(said["folders"]),
    )


_state: Final[Callable[[tuple[str, int, bool]], FileState]] = partial(tuple.__new__, FileState)
"""Makes a state in a third of the time: there are many."""


def _folders(paths: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    new = {path.rpartition("/")[0] for path in paths}
    while new := new - found:
        found |= new
        new = {path.rpartition("/")[0] for path in new}
    return frozenset(found)


def save_cache(root: str, cache: StatCache) -> None:
    """Keep what a scan found. Where that cannot be written, the next scan reads more: no error."""
    states = cache.states.values()
    said = {
        "format": _FORMAT,
        "scope": cache.scope,
        "device": _device(root),
        "paths": list(cache.stamps),
        "folders": sorted(_folders(cache.stamps)),
        "stamps": b"".join(_STAMP.pack(*stamp) for stamp in cache.stamps.values()).hex(),
        "digests": [state.digest for state in states],
        "modes": "".join("x" if state.executable else "-" for state in states),
    }
    with suppress(OSError):
        path = os.path.join(make_own_folder(root), FILE)  # noqa: PTH118 - speed
        part = f"{path}.{os.urandom(8).hex()}"
        try:
            with open(part, "xb") as file:  # noqa: PTH123 - speed
                file.write(json.dumps(said, separators=(",", ":")).encode())
            os.replace(part, path)  # noqa: PTH105 - speed
        except BaseException:
            with suppress(OSError):
                os.unlink(part)  # noqa: PTH108 - speed
            raise


def _device(root: str) -> int:
    return os.stat(root).st_dev  # noqa: PTH116 - speed
