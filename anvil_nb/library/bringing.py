"""Saving an item from a file or a folder of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.domain.items.kinds import NOUNS, check_kind
from anvil_nb.errors import InvalidInputError, ItemError
from anvil_nb.library.making import FileBytes
from anvil_nb.library.saving import save_files, save_text

if TYPE_CHECKING:
    from anvil_nb.access import Access
    from anvil_nb.results.library import ItemSaved


def save_path(  # noqa: PLR0913 - what a save may say
    access: Access,
    kind: str,
    key: str,
    path: str | Path,
    *,
    expect: str | None = None,
    message: str = "",
) -> ItemSaved:
    """Save an item from a file, or a skill from its folder; ``-`` is standard input.

    Of a folder all files count but those that its ``.anvilignore`` and the safe defaults leave out.

    Args:
        access: Whose store.
        kind: Of the item.
        key: Of the item.
        path: Of the file or the folder.
        expect: As for ``save_fields``.
        message: Why, for the history.

    Raises:
        SourceError: when it cannot be read.
        ItemError: when it is no such item.
        MovedSinceError: when what stands is not what was expected; nothing is changed.
    """
    meant = check_kind(kind)
    if not Path(path).is_dir():
        from anvil_nb.files.text import read_bytes  # noqa: PLC0415 - late, on purpose

        data = read_bytes(path)
        return save_text(access, meant, key, data, expect=expect, message=message)
    if meant != "skill":
        msg = f"{path} is a folder, and a {NOUNS[meant]} is one file"
        raise InvalidInputError(msg, f"Name the file: anvil {meant} save {key} FILE")
    files = _files(Path(path))
    return save_files(access, meant, key, files, expect=expect, message=message)


def _files(path: Path) -> dict[str, FileBytes]:
    from anvil_nb.trees.folder import Folder  # noqa: PLC0415 - late, on purpose

    folder = Folder(path)
    scan = folder.scan(remember=False)
    if scan.problems:
        first = scan.problems[0]
        raise ItemError(f"{path}: {first.message}", first.hint)
    return {
        name: FileBytes(folder.read(name, state.digest), state.executable)
        for name, state in scan.files.items()
    }
