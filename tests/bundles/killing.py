"""A process that does one thing again and again, and is killed in the middle of it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 60.0
"""Seconds until something that never happens is given up."""

# Everything is loaded before, so that what is killed is the work and not the loading. Each child
# opens the store itself: nothing of an open one is shared.
PROGRAM = """
import os, sys, tempfile
from pathlib import Path
tempfile.gettempdir()  # which Python finds out by a file that it writes there
import psycopg, duckdb, cryptography.hazmat.primitives.ciphers.aead, fastjsonschema, nacl.secret
from anvil_nb.bundles import encryption, export, importing, opening, trusting
from anvil_nb.domain import template
from anvil_nb.settings import Settings
from anvil_nb.store import duckdb, postgres
from anvil_nb.workspace import Workspace
store, *arguments = sys.argv[1:]
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        ws = Workspace(Settings(None, store, "acme", "killed"))
        os.write(1, f"begun {os.getpid()}\\n".encode())
        WORK
        ws.close()
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.write(1, f"ended {status}\\n".encode())
"""


@dataclass
class Killed:
    """A process that works whenever it is told to."""

    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, store: str, work: str, *arguments: str | Path) -> Killed:
        """Start it; ``work`` are Python statements over ``ws`` and ``arguments``, on one line."""
        program = PROGRAM.replace("WORK", work)
        command = [sys.executable, "-c", program, store, *map(str, arguments)]
        pipe = subprocess.PIPE
        return cls(subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0))

    def work(self, seconds: float = PATIENCE) -> float | None:
        """Work, and be killed after so long; return how long it took where it ended before."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")
        word, _, pid = self._line(PATIENCE).partition(" ")
        assert word == "begun", "it could not even begin"
        began = time.perf_counter()
        took = None
        if self._has_said_more(seconds):
            took = time.perf_counter() - began
        else:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:  # it ended in between, and has yet to say so
                took = time.perf_counter() - began
        ended = self._line(PATIENCE)
        assert ended in {"ended 0", f"ended {-signal.SIGKILL}"}, "it failed; stderr says why"
        return took

    def moments(self, number: int) -> Iterator[float]:
        """Work once, then return so many moments of the work, and last that of its end."""
        took = self.work()
        assert took is not None
        for at in range(number):
            yield took * at / number
        yield PATIENCE

    def close(self) -> None:
        """End the process."""
        with self.process:
            self.process.kill()

    def _has_said_more(self, seconds: float) -> bool:
        assert self.process.stdout is not None
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def _line(self, seconds: float) -> str:
        assert self.process.stdout is not None
        line = b""
        while not line.endswith(b"\n"):
            assert self._has_said_more(seconds), "it says nothing"
            byte = self.process.stdout.read(1)
            assert byte, "it has ended"
            line += byte
        return line.decode().strip()
