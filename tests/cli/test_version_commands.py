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


def test_pages_of_versions_are_refused_rather_than_ignored(desk: Anvil) -> None:
    answer = desk("log", "desk/emails", "--limit", "1")
    assert answer.code == 2
    assert "--draft" in answer.err
