"""A sync that is cancelled ends between two steps, and the next one does the rest.

Each target is cancelled at every moment at which it asks: whatever that is, the report says what
was done and what was not begun, that is what then stands, and nothing is left half written.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.bundles.published import published as all_published
from anvil_nb.sync import bundles, store_items
from anvil_nb.sync.portions import portions
from anvil_nb.trees.applying import Applying
from tests.bundles.stores import publish
from tests.sync.clouds import (
    Cloud,
    Opener,
    cloud,
    keys,
    opener,
    ours,
)
from tests.sync.laptops import agent, page, put_skill, skill, statuses, stored

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.results.sync import SyncReport
    from anvil_nb.workspace import Workspace
    from tests.sync.conftest import Maker
    from tests.sync.laptops import Laptop

__all__ = ["cloud", "keys", "opener", "ours"]

NAMES = [f"skill-{number}" for number in range(5)]
MOST_MOMENTS = 60


class Asked:
    """Cancels at one of the moments at which it is asked.

    Args:
        at: The first moment, from 1 on, at which it says so.
    """

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def __call__(self) -> bool:
        self.count += 1
        return self.count >= self.at


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction takes two items, and a bundle one version."""
    monkeypatch.setattr(store_items, "portions", partial(portions, most=2))
    monkeypatch.setattr(bundles, "PORTION", 1)


def by_status(report: SyncReport, status: str) -> set[str]:
    return {item.name for item in report.items if item.status == status}


def at_every_moment(
    change: Callable[[int], object],
    sync: Callable[..., SyncReport],
    written: Callable[[int], set[str]],
    untidy: Callable[[], list[str]] = list,
    step: int = 1,
) -> set[int]:
    """Cancel a sync at each moment at which it asks, and go on with it.

    Args:
        change: Makes the changes of a round.
        sync: Carries them over.
        written: Returns the names of what a round has changed at the destination by now.
        untidy: Returns what is left of runs that were not finished.
        step: How many moments further on the next one is.

    Returns:
        How many changes were done by the cancelled syncs.
    """
    seen = set()
    for at in range(1, MOST_MOMENTS, step):
        change(at)
        asked = Asked(at)
        report = sync(cancelled=asked, force=True)
        done, left = by_status(report, "done"), by_status(report, "cancelled")
        assert by_status(report, "failed") == by_status(report, "moved") == set()
        assert written(at) == done
        assert untidy() == []
        assert (report.counts()["cancelled"], len(report.items)) == (len(left), len(done | left))
        assert report.state == ("cancelled" if left else "completed")
        assert report.sound is not bool(left)
        seen.add(len(done))
        rest = sync(force=True)
        assert by_status(rest, "done") == left
        assert written(at) == done | left
        assert sync().items == ()
        if asked.count < at:
            return seen
    raise AssertionError("it asks without end")


def has(ws: Workspace, round_: int) -> set[str]:
    """The skills of a store that are those of a round."""
    wanted = {name: skill(name, f"Round {round_}.") for name in NAMES}
    found = stored(ws)
    return {name for name in NAMES if found.get(name, {}).get("SKILL.md") == wanted[name]}


def write_skills(one: Laptop, round_: int) -> None:
    for name in NAMES:
        one.skill(name, f"Round {round_}.")


@pytest.mark.usefixtures("small_steps")
def test_a_push_to_the_store_ends_between_two_transactions(on_both: Maker) -> None:
    one = on_both()
    done = at_every_moment(partial(write_skills, one), one.push, lambda number: has(one.ws, number))
    assert done == {0, 2, 4, 5}


@pytest.mark.usefixtures("small_steps")
def test_deletions_end_between_two_transactions(on_both: Maker) -> None:
    one = on_both()

    def change(round_: int) -> None:
        write_skills(one, round_)
        one.push(force=True)
        one.rm("skills")

    done = at_every_moment(
        change,
        partial(one.push, delete=True),
        lambda _: set(NAMES) - stored(one.ws).keys(),
    )
    assert done == {0, 2, 4, 5}


def test_a_pull_to_a_folder_is_done_whole_once_its_files_are_there(on_both: Maker) -> None:
    one = on_both()

    def change(round_: int) -> None:
        for name in NAMES:
            put_skill(one.ws, name, f"Round {round_}.")

    def written(round_: int) -> set[str]:
        bodies = one.bodies()
        return {
            name
            for name in NAMES
            if bodies.get(f"skills/{name}/SKILL.md") == skill(name, f"Round {round_}.")
        }

    assert at_every_moment(change, one.pull, written, one.staging) == {0, 5}


def test_a_cancel_while_files_are_swapped_in_lets_that_end(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make()
    for name in NAMES:
        put_skill(one.ws, name)
    cancelled: list[bool] = []
    run = Applying.run

    def cancelling(self: Any, staged: Any) -> Any:
        cancelled.append(True)
        return run(self, staged)

    monkeypatch.setattr(Applying, "run", cancelling)
    report = one.pull(cancelled=lambda: bool(cancelled))
    assert cancelled
    assert (report.state, set(statuses(report).values())) == ("completed", {"done"})


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("target", ["content", "agents"])
def test_pages_and_agents_end_between_two_steps_too(make: Maker, target: str) -> None:
    one, other = make(), make("other")
    prefix = "blog/" if target == "content" else ""

    def change(round_: int) -> None:
        for name in NAMES:
            if target == "agents":
                one.write(f"agents/{name}.yaml", agent(name, f"Round {round_}."))
            else:
                one.write(f"content/blog/{name}.md", page(name, f"Round {round_}."))

    def written(where: Callable[[], list[bytes]], round_: int) -> set[str]:
        found = b"\n".join(one for one in where() if f"Round {round_}.".encode() in one).decode()
        return {f"{prefix}{name}" for name in NAMES if name in found}

    def in_store() -> list[bytes]:
        return [data for files in stored(one.ws, target).values() for data in files.values()]

    def on_disk() -> list[bytes]:
        return list(other.bodies().values())

    push, pull = partial(one.push, target), partial(other.pull, target)
    done = at_every_moment(change, push, partial(written, in_store))
    assert done == {0, 2, 4, 5}

    def pushed(round_: int) -> None:
        change(round_ + MOST_MOMENTS)
        one.push(target, force=True)

    done = at_every_moment(
        pushed,
        pull,
        lambda round_: written(on_disk, round_ + MOST_MOMENTS),
        other.staging,
    )
    assert done == {0, 5}


# A server


@pytest.fixture
def there(tmp_path: Path) -> str:
    """Where the server's store is; when to end is asked here alone."""
    return str(tmp_path / "cloud.duckdb")


@pytest.mark.parametrize(("number", "step"), [(3, 1), (30, 8)], ids=["few", "many"])
def test_files_of_a_server_change_all_at_once_or_not(
    ours: Workspace, opener: Opener, tmp_path: Path, number: int, step: int
) -> None:
    theirs = opener("theirs")
    here, away = tmp_path / "ours/services/agents", tmp_path / "theirs/services/agents"
    here.mkdir(parents=True)
    paths = [f"agents/{at}.txt" for at in range(number)]

    def change(round_: int) -> None:
        for path in paths:
            (here / path.rpartition("/")[2]).write_text(f"{path} in round {round_}")

    def written(where: Path, round_: int) -> set[str]:
        return {
            path
            for path in paths
            if (place := where / path.rpartition("/")[2]).exists()
            and place.read_text() == f"{path} in round {round_}"
        }

    def there_now(round_: int) -> set[str]:
        theirs.sync("files", "pull", dry_run=False, force=True)
        return written(away, round_)

    push = partial(ours.sync, "files", "push", dry_run=False)
    assert at_every_moment(change, push, there_now, step=step) == {0, number}

    def pushed(round_: int) -> None:
        change(round_ + MOST_MOMENTS)
        push(force=True)

    pull = partial(theirs.sync, "files", "pull", dry_run=False)
    done = at_every_moment(pushed, pull, lambda at: written(away, at + MOST_MOMENTS), step=step)
    assert done == {0, number}


def test_records_of_a_server_change_all_at_once_or_not(ours: Workspace, opener: Opener) -> None:
    theirs = opener("theirs")
    names = [f"skills/{name}" for name in NAMES]

    def change(round_: int) -> None:
        for name in NAMES:
            put_skill(ours, name, f"Round {round_}.")

    def there_now(round_: int) -> set[str]:
        theirs.sync("database", "pull", dry_run=False, force=True)
        return {f"skills/{name}" for name in has(theirs, round_)}

    push = partial(ours.sync, "database", "push", dry_run=False)
    assert at_every_moment(change, push, there_now) == {0, len(names)}

    def pushed(round_: int) -> None:
        change(round_ + MOST_MOMENTS)
        push(force=True)

    def here_now(round_: int) -> set[str]:
        return {f"skills/{name}" for name in has(theirs, round_ + MOST_MOMENTS)}

    pull = partial(theirs.sync, "database", "pull", dry_run=False)
    assert at_every_moment(pushed, pull, here_now) == {0, len(names)}


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("direction", ["push", "pull"])
def test_versions_travel_bundle_by_bundle(ours: Workspace, cloud: Cloud, direction: str) -> None:
    source, goal = (ours, cloud.ws) if direction == "push" else (cloud.ws, ours)

    def change(round_: int) -> None:
        for name in ("a", "b", "c"):
            publish(source, f"desk/{name}", text=f"Round {round_}")

    def written(round_: int) -> set[str]:
        return {
            f"desk/{name}@1.0.{round_ - 1}"
            for name in ("a", "b", "c")
            if (f"desk/{name}@1.0.{round_ - 1}") in {one.key for one in all_published(goal.access)}
        }

    sync = partial(ours.sync, "bundles", direction, dry_run=False)
    assert at_every_moment(change, sync, written) == {0, 1, 2, 3}


def test_of_everything_the_parts_that_were_not_begun_are_named(
    ours: Workspace, cloud: Cloud
) -> None:
    assert ours.settings.services is not None
    agents = ours.settings.services / "agents"
    agents.mkdir(parents=True)
    (agents / "mail.txt").write_text("Mail.")
    put_skill(ours, "mail")
    publish(ours, "desk/emails", welcome="Hello")
    done: list[int] = []
    report = ours.sync(
        "all",
        "push",
        dry_run=False,
        progress=lambda number, _: done.append(number),
        cancelled=lambda: bool(done) and done[-1] == 1,
    )
    parts: Any = report.parts
    assert [(part.target, part.state) for part in parts] == [
        ("files", "completed"),
        ("database", "cancelled"),
        ("bundles", "cancelled"),
    ]
    assert (report.state, report.sound) == ("cancelled", False)
    assert (report.counts()["added"], report.counts()["cancelled"]) == (1, 2)
    assert "Go on with the rest: anvil push" in report.to_text()
    assert not cloud.ws.ls("")
    assert ours.sync("all", "push", dry_run=False).counts()["added"] == 2


# What is said


@pytest.mark.usefixtures("small_steps")
def test_the_report_and_the_history_say_that_it_was_cancelled(one: Laptop) -> None:
    write_skills(one, 1)
    told: list[int] = []
    report = one.push(progress=lambda number, _: told.append(number), cancelled=lambda: 2 in told)
    said = report.to_text()
    assert said.startswith("Cancelled skills push: 2 added, 3 not begun")
    assert "the sync was cancelled before its turn" in said
    assert said.endswith("Go on with the rest: anvil sync skills push")
    assert [run["state"] for run in one.ws.sync_history().runs] == ["cancelled"]


def test_what_is_cancelled_before_it_begins_does_nothing_and_is_no_run(one: Laptop) -> None:
    write_skills(one, 1)
    report = one.push(cancelled=lambda: True)
    assert set(statuses(report).values()) == {"cancelled"}
    assert stored(one.ws) == {}
    assert one.ws.sync_history().runs == ()
