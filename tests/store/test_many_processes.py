"""Real processes on one DuckDB file: killed, idle, slow, and waiting for each other.

``ANVIL_TEST_CONTENTION_SECONDS`` sets how long they contend while they are killed, 30 seconds by
default.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from anvil_nb.errors import StoreBusyError
from anvil_nb.store import open_engine
from anvil_nb.store.migrations import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = float(os.environ.get("ANVIL_TEST_CONTENTION_SECONDS", "30"))
SECONDS_BETWEEN_KILLS = 1.0
CONTENDER = Path(__file__).with_name("contender.py")


class Contender:
    """A process that is started again, under another name, whenever it is killed."""

    def __init__(self, role: str, number: int, store: Path) -> None:
        self.role = role
        self.label = f"{role}{number}"
        self.store = store
        self.lives = 0
        self.start()

    def start(self) -> None:
        self.lives += 1
        self.name = f"{self.label}-{self.lives}"
        self.process = subprocess.Popen(
            [sys.executable, CONTENDER, self.role, self.store, self.store.parent, self.name],
            stderr=subprocess.PIPE,
            text=True,
        )

    def kill(self) -> None:
        # One that ended before it was killed had no reason to but a fault.
        assert self.process.poll() is None, self.process.communicate()[1]
        self.process.kill()
        self.process.communicate()
        assert self.process.returncode == -signal.SIGKILL

    def end(self) -> None:
        """End it, if it runs yet, when the test has failed."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def contend(store: Path, seconds: float, *, kills: bool) -> list[str]:
    """Let four writers and two readers contend; return what the store acknowledged."""
    engine = open_engine(store)
    with engine.write() as tx:
        # Without a key, so that a token that is written twice is there twice.
        tx.execute("create table written (token text, filler text)")
        tx.execute("create table totals (number bigint)")
        tx.execute("insert into totals values (0)")
    engine.close()
    with ExitStack() as ending:
        contenders = [Contender("writer", number, store) for number in range(4)]
        contenders += [Contender("reader", number, store) for number in range(2)]
        for contender in contenders:
            ending.callback(contender.end)
        while len(list(store.parent.glob("*.ready"))) < len(contenders):
            assert all(contender.process.poll() is None for contender in contenders)
            time.sleep(0.01)
        (store.parent / "go").touch()
        end = time.monotonic() + seconds
        chance = random.Random(0)  # noqa: S311 - who is killed is no secret
        while time.monotonic() < end:
            time.sleep(min(SECONDS_BETWEEN_KILLS, max(0.0, end - time.monotonic())))
            if kills:
                victim = chance.choice(contenders)
                victim.kill()
                victim.start()
        (store.parent / "stop").touch()
        for contender in contenders:
            _, complaint = contender.process.communicate(timeout=60)
            assert (contender.process.returncode, complaint) == (0, "")
    assert not list(store.parent.glob("*.error"))
    files = store.parent.glob("*.acknowledged")
    return [token for file in files for token in file.read_text().splitlines()]


def calls(store: Path) -> dict[str, int]:
    """Return how many calls each of the processes made."""
    files = store.parent.glob("*.seconds")
    return {file.stem: len(file.read_text().splitlines()) for file in files}


@pytest.mark.alone
def test_six_processes_one_killed_every_second_lose_nothing(tmp_path: Path) -> None:
    store = tmp_path / "store.duckdb"
    acknowledged = contend(store, SECONDS, kills=True)
    engine = open_engine(store, create=False)
    with engine.read() as tx:
        found = Counter(token for (token,) in tx.rows("select token from written"))
        total = tx.row("select number from totals")
    engine.close()
    assert len(acknowledged) > 3 * SECONDS
    assert [token for token in acknowledged if found[token] != 1] == []
    assert [token for token, times in found.items() if times != 1] == []
    assert total == (len(found),)
    # A writer that was killed may have written one token that it could not acknowledge any more.
    assert len(found) - len(acknowledged) <= SECONDS / SECONDS_BETWEEN_KILLS + 1
    # It opens clean with DuckDB alone, too, and there is no log left to replay.
    assert not Path(f"{store}.wal").exists()
    with duckdb.connect(store, read_only=True) as connection:
        assert connection.execute("select count(*) from written").fetchall() == [(len(found),)]


@pytest.mark.alone
def test_none_of_six_processes_starves(tmp_path: Path) -> None:
    """They take turns, so none gets much more than its share of the calls."""
    store = tmp_path / "store.duckdb"
    acknowledged = contend(store, SECONDS / 3, kills=False)
    assert len(acknowledged) > SECONDS
    made = calls(store)
    assert len(made) == 6
    assert min(made.values()) * 5 >= max(made.values())


NOTEBOOK = """
import sys
from anvil_nb.store import open_engine
from anvil_nb.store.migrations import MIGRATIONS
engine = open_engine(sys.argv[1])
with engine.write() as tx:
    tx.execute("create table if not exists kept (word text)")
if sys.argv[2] == "burst":
    kept = engine.burst()
    kept.__enter__()
    with engine.write() as tx:
        tx.execute("insert into kept values ('notebook')")
if sys.argv[2] == "transaction":
    kept = engine.write()
    kept.__enter__()
print("ready", flush=True)
for line in sys.stdin:
    with engine.read() as tx:
        print(*(word for (word,) in tx.rows("select word from kept order by word")), flush=True)
"""


class Notebook:
    """A process that has the store open and does nothing until it is asked."""

    def __init__(self, store: Path, state: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", NOTEBOOK, str(store), state],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        assert self.stdout.readline() == "ready\n"

    def words(self) -> list[str]:
        self.stdin.write("\n")
        self.stdin.flush()
        return self.stdout.readline().split()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.duckdb"


@pytest.fixture
def notebook(store: Path, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A process with the store open, in the state that the test names."""
    notebook = Notebook(store, request.param)
    yield notebook
    notebook.process.kill()
    notebook.process.communicate()


@pytest.mark.parametrize("notebook", ["idle"], indirect=True)
def test_an_idle_notebook_never_blocks_another_process(store: Path, notebook: Notebook) -> None:
    engine = open_engine(store, wait_seconds=0)
    for number in range(5):
        with engine.write() as tx:
            tx.execute("insert into kept values ($1)", f"w{number}")
    engine.close()
    assert notebook.words() == [f"w{number}" for number in range(5)]


@pytest.mark.parametrize("notebook", ["burst"], indirect=True)
def test_a_notebook_in_an_idle_burst_gives_way(store: Path, notebook: Notebook) -> None:
    with pytest.raises(StoreBusyError):
        open_engine(store, wait_seconds=0)  # it does hold the store
    started = time.monotonic()
    engine = open_engine(store, wait_seconds=10)
    with engine.write() as tx:
        tx.execute("insert into kept values ('other')")
    assert time.monotonic() - started < 3
    engine.close()
    assert notebook.words() == ["notebook", "other"]
    # Its burst goes on: it has the store again, and gives way again.
    engine = open_engine(store, wait_seconds=10)
    with engine.write() as tx:
        tx.execute("insert into kept values ('second')")
    engine.close()
    assert notebook.words() == ["notebook", "other", "second"]


@pytest.mark.parametrize("notebook", ["transaction"], indirect=True)
def test_one_that_waits_too_long_names_the_holder(store: Path, notebook: Notebook) -> None:
    with pytest.raises(StoreBusyError) as caught:
        open_engine(store, wait_seconds=0.3)
    assert f"process {notebook.process.pid} " in caught.value.message
    assert f"kill {notebook.process.pid}" in caught.value.hint
    notebook.process.kill()
    open_engine(store, wait_seconds=10).close()


def test_processes_that_open_a_new_store_at_once_make_one(store: Path) -> None:
    opening = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from anvil_nb.store import open_engine; open_engine(sys.argv[1])",
                str(store),
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    assert [process.communicate()[1] for process in opening] == [""] * 6
    engine = open_engine(store, create=False)
    with engine.read() as tx:
        assert len(tx.rows("select number from schema_migrations")) == len(MIGRATIONS)
    engine.close()
