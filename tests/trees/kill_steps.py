"""Writes a tree again and again, killed one step later each time; then recovers, killed too.

Run as a program: ``kill_steps.py FOLDER exchange|plain``. Leaves a folder per kill, and prints how
many there were.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.trees.folder import Folder
from anvil_nb.trees.swapping import recover, write
from tests.trees.steps import at_steps, changes, lay

if TYPE_CHECKING:
    from collections.abc import Callable

KILLED = 9


def dies_at(last: int, work: Callable[[], object], *, exchanges: bool) -> bool:
    """Do the work in another process, which dies at a step; return whether it came to that."""
    child = os.fork()
    if child == 0:
        with at_steps(lambda number, _: number == last and os._exit(KILLED), exchanges=exchanges):
            work()
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in {0, KILLED}:
        raise SystemExit(f"step {last} ended with {status}")
    return status == KILLED


def main(base: Path, *, exchanges: bool) -> None:
    step = 1
    while True:
        root = lay(base / f"{step}")
        folder = Folder(root)
        if not dies_at(step, lambda: write(folder, changes(), "run-1"), exchanges=exchanges):
            break
        if step % 3 == 0:  # then recovering dies as well, further on each time, until it does not
            again = 1
            while dies_at(again, lambda: recover(folder), exchanges=exchanges):
                again += 4
        step += 1
    sys.stdout.write(f"{step - 1}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), exchanges=sys.argv[2] == "exchange")
