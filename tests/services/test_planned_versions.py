"""Publishing and labelling by a plan that was looked at: exact, for one time, and never stale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import PlanMovedError

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace

SET = "desk/emails"
WELCOME = f"{SET}/welcome"


def planned(result: Any) -> str:
    return str(result.to_json()["plan"])


def test_a_dry_run_says_exactly_what_would_be_published(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    ws.publish(SET)
    ws.save(WELCOME, "two {{ name }}")
    before = ws.log(SET).to_json()
    seen = ws.publish(SET, message="names", dry_run=True)
    assert ws.log(SET).to_json() == before
    assert seen.to_text().startswith(f"Would publish {SET}@2.0.0 (major)  plan {seen.plan}")
    made = ws.publish(SET, message="names", plan=seen.plan)
    assert (made.address, made.digest, made.bump) == (seen.address, seen.digest, seen.bump)
    assert made.reasons == seen.reasons


def test_a_dry_run_leaves_the_draft_and_what_others_expect_as_they_were(ws: Workspace) -> None:
    saved = ws.save(WELCOME, "one")
    ws.publish(SET, dry_run=True)
    assert ws.find(f"{WELCOME}@latest") is None
    ws.save(WELCOME, "two", expect=saved.digest)


@pytest.mark.parametrize("moves", ["draft", "version"])
def test_a_plan_to_publish_does_not_outlive_what_it_was_made_of(ws: Workspace, moves: str) -> None:
    ws.save(WELCOME, "one")
    seen = ws.publish(SET, dry_run=True)
    if moves == "draft":
        ws.save(WELCOME, "two")
    else:
        ws.publish(SET)
        ws.save(WELCOME, "three")
        ws.publish(SET)
        ws.save(WELCOME, "one")
    numbers = [one.number for one in ws.log(SET)]
    with pytest.raises(PlanMovedError, match="does not hold any more: it would publish") as caught:
        ws.publish(SET, plan=seen.plan)
    assert "anvil publish desk/emails --dry-run" in caught.value.hint
    assert [one.number for one in ws.log(SET)] == numbers


def test_a_plan_to_publish_is_good_for_one_time(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    seen = ws.publish(SET, dry_run=True)
    ws.publish(SET, plan=seen.plan)
    with pytest.raises(PlanMovedError, match=r"is published already, as desk/emails@1\.0\.0"):
        ws.publish(SET, plan=seen.plan)


def test_a_dry_run_where_nothing_changed_says_so(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    ws.publish(SET)
    seen = ws.publish(SET, dry_run=True)
    assert not seen.created
    assert seen.to_text().startswith("Nothing to publish")


def test_a_dry_run_says_exactly_what_a_rollback_would_publish(ws: Workspace) -> None:
    for text in ("one", "two {{ name }}"):
        ws.save(WELCOME, text)
        ws.publish(SET)
    before, drafts = ws.log(SET).to_json(), ws.draft_log(SET).to_json()
    seen = ws.rollback(f"{SET}@1.0.0", draft=True, dry_run=True)
    assert (ws.log(SET).to_json(), ws.draft_log(SET).to_json()) == (before, drafts)
    assert ws.get(f"{WELCOME}@draft").template == "two {{ name }}"
    assert seen.to_text().startswith(
        f"Would publish {SET}@3.0.0 (major), the content of 1.0.0  plan {seen.plan}"
    )
    assert "the draft would be what 1.0.0 was" in seen.to_text()
    assert planned(seen) == seen.plan
    made = ws.rollback(f"{SET}@1.0.0", draft=True, plan=seen.plan)
    assert (made.address, made.digest, made.reasons) == (seen.address, seen.digest, seen.reasons)
    assert (made.created, made.reset) == (seen.created, seen.reset) == (True, True)
    assert "plan" not in str(made.to_json())


def test_a_dry_run_of_a_reset_alone_gives_its_plan_too(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    ws.publish(SET)
    ws.save(WELCOME, "two")
    seen = ws.rollback(f"{SET}@1.0.0", draft=True, dry_run=True)
    assert f"is already  plan {seen.plan}" in seen.to_text()
    assert ws.get(f"{WELCOME}@draft").template == "two"
    assert ws.rollback(f"{SET}@1.0.0", draft=True, plan=seen.plan).reset
    assert "plan" not in ws.rollback(f"{SET}@1.0.0", dry_run=True).to_text()


@pytest.mark.parametrize("draft", [True, False])
def test_a_plan_to_roll_back_does_not_outlive_what_it_was_made_of(
    ws: Workspace, *, draft: bool
) -> None:
    for text in ("one", "two"):
        ws.save(WELCOME, text)
        ws.publish(SET)
    seen = ws.rollback(f"{SET}@1.0.0", draft=draft, dry_run=True)
    ws.save(WELCOME, "three")
    if draft:  # it would be lost in the draft's history, and nobody has seen that
        with pytest.raises(PlanMovedError, match="and reset the draft") as caught:
            ws.rollback(f"{SET}@1.0.0", draft=True, plan=seen.plan)
        assert f"anvil rollback {SET}@1.0.0 --dry-run" in caught.value.hint
        assert ws.get(f"{WELCOME}@draft").template == "three"
    else:
        assert ws.rollback(f"{SET}@1.0.0", plan=seen.plan).created
        with pytest.raises(PlanMovedError, match=r"1\.0\.0 was is published already"):
            ws.rollback(f"{SET}@1.0.0", plan=seen.plan)


def test_a_label_moves_by_a_plan_as_long_as_nobody_moves_it(ws: Workspace) -> None:
    for text in ("one", "two"):
        ws.save(WELCOME, text)
        ws.publish(SET)
    ws.label(f"{SET}@1.0.0", "production")
    seen = ws.label(f"{SET}@1.0.1", "production", dry_run=True)
    assert seen.message.startswith(
        f"Would label {SET}@1.0.1 as production, which is 1.0.0  plan {planned(seen)}"
    )
    assert ws.set(SET).labels == {"production": "1.0.0"}
    ws.label(f"{SET}@1.0.1", "production", plan=planned(seen))
    with pytest.raises(PlanMovedError, match=r"production points to 1\.0\.1 now"):
        ws.label(f"{SET}@1.0.1", "production", plan=planned(seen))
    assert len(ws.log(SET).moves) == 2


def test_a_label_is_removed_by_a_plan(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    ws.publish(SET)
    ws.label(SET, "production")
    seen = ws.unlabel(SET, "production", dry_run=True)
    assert ws.set(SET).labels == {"production": "1.0.0"}
    ws.label(SET, "staging")
    ws.unlabel(SET, "production", plan=planned(seen))
    assert ws.set(SET).labels == {"staging": "1.0.0"}
