"""Settling that is cancelled ends between two conflicts, and the rest is as undecided as before.

It is cancelled at every moment at which it asks: each conflict is then either the same on both
sides, as it was decided, or untouched and still open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import PlanMovedError
from anvil_nb.sync import resolving
from tests.sync.clouds import Opener, cloud, keys, opener, ours
from tests.sync.laptops import page, put, put_skill, skill, stored
from tests.sync.test_cancelling import MOST_MOMENTS, Asked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.results.settled import SyncSettled
    from anvil_nb.workspace import Workspace
    from tests.sync.conftest import Maker

__all__ = ["cloud", "keys", "opener", "ours"]

CHOICES = {"both": "both", "mine": "ours", "text": "merged", "yours": "theirs"}


@pytest.fixture
def there(tmp_path: Path) -> str:
    """Where the server's store is; when to end is asked here alone."""
    return str(tmp_path / "cloud.duckdb")


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A portion is one conflict."""
    monkeypatch.setattr(resolving, "PORTION", 1)


def by_status(settled: SyncSettled, status: str) -> set[str]:
    return {item.key for item in settled.items if item.status == status}


def at_every_moment(
    fall_apart: Callable[[int], None],
    decisions: Callable[[int], dict[str, Any]],
    ws: Workspace,
    looks: Callable[[str, int], object],
) -> set[int]:
    """Cancel a settling at each moment at which it asks; then settle the rest.

    Args:
        fall_apart: Makes the conflicts of a round.
        decisions: Returns what was decided on them, by key.
        ws: Whose they are.
        looks: Returns what stands on both sides at a key.

    Returns:
        How many were settled by what was cancelled.
    """
    seen = set()
    for at in range(1, MOST_MOMENTS):
        fall_apart(at)
        made = decisions(at)
        before = {key: looks(key, at) for key in made}
        plan = ws.sync_settle(made, dry_run=True).plan
        asked, told = Asked(at), list[tuple[int, int]]()
        settled = ws.sync_settle(
            made, plan=plan, cancelled=asked, progress=lambda *now: told.append(now)
        )
        done, left = by_status(settled, "done"), by_status(settled, "cancelled")
        assert done | left == made.keys()
        assert {one.key for one in ws.sync_conflicts().conflicts} == left
        assert {key for key in made if looks(key, at) == before[key]} == left
        assert [number for number, _ in told] == list(range(len(told)))
        assert max([0, *(number for number, _ in told)]) == len(done)
        if left:
            assert f"cancelled: {len(left)} not begun" in settled.message
            assert not settled.sound
            if done:  # what was planned is done in part
                with pytest.raises(PlanMovedError):
                    ws.sync_settle(made, plan=plan)
            rest = ws.sync_settle({key: made[key] for key in left})
            assert by_status(rest, "done") == left
        assert ws.sync_conflicts().conflicts == ()
        seen.add(len(done))
        if asked.count < at:
            return seen
    raise AssertionError("it asks without end")


@pytest.mark.usefixtures("one_by_one")
def test_on_disk_and_in_the_store_each_conflict_is_settled_on_both_sides_or_on_none(
    on_both: Maker,
) -> None:
    one = on_both()

    def fall_apart(round_: int) -> None:
        one.write(f"content/blog/page-{round_}.md", page("Page"))
        for name in CHOICES:
            one.skill(f"{name}-{round_}", "Base.")
        for target in ("skills", "content"):
            one.push(target, force=True)
        for name in CHOICES:
            one.skill(f"{name}-{round_}", "Ours.")
            put_skill(one.ws, f"{name}-{round_}", "Theirs.")
        one.write(f"content/blog/page-{round_}.md", page("Page", "Ours."))
        place = {"source": "blog", "folder": "content/blog"}
        put(one.ws, "content", {f"page-{round_}.md": page("Page", "Theirs.")}, place)
        one.push("skills", on_conflict="keep", force=True)
        one.push("content", on_conflict="keep", force=True)

    def decisions(round_: int) -> dict[str, Any]:
        made: dict[str, Any] = {f"content/blog/page-{round_}": "theirs"}
        for prefix, choice in CHOICES.items():
            name = f"{prefix}-{round_}"
            given: Any = {"merged": skill(name, "Merged.")} if choice == "merged" else choice
            made[f"skills/{name}"] = given
        return made

    def looks(key: str, _: int) -> object:
        target, name = key.split("/", 1)
        on_disk = {path: data for path, data in one.bodies().items() if name in path}
        in_store = {at: files for at, files in stored(one.ws, target).items() if name in at}
        return on_disk, in_store

    assert at_every_moment(fall_apart, decisions, one.ws, looks) == {0, 1, 2, 3, 4, 5}
    final = {path: data for path, data in one.bodies().items() if path.endswith("-1/SKILL.md")}
    assert final["skills/mine-1/SKILL.md"] == skill("mine-1", "Ours.")
    assert final["skills/yours-1/SKILL.md"] == skill("yours-1", "Theirs.")
    assert final["skills/text-1/SKILL.md"] == skill("text-1", "Merged.")
    assert one.staging() == []


@pytest.mark.usefixtures("one_by_one")
def test_records_and_files_of_a_server_are_settled_on_both_sides_or_on_none(
    ours: Workspace, opener: Opener, tmp_path: Path
) -> None:
    theirs = opener("theirs")
    here, away = tmp_path / "ours/services/agents", tmp_path / "theirs/services/agents"
    for folder in (here, away):
        folder.mkdir(parents=True)

    def write(ws: Workspace, folder: Path, round_: int, text: str) -> None:
        for name in ("mine", "yours"):
            (folder / f"{name}-{round_}.txt").write_text(text)
            put_skill(ws, f"{name}-{round_}", text)

    def sync(ws: Workspace, direction: str, on_conflict: str = "stop") -> None:
        for target in ("files", "database"):
            ws.sync(target, direction, dry_run=False, force=True, on_conflict=on_conflict)

    def fall_apart(round_: int) -> None:
        write(ours, here, round_, "Base.")
        sync(ours, "push")
        sync(theirs, "pull")
        write(ours, here, round_, "Ours.")
        write(theirs, away, round_, "Theirs.")
        sync(theirs, "push")
        sync(ours, "push", "keep")

    def decisions(round_: int) -> dict[str, Any]:
        choices = {"mine": "ours", "yours": "theirs"}
        return {
            key: choice
            for name, choice in choices.items()
            for key in (f"database/skills/{name}-{round_}", f"files/agents/{name}-{round_}.txt")
        }

    def looks(key: str, _: int) -> object:
        sync(theirs, "pull")
        name = key.rpartition("/")[2]
        if key.startswith("files"):
            return (here / name).read_text(), (away / name).read_text()
        return stored(ours)[name], stored(theirs)[name]

    assert at_every_moment(fall_apart, decisions, ours, looks) == {0, 1, 2, 3, 4}
