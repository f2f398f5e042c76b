"""What happens at each step of writing a tree: every call that changes the disk is one step."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from anvil_nb.trees import exchanging
from anvil_nb.trees.changes import FileChange
from anvil_nb.trees.reading import FileState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

CALLS: Final = ("open", "write", "fsync", "rename", "link", "unlink", "mkdir", "rmdir", "chmod")
WAITS: Final = ("fsync", "_SYNC")

Files = dict[str, tuple[bytes, bool]]
"""Bytes by path, and whether they are executable."""

OLD: Final[Files] = {
    "a.md": (b"a", False),
    "b.md": (b"b", False),
    "dir/c.md": (b"c", False),
    "was-file": (b"file", False),
    "was-dir/x.md": (b"x", False),
    "was-dir/below/y.md": (b"y", False),
    "Case.md": (b"case", False),
    "run.sh": (b"#!/bin/sh\n", False),
    "skill/SKILL.md": (b"skill", False),
    "skill/old.txt": (b"old", False),
    "same.md": (b"same", False),
}
NEW: Final[Files] = {
    "a.md": (b"A2", False),
    "dir/c.md": (b"C2", True),
    "was-file/x.md": (b"x in a folder", False),
    "was-dir": (b"a file now", False),
    "case.md": (b"case", False),
    "new/deep/n.md": (b"n", False),
    "run.sh": (b"#!/bin/sh\n", True),
    "skill/SKILL.md": (b"SKILL2", False),
    "skill/new.txt": (b"new", True),
    "same.md": (b"same", False),
}


def state(file: tuple[bytes, bool] | None) -> FileState | None:
    if file is None:
        return None
    data, executable = file
    return FileState(f"sha256:{hashlib.sha256(data).hexdigest()}", len(data), executable)


def changes(old: Files = OLD, new: Files = NEW) -> list[FileChange]:
    """What makes the new tree of the old one; what is in a skill goes together."""
    return [
        FileChange(
            path,
            state(new.get(path)),
            state(old.get(path)),
            new.get(path, (b"", False))[0],
            "skill" if path.startswith("skill/") else "",
        )
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    ]


def lay(root: Path, files: Mapping[str, tuple[bytes, bool]] = OLD) -> Path:
    for path, (data, executable) in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(0o755 if executable else 0o644)
    return root


def found(root: Path) -> Files:
    """All files of a tree, without ours."""
    return {
        name: (path.read_bytes(), os.access(path, os.X_OK) and bool(path.stat().st_mode & 0o100))
        for path in root.rglob("*")
        if (name := path.relative_to(root).as_posix()).partition("/")[0] != ".anvil"
        and path.is_file()
    }


def trash(root: Path) -> set[bytes]:
    return {path.read_bytes() for path in (root / ".anvil/trash").rglob("*") if path.is_file()}


def kept(root: Path) -> set[bytes]:
    """Every version that somebody can get back without looking into our staging."""
    return trash(root) | {data for data, _ in found(root).values()}


def left(root: Path) -> list[str]:
    staging = root / ".anvil/staging"
    return [path.name for path in staging.iterdir()] if staging.exists() else []


@contextmanager
def at_steps(step: Callable[[int, str], object], *, exchanges: bool = True) -> Iterator[None]:
    """Call ``step`` with a running number before everything that changes the disk.

    What it does itself is no step. Without ``exchanges`` the system knows no exchange of files.
    """
    number = 0
    inside = False

    def wrapped(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            nonlocal number, inside
            reads = name == "open" and not arguments[1] & os.O_CREAT
            if not inside and not reads:
                number += 1
                inside = True
                try:
                    step(number, name)
                finally:
                    inside = False
            # What lasts when the power goes is not seen here, and waiting for it takes long.
            return 0 if name in WAITS else call(*arguments, **named)

        return counted

    before = {name: getattr(os, name) for name in CALLS}
    ours = {name: getattr(exchanging, name) for name in ("_RENAME", "_SYNC")}
    for name, call in before.items():
        setattr(os, name, wrapped(name, call))
    for name, call in ours.items():
        keep = call is not None and (exchanges or name != "_RENAME")
        setattr(exchanging, name, wrapped(name, call) if keep else None)
    try:
        yield
    finally:
        for name, call in before.items():
            setattr(os, name, call)
        for name, call in ours.items():
            setattr(exchanging, name, call)
