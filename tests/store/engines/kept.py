"""Words kept in a table, to tell what a transaction left."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.store import Engine

KEPT = "insert into kept (id, word) values ($1, $2)"
WORDS = "select word from kept order by word"


def keep(engine: Engine, word: str) -> None:
    with engine.write() as tx:
        tx.execute(KEPT, uuid.uuid4(), word)


def keep_and_raise(engine: Engine, error: type[BaseException]) -> None:
    with engine.write() as tx:
        tx.execute(KEPT, uuid.uuid4(), "undone")
        raise error


def words(engine: Engine) -> list[str]:
    with engine.read() as tx:
        return [word for (word,) in tx.rows(WORDS)]


def eventually(true: Callable[[], bool], within: float) -> bool:
    """Ask until the answer is yes or the time is over."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if true():
            return True
    return true()
