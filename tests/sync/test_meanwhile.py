"""Others work on while a sync is under way: what they write stays, and the next sync takes it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import ConflictError, PlanMovedError
from anvil_nb.sync import remembering
from anvil_nb.sync.disk_items import DiskItems
from anvil_nb.sync.store_items import StoreItems
from tests.sync.laptops import beside, drop, put_skill, skill, statuses, stored
from tests.trees.steps import at_steps

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from tests.sync.conftest import Maker
    from tests.sync.laptops import Laptop

NAMES = ("a", "b", "c")


@pytest.fixture
def edited(one: Laptop) -> Laptop:
    """A laptop with three skills that were edited on disk since they were pushed."""
    for name in NAMES:
        one.skill(name)
    one.push()
    for name in NAMES:
        one.skill(name, "Edited.")
    return one


def between(
    monkeypatch: pytest.MonkeyPatch, replica: type[Any], work: Callable[[], object]
) -> None:
    """Let somebody work between the plan of the next sync and its first write."""
    apply, done = replica.apply, threading.Event()

    def late(self: Any, *arguments: Any) -> Any:
        if not done.is_set():
            done.set()
            work()
        return apply(self, *arguments)

    monkeypatch.setattr(replica, "apply", late)


def test_an_edit_in_the_store_during_a_push_is_left_and_said(
    edited: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, StoreItems, lambda: put_skill(edited.ws, "b", "Meanwhile."))
    report = edited.push()
    assert (report.state, report.sound) == ("partial", False)
    assert statuses(report) == {"a": "done", "b": "moved", "c": "done"}
    assert "sync again" in next(item.message for item in report.items if item.key == "b")
    assert stored(edited.ws)["b"] == {"SKILL.md": skill("b", "Meanwhile.")}
    assert [one.key for one in edited.push(on_conflict="keep").conflicts] == ["skills/b"]


def test_a_delete_in_the_store_during_a_push_is_left_and_said(
    edited: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, StoreItems, lambda: drop(edited.ws, "b"))
    assert statuses(edited.push()) == {"a": "done", "b": "moved", "c": "done"}
    kinds = [one.kind for one in edited.push(on_conflict="keep").conflicts]
    assert kinds == ["changed-and-deleted"]


def test_an_edit_on_disk_during_a_push_stops_no_other_skill(
    edited: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, StoreItems, lambda: edited.skill("b", "Meanwhile."))
    assert statuses(edited.push()) == {"a": "done", "b": "moved", "c": "done"}
    assert statuses(edited.push()) == {"b": "done"}
    assert stored(edited.ws)["b"] == {"SKILL.md": skill("b", "Meanwhile.")}


@pytest.mark.parametrize("what", ["edit", "delete", "add"])
def test_somebody_on_disk_during_a_pull_keeps_what_they_wrote(
    make: Maker, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    one = make()
    one.skill("a")
    one.skill("b")
    one.push()
    put_skill(one.ws, "a", "There.")
    put_skill(one.ws, "b", "There.")
    put_skill(one.ws, "new", "There.")
    work = {
        "edit": lambda: one.skill("b", "Meanwhile."),
        "delete": lambda: one.rm("skills/b"),
        "add": lambda: one.skill("new", "Meanwhile."),
    }[what]
    between(monkeypatch, DiskItems, work)
    before = one.bodies()
    report = one.pull()
    moved = "new" if what == "add" else "b"
    assert statuses(report) == {"a": "done", "b": "done", "new": "done", moved: "moved"}
    after = one.bodies()
    if what == "delete":
        assert "skills/b/SKILL.md" not in after
    else:
        assert after[f"skills/{moved}/SKILL.md"] == skill(moved, "Meanwhile.")
    assert after["skills/a/SKILL.md"] == skill("a", "There.") != before["skills/a/SKILL.md"]
    again = one.pull(on_conflict="keep")
    assert [item.key for item in again.conflicts] == [f"skills/{moved}"]


def test_an_editor_who_saves_at_every_step_of_a_pull_loses_nothing(
    one: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        one.skill(name)
    one.push()
    for name in NAMES:
        put_skill(one.ws, name, "There.")
    saved: list[bytes] = []
    begun = threading.Event()
    between(monkeypatch, DiskItems, begun.set)

    def save(number: int, _: str) -> None:
        if not begun.is_set():
            return
        one.skill("b", f"Saved {number}.")
        saved.append(skill("b", f"Saved {number}."))

    with at_steps(save):
        report = one.pull()
    assert statuses(report) == {"a": "done", "b": "moved", "c": "done"}
    assert saved[-1] == one.bodies()["skills/b/SKILL.md"]
    assert one.staging() == []
    assert [item.key for item in one.pull(on_conflict="keep").conflicts] == ["skills/b"]


def test_an_edit_between_the_scan_and_the_reading_is_read_again(
    one: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anvil_nb.trees.folder import Folder

    one.skill("a")
    scan, edits = Folder.scan, iter(["Once.", "Twice."])

    def late(self: Folder) -> Any:
        found = scan(self)
        if (body := next(edits, None)) is not None:
            one.skill("a", body)
        return found

    monkeypatch.setattr(Folder, "scan", late)
    assert statuses(one.push()) == {"a": "done"}
    assert stored(one.ws)["a"] == {"SKILL.md": skill("a", "Twice.")}


def test_two_syncs_of_one_folder_at_once_do_the_work_once(on_both: Maker) -> None:
    one = on_both()
    for number in range(20):
        one.skill(f"s{number}")
    again = beside(one, one.services)
    with again.ws, ThreadPoolExecutor(2) as pool:
        reports = [*pool.map(lambda who: _tried(who.push), [one, again])]
    done = [key for report in reports for key, said in statuses(report).items() if said == "done"]
    assert sorted(done) == sorted(f"s{number}" for number in range(20))
    assert one.push(on_conflict="keep").unchanged == 20
    assert one.push().state == "completed"


def test_a_push_and_a_pull_of_one_folder_at_once_lose_nothing(make: Maker) -> None:
    one = make()
    for number in range(10):
        one.skill(f"s{number}")
    one.push()
    for number in range(5):
        one.skill(f"s{number}", "Here.")
        put_skill(one.ws, f"s{number + 5}", "There.")
    again = beside(one, one.services)
    with again.ws, ThreadPoolExecutor(2) as pool:
        [*pool.map(_tried, [one.push, again.pull])]
    for _ in range(2):
        one.push()
        one.pull()
    expected = {
        f"skills/s{n}/SKILL.md": skill(f"s{n}", "Here." if n < 5 else "There.") for n in range(10)
    }
    assert one.bodies() == expected
    assert {
        f"skills/{key}/SKILL.md": files["SKILL.md"] for key, files in stored(one.ws).items()
    } == expected


def _tried(work: Callable[[], Any]) -> Any:
    """Sync; where the other was just in between, again."""
    for _ in range(5):
        try:
            return work()
        except ConflictError:
            continue
    return work()


def test_a_sync_works_inside_a_running_event_loop(one: Laptop) -> None:
    one.skill("a")

    async def main() -> tuple[str, str]:
        here = one.push()
        there = await asyncio.to_thread(one.pull)
        return here.state, there.state

    assert asyncio.run(main()) == ("completed", "completed")
    assert set(stored(one.ws)) == {"a"}


def test_progress_is_told_of_each_change(edited: Laptop) -> None:
    told: list[tuple[int, int]] = []
    edited.push(progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    # It is told at what is read, too, so that it can end a sync before anything is done.
    assert list(dict.fromkeys(told)) == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_progress_that_fails_ends_the_sync_and_what_was_done_is_remembered(
    edited: Laptop,
) -> None:
    def fail(done: int, total: int) -> None:
        del total
        if done == 2:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        edited.push(progress=fail)
    (run, _) = edited.ws.sync_history().runs
    assert run["state"] == "failed"
    assert edited.push().unchanged == 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_folder_that_another_sync_makes_a_pair_of_is_no_stranger(
    one: Laptop, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Which pairs the store knows and which the folder carries are two looks, not one."""
    one.skill("a")
    again = beside(one, one.services)
    look, turns = DiskItems.pair_id, iter([again])

    def pair_id(self: DiskItems, target: str) -> UUID | None:
        found = look(self, target)
        for other in turns:
            other.push()
        return found if when == "after" else look(self, target)

    monkeypatch.setattr(DiskItems, "pair_id", pair_id)
    with again.ws:
        assert one.push().unchanged == 1
        assert one.push().state == "completed"


def test_two_first_syncs_of_one_folder_never_make_two_pairs_of_it(
    on_both: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two, what the first agreed on would be unknown, and each edit a conflict."""
    one = on_both()
    one.skill("a")
    again = beside(one, one.services)
    check, turns = remembering.check_plan, iter([again])

    def after_the_other(*arguments: Any) -> None:
        for other in turns:
            assert other.push().state == "completed"
        check(*arguments)

    monkeypatch.setattr(remembering, "check_plan", after_the_other)
    with again.ws, pytest.raises(PlanMovedError, match="another sync .* began meanwhile"):
        one.push()
    one.skill("a", "Edited.")
    assert statuses(one.push()) == {"a": "done"}
