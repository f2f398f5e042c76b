"""The rollback journal by itself, beside a file of three blocks."""

from __future__ import annotations

import fcntl
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from anvil_nb.store.rollback_journal import RollbackJournal

BLOCK = 65536
HEADERS = 12288


def sound(letter: bytes) -> bytes:
    """Return a block with the checksum that DuckDB gives it."""
    content = letter * (BLOCK - 8)
    (word,) = struct.unpack("<Q", letter * 8)
    # Of equal words, an odd number of times, the exclusive or leaves one.
    assert len(content) // 8 % 2 == 1
    return struct.pack("<Q", 5381 ^ (word * 0xBF58476D1CE4E5B9 & (2**64 - 1))) + content


OLD = b"first".ljust(HEADERS) + sound(b"A") + sound(b"B") + sound(b"C")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    return path


@pytest.fixture
def kept(file: Path) -> Path:
    """The file of which two blocks were kept by a process that was killed then."""
    journal = RollbackJournal(file)
    journal.keep(lambda: [(0, BLOCK), (2, BLOCK)])
    journal.end(done=False)
    return file


def test_what_was_kept_is_put_back(kept: Path) -> None:
    kept.write_bytes(
        OLD.replace(b"A" * 8, b"x" * 8).replace(b"B" * 8, b"y" * 8).replace(b"C" * 8, b"z" * 8)
    )
    assert RollbackJournal(kept).roll_back()
    assert kept.read_bytes() == OLD.replace(b"B" * 8, b"y" * 8)


def test_a_whole_block_is_left_as_it_is_and_kept_from_then_on(kept: Path) -> None:
    now = OLD.replace(sound(b"A"), sound(b"D"))
    kept.write_bytes(now)
    assert RollbackJournal(kept).roll_back()
    assert kept.read_bytes() == now
    kept.write_bytes(now.replace(b"D" * 8, b"x" * 8))
    assert RollbackJournal(kept).roll_back()
    assert kept.read_bytes() == now


def test_a_file_that_was_cut_off_is_left_as_it_is(kept: Path) -> None:
    for length in (0, 8192):
        kept.write_bytes(OLD[:length])
        assert not RollbackJournal(kept).roll_back()
        assert kept.read_bytes() == OLD[:length]


def test_one_that_says_a_length_that_nothing_has_is_ignored(kept: Path) -> None:
    path = Path(f"{kept}.journal")
    path.write_bytes(path.read_bytes()[:16] + b"\xff" * 12)
    assert not RollbackJournal(kept).roll_back()


def test_it_stays_in_force_until_the_next_checkpoint_ended(kept: Path) -> None:
    for _ in range(2):  # the second of who was killed right after the first
        kept.write_bytes(OLD.replace(b"A" * 8, b"x" * 8))
        journal = RollbackJournal(kept)
        assert journal.roll_back()
        assert kept.read_bytes() == OLD
    journal.end(done=True)
    assert not RollbackJournal(kept).roll_back()


def test_a_file_with_other_headers_is_left_alone(kept: Path) -> None:
    newer = OLD.replace(b"first ", b"second").replace(b"A" * 8, b"x" * 8)
    kept.write_bytes(newer)
    assert not RollbackJournal(kept).roll_back()
    kept.write_bytes(OLD.replace(b"A" * 8, b"x" * 8))  # an older copy: that state is over
    assert not RollbackJournal(kept).roll_back()


@pytest.mark.parametrize("length", [0, 10, 20, 30, HEADERS, HEADERS + BLOCK])
def test_one_that_is_cut_off_is_ignored(kept: Path, length: int) -> None:
    journal = Path(f"{kept}.journal")
    journal.write_bytes(journal.read_bytes()[:length])
    kept.write_bytes(OLD.replace(b"A" * 8, b"x" * 8))
    assert not RollbackJournal(kept).roll_back()


def test_one_written_over_an_older_one_in_part_is_ignored(kept: Path) -> None:
    path = Path(f"{kept}.journal")
    older = path.read_bytes()
    kept.write_bytes(OLD.replace(b"first ", b"second").replace(b"C" * 8, b"z" * 8))
    journal = RollbackJournal(kept)
    journal.keep(lambda: [(0, BLOCK), (2, BLOCK)])
    journal.end(done=False)
    newer = path.read_bytes()
    for length in range(1000, len(newer), 9000):
        path.write_bytes(newer[:length] + older[length:])
        assert not RollbackJournal(kept).roll_back()


def test_it_is_written_once_for_a_state_of_the_file(file: Path) -> None:
    journal, asked = RollbackJournal(file), []

    def overwritten() -> list[tuple[int, int]]:
        asked.append(file.read_bytes()[:6].strip())
        return [(1, BLOCK)]

    for content in (OLD, OLD, OLD.replace(b"first ", b"second")):
        file.write_bytes(content)
        journal.keep(overwritten)
        journal.keep(overwritten)
    journal.end(done=True)
    assert asked == [b"first", b"second"]


def test_a_checkpoint_that_another_program_ended_meanwhile_is_not_undone(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.write_bytes(OLD.replace(b"A" * 8, b"x" * 8))
    newer = OLD.replace(b"first ", b"second").replace(b"A" * 8, b"x" * 8)
    lock = fcntl.lockf

    def late(*how: int) -> None:
        kept.write_bytes(newer)
        lock(*how)

    monkeypatch.setattr(fcntl, "lockf", late)
    assert not RollbackJournal(kept).roll_back()
    assert kept.read_bytes() == newer


def test_a_file_that_another_program_has_open_is_left_to_it(kept: Path) -> None:
    torn = OLD.replace(b"A" * 8, b"x" * 8)
    kept.write_bytes(torn)
    program = (
        "import fcntl, sys; file = open(sys.argv[1], 'r+b'); "
        "fcntl.lockf(file, fcntl.LOCK_EX); print(flush=True); input()"
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", program, str(kept)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(BlockingIOError):
            RollbackJournal(kept).roll_back()
        assert kept.read_bytes() == torn
        other.communicate(b"\n")
    assert RollbackJournal(kept).roll_back()
    assert kept.read_bytes() == OLD
