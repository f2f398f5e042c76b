"""The counter beside a DuckDB store."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from anvil_nb.store.generation import GenerationFile


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.duckdb"
    path.write_bytes(b"a store")
    return path


def opened(store: Path) -> GenerationFile:
    numbers = GenerationFile(store)
    numbers.open()
    numbers.saw_store()
    return numbers


def let_time_pass(numbers: GenerationFile) -> None:
    """Let the 100 ms pass between two looks at which files are there."""
    numbers._look_at = 0.0


def test_a_count_shows_in_every_mapping_at_once(store: Path) -> None:
    mine, theirs = opened(store), opened(store)
    before = theirs.value()
    mine.bump()
    assert mine.value() == theirs.value() == before + 1


def test_the_file_is_eight_bytes_that_say_the_number(store: Path) -> None:
    numbers = opened(store)
    numbers.bump()
    content = Path(f"{store}.generation").read_bytes()
    assert len(content) == 8
    assert int.from_bytes(content, "little") == numbers.value()


def test_it_begins_with_the_time_so_that_a_new_file_repeats_no_number(store: Path) -> None:
    before = time.time_ns()
    first = opened(store).value()
    Path(f"{store}.generation").unlink()
    assert before <= first < opened(store).value() <= time.time_ns()


def test_counting_goes_on_where_others_stopped(store: Path) -> None:
    opened(store).bump()
    before = opened(store).value()
    again = opened(store)
    again.bump()
    assert again.value() == before + 1


def test_a_file_that_was_replaced_is_mapped_again_and_never_repeats_a_number(store: Path) -> None:
    numbers = opened(store)
    before = numbers.value()
    path = Path(f"{store}.generation")
    copy = path.read_bytes()
    path.unlink()
    path.write_bytes(copy)
    assert numbers.value() == before  # not looked yet
    let_time_pass(numbers)
    assert numbers.value() != before
    theirs = opened(store)
    seen = numbers.value()
    theirs.bump()
    assert numbers.value() == seen + 1


def test_a_store_that_was_replaced_changes_the_number_once(store: Path, tmp_path: Path) -> None:
    numbers = opened(store)
    before = numbers.value()
    other = tmp_path / "other"
    other.write_bytes(b"another store")
    other.replace(store)
    let_time_pass(numbers)
    after = numbers.value()
    assert after != before
    let_time_pass(numbers)
    assert numbers.value() == after


def test_a_file_that_is_being_made_is_looked_at_later(store: Path) -> None:
    numbers = opened(store)
    path = Path(f"{store}.generation")
    path.unlink()
    path.touch()
    before = numbers.value()
    let_time_pass(numbers)
    assert numbers.value() == before
    path.write_bytes((before + 5).to_bytes(8, "little"))
    let_time_pass(numbers)
    assert numbers.value() == before + 5


def test_counting_in_a_file_that_was_deleted_meanwhile_makes_it_again(store: Path) -> None:
    numbers = opened(store)
    before = numbers.value()
    Path(f"{store}.generation").unlink()
    numbers.bump()
    assert numbers.value() != before
    assert opened(store).value() == before + 1


def test_looking_does_not_keep_descriptors(store: Path) -> None:
    numbers = opened(store)
    path = Path(f"{store}.generation")
    lowest = os.dup(0)
    os.close(lowest)
    for number in range(1, 20):
        path.unlink()
        path.write_bytes(number.to_bytes(8, "little"))
        let_time_pass(numbers)
        assert numbers.value() >= number
    free = os.dup(0)
    os.close(free)
    assert free <= lowest + 1


def test_the_number_stays_after_closing(store: Path) -> None:
    numbers = opened(store)
    before = numbers.value()
    numbers.close()
    let_time_pass(numbers)
    assert numbers.value() == before
