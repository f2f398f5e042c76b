"""Working on more contents than should be in memory at once.

DuckDB keeps what it has read, and what it has written and not yet put into its file, for as long
as there is memory. When it puts new rows into its file it also merges them with the rows before
them, once there are as many: it then rewrites them all, 2,048 of them in memory together.

All of this is for one process. PostgreSQL needs nothing of it: its memory is another's.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from anvil_nb.store.engine import Engine

_LEAST = 32 * 1024 * 1024
_COPIES = 8
"""How often DuckDB may have a content in memory: as a parameter, a row, in its log and its file."""
MERGED = 2_048
"""How many contents it has in memory together when it merges."""
_BESIDE = 16 * 1024 * 1024
"""What else it has then. Of 22 kB each, 43 MiB, they were merged in 50 MiB and not in 48; of 33 kB,
64 MiB, in 80 and not in 72; of 60 kB, 117 MiB, in 133 and not in 125."""
_LARGEST = 1024 * 1024


@contextmanager
def sparing(engine: Engine, largest: int = _LARGEST) -> Iterator[None]:
    """Read with little memory inside the block: a few contents at a time, else it may fail.

    Args:
        engine: The store. Others have their turn between calls.
        largest: How many bytes the largest content has.
    """
    if engine.kind != "duckdb":
        yield
        return
    limit = _limit(_LEAST + _COPIES * largest)
    with engine.burst():
        _run(engine, limit)
        try:
            yield
        finally:
            # Set once more, so that what was read last is let go of.
            _run(engine, limit, "reset memory_limit")


@contextmanager
def filling(
    engine: Engine, organisation_id: UUID, *, largest: int, together: int
) -> Iterator[None]:
    """Write with little memory inside the block: a few contents at a time, in many transactions.

    They are merged once, at the end, and not each time that there are twice as many.

    Args:
        engine: The store. Others have their turn between calls.
        organisation_id: Whose contents they are.
        largest: How many bytes the largest of them has.
        together: The most bytes that ``MERGED`` of them have which are stored one after the other.
    """
    if engine.kind != "duckdb":
        yield
        return
    least = _LEAST + _COPIES * largest
    merging = max(least, _BESIDE + together)
    try:
        with engine.burst():
            _give_back()
            _run(engine, _limit(least), "set max_vacuum_tasks = 0")
            try:
                yield
                with engine.write() as tx:
                    # DuckDB merges nothing where nothing was written since it last did, and does
                    # not write what is the same: so there and back.
                    ours = organisation_id
                    tx.execute("update organisations set title = title || ' ' where id = $1", ours)
                    tx.execute(
                        "update organisations set title = left(title, -1) where id = $1", ours
                    )
            finally:
                _give_back()
                _run(engine, "reset max_vacuum_tasks", _limit(merging))
        # The file is put away here, and its rows are merged. Should that take more memory than
        # this, they stay in the log, and are merged another time.
    finally:
        _run(engine, "reset memory_limit")


def _limit(size: int) -> str:
    return f"set memory_limit = '{size}B'"


def _run(engine: Engine, *statements: str) -> None:
    with engine.read() as tx:
        for statement in statements:
            tx.execute(statement)


def _give_back() -> None:
    """Give back to the system what was freed of small pieces; the C library of Linux keeps it."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, and no other
        if trim is not None:
            trim(0)
