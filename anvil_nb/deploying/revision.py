"""The commit that a folder of git is at, read from its files: nothing is run for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

SHORT: Final = 7
_HEX: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def short_revision(folder: Path) -> str:
    """Return the first digits of the commit that is checked out.

    Raises:
        SettingsError: when the folder is in no work tree of git, or nothing was committed.
    """
    git = _git_folder(folder)
    found = None if git is None else _commit(git)
    if found is None:
        msg = f"{folder} is at no commit of git, of which a tag would be made"
        raise SettingsError(msg, "Name the tag: anvil deploy --tag NAME, or commit first.")
    return found[:SHORT]


def _git_folder(folder: Path) -> Path | None:
    for one in (folder, *folder.parents):
        found = one / ".git"
        if found.is_dir():
            return found
        if found.is_file():  # of a work tree beside the first, or a submodule
            said = _text(found).removeprefix("gitdir:").strip()
            return (one / said).resolve()
    return None


def _commit(git: Path) -> str | None:
    head = _text(git / "HEAD")
    if _HEX.fullmatch(head):
        return head
    ref = head.removeprefix("ref:").strip()
    common = git / (_text(git / "commondir") or ".")
    for place in (git, common):
        found = _text(place / ref)
        if _HEX.fullmatch(found):
            return found
    for line in _text(common / "packed-refs").splitlines():
        digits, _, name = line.partition(" ")
        if name == ref and _HEX.fullmatch(digits):
            return digits
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
