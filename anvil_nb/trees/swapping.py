"""Writing a tree: everything staged, then swapped in file by file, what stood there kept.

A change is done only on what was expected to stand: a file is exchanged for the new one in one
step, and what came out is looked at. Where that is something else, it is put back. So an edit that
comes at any moment is either in place or in the trash, and a reader sees the old file or the new.
What is killed between is finished by ``recover``: each step can be repeated, and tells by digests
whether it was done. Files that belong together are changed together or put back.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.filepaths import printable
from anvil_nb.trees import trash
from anvil_nb.trees.applying import Applying
from anvil_nb.trees.changes import Swap, Swapped
from anvil_nb.trees.ignoring import OURS
from anvil_nb.trees.locking import writing
from anvil_nb.trees.own_folder import unwritable
from anvil_nb.trees.places import Places
from anvil_nb.trees.staging import FOLDER, Staging

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from anvil_nb.trees.changes import FileChange
    from anvil_nb.trees.folder import Folder

_ELSEWHERE: Final = "Rename it on the other side, or leave it out by a filter."
_UNFINISHED: Final = "run this again: it finishes first what was begun"


def write(folder: Folder, changes: Iterable[FileChange], run: str) -> Mapping[str, Swapped]:
    """Change files of a tree.

    Nothing is changed before everything is staged: until then an error leaves the tree as it was.
    After an error later on, which is rare, the next sync finishes what was begun.

    Args:
        folder: The tree.
        changes: What to do, each path once; taken one by one, so that their bytes need not be in
            memory together.
        run: Id of the sync; names its folder in the trash.

    Returns:
        What became of each group.

    Raises:
        AnvilError: when the tree cannot be written, for want of room or rights.
        ConflictError: when another sync is writing it.
        InvalidInputError: when bytes are not those that were announced.
    """
    root = str(folder.root)
    refused: dict[str, Swapped] = {}
    with writing(root), _said_of(root), Places(root) as places:
        with _said_of(root, _UNFINISHED):
            _recover(root, places)
        with Staging(places, run) as staging:
            try:
                filled = staging.fill(_allowed(folder, changes, refused))
                staged = [one for one in filled if one.change.together not in refused]
                staging.decide(staged)
            except BaseException:
                with suppress(OSError):
                    staging.forget()
                raise
            with _said_of(root, _UNFINISHED):
                outcomes = Applying(root, places, staging).run(staged)
    trash.clean(root)
    return {**outcomes, **refused}


def recover(folder: Folder) -> tuple[str, ...]:
    """Finish what syncs that were killed had begun to write; sweep away what they had not.

    Returns:
        The runs that were finished.

    Raises:
        AnvilError: when the tree cannot be written.
        ConflictError: when a sync is writing it, and goes on for long.
    """
    root = str(folder.root)
    if not _left(root):
        return ()
    with writing(root), _said_of(root, _UNFINISHED), Places(root) as places:
        return _recover(root, places)


def _recover(root: str, places: Places) -> tuple[str, ...]:
    finished = []
    for run in _left(root):
        with Staging(places, run) as staging:
            decided = staging.journal()
            if decided is None:
                staging.forget()
            else:
                Applying(root, places, staging, again=True).run(decided)
                finished.append(run)
    return tuple(finished)


def _left(root: str) -> list[str]:
    try:
        return sorted(os.listdir(f"{root}/{OURS}/{FOLDER}"))  # noqa: PTH208 - root is text here
    except FileNotFoundError:
        return []


def _allowed(
    folder: Folder, changes: Iterable[FileChange], refused: dict[str, Swapped]
) -> Iterator[FileChange]:
    """Yield the changes of paths that the tree can have; refuse the groups of others."""
    for change in changes:
        if fault := folder.fault(change.path):
            path = printable(change.path)
            refused[change.together] = Swapped(Swap.FAILED, path, f"{path} {fault}", _ELSEWHERE)
        elif change.together not in refused:
            yield change


@contextmanager
def _said_of(root: str, then: str = "run this again") -> Iterator[None]:
    """Say what kept a tree from being written."""
    try:
        yield
    except OSError as error:
        raise unwritable(printable(root), error, then) from error
