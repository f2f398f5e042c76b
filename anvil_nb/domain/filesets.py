"""Which files can stand in one tree together, whatever system it is written to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anvil_nb.domain.filepaths import folded, path_fault

if TYPE_CHECKING:
    from collections.abc import Iterable

_OTHERS: Final = frozenset({".anvil", ".git", ".hg", ".svn"})
"""Folders in which a file written from elsewhere would speak to a program."""


def tenant_path_fault(path: str) -> str:
    """Return why a tenant can have no file at ``path``; empty when it can."""
    fault = path_fault(path)
    hidden = path.startswith(".") or "/." in path
    if not fault and hidden and not _OTHERS.isdisjoint(path.lower().split("/")):
        return "is in a folder that belongs to a program"
    return fault


def collision(paths: Iterable[str], others: Iterable[str] = ()) -> tuple[str, str] | None:
    """Return two paths that cannot stand in one tree, if there are any.

    Two that differ by case or Unicode form alone are the same file on some systems; and nothing
    can be both a file and a folder.

    Args:
        paths: Each is held against all, ``others`` included.
        others: Known to go together.
    """
    files: dict[str, str] = {folded(path): path for path in others}
    folders: dict[str, str] = {}
    for key, path in files.items():
        _add_folders(folders, key, path)
    for path in paths:
        key = folded(path)
        other = files.setdefault(key, path)
        if other != path:
            return other, path
        if key in folders:
            return folders[key], path
        above = _file_above(files, folders, key)
        if above is not None:
            return above, path
        _add_folders(folders, key, path)
    return None


def _add_folders(folders: dict[str, str], key: str, path: str) -> None:
    folder = key.rpartition("/")[0]
    while folder and folder not in folders:
        folders[folder] = path
        folder = folder.rpartition("/")[0]


def _file_above(files: dict[str, str], folders: dict[str, str], key: str) -> str | None:
    folder = key.rpartition("/")[0]
    while folder and folder not in folders:  # above a folder that is known stands no file
        if folder in files:
            return files[folder]
        folder = folder.rpartition("/")[0]
    return None
