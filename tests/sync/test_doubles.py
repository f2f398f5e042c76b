"""A skill stands at a server as files and as a record, and whoever syncs is told if they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import SyncConflictError
from tests.sync.clouds import Cloud, Opener, cloud, keys, opener, ours, there_on_duckdb
from tests.sync.laptops import agent, skill

if TYPE_CHECKING:
    from anvil_nb.results.sync import SyncReport
    from anvil_nb.workspace import Workspace

__all__ = ["cloud", "keys", "opener", "ours", "there_on_duckdb"]


@pytest.fixture
def two(opener: Opener, cloud: Cloud) -> tuple[Workspace, Workspace]:
    """Two machines that have the same skill and agent, on disk and in the store."""
    del cloud
    first, second = opener("first"), opener("second")
    write(first, "First.")
    place = first.settings.services / "agents/clerk.yaml"
    place.parent.mkdir()
    place.write_bytes(agent("clerk"))
    for target in ("skills", "agents"):
        first.sync(target, "push", dry_run=False)
    first.sync("all", "push", dry_run=False)
    second.sync("all", "pull", dry_run=False)
    for target in ("skills", "agents"):
        second.sync(target, "push", dry_run=False)
    for ws in (first, second):
        assert ws.sync("all", "push", dry_run=False).notes == ()
    return first, second


def write(ws: Workspace, body: str) -> None:
    place = ws.settings.services / "skills/mail/SKILL.md"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(skill("mail", body))


def edit(ws: Workspace, body: str) -> None:
    """Change the skill on disk and in the store."""
    write(ws, body)
    ws.sync("skills", "push", dry_run=False)


def on_disk(ws: Workspace) -> bytes:
    return (ws.settings.services / "skills/mail/SKILL.md").read_bytes()


def in_store(ws: Workspace) -> bytes:
    return ws.item_file("skill", "mail", "SKILL.md").data


def moved(report: SyncReport) -> list[str]:
    return [item.key for part in report.parts for item in getattr(part, "items", ())]


def test_what_is_in_conflict_twice_is_to_be_settled_the_same_way(
    two: tuple[Workspace, Workspace],
) -> None:
    first, second = two
    edit(first, "By the first.")
    edit(second, "By the second.")
    first.sync("all", "push", dry_run=False)
    with pytest.raises(SyncConflictError):
        second.sync("all", "push", dry_run=False)
    seen = second.sync("all", "push")
    [note] = seen.notes
    assert note.startswith("skills/mail: in conflict as files, and as database/skills/mail for one")
    assert note in seen.to_text()
    assert "settle both the same way" in str(seen.to_html())


def test_opposite_ways_are_told_and_the_files_end_it_whoever_follows(
    two: tuple[Workspace, Workspace],
) -> None:
    first, second = two
    edit(first, "By the first.")
    edit(second, "By the second.")
    first.sync("all", "push", dry_run=False)
    second.sync_resolve("files/skills/mail/SKILL.md", "ours")
    second.sync_resolve("database/skills/mail", "theirs")
    told = "skills/mail: files and record {} at the server; the files count: "
    assert second.sync("all", "push").notes[0].startswith(told.format("will differ"))
    for ws in two:
        [note] = ws.sync("all", "pull", dry_run=False).notes
        assert note.startswith(told.format("differ"))
        assert note.endswith("anvil sync resolve skills/mail --ours, then anvil push")
    # Both do as they are told, at the same time.
    for ws in two:
        ws.sync_resolve("skills/mail", "ours")
    for ws in (second, first, second):
        ws.sync("all", "push", dry_run=False)
        assert ws.sync("all", "pull", dry_run=False).notes == ()
    body = skill("mail", "By the second.")
    for ws in two:
        assert (on_disk(ws), in_store(ws)) == (body, body)
        assert moved(ws.sync("all", "push")) == moved(ws.sync("all", "pull")) == []


def test_a_push_that_leaves_the_record_behind_says_so(two: tuple[Workspace, Workspace]) -> None:
    first, _ = two
    write(first, "On disk alone.")
    (first.settings.services / "agents/clerk.yaml").write_bytes(agent("clerk", "Be brief."))
    [note] = first.sync("all", "push").notes
    assert note.startswith("agents/clerk, skills/mail: files and record will differ")
    for target in ("skills", "agents"):
        first.sync(target, "push", dry_run=False)
    assert first.sync("all", "push").notes == ()


def test_records_whose_files_are_not_synced_are_nothing_twice(opener: Opener) -> None:
    ws = opener(directories=("content",))
    edit(ws, "In the store.")
    assert ws.sync("all", "push", dry_run=False).notes == ()
    assert ws.sync("all", "push").notes == ()
