"""What commands do with versions and labels, told by the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Anvil


def test_publishing_infers_the_bump_and_takes_a_higher_one(desk: Anvil) -> None:
    assert desk("publish", "desk/emails", "--json").json["version"] == "1.0.1"
    assert desk("publish", "desk/emails", "--json").json["created"] is False
    desk("save", "desk/emails/welcome", "-", text="Hey {{ customer }}!")
    assert desk("publish", "desk/emails", "--version", "0.9.0").code == 1
    assert desk("publish", "desk/emails", "--expect", "1.0.0").code == 3
    published = desk("publish", "desk/emails", "--bump", "minor", "-m", "Hey", "--json").json
    assert published["version"] == "1.1.0"
    assert desk("log", "desk/emails", "--json").json["versions"][0]["message"] == "Hey"


def test_labels_move_with_a_reason_and_are_removed(desk: Anvil) -> None:
    desk("publish", "desk/emails")
    assert desk("label", "desk/emails@1.0.1", "production", "--expect", "none").code == 3
    assert desk("label", "desk/emails@latest", "production", "-m", "Better").code == 0
    log = desk("log", "desk/emails", "--json").json
    assert log["moves"][0] | {"moved_at": ""} == {
        "label": "production", "from": "1.0.0", "to": "1.0.1", "message": "Better",
        "moved_by": log["moves"][0]["moved_by"], "moved_at": "",
    }  # fmt: skip
    assert desk("unlabel", "desk/emails", "production", "--expect", "1.0.1").code == 0
    assert desk("show", "desk/emails/welcome@production").code == 1


@pytest.mark.parametrize(
    ("sides", "old", "new"),
    [
        (["desk/emails"], "desk/emails@1.0.0", "desk/emails@draft"),
        (["desk/emails@1.0.0", "@draft"], "desk/emails@1.0.0", "desk/emails@draft"),
        (["desk/emails@draft", "1.0.0"], "desk/emails@draft", "desk/emails@1.0.0"),
        (["desk/emails@draft", "production"], "desk/emails@draft", "desk/emails@1.0.0"),
        (
            ["desk/emails/welcome@^1", "draft"],
            "desk/emails/welcome@1.0.0",
            "desk/emails/welcome@draft",
        ),
        (
            ["desk/emails/welcome@1.0.0", "desk/emails/refund@1.0.0"],
            "desk/emails/welcome@1.0.0",
            "desk/emails/refund@1.0.0",
        ),
    ],
)
def test_the_second_side_of_a_diff_may_be_a_selector_alone(
    desk: Anvil, sides: list[str], old: str, new: str
) -> None:
    diff = desk("diff", *sides, "--json").json
    assert (diff["old"], diff["new"]) == (old, new)
    assert [one["prompt"] for one in diff["prompts"]] in (["welcome"], ["refund"])


def test_rolling_back_publishes_forward_and_resets_the_draft_when_asked(desk: Anvil) -> None:
    desk("publish", "desk/emails")
    back = desk("rollback", "desk/emails@1.0.0", "-m", "Too warm", "--json").json
    assert (back["version"], back["source"]) == ("1.0.2", "1.0.0")
    draft = ["render", "desk/emails/welcome@draft", "--var", "customer=Ada"]
    assert desk(*draft).out == "Welcome Ada!\n"
    desk("rollback", "desk/emails@1.0.0", "--draft")
    assert desk(*draft).out == "Hello Ada!\n"


def test_a_rollback_is_planned_and_carried_out_by_its_plan(desk: Anvil) -> None:
    desk("publish", "desk/emails")
    back = ["rollback", "desk/emails@1.0.0", "--json"]
    seen = desk(*back, "--dry-run").json
    assert (seen["version"], seen["dry_run"]) == ("1.0.2", True)
    assert desk(*back, "--plan", "another").error["code"] == "plan-moved"
    assert desk(*back, "--plan", seen["plan"]).json["version"] == "1.0.2"


def test_pages_of_versions_are_refused_rather_than_ignored(desk: Anvil) -> None:
    answer = desk("log", "desk/emails", "--limit", "1")
    assert answer.code == 2
    assert "--draft" in answer.err


@pytest.mark.parametrize(
    ("arguments", "again"),
    [
        (["log", "desk/emails@1.0.0"], "log desk/emails"),
        (["log", "desk/emails@latest"], "log desk/emails"),
        (["log", "desk/emails@draft"], "log --draft desk/emails"),
        (["log", "--draft", "desk/emails@1.0.0"], "log --draft desk/emails"),
        (["log", "--draft", "desk/emails/welcome@^1"], "log --draft desk/emails/welcome"),
        (["unlabel", "desk/emails@1.0.0", "production"], "unlabel desk/emails production"),
    ],
)
def test_a_selector_where_all_states_are_meant_is_refused_and_not_ignored(
    desk: Anvil, arguments: list[str], again: str
) -> None:
    answer = desk(*arguments, "--json")
    assert answer.code == 2
    assert f"'{next(one for one in arguments if '@' in one)}' names " in answer.error["message"]
    assert answer.error["hint"] == f"Try: anvil {again}"
    assert desk(*again.split()).code == 0


def test_the_log_of_a_draft_may_name_it(desk: Anvil) -> None:
    assert desk("log", "--draft", "desk/emails/welcome@draft").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["diff", "desk"],
        ["diff", "desk", "draft"],
        ["diff", "desk@1.0.0", "draft"],
        ["log", "desk"],
        ["log", "--draft", "desk"],
        ["validate", "desk"],
        ["publish", "desk"],
        ["label", "desk@1.0.0", "production"],
        ["unlabel", "desk", "production"],
        ["rollback", "desk@1.0.0"],
    ],
)
def test_a_project_in_place_of_a_set_is_told_its_sets(desk: Anvil, arguments: list[str]) -> None:
    desk("set", "create", "desk/letters")
    answer = desk(*arguments, "--json")
    assert answer.code == 2
    assert "'desk' is the name of a project, and a set" in answer.error["message"]
    at = "@1.0.0" if "desk@1.0.0" in arguments else ""
    meant = f"Did you mean desk/emails{at} or desk/letters{at}?"
    assert answer.error["hint"] == f"{meant}\nTry: anvil ls desk"


def test_a_name_that_is_no_project_is_told_what_it_may_mean(desk: Anvil) -> None:
    for name in ("emails", "dsek"):
        error = desk("diff", name, "--json").error
        assert error["message"] == f"a set is written project/set, and '{name}' is one name alone"
        assert error["hint"] == "Did you mean desk/emails?\nTry: anvil ls"
    error = desk("diff", "zzz", "--json").error
    assert error["hint"] == "For example zzz/emails. Try: anvil ls"


def test_removing_a_label_needs_the_set_and_the_label(desk: Anvil) -> None:
    for arguments, lacks in ((["production"], "SET"), (["desk/emails"], "NAME")):
        answer = desk("unlabel", *arguments, "--json")
        assert answer.code == 2
        assert answer.error["message"] == f"missing argument '{lacks}'"
        assert "unlabel [OPTIONS] SET NAME" in answer.error["hint"]
