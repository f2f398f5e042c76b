"""The tools of sync, as an agent calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.mcp_server.desk import Desk, usual_roots
from anvil_nb.mcp_server.server import create_server
from tests.mcp_server.agents import agent, called
from tests.mcp_server.conftest import put_skill

if TYPE_CHECKING:
    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.anyio

PUSH: dict[str, Any] = {"target": "skills", "direction": "push"}


def skills(ws: Workspace) -> list[str]:
    return [line.key for line in ws.skills()]


def part(ws: Workspace) -> None:
    """Let disk and store change the same skill apart."""
    ws.sync("skills", "push", dry_run=False)
    put_skill(ws.settings.services, "triage", "by hand")
    ws.save_skill("triage", {"instructions": "Do it from the store."})


async def test_a_sync_is_planned_shown_and_carried_out(
    server: AnvilServer, ws: Workspace, era: str
) -> None:
    async with agent(server, era) as one:
        plan = await one.done("sync", **PUSH)
        assert skills(ws) == []
        assert plan.data["counts"] == {"added": 2}
        assert [row["key"] for row in plan.data["rows"]] == ["escalate", "triage"]
        tool, arguments = called(plan.text.splitlines()[1])
        done = await one.done(tool, **arguments)
        assert done.data["state"] == "completed"
        assert skills(ws) == ["escalate", "triage"]
        again = await one.done("sync", **PUSH)
        assert again.data["plan_id"] == ""
        assert "There is nothing to do." in again.text


async def test_nothing_is_carried_out_without_a_plan(server: AnvilServer, ws: Workspace) -> None:
    async with agent(server) as one:
        said = await one.refused("sync", **PUSH, dry_run=False)
        tool, arguments = called(said.splitlines()[-1])
        assert arguments == {**PUSH, "dry_run": True}
        assert (await one.done(tool, **arguments)).data["plan_id"]
    assert skills(ws) == []


async def test_a_plan_is_good_for_one_apply(server: AnvilServer) -> None:
    async with agent(server) as one:
        plan_id = (await one.done("sync", **PUSH)).data["plan_id"]
        await one.done("sync", **PUSH, dry_run=False, plan_id=plan_id)
        said = await one.refused("sync", **PUSH, dry_run=False, plan_id=plan_id)
    assert "was carried out already" in said


async def test_a_stale_plan_is_refused_with_what_moved(server: AnvilServer, ws: Workspace) -> None:
    async with agent(server) as one:
        plan_id = (await one.done("sync", **PUSH)).data["plan_id"]
        put_skill(ws.settings.services, "triage", "in another way")
        said = await one.refused("sync", **PUSH, dry_run=False, plan_id=plan_id)
        assert "moved since: triage" in said
        tool, arguments = called(said.splitlines()[-1])
        assert (await one.done(tool, **arguments)).data["plan_id"] != plan_id
    assert skills(ws) == []


async def test_a_plan_that_was_made_up_does_not_tell_the_real_one(
    server: AnvilServer, ws: Workspace
) -> None:
    real = ws.sync("skills", "push").plan
    async with agent(server) as one:
        said = await one.refused("sync", **PUSH, dry_run=False, plan_id="0123456789abcdef")
        assert real not in said
        other = await one.refused(
            "sync", target="content", direction="push", dry_run=False, plan_id=real
        )
    assert "sync skills push" in other or "0 of" in other or "plan" in other
    assert skills(ws) == []


async def test_a_plan_of_another_workspace_is_refused(
    server: AnvilServer, ws: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import anvil_nb

    other = anvil_nb.init(tmp_path_factory.mktemp("other"))
    for name in ("triage", "escalate"):
        put_skill(other.settings.services, name)
    theirs = other.sync("skills", "push").plan
    other.close()
    async with agent(server) as one:
        said = await one.refused("sync", **PUSH, dry_run=False, plan_id=theirs)
    assert f"there is no plan {theirs} here" in said
    assert skills(ws) == []


async def test_a_filter_that_matches_nothing_is_told_what_there_is(server: AnvilServer) -> None:
    async with agent(server) as one:
        said = await one.refused("sync", **PUSH, filter="trage*")
    assert "escalate" in said
    assert "triage" in said


async def test_conflicts_are_shown_compared_and_settled(
    server: AnvilServer, ws: Workspace, era: str
) -> None:
    part(ws)
    async with agent(server, era) as one:
        plan = await one.done("sync", **PUSH)
        assert [row["what"] for row in plan.data["rows"]] == ["conflict"]
        assert plan.data["plan_id"] == ""
        tool, arguments = called(plan.text.splitlines()[1])
        diff = await one.done(tool, **arguments)
        assert "Do it from the store." in diff.quoted
        assert diff.data["merge"] in {"clean", "with marks"}
        merge = await one.done("sync_diff", key="skills/triage", show="merge")
        assert "Do it from the store." in merge.data["text"]
        text = "---\nname: triage\ndescription: Both.\n---\n\nBoth.\n"
        settled = await one.planned("sync_resolve", key="skills/triage", choice="merged", text=text)
        assert settled.data["state"] == "done"
    assert ws.skill("triage")["instructions"].strip() == "Both."  # type: ignore[union-attr]
    place = ws.settings.services / "skills/triage/SKILL.md"
    assert place.read_text() == text


async def test_an_apply_that_meets_conflicts_says_how_to_see_and_to_leave_them(
    server: AnvilServer, ws: Workspace
) -> None:
    part(ws)
    put_skill(ws.settings.services, "new")
    async with agent(server) as one:
        unseen = ws.sync("skills", "push").plan
        said = await one.refused("sync", **PUSH, dry_run=False, plan_id=unseen)
        see, leave = said.splitlines()[-2:]
        assert called(see) == ("sync_diff", {"key": "skills/triage"})
        tool, arguments = called(leave)
        plan = await one.done(tool, **arguments)
        assert plan.data["counts"]["added"] == 1
        tool, arguments = called(plan.text.splitlines()[1])
        await one.done(tool, **arguments)
        status = await one.done("sync_status")
    assert "new" in skills(ws)
    assert any(row.get("key") == "skills/triage" for row in status.data["rows"])
    assert "by hand" in (ws.settings.services / "skills/triage/SKILL.md").read_text()


async def test_a_plan_to_settle_dies_with_a_move(server: AnvilServer, ws: Workspace) -> None:
    part(ws)
    async with agent(server) as one:
        how = {"key": "skills/triage", "choice": "theirs"}
        plan_id = (await one.done("sync_resolve", **how)).data["plan_id"]
        put_skill(ws.settings.services, "triage", "once more")
        said = await one.refused("sync_resolve", **how, dry_run=False, plan_id=plan_id)
    assert "does not hold any more" in said
    assert "once more" in (ws.settings.services / "skills/triage/SKILL.md").read_text()


async def test_what_looks_like_an_accident_is_left_to_a_person(
    server: AnvilServer, ws: Workspace
) -> None:
    for n in range(8):
        put_skill(ws.settings.services, f"skill-{n}")
    ws.sync("skills", "push", dry_run=False)
    for place in (ws.settings.services / "skills").glob("skill-*/SKILL.md"):
        place.unlink()
    async with agent(server) as one:
        plan = await one.done("sync", **PUSH, delete=True)
        assert "ask a person" in plan.text
        said = await one.refused(
            "sync", **PUSH, delete=True, dry_run=False, plan_id=ws.sync(**PUSH, delete=True).plan
        )
    assert "Ask a person" in said
    assert len(skills(ws)) == 10


async def test_a_sync_outside_of_the_roots_is_refused(ws: Workspace, tmp_path: pytest.Path) -> None:  # type: ignore[name-defined]
    server = create_server(Desk(ws, roots=(tmp_path / "elsewhere",)))
    async with agent(server) as one:
        assert "lies outside" in await one.refused("sync", **PUSH)
        key = {"key": "skills/triage", "choice": "ours"}
        assert "lies outside" in await one.refused("sync_resolve", **key)


async def test_targets_of_the_cloud_without_a_server_say_what_is_missing(
    server: AnvilServer,
) -> None:
    async with agent(server) as one:
        for target in ("files", "database", "bundles", "all"):
            said = await one.refused("sync", target=target, direction="pull")
            assert "there is no server to sync with" in said


async def test_a_thousand_rows_come_in_pages_that_make_the_whole(
    server: AnvilServer, ws: Workspace
) -> None:
    for n in range(300):
        put_skill(ws.settings.services, f"skill-{n:04}")
    seen: list[str] = []
    cursor = ""
    async with agent(server) as one:
        while True:
            page = await one.done("sync", **PUSH, cursor=cursor)
            seen += [row["key"] for row in page.data["rows"]]
            cursor = page.data["next_cursor"]
            if not cursor:
                break
        assert page.data["counts"] == {"added": 302}
        first = await one.done("sync", **PUSH)
        put_skill(ws.settings.services, "one-more")
        said = await one.refused("sync", **PUSH, cursor=first.data["next_cursor"])
        assert "moved since" in said
    assert len(seen) == len(set(seen)) == 302


async def test_progress_is_told_where_it_is_asked_for(server: AnvilServer, ws: Workspace) -> None:
    for n in range(30):
        put_skill(ws.settings.services, f"skill-{n:04}")
    told: list[float] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        assert total is not None
        assert message
        told.append(progress / total)

    async with agent(server) as one:
        plan = await one.done("sync", **PUSH)
        arguments = {**PUSH, "dry_run": False, "plan_id": plan.data["plan_id"]}
        await one.client.call_tool("sync", arguments, progress_callback=note)
    assert told
    assert told[-1] == 1.0


async def test_who_may_only_read_is_not_told_of_tools_that_write(ws: Workspace) -> None:
    part(ws)
    desk = Desk(ws, read_only=True, roots=usual_roots(ws.settings))
    async with agent(create_server(desk)) as one:
        diff = await one.done("sync_diff", key="skills/triage")
    assert "sync_resolve" not in diff.text
