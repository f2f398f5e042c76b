"""A DuckDB file among many processes: lock, generation, file and schema, in the right order.

A process takes the lock, looks what state the store is in, attaches the file, sees that the schema
is its own, works, detaches the file, and gives the lock back. Whether it does that for each call,
and which of its threads it does it for, is the engine's matter (``duckdb``).
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from anvil_nb.errors import StoreUnavailableError
from anvil_nb.store.duckdb_errors import damaged
from anvil_nb.store.duckdb_file import DuckDBFile, is_there
from anvil_nb.store.generation import GenerationFile
from anvil_nb.store.known import Known
from anvil_nb.store.lock import StoreLock
from anvil_nb.store.migrations import Migration, build, migrate, recorded_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class DuckDBTransaction:
    """A transaction of the DuckDB engine; see ``engine.Transaction``."""

    __slots__ = ("_file", "generation", "known")
    alone = True  # the store's lock is held

    def __init__(self, file: DuckDBFile, generation: int, known: Known) -> None:
        self._file = file
        self.generation = generation
        self.known = known

    def rows(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""
        return self._file.execute(sql, params)

    def row(self, sql: str, *params: object) -> tuple[Any, ...] | None:
        """Return the first row of a statement, or ``None``."""
        rows = self._file.execute(sql, params)
        return rows[0] if rows else None

    def execute(self, sql: str, *params: object) -> None:
        """Run a statement for its effect."""
        self._file.execute(sql, params, fetch=False)


@dataclass(frozen=True, slots=True)
class _State:
    """A state of the file, as far as the file system and the generation tell."""

    device: int
    inode: int
    size: int
    modified: int
    generation: int


class SharedFile:
    """The store in the DuckDB file at ``path``, held or not. One thread at a time uses it.

    Args:
        path: The file, absolute and without symbolic links.
        migrations: The schema.
    """

    def __init__(self, path: Path, migrations: Sequence[Migration]) -> None:
        self._path = path
        self._migrations = migrations
        self._numbers = GenerationFile(path)
        # The method itself, not one that calls it: this is asked before each use of a cache.
        self.generation = self._numbers.value
        self._seen: _State | None = None  # when it was let go
        self._known = Known()
        self._file = DuckDBFile(path)
        self._lock = StoreLock(path)

    @property
    def held(self) -> bool:
        """Whether the file can be worked with."""
        return self._file.attached

    @property
    def waited_for(self) -> bool:
        """Whether another process waits for what this one holds."""
        return self._lock.waited_for()

    def hold(self, deadline: float, *, create: bool) -> None:
        """Take the lock and attach the file, if they are not held since the call before."""
        if self._file.attached:
            return
        try:
            if create:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            else:
                self._must_be_there()  # asked before there is a lock, which is a file too
            self._lock.acquire(deadline - time.monotonic())
            self._numbers.open()
            if create and not is_there(self._path):
                self._make()
            self._must_be_there()
            state = self._state()
            if state != self._seen and self._file.roll_back_checkpoint():
                state = self._state()
            self._file.attach()
            if state != self._seen:
                self._known = Known()  # somebody else has written
                self._check(state)
        except BaseException as error:
            self.let_go()
            self._seen = None
            if isinstance(error, OSError):
                raise self._unusable(error) from error
            raise

    def let_go(self) -> None:
        """Detach the file, then give the lock back."""
        attached = self._file.attached
        try:
            if attached:
                self._seen = None
            if self._file.detach() and attached:
                self._seen = self._state()
        except OSError:
            self._seen = None
        finally:
            self._lock.release()

    def reading(self) -> DuckDBTransaction:
        """Return what reads a file that is attached.

        That needs no transaction of DuckDB's: while the lock is held nobody else writes.
        """
        return DuckDBTransaction(self._file, self._numbers.value(), Known())

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[DuckDBTransaction]:
        """Begin, and commit or roll back, on a file that is attached."""
        file = self._file  # not another one, should this process be forked meanwhile
        known, self._known = self._known, Known()  # none of it is, should this one fail
        file.begin()
        try:
            yield DuckDBTransaction(file, self._numbers.value(), known)
            if writes:
                file.check()
                # Before the commit, for the reason that `generation` gives.
                self._count()
                self._keep(file)
            file.commit()
        except BaseException:
            file.rollback()
            raise
        self._known = known.after_commit()

    def close(self) -> None:
        """Let go, and give back what stays between calls."""
        self.let_go()
        self._file.close()
        self._numbers.close()

    def after_fork_in_child(self) -> None:
        """Begin anew: what is open here is the parent's."""
        self._lock.forget()
        self._file.after_fork_in_child()
        self._numbers.after_fork_in_child()
        self._file = DuckDBFile(self._path)
        self._lock = StoreLock(self._path)
        self._known = Known()

    def _make(self) -> None:
        """Make the store. That is a write like any other to whoever remembers an older one."""
        self._count()
        self._file.create(self._build)

    def _check(self, state: _State) -> None:
        """See that the schema is ours, and take its missing steps.

        Not at each call: only when another process has written since the last one here.
        """
        self._numbers.saw_store()
        number = None
        known = self._seen is not None or self._file.has_schema()
        with self.transaction(writes=False) as tx:
            if known:
                number = recorded_number(tx, str(self._path), self._migrations)
            if number is None and tx.rows("select 1 from information_schema.tables limit 1"):
                raise damaged(self._path, "it is a DuckDB file with tables of another program")
        if self._seen is not None and self._seen.generation == state.generation:
            self._count()  # changed by something that does not count: an older copy put here, say
        if (number or 0) < len(self._migrations):
            migrate(
                lambda: self.transaction(writes=True), str(self._path), self._migrations, _now()
            )

    def _build(self) -> None:
        with self.transaction(writes=False) as tx:
            build(tx, self._migrations, _now())

    def _count(self) -> None:
        try:
            self._numbers.bump()
        except OSError as error:
            raise self._unusable(error) from error

    def _keep(self, file: DuckDBFile) -> None:
        try:
            file.keep_overwritten()
        except OSError as error:
            raise self._unusable(error) from error

    def _state(self) -> _State:
        """Return what tells one state of the file from another, without opening it."""
        now = self._path.stat()
        return _State(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, self._numbers.value())

    def _must_be_there(self) -> None:
        if not is_there(self._path):
            raise StoreUnavailableError(
                f"there is no store at {self._path}",
                "Put it back if it was moved, or open the workspace again to begin a new one.",
            )

    def _unusable(self, error: OSError) -> StoreUnavailableError:
        return StoreUnavailableError(
            f"the store {self._path} cannot be used: {error.strerror}: {error.filename}",
            f"See that {self._path.parent} has space and that you may write there.",
        )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
