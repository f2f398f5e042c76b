"""What both engines promise to threads, and to bursts in them."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.store.engines.kept import KEPT, keep, keep_and_raise, words

if TYPE_CHECKING:
    from anvil_nb.store import Engine


class TestThreads:
    def test_eight_threads_lose_no_write(self, engine: Engine) -> None:
        def work(thread: int) -> None:
            for number in range(10):
                keep(engine, f"{thread}-{number}")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert words(engine) == sorted(f"{t}-{n}" for t in range(8) for n in range(10))

    def test_threads_in_bursts_lose_no_write_either(self, engine: Engine) -> None:
        def work(thread: int) -> None:
            with engine.burst():
                for number in range(10):
                    keep(engine, f"{thread}-{number}")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert len(words(engine)) == 80

    def test_bursts_nest(self, engine: Engine) -> None:
        with engine.burst():
            keep(engine, "a")
            with engine.burst():
                keep(engine, "b")
            keep(engine, "c")
        assert words(engine) == ["a", "b", "c"]

    def test_a_burst_that_raises_ends(self, engine: Engine) -> None:
        with pytest.raises(ZeroDivisionError), engine.burst():
            keep_and_raise(engine, ZeroDivisionError)
        keep(engine, "a")
        assert words(engine) == ["a"]

    def test_a_burst_may_begin_inside_a_transaction_and_outlive_it(self, engine: Engine) -> None:
        burst = engine.burst()
        with engine.write() as tx:
            burst.__enter__()
            tx.execute(KEPT, uuid.uuid4(), "a")
        keep(engine, "b")
        burst.__exit__(None, None, None)
        assert words(engine) == ["a", "b"]
