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
