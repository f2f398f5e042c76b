"""DuckDB stores to try things on, and programs to try them from."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from anvil_nb.store import open_engine

if TYPE_CHECKING:
    from pathlib import Path


def make_store(path: Path, rows: int = 0) -> None:
    engine = open_engine(path)
    with engine.write() as tx:
        tx.execute("create table kept (number int primary key, word text)")
        for number in range(rows):
            tx.execute("insert into kept values ($1, $2)", number, "x" * 1000)
    engine.close()


def count(path: Path) -> int:
    engine = open_engine(path, create=False)
    try:
        with engine.read() as tx:
            return len(tx.rows("select * from kept"))
    finally:
        engine.close()


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
