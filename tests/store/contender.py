"""A process that writes to a store, or reads from it, while files tell it to.

``python contender.py writer|reader STORE FOLDER NAME``. It opens the store, makes ``NAME.ready``
in ``FOLDER``, begins when there is ``go``, and ends when there is ``stop``. It appends what the
store has acknowledged to ``NAME.acknowledged``, and the seconds that each call took to
``NAME.seconds``; what goes wrong it writes to ``NAME.error``.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.store import open_engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.store import Engine

CALLS_IN_A_BURST = 5


def main(role: str, store: str, folder: Path, name: str) -> None:
    """Call from when there is a file ``go`` until there is a file ``stop``."""
    engine = open_engine(store, create=False)
    (folder / f"{name}.ready").touch()
    while not (folder / "go").exists():
        time.sleep(0.001)
    acknowledged = os.open(folder / f"{name}.acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    seconds = os.open(folder / f"{name}.seconds", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    call = reader(engine) if role == "reader" else writer(engine, acknowledged, name)
    number = 0
    while not (folder / "stop").exists():
        # Every other round as a notebook does it, a call for itself, and every other in a burst.
        rounds = number // CALLS_IN_A_BURST
        with engine.burst() if rounds % 2 else nullcontext():
            for _ in range(CALLS_IN_A_BURST):
                started = time.perf_counter()
                call(number)
                os.write(seconds, f"{time.perf_counter() - started}\n".encode())
                number += 1
    engine.close()


def writer(engine: Engine, acknowledged: int, name: str) -> Callable[[int], None]:
    """Return what writes one token and then notes that it was acknowledged."""

    def write(number: int) -> None:
        token = f"{name}-{number}"
        with engine.write() as tx:
            tx.execute("insert into written (token, filler) values ($1, $2)", token, "x" * 300)
            tx.execute("update totals set number = number + 1")
        os.write(acknowledged, f"{token}\n".encode())
        os.fsync(acknowledged)

    return write


def reader(engine: Engine) -> Callable[[int], None]:
    """Return what checks that a state is consistent, and not older than the one before."""
    last = 0

    def read(_: int) -> None:
        nonlocal last
        with engine.read() as tx:
            (total,) = tx.rows("select number from totals")[0]
            (count,) = tx.rows("select count(*) from written")[0]
        if count != total:
            raise AssertionError(f"{count} tokens and a total of {total}")
        if count < last:
            raise AssertionError(f"{count} tokens after {last}")
        last = count

    return read


if __name__ == "__main__":
    where = Path(sys.argv[3])
    try:
        main(sys.argv[1], sys.argv[2], where, sys.argv[4])
    except BaseException:
        (where / f"{sys.argv[4]}.error").write_text(traceback.format_exc())
        raise
