"""DuckDB itself, running in memory. A file is attached to it to be worked with (``duckdb_file``).

Starting one and ending it takes 20 ms. So one that nobody needs
any more is kept for whoever opens a store next in this process, if it never failed and spilled
nothing to disk: what it holds then is DuckDB's own and no store's.
"""

from __future__ import annotations

import atexit
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # No threads of its own: they would not survive a fork, and small statements gain nothing.
    "threads": "1",
    "async_threads": "0",
    # No surprises: nothing is downloaded, and no Python variable is taken for a table.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "force_compression": "uncompressed",
    "default_block_size": "65536",
}
_MOST_SPARE = 2


@dataclass(slots=True)
class Instance:
    """A DuckDB that runs, for one user at a time.

    Args:
        connection: Attaches files and detaches them.
        cursor: Runs statements on the file that is attached.
        spill: The folder for what does not fit into memory; it is made when it is needed.
        parsed: The statements that were parsed already, by their text.
        sound: Whether nothing has failed in it.
    """

    connection: duckdb.DuckDBPyConnection
    cursor: duckdb.DuckDBPyConnection
    spill: Path
    parsed: dict[str, duckdb.Statement] = field(default_factory=dict)
    sound: bool = True

    def close(self) -> None:
        """End it."""
        self.cursor.close()
        self.connection.close()


_spare: list[Instance] = []


def take(spill: Path) -> Instance:
    """Return an instance, one that is left over or a new one.

    Raises:
        duckdb.Error: when it cannot be started.
    """
    while True:
        try:
            found = _spare.pop()
        except IndexError:
            break
        try:
            found.connection.execute("set temp_directory = $1", (str(spill),))
        except duckdb.Error:
            found.close()
        else:
            found.cursor = found.connection.cursor()
            found.spill = spill
            return found
    connection = duckdb.connect(":memory:", config={**_SETTINGS, "temp_directory": str(spill)})
    return Instance(connection, connection.cursor(), spill)


def give_back(instance: Instance) -> None:
    """End an instance that has no file attached, or keep it for the next who takes one."""
    if instance.sound and len(_spare) < _MOST_SPARE and not instance.spill.exists():
        instance.cursor.close()
        _spare.append(instance)
    else:
        instance.close()


def _end() -> None:
    while _spare:
        _spare.pop().close()


atexit.register(_end)
# A child begins with nothing of its parent's. What was left over has no file to be written to.
os.register_at_fork(after_in_child=_spare.clear)
