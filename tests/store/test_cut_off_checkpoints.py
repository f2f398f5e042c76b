"""Checkpoints that are cut off in the middle of a write, as a kill or a loss of power does it."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import StoreBusyError, StoreDamagedError, StoreUnavailableError
from anvil_nb.store import open_engine
from anvil_nb.store.duckdb_file import DuckDBFile
from anvil_nb.store.rollback_journal import RollbackJournal
from tests.store.duckdb_files import count, make_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK = 65536
HEADERS = 12288
ROWS = 300


@dataclass
class Cut:
    """A checkpoint: the folder as it began, and the store as it ended."""

    before: Path
    after: bytes

    def changed(self) -> list[int]:
        """Return where the blocks begin that it wrote, but for those that it appended."""
        old = (self.before / "store.duckdb").read_bytes()
        starts = range(HEADERS, min(len(old), len(self.after)), BLOCK)
        return [at for at in starts if old[at : at + BLOCK] != self.after[at : at + BLOCK]]

    @contextmanager
    def torn(self, lengths: dict[int, int]) -> Iterator[Path]:
        """Yield a store of which so many bytes of each of these blocks had been written."""
        folder = self.before.parent / "torn"
        shutil.copytree(self.before, folder)
        store = folder / "store.duckdb"
        with store.open("r+b") as file:
            for at, length in lengths.items():
                file.seek(at)
                file.write(self.after[at : at + length])
        yield store
        shutil.rmtree(folder)


def cut(path: Path, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> Cut:
    """Do some work; return its checkpoint. It begins after the last time that blocks were kept."""
    before = path.parent / "before"
    keep = RollbackJournal.keep

    def kept(journal: RollbackJournal, overwritten: Callable[[], list[tuple[int, int]]]) -> None:
        keep(journal, overwritten)
        shutil.rmtree(before, ignore_errors=True)
        before.mkdir()
        for file in path.parent.glob("store.duckdb*"):
            shutil.copy(file, before)

    with monkeypatch.context() as patch:
        patch.setattr(RollbackJournal, "keep", kept)
        work()
    return Cut(before, path.read_bytes())


def small(path: Path) -> None:
    """Write a row, which goes into the log and from there, when the file is closed, into it."""
    with closing(open_engine(path)) as engine, engine.write() as tx:
        tx.execute("insert into kept select count(*), 'small' from kept")


def large(path: Path) -> None:
    """Write so much that DuckDB leaves its log out: the commit itself is a checkpoint."""
    with closing(open_engine(path)) as engine, engine.write() as tx:
        tx.execute("update kept set word = repeat('large', 15000)")


@pytest.fixture
def store(duckdb_path: Path) -> Path:
    """A store whose blocks of metadata have been written a few times."""
    make_store(duckdb_path, rows=ROWS)
    for number in range(5):
        with closing(open_engine(duckdb_path)) as engine, engine.write() as tx:
            tx.execute("update kept set word = $2 where number = $1", number, "changed")
    return duckdb_path


@pytest.mark.parametrize(("work", "committed"), [(small, ROWS + 1), (large, ROWS)])
def test_a_checkpoint_that_was_cut_off_within_any_block_is_undone(
    store: Path,
    work: Callable[[Path], None],
    committed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checkpoint = cut(store, lambda: work(store), monkeypatch)
    changed, without = checkpoint.changed(), 0
    assert changed
    for at in changed:
        with checkpoint.torn({at: BLOCK // 2}) as torn:
            Path(f"{torn}.journal").unlink()
            try:
                count(torn)
            except StoreDamagedError:
                without += 1
        with checkpoint.torn({at: BLOCK // 2}) as torn:
            assert count(torn) == committed
            small(torn)
            assert count(torn) == committed + 1
    assert without, "nothing was overwritten, so this shows nothing"


def test_a_checkpoint_of_which_any_parts_were_written_is_undone(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loss of power keeps the writes of no order, each cut off anywhere."""
    checkpoint = cut(store, lambda: small(store), monkeypatch)
    chance = random.Random(0)  # noqa: S311 - where it is cut is no secret
    for _ in range(40):
        lengths = {at: chance.randrange(0, BLOCK + 1, 512) for at in checkpoint.changed()}
        with checkpoint.torn(lengths) as torn:
            assert count(torn) == ROWS + 1


def test_a_checkpoint_whose_undoing_was_cut_off_is_undone(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = cut(store, lambda: small(store), monkeypatch)
    with checkpoint.torn(dict.fromkeys(checkpoint.changed(), BLOCK // 2)) as torn:
        writes, write = iter(range(100)), os.pwrite

        def killed(descriptor: int, content: memoryview, offset: int) -> int:
            if next(writes) == 1:
                write(descriptor, content[:1000], offset)
                raise OSError("killed")
            return write(descriptor, content, offset)

        with monkeypatch.context() as patch:
            patch.setattr(os, "pwrite", killed)
            with pytest.raises(OSError, match="killed"):
                RollbackJournal(torn).roll_back()
        assert count(torn) == ROWS + 1


def test_a_checkpoint_that_ended_is_not_undone(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = cut(store, lambda: small(store), monkeypatch)
    with checkpoint.torn({}) as torn:
        torn.write_bytes(checkpoint.after)
        Path(f"{torn}.wal").unlink()
        assert count(torn) == ROWS + 1
        assert torn.read_bytes() == checkpoint.after
        assert not RollbackJournal(torn).roll_back()


def test_after_a_call_nothing_is_left_to_undo(store: Path) -> None:
    small(store)
    content = store.read_bytes()
    assert not RollbackJournal(store).roll_back()
    assert store.read_bytes() == content


def test_a_call_that_only_reads_keeps_nothing(store: Path) -> None:
    journal = Path(f"{store}.journal")
    before = journal.stat().st_mtime_ns
    assert count(store) == ROWS
    assert journal.stat().st_mtime_ns == before


def test_a_store_made_anew_has_no_journal_of_the_one_before(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = cut(store, lambda: small(store), monkeypatch)
    with checkpoint.torn({}) as torn:
        torn.unlink()
        Path(f"{torn}.wal").unlink()
        open_engine(torn).close()
        assert not Path(f"{torn}.journal").exists()


@pytest.mark.parametrize("free", ["none", "of a header"])
def test_a_write_whose_journal_finds_no_space_is_refused_and_changes_nothing(
    store: Path, free: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.pwrite

    def full(descriptor: int, content: memoryview, offset: int) -> int:
        if Path(f"/proc/self/fd/{descriptor}").readlink().suffix == ".journal":
            return 0 if free == "none" or offset else write(descriptor, content[:500], offset)
        return write(descriptor, content, offset)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(StoreUnavailableError, match="No space left"):
            small(store)
    assert count(store) == ROWS
    small(store)
    assert count(store) == ROWS + 1


def test_a_log_stays_where_what_it_would_overwrite_cannot_be_kept(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, log = RollbackJournal.keep, Path(f"{store}.wal")
    times = iter(range(100))

    def full(journal: RollbackJournal, overwritten: Callable[[], list[tuple[int, int]]]) -> None:
        if next(times):  # not before the commit, but before the log is written into the file
            raise OSError(errno.ENOSPC, "no space")
        keep(journal, overwritten)

    with monkeypatch.context() as patch:
        patch.setattr(RollbackJournal, "keep", full)
        small(store)
        assert log.exists()
    assert count(store) == ROWS + 1
    small(store)
    assert count(store) == ROWS + 2
    assert not log.exists()


def test_ctrl_c_while_it_is_kept_lets_the_file_go(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, times = RollbackJournal.keep, iter(range(100))

    def stopped(journal: RollbackJournal, overwritten: Callable[[], list[tuple[int, int]]]) -> None:
        if next(times):  # not before the commit, but as the file is closed
            raise KeyboardInterrupt
        keep(journal, overwritten)

    with closing(open_engine(store)) as engine:
        with monkeypatch.context() as patch:
            patch.setattr(RollbackJournal, "keep", stopped)
            with pytest.raises(KeyboardInterrupt), engine.write() as tx:
                tx.execute("insert into kept select count(*), 'small' from kept")
        with engine.read() as tx:
            assert len(tx.rows("select * from kept")) == ROWS + 1
    assert count(store) == ROWS + 1


def test_who_may_read_the_store_may_read_its_journal_and_nobody_else(store: Path) -> None:
    journal = Path(f"{store}.journal")
    journal.unlink()
    for mode in (0o640, 0o600):
        store.chmod(mode)
        small(store)
        assert journal.stat().st_mode & 0o777 == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_journal_that_root_made_belongs_to_whom_the_store_does(store: Path) -> None:
    journal = Path(f"{store}.journal")
    os.chown(store, 12345, 12346)
    for unlinked in (False, True):
        if unlinked:
            journal.unlink()
        small(store)
        assert (journal.stat().st_uid, journal.stat().st_gid) == (12345, 12346)


def test_a_store_that_another_one_was_copied_over_stays_that_one(
    store: Path, tmp_path: Path
) -> None:
    """The headers of two copies of one store may be the same though their contents are not."""
    other = tmp_path / "other" / "store.duckdb"
    shutil.copytree(store.parent, other.parent, ignore=shutil.ignore_patterns("other"))
    for path, name in ((store, "ours"), (other, "theirs")):
        with closing(open_engine(path)) as engine, engine.write() as tx:
            tx.execute(f"create table {name} (number int)")
    assert store.read_bytes()[:HEADERS] == other.read_bytes()[:HEADERS]
    killed = (
        "import os, sys; from pathlib import Path; from anvil_nb.store import open_engine\n"
        "engine = open_engine(Path(sys.argv[1]))\n"
        "with engine.burst():\n"
        "    with engine.write() as tx: tx.execute('delete from kept where number = 3')\n"
        "    os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", killed, str(store)], check=False)
    assert Path(f"{store}.wal").exists()
    Path(f"{store}.wal").unlink()
    shutil.copy(other, store)
    with closing(open_engine(store)) as engine, engine.read() as tx:
        tables = {name for (name,) in tx.rows("select table_name from information_schema.tables")}
    assert {"ours", "theirs"} & tables == {"theirs"}
    assert count(store) == ROWS


def test_what_a_failed_checkpoint_left_is_looked_after_by_the_same_process(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rolled, roll_back = [], RollbackJournal.roll_back

    def noted(journal: RollbackJournal) -> bool:
        rolled.append(True)
        return roll_back(journal)

    monkeypatch.setattr(RollbackJournal, "roll_back", noted)
    with closing(open_engine(store)) as engine:
        for fails in (False, True, False):
            with monkeypatch.context() as patch:
                if fails:
                    detach = DuckDBFile.detach
                    patch.setattr(DuckDBFile, "detach", lambda file: detach(file) and False)
                with engine.read() as tx:
                    assert tx.rows("select count(*) from kept") == [(ROWS,)]
    assert len(rolled) == 2  # at first, and after that one


def test_a_commit_whose_checkpoint_failed_is_not_said_to_have_changed_nothing(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = DuckDBFile.execute

    def failing(file: DuckDBFile, sql: str, *more: Any, **how: Any) -> list[tuple[Any, ...]]:
        found = execute(file, sql, *more, **how)
        if sql == "commit":  # it is in the log by now
            msg = f'the store {store} cannot be written: Could not write file "{store}"'
            raise StoreUnavailableError(msg, "Nothing was changed. Make space, then try again.")
        return found

    with closing(open_engine(store)) as engine, engine.burst():
        with monkeypatch.context() as patch:
            patch.setattr(DuckDBFile, "execute", failing)
            with pytest.raises(StoreUnavailableError) as caught, engine.write() as tx:
                tx.execute("insert into kept select count(*), 'small' from kept")
        assert caught.value.hint.startswith("It may have been changed before that")
        with engine.read() as tx:  # the burst goes on
            assert tx.rows("select count(*) from kept") == [(ROWS + 1,)]


def test_a_write_that_has_to_be_taken_back_waits_for_another_program(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: RollbackJournal) -> bool:
        raise BlockingIOError

    with monkeypatch.context() as patch:
        patch.setattr(RollbackJournal, "roll_back", busy)
        with pytest.raises(StoreBusyError, match="another program has the store") as caught:
            count(store)
    assert "Close the store there" in caught.value.hint
    assert count(store) == ROWS
