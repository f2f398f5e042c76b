"""One DuckDB file, opened and closed often.

Starting DuckDB takes 20 ms, most of it for its built-in functions; attaching a file to an
instance that runs already takes 1 ms. So the instance (``duckdb_instance``) stays, and the file is
attached while it is used. Detaching writes the log into the file and closes both.

The settings were measured (``docs/store.md``): without compression and with blocks of 64 KiB a
small write costs half of what DuckDB's defaults cost, since every detaching writes the column
segments that changed, and choosing a compression for them takes longer than writing them.

Whoever uses this holds the store's lock. No other code may open the path meanwhile, not even to
read it: closing any descriptor of a file drops the locks that the process has on it (POSIX).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from anvil_nb.errors import StoreBusyError, StoreError, StoreUnavailableError
from anvil_nb.store.duckdb_errors import damaged, store_error
from anvil_nb.store.duckdb_instance import Instance, give_back, take
from anvil_nb.store.inherited import leave_to_parent
from anvil_nb.store.rollback_journal import RollbackJournal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ATTACH = "attach $1 as store (type duckdb)"
# Blocks of metadata that a checkpoint may write again where they stand.
_OVERWRITTEN = """
    select block_id, block_size
    from pragma_metadata_info('store') as metadata, pragma_database_size()
    where database_name = 'store' and metadata.free_blocks > 0
"""
_LEAVE_LOG = "set global checkpoint_on_detach = 'disabled'"
_WRITE_LOG = "set global checkpoint_on_detach = 'default'"
_CHECKPOINT_FAILED = "Detached database"
_MOST_PARSED = 500


class DuckDBFile:
    """The file at ``path``: attached or not, with at most one transaction at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = Path(f"{path}.wal")
        self._journal = RollbackJournal(path)
        self._instance: Instance | None = None
        self._inherited = False
        self._failed = False
        self.attached = False

    def create(self, build: Callable[[], None]) -> None:
        """Make the file with what ``build`` writes into it; all of it or nothing.

        It is built under another name and then renamed, because DuckDB takes several writes to
        make a file: a process killed between them would leave one that no program opens.
        """
        new = Path(f"{self._path}.new")
        new_log = Path(f"{new}.wal")
        try:
            _remove(new, new_log)  # of one that was killed
            self._journal.forget()
            self.attach(new)
            build()
            self.detach()
            if new_log.exists():
                raise StoreUnavailableError(
                    f"the store {self._path} could not be made: there is no space to write it",
                    "Make space on its disk, then try again.",
                )
            new.replace(self._path)
            _sync_folder(self._path.parent)
        except OSError as error:
            raise StoreUnavailableError(
                f"the store {self._path} could not be made: {error.strerror}",
                f"See that you may write to {self._path.parent}, or name another path.",
            ) from error
        finally:
            self.detach()
            _remove(new, new_log)

    def roll_back_checkpoint(self) -> bool:
        """Undo a checkpoint that was cut off; tell whether there was one. For a file not attached.

        Raises:
            OSError: when the file cannot be written.
            StoreBusyError: when it is to be undone, and another program has the file open.
        """
        try:
            return self._journal.roll_back()
        except BlockingIOError as error:
            raise StoreBusyError(
                f"another program has the store {self._path} open without Anvil's lock, and a"
                " write of before is to be taken back first",
                "Close the store there, then try again.",
            ) from error

    def attach(self, path: Path | None = None) -> None:
        """Open the file.

        Raises:
            StoreError: the one that says why it cannot be opened.
        """
        if self._instance is None:
            try:
                self._instance = take(Path(f"{self._path}.tmp"))
            except duckdb.Error as error:
                raise store_error(error, self._path) from error
        instance = self._instance
        self.attached = True  # Ctrl-C may come now: what may be attached is detached
        try:
            self._run(instance, instance.connection, _ATTACH, (str(path or self._path),))
        except StoreError:
            self.attached = False
            self._journal.end(done=False)
            raise
        self._run(instance, instance.cursor, "use store", ())

    def detach(self) -> bool:
        """Write the log into the file and close both. What was committed is safe either way.

        Returns:
            Whether that ended well; else the file may be half written, and has to be looked after
            before it is opened again.
        """
        instance = self._instance
        if not self.attached or self._inherited or instance is None:
            return True
        self.attached = False
        sound, instance.sound = instance.sound, False  # Ctrl-C may come before it is detached
        try:
            leave_log = self._log.exists() and not self._may_write_log()
            if leave_log:
                instance.connection.execute(_LEAVE_LOG)
            instance.connection.execute("detach store")
            if leave_log:
                instance.connection.execute(_WRITE_LOG)
            instance.sound = sound
        except duckdb.Error as error:
            # The disk is full, say: the file is closed, and the log still holds the commits.
            if not str(error).partition(": ")[2].startswith(_CHECKPOINT_FAILED):
                self.drop()
            self._journal.end(done=False)
            return False
        except RuntimeError as error:
            self.drop()
            raise _interrupt(error) from None
        except KeyboardInterrupt:  # while it was looked what would be overwritten
            self.drop()
            raise
        self._journal.end(done=True)
        return True

    def keep_overwritten(self) -> None:
        """Keep what a checkpoint overwrites. Before each commit that writes: it may begin one.

        Raises:
            OSError: when there is no space for it.
        """
        self._journal.keep(lambda: self.execute(_OVERWRITTEN))

    def has_schema(self) -> bool:
        """Tell whether the file has the table of schema steps, outside of any transaction.

        To run into its absence is quick. The first look into the catalogue takes 8 ms.
        """
        try:
            self.execute("select number from schema_migrations limit 0")
        except StoreError as error:
            if isinstance(error.__cause__, duckdb.CatalogException):
                return False
            raise
        return True

    def begin(self) -> None:
        """Begin a transaction."""
        self._failed = False
        self.execute("begin")

    def commit(self) -> None:
        """Make what was written last.

        Raises:
            StoreError: when a statement had failed, even if the caller went on after it. DuckDB
                would undo the transaction then and say nothing.
            StoreUnavailableError: when it cannot be written. Where it is the file that cannot, and
                not its log, the log may hold the commit: whoever opens the file next finds it.
        """
        self.check()
        try:
            self.execute("commit")
        except StoreUnavailableError as error:
            if self._log.name in error.message:
                raise
            self.drop()  # DuckDB does nothing more with this file before it is opened again
            raise StoreUnavailableError(
                error.message,
                "It may have been changed before that: make space on its disk, then look.",
            ) from error

    def check(self) -> None:
        """See that no statement of the transaction has failed.

        Raises:
            StoreError: when one has.
        """
        if self._failed:
            raise StoreError(f"the store {self._path} undid a write: a statement in it had failed")

    def execute(
        self, sql: str, params: Sequence[object] = (), *, fetch: bool = True
    ) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows; without ``fetch`` it is run for its effect.

        Raises:
            StoreError: the one that says why it failed.
            KeyboardInterrupt: when Ctrl-C stopped it.
        """
        instance = self._instance
        if instance is None or self._inherited:
            raise StoreError(
                "this transaction of the store began before the process was forked",
                "Begin another one in the child.",
            )
        return self._run(instance, instance.cursor, sql, params, fetch=fetch)

    def rollback(self) -> None:
        """Undo the transaction, if there is one left to undo."""
        if self._instance is None or self._inherited:
            return
        try:
            self._instance.cursor.execute("rollback")
        except duckdb.TransactionException:
            return  # a commit that failed has undone it already
        except duckdb.Error:
            self.drop()  # closing undoes it too; what went wrong before is told already
        except RuntimeError as error:
            self.drop()
            raise _interrupt(error) from None

    def drop(self) -> None:
        """Close everything, the instance too."""
        instance, self._instance = self._instance, None
        self.attached = False
        if instance is not None and not self._inherited:
            with suppress(duckdb.Error, RuntimeError):  # nothing says what it would overwrite
                instance.connection.execute(_LEAVE_LOG)
            instance.close()
        self._journal.end(done=False)

    def close(self) -> None:
        """Detach the file; the instance is for whoever opens a store next."""
        self.detach()
        instance, self._instance = self._instance, None
        if instance is not None and not self._inherited:
            give_back(instance)

    def after_fork_in_child(self) -> None:
        """Leave alone what the parent uses: to close it here would write to the parent's file."""
        self._inherited = True
        self._journal.after_fork_in_child()
        if self.attached:
            leave_to_parent(self._instance)

    def _may_write_log(self) -> bool:
        try:
            self.keep_overwritten()
        except (OSError, StoreError):
            return False
        return True

    def _run(
        self,
        instance: Instance,
        connection: duckdb.DuckDBPyConnection,
        sql: str,
        params: Sequence[object],
        *,
        fetch: bool = True,
    ) -> list[tuple[Any, ...]]:
        try:
            # Parsed once: the statements are literals, and parsing is a fifth of a small one.
            parsed = instance.parsed.get(sql)
            if parsed is None:
                (parsed,) = connection.extract_statements(sql)
                if len(instance.parsed) < _MOST_PARSED:
                    instance.parsed[sql] = parsed
            done = connection.execute(parsed, params)
            return done.fetchall() if fetch else []
        except duckdb.Error as error:
            self._failed = True
            # A key that is there twice is the caller's mistake, and no harm to what runs here.
            instance.sound &= isinstance(error, duckdb.ConstraintException)
            raise store_error(error, self._path) from error
        except RuntimeError as error:
            self._failed, instance.sound = True, False
            raise _interrupt(error) from None


def is_there(path: Path) -> bool:
    """Tell whether there is a store to open at ``path``, or none and a place to make one.

    Raises:
        StoreDamagedError: when there is neither. A file of no bytes is refused here: no store of
            ours is ever empty, so something cut it off, and to begin anew would hide that. So is
            a log without its store: it holds writes that were acknowledged.
    """
    log = Path(f"{path}.wal")
    if not path.exists():
        if log.exists():
            raise damaged(path, f"it is gone, and {log.name} holds writes that belong to it")
        return False
    if path.is_file() and path.stat().st_size == 0:
        raise damaged(path, "it is empty")
    return True


def _interrupt(error: RuntimeError) -> BaseException:
    """Return what stopped a statement: DuckDB makes this error of Ctrl-C."""
    return KeyboardInterrupt() if "interrupted" in str(error) else error


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a renaming last: it is the folder that has changed."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
