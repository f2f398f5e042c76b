"""A plan is exact: what a dry run shows is what is done, on the condition that nothing moved."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anvil_nb.errors import (
    InvalidInputError,
    PlanMovedError,
    SyncConflictError,
    SyncGuardError,
)
from tests.services.conftest import Clock
from tests.sync.laptops import (
    drop,
    laptop,
    put_skill,
    rows,
    statuses,
    stored,
    tables,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sync.conftest import Maker
    from tests.sync.laptops import Laptop

NAMES = ("a", "b", "c", "d")
SIDE = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["1", "2", "3"]))
"""Which skills a side has, and what is in them."""
REMEMBERED = ("sync_runs", "replicas")
numbers = count()


def lay(one: Laptop, here: dict[str, str], there: dict[str, str]) -> None:
    """Let both sides have some skills, whatever they had."""
    for name in NAMES:
        if name in here:
            one.skill(name, here[name])
        elif (one.services / "skills" / name).exists():
            one.rm(f"skills/{name}")
    for name in set(stored(one.ws)) - there.keys():
        drop(one.ws, name)
    for name, body in there.items():
        put_skill(one.ws, name, body)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=SIDE,
    here=SIDE,
    there=SIDE,
    way=st.sampled_from(["push", "pull"]),
    delete=st.booleans(),
    choice=st.sampled_from(["stop", "keep", "ours", "theirs"]),
    force=st.booleans(),
    globs=st.sampled_from(["", "", "a,b,c,d", "a"]),
)
def test_what_is_previewed_is_what_is_done(
    tmp_path: Path,
    before: dict[str, str],
    here: dict[str, str],
    there: dict[str, str],
    way: str,
    delete: bool,  # noqa: FBT001 - an option under test
    choice: str,
    force: bool,  # noqa: FBT001 - an option under test
    globs: str,
) -> None:
    folder = tmp_path / str(next(numbers))
    one = laptop(folder / "services", str(folder / "store.duckdb"), Clock())
    with one.ws, one.ws.burst():
        lay(one, before, before)
        one.services.mkdir(parents=True, exist_ok=True)
        one.push()
        lay(one, here, there)
        how: dict[str, Any] = {
            "delete": delete,
            "on_conflict": choice,
            "force": force,
            "filter": globs,
        }
        sides, kept = (one.files(), stored(one.ws)), tables(one.ws)
        try:
            preview = one.ws.sync("skills", way, **how)
        except InvalidInputError:  # a filter that matches nothing
            assert globs
            return
        assert (one.files(), stored(one.ws)) == sides
        now = tables(one.ws)
        assert {key: now[key] for key in now.keys() - set(REMEMBERED)} == {
            key: kept[key] for key in kept.keys() - set(REMEMBERED)
        }
        again = one.ws.sync("skills", way, **how)
        assert again == preview
        assert tables(one.ws) == now
        try:
            report = one.ws.sync("skills", way, dry_run=False, plan=preview.plan, **how)
        except SyncGuardError as error:
            assert not force
            assert error.guards == tuple(guard.partition(":")[0] for guard in preview.guards)
            assert (one.files(), stored(one.ws)) == sides
            return
        except SyncConflictError as error:
            assert (choice, preview.state) == ("stop", "conflict")
            assert error.report.conflicts == preview.conflicts
            assert (one.files(), stored(one.ws)) == sides
            return
        assert force or not preview.guards
        assert rows(report) == rows(preview)
        assert set(statuses(report).values()) <= {"done"}
        assert (report.conflicts, report.waiting) == (preview.conflicts, preview.waiting)
        assert (report.unchanged, report.problems) == (preview.unchanged, preview.problems)
        expected = "partial" if preview.conflicts else "completed"
        assert (report.state, preview.state) == (expected, "planned")
        if not delete:
            assert all(item.action != "removed" for item in report.items)
        _is_quiet(one, way, how)


def _is_quiet(one: Laptop, way: str, how: dict[str, Any]) -> None:
    """The same again has nothing to do."""
    again = one.ws.sync("skills", way, **{**how, "force": True, "filter": ""})
    if not how["filter"]:
        assert again.items == ()
        assert again.waiting == one.ws.sync("skills", way, **how).waiting


@pytest.fixture
def planned(one: Laptop) -> tuple[Laptop, str]:
    """A laptop with a skill to push, and the plan of it."""
    one.skill("mail")
    one.skill("call")
    one.push()
    one.skill("mail", "Edited.")
    return one, one.ws.sync("skills", "push").plan


def test_a_plan_that_holds_is_carried_out_once(planned: tuple[Laptop, str]) -> None:
    one, plan = planned
    assert statuses(one.push(plan=plan)) == {"mail": "done"}
    with pytest.raises(PlanMovedError, match="carried out already") as caught:
        one.push(plan=plan)
    assert "--dry-run" in caught.value.hint


def test_a_plan_that_moved_names_what_moved(planned: tuple[Laptop, str]) -> None:
    one, plan = planned
    one.skill("mail", "Edited once more.")
    put_skill(one.ws, "call", "Edited there.")
    with pytest.raises(PlanMovedError, match="these have moved since: call, mail"):
        one.push(plan=plan)
    assert "Edited" not in str(stored(one.ws)["mail"])
    one.skill("mail", "Edited.")
    put_skill(one.ws, "call")
    assert statuses(one.push(plan=plan)) == {"mail": "done"}  # it holds again


def test_of_what_moved_the_first_are_named_and_the_rest_counted(one: Laptop) -> None:
    for number in range(9):
        one.skill(f"s{number}")
    plan = one.ws.sync("skills", "push").plan
    for number in range(9):
        one.skill(f"s{number}", "Edited.")
    with pytest.raises(PlanMovedError, match=r"s0, s1, s2, s3, s4 and 4 more\n"):
        one.push(plan=plan)


def test_of_a_plan_that_was_too_large_to_remember_no_wrong_key_is_named(
    one: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anvil_nb.sync.remembering.MOST_INPUTS", 3)
    for number in range(9):
        one.skill(f"s{number}")
    plan = one.ws.sync("skills", "push").plan
    one.skill("s1", "Edited.")
    with pytest.raises(PlanMovedError, match=r"these have moved since: s1\n"):
        one.push(plan=plan)


def test_a_plan_is_of_its_options(planned: tuple[Laptop, str]) -> None:
    one, plan = planned
    for how in ({"delete": True}, {"filter": "mail"}):
        with pytest.raises(PlanMovedError, match="its options are others"):
            one.push(plan=plan, **how)
    one.skill("call", "Edited here.")
    put_skill(one.ws, "call", "Edited there.")
    plan = one.ws.sync("skills", "push", on_conflict="ours").plan
    with pytest.raises(PlanMovedError, match="its options are others"):
        one.push(plan=plan, on_conflict="theirs")
    assert statuses(one.push(plan=plan, on_conflict="ours")) == {"mail": "done", "call": "done"}


def test_a_plan_is_of_its_direction_and_its_target(planned: tuple[Laptop, str]) -> None:
    one, plan = planned
    for target, way in (("skills", "pull"), ("agents", "push")):
        with pytest.raises(PlanMovedError, match="is for: sync skills push"):
            one.ws.sync(target, way, dry_run=False, plan=plan)


def test_a_plan_of_another_folder_or_store_is_none_here(
    planned: tuple[Laptop, str], make: Maker, tmp_path: Path
) -> None:
    one, plan = planned
    other = make("other")
    other.pull()
    other.skill("mail", "Edited.")
    assert other.ws.sync("skills", "push").plan != plan
    with pytest.raises(PlanMovedError, match=rf"it is for .*{one.services}, and this is"):
        other.push(plan=plan)
    elsewhere = make("elsewhere", str(tmp_path / "other.duckdb"))
    elsewhere.skill("mail", "Edited.")
    with pytest.raises(PlanMovedError, match="there is no plan"):
        elsewhere.push(plan=plan)


def test_the_line_that_a_preview_says_to_type_is_one_that_holds(one: Laptop) -> None:
    one.skill("mail")
    one.skill("call")
    one.push()
    one.rm("skills/mail")
    report = one.ws.sync("skills", "push", delete=True, filter="mail,ca*", on_conflict="keep")
    said = report.to_text().splitlines()[-1]
    assert said == (
        "Do it: anvil sync skills push --filter 'ca*,mail' --delete --on-conflict keep"
        f" --plan {report.plan}"
    )


def test_plans_that_were_only_looked_at_are_forgotten_in_time(
    one: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anvil_nb.store.sync_runs.MOST_PLANNED", 3)
    for number in range(6):
        one.skill("mail", f"{number}")
        one.ws.sync("skills", "push")
    assert len(tables(one.ws)["sync_runs"]) == 3
    one.push()
    assert [run["state"] for run in one.ws.sync_history().runs] == ["completed"]
