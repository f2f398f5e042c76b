"""What both engines promise of a transaction."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import StoreError, StoreUnavailableError
from anvil_nb.store import UniqueViolationError, open_engine
from tests.store.engines.kept import KEPT, WORDS, keep, keep_and_raise, words

if TYPE_CHECKING:
    from anvil_nb.store import Engine


class TestTransactions:
    def test_a_write_is_seen_by_the_next_read(self, engine: Engine) -> None:
        keep(engine, "a")
        assert words(engine) == ["a"]

    def test_a_write_that_raises_leaves_nothing(self, engine: Engine) -> None:
        with pytest.raises(ZeroDivisionError):
            keep_and_raise(engine, ZeroDivisionError)
        assert words(engine) == []

    def test_ctrl_c_in_a_write_leaves_nothing_and_the_store_usable(self, engine: Engine) -> None:
        with pytest.raises(KeyboardInterrupt):
            keep_and_raise(engine, KeyboardInterrupt)
        keep(engine, "b")
        assert words(engine) == ["b"]

    def test_a_write_sees_its_own_rows(self, engine: Engine) -> None:
        with engine.write() as tx:
            tx.execute(KEPT, uuid.uuid4(), "a")
            assert tx.rows(WORDS) == [("a",)]
            assert tx.row("select word from kept where word = 'b'") is None

    def test_values_come_back_as_they_went_in(self, engine: Engine) -> None:
        some_id, moment = uuid.uuid4(), datetime(2026, 2, 28, 23, 59, 59, 123456)  # noqa: DTZ001 - naive and UTC
        values = (some_id, moment, "é\n'\"", 2**40, True, None)
        with engine.write() as tx:
            tx.execute(
                "create table every (a uuid, b timestamp, c text, d bigint, e boolean, f text)"
            )
            tx.execute("insert into every values ($1, $2, $3, $4, $5, $6)", *values)
        with engine.read() as tx:
            row = tx.row("select * from every where a = $1 and b = $2", some_id, moment)
        assert row == values
        assert row is not None
        assert isinstance(row[0], uuid.UUID)

    def test_lists_are_written_in_bulk(self, engine: Engine) -> None:
        ids = [uuid.uuid4() for _ in range(1000)]
        with engine.write() as tx:
            tx.execute(
                "insert into kept (id, word) select unnest($1::uuid[]), unnest($2::text[])",
                ids,
                [f"w{number:04}" if number else None for number in range(1000)],
            )
            tx.execute(
                "insert into kept (id, word) select unnest($1::uuid[]), unnest($2::text[])", [], []
            )
            assert tx.row("select count(*), count(word) from kept") == (1000, 999)
            found = tx.rows("select word from kept where id = any($1::uuid[])", ids[1:3])
        assert sorted(found) == [("w0001",), ("w0002",)]

    def test_returning_gives_rows(self, engine: Engine) -> None:
        with engine.write() as tx:
            tx.execute(KEPT, uuid.uuid4(), "a")
            row = tx.row("update kept set word = word || $1 returning word", "b")
        assert row == ("ab",)

    def test_a_key_put_twice_is_told_apart_from_other_faults(self, engine: Engine) -> None:
        key = uuid.uuid4()
        with engine.write() as tx:
            tx.execute(KEPT, key, "a")
        with pytest.raises(UniqueViolationError), engine.write() as tx:
            tx.execute(KEPT, key, "b")
        assert words(engine) == ["a"]

    def test_a_statement_that_is_refused_says_so_in_our_words(self, engine: Engine) -> None:
        with pytest.raises(StoreError, match="nowhere") as caught, engine.read() as tx:
            tx.rows("select * from nowhere")
        assert type(caught.value) is StoreError
        assert words(engine) == []

    def test_a_write_in_which_a_statement_failed_cannot_be_committed(self, engine: Engine) -> None:
        key = uuid.uuid4()
        with engine.write() as tx:
            tx.execute(KEPT, key, "a")

        def swallow() -> None:
            with engine.write() as tx:
                tx.execute(KEPT, uuid.uuid4(), "b")
                with pytest.raises(UniqueViolationError):
                    tx.execute(KEPT, key, "c")

        with pytest.raises(StoreError):
            swallow()
        assert words(engine) == ["a"]

    @pytest.mark.parametrize("outer", ["read", "write"])
    @pytest.mark.parametrize("inner", ["read", "write"])
    def test_a_transaction_inside_another_is_a_mistake_in_the_program(
        self, engine: Engine, outer: str, inner: str
    ) -> None:
        with getattr(engine, outer)() as tx:
            with pytest.raises(RuntimeError, match="open already"), getattr(engine, inner)():
                pass
            assert tx.rows(WORDS) == []
        keep(engine, "after")

    def test_a_read_sees_one_state_throughout(self, location: str, engine: Engine) -> None:
        other = open_engine(location)
        keep(engine, "a")
        writer = threading.Thread(target=keep, args=(other, "b"))
        with engine.read() as tx:
            first = tx.rows(WORDS)
            writer.start()
            if engine.kind == "postgres":
                writer.join()  # on DuckDB the writer waits for this read
            assert tx.rows(WORDS) == first == [("a",)]
        writer.join()
        assert words(engine) == ["a", "b"]
        other.close()

    def test_a_store_that_was_closed_says_so(self, location: str) -> None:
        engine = open_engine(location)
        engine.close()
        with pytest.raises(StoreError, match="was closed"), engine.read() as tx:
            tx.rows("select 1")

    def test_a_store_that_is_not_there_is_not_made_unasked(self, location: str) -> None:
        with pytest.raises(StoreUnavailableError, match="there is no store"):
            open_engine(location, create=False)

    def test_a_store_that_is_there_is_opened_without_making_it(
        self, location: str, engine: Engine
    ) -> None:
        keep(engine, "a")
        again = open_engine(location, create=False)
        assert words(again) == ["a"]
        again.close()
