"""What both engines promise of the number that tells of writes."""

from __future__ import annotations

import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.store.engines.kept import KEPT, eventually, keep, keep_and_raise, words

if TYPE_CHECKING:
    from anvil_nb.store import Engine


class TestGeneration:
    def test_it_changes_with_a_write_before_the_writer_goes_on(self, engine: Engine) -> None:
        before = engine.generation()
        keep(engine, "a")
        assert engine.generation() != before

    def test_it_stays_with_reads_and_with_writes_that_raise(self, engine: Engine) -> None:
        keep(engine, "a")
        words(engine)
        before = engine.generation()
        words(engine)
        with pytest.raises(ZeroDivisionError):
            keep_and_raise(engine, ZeroDivisionError)
        assert not eventually(lambda: engine.generation() != before, within=0.25)

    def test_a_transaction_has_the_one_from_before_it_reads(self, engine: Engine) -> None:
        with engine.read() as tx:
            assert tx.generation == engine.generation()
        with engine.write() as tx:
            seen = tx.generation
            tx.execute(KEPT, uuid.uuid4(), "a")
        assert engine.generation() != seen

    def test_another_process_s_write_shows_within_100_ms(
        self, location: str, engine: Engine
    ) -> None:
        keep(engine, "a")
        words(engine)
        before = engine.generation()
        child = subprocess.Popen(
            [sys.executable, "-c", ANOTHER_WRITER, location],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with child:
            assert child.stdout is not None
            assert child.stdin is not None
            assert child.stdout.readline() == "open\n"
            child.stdin.write("go\n")
            child.stdin.flush()
            assert child.stdout.readline() == "written\n"
            assert eventually(lambda: engine.generation() != before, within=0.1)
            assert words(engine) == ["a", "another"]

    def test_what_is_remembered_under_it_is_never_older_than_what_others_wrote(
        self, location: str, engine: Engine
    ) -> None:
        """A cache in one engine, a writer in another, and the cache is right whenever trusted."""
        with engine.write() as tx:
            tx.execute("create table counter (number bigint)")
            tx.execute("insert into counter values (0)")
        child = subprocess.Popen([sys.executable, "-c", COUNTING_WRITER, location])
        cached, under = -1, -1
        with child:
            while child.poll() is None:
                if engine.generation() != under:
                    with engine.read() as tx:
                        row, under = tx.row("select number from counter"), tx.generation
                    assert row is not None
                    assert row[0] >= cached
                    cached = row[0]
        assert eventually(lambda: engine.generation() != under, within=0.1) or cached == 200
        with engine.read() as tx:
            assert tx.row("select number from counter") == (200,)


ANOTHER_WRITER = """
import sys, uuid
from anvil_nb.store import open_engine
engine = open_engine(sys.argv[1])
print("open", flush=True)
sys.stdin.readline()
with engine.write() as tx:
    tx.execute("insert into kept (id, word) values ($1, 'another')", uuid.uuid4())
print("written", flush=True)
engine.close()
"""

COUNTING_WRITER = """
import sys
from anvil_nb.store import open_engine
engine = open_engine(sys.argv[1])
for number in range(200):
    with engine.write() as tx:
        tx.execute("update counter set number = number + 1")
engine.close()
"""
