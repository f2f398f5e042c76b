"""A sync that is killed at any step goes on where it was, and no version is lost."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.store import blobs, items
from anvil_nb.store.duckdb_file import DuckDBFile
from anvil_nb.workspace import Workspace
from tests.sync.laptops import Files, Laptop, drop, laptop, put_skill, stored
from tests.trees.steps import at_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KILLED = 9
STORE_STEPS = 9
"""Every so many statements of the store is a step at which a run is killed."""


@contextmanager
def counted_steps(last: int = 0) -> Iterator[count[int]]:
    """Count steps: calls that change the disk, statements and commits; die before the last."""
    steps = count(1)

    def step() -> None:
        if next(steps) == last:
            os._exit(KILLED)

    with pytest.MonkeyPatch.context() as patch, at_steps(lambda *_: step()):
        run = DuckDBFile._run

        def counted(self: Any, *arguments: Any, **named: Any) -> Any:
            step()
            return run(self, *arguments, **named)

        patch.setattr(DuckDBFile, "_run", counted)
        yield steps


def dies(last: int, one: Laptop, work: Callable[[Laptop], object]) -> bool:
    """Do the work in another process that dies at a step; tell whether it came to that."""
    child = os.fork()
    if child == 0:
        try:
            with counted_steps(last):
                work(one)
        except BaseException as error:  # noqa: BLE001 - said by the exit code
            os.write(2, repr(error).encode())
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    one.ws.close()
    assert status in {0, KILLED}
    return status == KILLED


def versions(one: Laptop) -> set[bytes]:
    """Every version that can be had again: of disk, trash, store, its history, and conflicts."""
    access = one.ws.access
    with access.engine.read() as tx:
        rows = tx.rows("select digest from blobs")
        named = " ".join(
            row[0] or ""
            for sql in (
                "select files from items",
                "select files from item_log",
                "select ours from sync_conflicts",
                "select theirs from sync_conflicts",
            )
            for row in tx.rows(sql)
        )
        found = blobs.read_blobs(tx, access.organisation_id, {row[0] for row in rows})
    known = {data for digest, data in found.items() if digest in named}
    return known | one.trash() | set(one.bodies().values())


def lay(folder: Path) -> Laptop:
    """A skill for each thing that can have happened to it on either side since the last sync."""
    one = laptop(folder / "services", str(folder / "store.duckdb"))
    for name in ("same", "here", "there", "gone-here", "gone-there", "apart", "more"):
        one.skill(name, files={"notes.txt": name.encode()})
    one.push()
    one.skill("here", "Edited here.")
    one.rm("skills/here/notes.txt")
    one.skill("new-here", files={"notes.txt": b"new"})
    one.rm("skills/gone-here")
    one.skill("apart", "Apart, here.")
    put_skill(one.ws, "there", "Edited there.")
    put_skill(one.ws, "new-there", files={"notes.txt": b"new"})
    drop(one.ws, "gone-there")
    put_skill(one.ws, "apart", "Apart, there.", files={"notes.txt": b"apart"})
    return one


def both(one: Laptop) -> tuple[Files, Files]:
    """All files of both sides, by their paths."""
    there = {
        f"skills/{key}/{path}": data
        for key, files in stored(one.ws).items()
        for path, data in files.items()
    }
    return one.bodies(), there


def quiet(one: Laptop) -> None:
    """Sync until both sides are the same: what was killed hinders nothing."""
    one.push(delete=True, on_conflict="ours", force=True)
    one.pull(delete=True, on_conflict="ours", force=True)
    here, there = both(one)
    assert here == there
    assert one.staging() == []
    report = one.push(delete=True)
    assert (report.state, report.items, report.waiting) == ("completed", (), ())
    assert one.ws.sync_conflicts().conflicts == ()


WORK: dict[str, Callable[[Laptop], object]] = {
    "push": lambda one: one.push(delete=True, on_conflict="keep"),
    "pull": lambda one: one.pull(delete=True, on_conflict="theirs"),
    "resolve-both": lambda one: one.ws.sync_resolve("skills/apart", "both"),
    "resolve-theirs": lambda one: one.ws.sync_resolve("skills/apart", "theirs"),
}
KILLS = {"push": 8, "pull": 10, "resolve-both": 8, "resolve-theirs": 7}
"""About how many kills each gets, as far apart as that takes."""


class Anew:
    """The same folder and store again and again, at one path: each time as they were laid."""

    def __init__(self, folder: Path) -> None:
        self.place, self.kept = folder / "work", folder / "kept"
        one = lay(self.place)
        self.known, self.settings = versions(one), one.ws.settings
        one.ws.close()
        self.place.rename(self.kept)

    def __call__(self) -> Laptop:
        """Lay them, in the place of what became of them."""
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.kept, self.place)
        return Laptop(Workspace(self.settings), self.place / "services")


@pytest.mark.parametrize("work", WORK)
def test_killed_at_any_step_it_goes_on_and_nothing_is_lost(tmp_path: Path, work: str) -> None:
    anew = Anew(tmp_path)
    one = anew()
    with one.ws, counted_steps() as steps:
        WORK[work](one)
    stride = int(os.environ.get("KILL_STRIDE", next(steps) // KILLS[work]))
    kills = 0
    for last in count(stride // 2 + 1, stride):
        was_killed = dies(last, anew(), WORK[work])
        with Workspace(anew.settings) as ws, ws.burst():
            one = Laptop(ws, anew.place / "services")
            assert anew.known <= versions(one), f"lost by a kill at step {last}"
            quiet(one)
            assert anew.known <= versions(one), f"lost after a kill at step {last}"
        if not was_killed:
            break
        kills += 1
    assert kills >= KILLS[work] - 1


def test_an_error_at_any_write_of_the_store_ends_the_sync_and_the_next_one_completes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew = Anew(tmp_path)
    for last in count(1, STORE_STEPS):
        one = anew()
        steps, run = count(1), DuckDBFile._run

        def failing(self: Any, *arguments: Any, **named: Any) -> Any:
            if next(steps) == last:
                raise KeyboardInterrupt
            return run(self, *arguments, **named)

        failed = False
        with monkeypatch.context() as patch:
            patch.setattr(DuckDBFile, "_run", failing)
            try:
                one.push(delete=True, on_conflict="ours")
            except KeyboardInterrupt:
                failed = True
        with one.ws, one.ws.burst():
            quiet(one)
            assert anew.known <= versions(one)
        if not failed:
            break
    assert last > 3 * STORE_STEPS


def test_a_run_that_was_cut_off_says_so_in_the_history(tmp_path: Path) -> None:
    anew = Anew(tmp_path)
    states: list[Any] = []
    for last in count(20, 8):
        assert dies(last, anew(), lambda one: one.push(on_conflict="keep"))
        with Workspace(anew.settings) as ws:
            states = [run["state"] for run in ws.sync_history().runs]
        if len(states) > 1:
            break
    assert states == ["not ended", "completed"]


def test_what_was_recorded_of_an_apply_is_what_both_sides_have(tmp_path: Path) -> None:
    one = lay(tmp_path)
    with one.ws:
        quiet(one)
        with one.ws.access.engine.read() as tx:
            base = dict(tx.rows("select key, digest from sync_bases where digest <> ''"))
            tree = items.tree_of(tx, one.ws.access.organisation_id, "skill")
    assert base == {key: entry.digest for key, entry in tree.entries.items()}
