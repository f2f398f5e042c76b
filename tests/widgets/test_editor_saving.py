"""The editor without a browser: what it saves and publishes while others do, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import (
    NotFoundError,
    PlanMovedError,
    RefusedError,
    TemplateSyntaxError,
)
from anvil_nb.widgets.declaring import (
    read,
)
from anvil_nb.widgets.job import Job
from tests.widgets.pages import Page
from tests.widgets.writing import WELCOME, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path, actor="ada") as made:
        yield made


@pytest.fixture
def writer(ws: Workspace) -> Writer:
    return Writer(ws)


def test_a_text_that_does_not_parse_is_not_saved(ws: Workspace, writer: Writer) -> None:
    with pytest.raises(TemplateSyntaxError):
        writer.save("{% if %}")
    assert ws.find(f"{WELCOME}@draft") is None


def test_a_draft_that_moved_gives_both_sides_and_their_sum_and_nothing_is_saved(
    ws: Workspace,
) -> None:
    ws.save(WELCOME, "one\ntwo\nthree\n")
    writer = Writer(ws)
    ws.save(WELCOME, "one\ntwo\n3\n", message="A digit")
    found = writer.save("1\ntwo\nthree\n")["conflict"]
    assert found["base"] == "one\ntwo\nthree\n"
    assert (found["ours"], found["theirs"]) == ("1\ntwo\nthree\n", "one\ntwo\n3\n")
    assert found["result"] == "1\ntwo\n3\n"
    assert (found["changed"]["actor"], found["changed"]["message"]) == ("ada", "A digit")
    assert ws.get(f"{WELCOME}@draft").template == "one\ntwo\n3\n"
    writer.base = found["expect"]
    writer.save(found["result"])
    assert ws.get(f"{WELCOME}@draft").template == "1\ntwo\n3\n"


def test_two_changes_of_one_line_are_left_to_people(ws: Workspace) -> None:
    ws.save(WELCOME, "one\n")
    writer = Writer(ws)
    ws.save(WELCOME, "eins\n")
    assert writer.save("un\n")["conflict"]["result"] is None


def test_a_change_of_what_is_declared_is_seen_in_a_conflict_too(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello {{ a }}\n", parameters={"a": "string"})
    writer = Writer(ws)
    ws.save(WELCOME, "Hello {{ a }}\n", metadata={"model": "x"})
    found = writer.save("Good day {{ a }}\n")["conflict"]
    assert found["whole"]
    assert read(found["result"]).template == "Good day {{ a }}\n"
    assert read(found["result"]).metadata.settings == {"model": "x"}
    writer.document = writer.view.take_apart(found["result"])  # type: ignore[assignment]
    writer.base = found["expect"]
    writer.save()
    content = ws.get(f"{WELCOME}@draft").content
    assert (content.template, dict(content.metadata.settings)) == (
        "Good day {{ a }}\n",
        {"model": "x"},
    )


def test_a_prompt_that_was_made_elsewhere_meanwhile_is_a_conflict_without_a_base(
    ws: Workspace, writer: Writer
) -> None:
    ws.save(WELCOME, "theirs")
    found = writer.save("ours")["conflict"]
    assert (found["base"], found["ours"], found["theirs"]) == (None, "ours", "theirs")


def test_a_prompt_that_was_removed_elsewhere_is_saved_again_only_when_asked(
    ws: Workspace,
) -> None:
    ws.save(WELCOME, "one")
    writer = Writer(ws)
    ws.remove(WELCOME)
    found = writer.save("two")["conflict"]
    assert found["removed"]
    assert ws.find(f"{WELCOME}@draft") is None
    writer.base = found["expect"]
    writer.save()
    assert ws.get(f"{WELCOME}@draft").template == "two"


def test_a_set_that_was_deleted_elsewhere_is_made_again_only_when_asked(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    writer = Writer(ws)
    ws.delete_set("desk/emails")
    assert writer.check("two")["standing"] == "new"
    found = writer.save("two")["conflict"]
    assert (found["removed"], found["renamed"], found["changed"]) == (True, None, None)
    assert writer.view.compare(writer.document, writer.base)["removed"]  # type: ignore[index, call-overload]
    writer.base = found["expect"]
    writer.save()
    assert ws.get(f"{WELCOME}@draft").template == "two"


def rename_prompt(ws: Workspace) -> str:
    ws.rename(WELCOME, "hello")
    return "desk/emails/hello"


def rename_set(ws: Workspace) -> str:
    ws.update_set("desk/emails", rename="letters")
    return "desk/letters/welcome"


def rename_project(ws: Workspace) -> str:
    ws.update_project("desk", rename="office")
    return "office/emails/welcome"


@pytest.mark.parametrize("rename", [rename_prompt, rename_set, rename_project])
def test_a_prompt_that_was_renamed_elsewhere_is_told_and_followed(
    ws: Workspace, rename: Callable[[Workspace], str]
) -> None:
    ws.save(WELCOME, "one")
    writer = Writer(ws)
    now = rename(ws)
    assert writer.save("two")["conflict"]["renamed"] == now
    followed: Any = writer.view.follow()
    assert (followed["address"], followed["draft"]["digest"]) == (now, writer.base)
    assert writer.view.to_text().startswith(now)
    writer.save("two")
    assert ws.get(f"{now}@draft").template == "two"
    assert ws.find(f"{WELCOME}@draft") is None


def test_a_prompt_that_is_in_no_draft_is_not_followed(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    writer = Writer(ws)
    ws.remove(WELCOME)
    with pytest.raises(NotFoundError, match="in no draft any more"):
        writer.view.follow()


def test_a_check_tells_that_the_draft_moved(ws: Workspace, writer: Writer) -> None:
    assert writer.check("x")["standing"] == "new"
    made = ws.save(WELCOME, "y")
    assert writer.check("x")["standing"] == made.digest


def test_what_is_published_is_the_plan_that_was_seen(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello {{ a }}")
    ws.publish("desk/emails")
    writer = Writer(ws)
    writer.save("Hello {{ a }} {{ b }}")
    plan: Any = writer.view.plan_publish()
    assert (plan["version"], plan["bump"]) == ("2.0.0", "major")
    assert any("b" in reason for reason in plan["reasons"])
    ws.save("desk/emails/other", "x")
    with pytest.raises(PlanMovedError):
        writer.view.publish(Job(), plan["plan"])
    again: Any = writer.view.plan_publish()
    done: Any = writer.view.publish(Job(), again["plan"], "More")
    assert done["draft"]["published"] == {"version": "2.0.0", "same": True}


def test_publishing_does_not_keep_the_kernel(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    page = Page(ws.edit(WELCOME))
    plan = page.call("plan_publish")
    asked = {"to": 0, "id": 2, "call": "publish", "args": {"plan": plan["plan"]}}
    with ws.access.engine.write():  # nobody else writes meanwhile
        page.desk.receive(asked)
        assert page.call("take_apart", text="Hello")
        assert page.answers.empty()
    while "ok" not in (answer := page.answers.get(timeout=60)):
        assert "error" not in answer
    assert answer["ok"]["published"]["version"] == "1.0.0"


def test_a_plan_tells_what_stands_in_the_draft_and_what_is_published(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    writer = Writer(ws)
    moved = ws.save(WELCOME, "two")
    plan: Any = writer.view.plan_publish()
    assert (plan["standing"], plan["latest"]) == (moved.digest, None)
    ws.publish("desk/emails")
    again: Any = writer.view.plan_publish()
    assert again["latest"] == {"version": "1.0.0", "same": True}


def test_a_higher_version_than_the_changes_call_for_is_planned_and_published(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello")
    ws.publish("desk/emails")
    writer = Writer(ws)
    writer.save("Good day")
    inferred: Any = writer.view.plan_publish()
    wanted: Any = writer.view.plan_publish(bump="major")
    assert [inferred["version"], wanted["version"]] == ["1.0.1", "2.0.0"]
    with pytest.raises(PlanMovedError):
        writer.view.publish(Job(), wanted["plan"])
    writer.view.publish(Job(), wanted["plan"], bump="major")
    assert [one.number for one in ws.log("desk/emails")] == ["2.0.0", "1.0.0"]


def test_a_lower_version_than_the_changes_call_for_is_refused(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello {{ a }}")
    ws.publish("desk/emails")
    writer = Writer(ws)
    writer.save("Hello {{ a }} {{ b }}")
    with pytest.raises(RefusedError, match=r"1\.1\.0 is too low: .* call for 2\.0\.0 at least"):
        writer.view.plan_publish(bump="minor")
