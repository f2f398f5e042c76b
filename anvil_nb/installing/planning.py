"""Planning: what an installation would change in a folder, and changing that.

What was shown is what is written: a file that moved in between is refused.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import AnvilError, PlanMovedError, RefusedError
from anvil_nb.files import write_files
from anvil_nb.files.text import MIB, decode, read_bytes
from anvil_nb.installing.clients import CLIENTS
from anvil_nb.installing.merging import merged
from anvil_nb.installing.showing import shown_text
from anvil_nb.results.installing import Installation

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.installing.clients import Client
    from anvil_nb.installing.starting import Start

_LARGEST: Final = MIB
_MARK: Final = b"\xef\xbb\xbf"
_VARIABLE: Final = "${"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a client's configuration.

    Args:
        shown: For people.
        folder: The project's.
        client: Whose configuration it is.
        before: The file as it was; ``None`` where there was none.
        after: The file as it is to be.
    """

    shown: Installation
    folder: Path
    client: Client
    before: bytes | None
    after: bytes


def plan(client: Client, start: Start, folder: Path) -> Change:
    """Return what would be changed to give a client the server; nothing is written.

    Args:
        client: That is to have it.
        start: What starts the server.
        folder: That the client opens.

    Raises:
        SourceError: for a file that cannot be read, or is not JSON.
        RefusedError: for one that is a symbolic link, or no configuration of that client.
    """
    path = folder / client.file
    for one in (path.parent, path):
        if one != folder and one.is_symlink():
            msg = f"{one} is a symbolic link, and nothing is written through one"
            raise RefusedError(msg, "Replace it by what it points to, or paste the entry yourself.")
    words = (*start.command, *start.environment.values())
    if client.expands and any(_VARIABLE in word for word in words):
        msg = f"{client.title} takes {_VARIABLE}…}} for a variable, and it stands in a path here"
        raise RefusedError(msg, "Give the folder another name.")
    before = _read(path)
    mark = _MARK if before is not None and before.startswith(_MARK) else b""
    old = "" if before is None else decode(before, str(path))
    done = merged(old, client, start, str(path))
    shown = Installation(
        client=client.name,
        title=client.title,
        path=str(path),
        state="unchanged" if done.state == "same" else "planned",
        change=done.state,
        old=shown_text(old, client, start, str(path)),
        new=shown_text(done.text, client, start, str(path)),
        command=start.command,
        following=client.following,
    )
    return Change(shown, folder, client, before, mark + done.text.encode())


def carry_out(change: Change) -> Installation:
    """Write a change that was shown.

    Raises:
        PlanMovedError: when the file is not what it was.
        RefusedError: when a symbolic link or a folder stands there.
        AnvilError: when the system does not let it be written; the old file is unharmed.
    """
    if change.shown.state == "unchanged":
        return change.shown
    if _read(change.folder / change.client.file) != change.before:
        msg = f"{change.shown.path} moved since its change was shown"
        raise PlanMovedError(msg, "Look at it again: anvil mcp install")
    write_files(change.folder, {change.client.file: change.after}, force=True)
    return replace(change.shown, state="written")


def plans(start: Start, folder: Path, *, home: Path | None = None) -> tuple[Installation, ...]:
    """Return what would be changed for each client that is there.

    Args:
        start: What starts the server.
        folder: That the clients open.
        home: Of the person; found out when ``None``.
    """
    home = home or Path.home()
    found = [one for one in CLIENTS if is_there(one, folder, home, _which)]
    return tuple(_planned(one, start, folder) for one in found)


def is_there(client: Client, folder: Path, home: Path, which: Callable[[str], str | None]) -> bool:
    """Tell whether a client seems to be in use: by its programs, and by what it leaves behind."""
    return (
        any((folder / one).exists() for one in client.traces)
        or any((home / one).exists() for one in client.settled)
        or any(which(one) for one in client.programs)
    )


def _planned(client: Client, start: Start, folder: Path) -> Installation:
    try:
        return plan(client, start, folder).shown
    except AnvilError as error:  # one that is refused hides no other
        return Installation(
            client=client.name,
            title=client.title,
            path=str(folder / client.file),
            state="refused",
            change="",
            command=start.command,
            following=f"{error.message}. {error.hint}",
        )


def _which(name: str) -> str | None:
    beside = Path(sys.executable).parent
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), str(beside)]))


def _read(path: Path) -> bytes | None:
    return read_bytes(path, _LARGEST) if path.exists() else None
