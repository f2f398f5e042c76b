"""A sync that is killed at any step goes on where it was, and no version is lost."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.store import blobs, items
from anvil_nb.store.duckdb_file import DuckDBFile
from anvil_nb.workspace import Workspace
from tests.sync.laptops import Files, Laptop, drop, laptop, put_skill, skill, stored
from tests.trees.steps import at_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KILLED = 9
STORE_STEPS = 4
"""Every so many statements of the store is a step at which a run is killed."""


@contextmanager
def killed_at(last: int) -> Iterator[None]:
    """Let the process die before a step: a call that changes the disk, a statement, a commit."""
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
        yield


def dies(last: int, work: Callable[[], object]) -> bool:
    """Do the work in another process that dies at a step; tell whether it came to that."""
    child = os.fork()
    if child == 0:
        try:
            with killed_at(last):
                work()
        except BaseException as error:  # noqa: BLE001 - said by the exit code
            os.write(2, repr(error).encode())
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
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
        one.skill(name, **{"notes.txt": name.encode()})
    one.push()
    one.skill("here", "Edited here.")
    one.rm("skills/here/notes.txt")
    one.skill("new-here", **{"notes.txt": b"new"})
    one.rm("skills/gone-here")
    one.skill("apart", "Apart, here.")
    put_skill(one.ws, "there", "Edited there.")
    put_skill(one.ws, "new-there", **{"notes.txt": b"new"})
    drop(one.ws, "gone-there")
    put_skill(one.ws, "apart", "Apart, there.", **{"notes.txt": b"apart"})
    return one


def reopened(one: Laptop) -> Laptop:
    """The same laptop in a process that began anew."""
    one.ws.close()
    return Laptop(Workspace(replace(one.ws.settings)), one.services)


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
STRIDE = {"push": 5, "pull": 11, "resolve-both": 5, "resolve-theirs": 7}
"""How many steps lie between two kills; what is between is taken in other runs."""


@pytest.mark.parametrize("work", WORK)
def test_killed_at_any_step_it_goes_on_and_nothing_is_lost(tmp_path: Path, work: str) -> None:
    start, kills = os.getpid() % STRIDE[work] + 1, 0
    for last in count(start, STRIDE[work]):
        one = lay(tmp_path / f"{last}")
        known = versions(one)
        before = both(one)
        one.ws.close()
        one = reopened(one)
        was_killed = dies(last, lambda one=one: WORK[work](one))  # type: ignore[misc]  # bound
        one = reopened(one)
        with one.ws, one.ws.burst():
            assert known <= versions(one), f"lost by a kill at step {last}"
            here, there = both(one)
            assert set(here.values()) | set(there.values()) <= known | {
                data for side in before for data in side.values()
            } | _made(here, there)
            quiet(one)
            assert known <= versions(one), f"lost after a kill at step {last}"
        if not was_killed:
            break
        kills += 1
    assert kills >= 5


def _made(here: Files, there: Files) -> set[bytes]:
    """What was made of a version to stand beside it."""
    beside = "skills/apart-theirs/"
    return {
        data for side in (here, there) for path, data in side.items() if path.startswith(beside)
    }


def test_an_error_at_any_write_of_the_store_ends_the_sync_and_the_next_one_completes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for last in count(1, STORE_STEPS):
        one = lay(tmp_path / f"{last}")
        known = versions(one)
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
            assert known <= versions(one)
        if not failed:
            break
    assert last > 5 * STORE_STEPS


def test_a_run_that_was_cut_off_says_so_in_the_history(tmp_path: Path) -> None:
    one = lay(tmp_path)
    one.ws.close()
    one = reopened(one)
    last = next(
        number
        for number in count(20, 3)
        if dies(number, lambda one=one: one.push(on_conflict="keep"))  # type: ignore[misc]  # bound
        and any(run["state"] == "not ended" for run in _history(one))
    )
    assert last
    one = reopened(one)
    with one.ws:
        one.push(on_conflict="keep")
        assert skill("new-here") in [files["SKILL.md"] for files in stored(one.ws).values()]


def _history(one: Laptop) -> list[Any]:
    again = reopened(one)
    with again.ws:
        return [*again.ws.sync_history().runs]


def test_what_was_recorded_of_an_apply_is_what_both_sides_have(tmp_path: Path) -> None:
    one = lay(tmp_path)
    with one.ws:
        quiet(one)
        with one.ws.access.engine.read() as tx:
            base = dict(tx.rows("select key, digest from sync_bases where digest <> ''"))
            tree = items.tree_of(tx, one.ws.access.organisation_id, "skill")
    assert base == {key: entry.digest for key, entry in tree.entries.items()}
