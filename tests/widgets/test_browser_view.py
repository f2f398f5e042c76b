"""The browser of prompts and the view of syncs, without a page."""

from __future__ import annotations

import json
from functools import partial
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import (
    AddressError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PlanMovedError,
    RefusedError,
    StoreUnavailableError,
)
from anvil_nb.sync import store_items
from anvil_nb.sync.portions import portions
from anvil_nb.widgets import job
from anvil_nb.widgets.browser import BrowserView
from anvil_nb.widgets.desk import Desk
from anvil_nb.widgets.job import Job
from anvil_nb.widgets.opening import OPENERS, opened
from anvil_nb.widgets.syncing import SyncView
from tests.sync.apart import BASE, OURS, THEIRS
from tests.sync.laptops import Laptop, put_skill
from tests.widgets.pages import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path / "work", actor="ada") as made:
        made.save("desk/emails/welcome", "Hello {{ name }}")
        made.publish("desk/emails", message="First")
        yield made


def written(report: Any) -> list[str]:
    return [name for _, name, _ in report["lists"]["written"]["rows"]]


def test_describing_a_prompt_leaves_a_text_that_opens_like_frontmatter_as_it_is(
    ws: Workspace,
) -> None:
    text = "---\ntags: [a]\n---\nBody"
    ws.save("desk/emails/odd", f"---\n---\n{text}")
    BrowserView(ws).describe("desk/emails/odd", "Opens oddly")
    found = ws.get("desk/emails/odd@draft")
    assert (found.template, found.metadata.description) == (text, "Opens oddly")
    assert found.metadata.tags == ()


def test_it_shows_sets_with_counts_and_names_by_a_call(ws: Workspace) -> None:
    view = BrowserView(ws)
    assert view.state()["sets"] == [["desk/emails", "", 1, "1.0.0", 1]]
    assert view.names() == [["desk/emails", ["welcome"]]]


def test_before_a_prompt_is_renamed_it_is_said_who_renders_it(ws: Workspace) -> None:
    ws.save("desk/emails/letter", "{% render 'welcome' %}")
    page = Page(BrowserView(ws))
    assert page.call("rendered_by", address="desk/emails/welcome") == ["letter"]
    assert page.call("rendered_by", address="desk/emails/letter") == []


def test_what_is_created_renamed_and_described_stands_in_the_store(ws: Workspace) -> None:
    view = BrowserView(ws)
    view.create("shop", title="Shop")
    view.create("mail", "shop")
    made: Any = view.create("order", "shop/mail", template="Thank you")
    assert made["address"] == "shop/mail/order"
    view.rename("shop/mail/order", "thanks")
    view.describe("shop/mail/thanks", "After an order")
    prompt = ws.get("shop/mail/thanks@draft")
    assert (prompt.template, prompt.metadata.description) == ("Thank you", "After an order")
    assert ws.project("shop").title == "Shop"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("desk", ("Desk", "Theirs")),
        ("desk/emails", ("Emails", "Theirs")),
        ("desk/emails/welcome", ("", "Theirs")),
    ],
)
def test_a_description_replaces_none_that_the_page_has_not_seen(
    ws: Workspace, address: str, kept: tuple[str, str]
) -> None:
    view = BrowserView(ws)
    title, text = kept
    view.describe(address, "Before", title)
    was = {"title": title, "description": "Before"}
    view.describe(address, text, title, was)
    with pytest.raises(ConflictError, match=f"^{address} was described by another meanwhile"):
        view.describe(address, "Mine", title, was)
    found: Any = view.show(address)
    said = found["description"] if "description" in found else found["metadata"]["description"]
    assert said == text
    view.describe(address, "Mine", title, {**was, "description": text})


def test_a_change_of_a_prompt_is_no_other_description_of_it_or_its_set(ws: Workspace) -> None:
    view = BrowserView(ws)
    was = {"title": "", "description": ""}
    ws.save("desk/emails/welcome", "Good day {{ name }}")
    view.describe("desk/emails/welcome", "A welcome", was=was)
    view.describe("desk/emails", "Emails", "", was)
    found = ws.get("desk/emails/welcome@draft")
    assert (found.template, found.metadata.description) == ("Good day {{ name }}", "A welcome")


@pytest.mark.parametrize("name", ["foo/bar", "a/b/c", "desk/emails/other"])
def test_a_name_with_a_slash_is_refused_and_makes_nothing(ws: Workspace, name: str) -> None:
    view = BrowserView(ws)
    for inside in ("", "desk", "desk/emails"):
        with pytest.raises(AddressError, match="found '/'"):
            view.create(name, inside, template="Hello")
    with pytest.raises(AddressError):
        view.rename("desk/emails", name)
    assert [one.address for one in ws.ls()] == ["desk"]
    assert view.names() == [["desk/emails", ["welcome"]]]


def test_what_was_deleted_elsewhere_is_not_made_again_by_what_goes_in_it(ws: Workspace) -> None:
    view = BrowserView(ws)
    ws.delete_set("desk/emails", force=True)
    with pytest.raises(NotFoundError, match="desk/emails"):
        view.create("order", "desk/emails", template="Thank you")
    ws.delete_project("desk")
    with pytest.raises(NotFoundError, match="desk"):
        view.create("notes", "desk")
    assert list(ws.ls()) == []


def test_no_editor_is_opened_for_a_prompt_that_was_renamed_elsewhere(ws: Workspace) -> None:
    page = Page(BrowserView(ws))
    ws.rename("desk/emails/welcome", "hello")
    with pytest.raises(Refused, match="welcome"):
        page.call("open_view", name="editor", address="desk/emails/welcome")


def test_a_deletion_says_what_goes_and_is_refused_unless_it_is_meant(ws: Workspace) -> None:
    view = BrowserView(ws)
    said: Any = view.what_goes(Job(), "desk")
    texts = [one["text"] for one in said["inside"]]
    assert texts == ["desk/emails: 1 prompt in the draft, 1 published version"]
    assert (said["force"], said["rendered_by"]) == (True, [])
    with pytest.raises(RefusedError, match="1 set with 1 published version"):
        view.delete(Job(), "desk")
    view.delete(Job(), "desk", force=True)
    with pytest.raises(NotFoundError):
        ws.project("desk")


def test_a_deletion_says_who_renders_the_prompt_and_does_not_keep_the_kernel(
    ws: Workspace,
) -> None:
    ws.save("desk/emails/other", "{% render 'welcome' %}")
    page = Page(BrowserView(ws))
    said = page.call("what_goes", address="desk/emails/welcome")
    assert (said["rendered_by"], said.get("force", False)) == (["other"], False)
    assert ws.get("desk/emails/welcome@draft")
    with ws.access.engine.write():  # nobody reads the store meanwhile
        args = {"address": "desk/emails/welcome"}
        page.desk.receive({"to": 0, "id": 2, "call": "delete", "args": args})
        assert page.call("names") == [["desk/emails", ["other", "welcome"]]]
    while "ok" not in (answer := page.answers.get(timeout=60)):
        assert "error" not in answer
    assert answer["ok"]["said"].endswith("not be rendered without it: other.")
    with pytest.raises(NotFoundError):
        ws.get("desk/emails/welcome@draft")


def test_another_store_is_shown_and_one_that_is_not_there_is_refused(
    ws: Workspace, tmp_path: Path
) -> None:
    with anvil.init(tmp_path / "other", actor="ada") as other:
        other.save("elsewhere/set/prompt", "Hello")
        store = other.location
    view = BrowserView(ws)
    with pytest.raises(StoreUnavailableError):
        view.switch_store(Job(), str(tmp_path / "nothing.duckdb"))
    assert view.state()["projects"] == [["desk", ""]]
    view.switch_store(Job(), store)
    assert view.state()["projects"] == [["elsewhere", ""]]
    view.close()


def test_a_store_that_takes_long_to_open_does_not_keep_the_kernel_and_can_be_cancelled(
    ws: Workspace, tmp_path: Path
) -> None:
    with anvil.init(tmp_path / "other", actor="ada") as other:
        other.save("elsewhere/set/prompt", "Hello")
        page = Page(BrowserView(ws))
        asked = {"to": 0, "id": 2, "call": "switch_store", "args": {"store": other.location}}
        with other.access.engine.write():  # nobody reads that store meanwhile
            page.desk.receive(asked)
            assert page.call("names") == [["desk/emails", ["welcome"]]]
            page.desk.receive({"to": 0, "id": 2, "cancel": True})
        while "error" not in (answer := page.answers.get(timeout=60)):
            assert "ok" not in answer
        assert answer["error"]["code"] == "cancelled"
        assert page.call("refresh")["projects"] == [["desk", ""]]


def test_the_organisations_of_the_actor_are_offered(ws: Workspace) -> None:
    view = BrowserView(ws)
    mine = ws.settings.organisation
    assert view.state()["organisations"] == [mine]
    with pytest.raises(NotFoundError):
        view.switch_organisation("nobody")
    found: Any = view.switch_organisation(mine)
    assert found["organisation"] == mine


def test_every_button_opens_its_view(ws: Workspace) -> None:
    answers: list[Any] = []
    desk = Desk(BrowserView(ws), answers.append)
    for name, opener in OPENERS.items():
        address = "desk/emails/welcome" if opener.kinds == ("prompt",) else "desk/emails"
        args = {"name": name, "address": address}
        desk.receive({"to": 0, "id": 1, "call": "open_view", "args": args})
        assert answers.pop()["ok"]["view"] == name
    with pytest.raises(InvalidInputError, match="nothing"):
        opened(ws, "nothing")


def test_a_write_of_another_shows_as_another_generation(ws: Workspace) -> None:
    view = BrowserView(ws)
    before = view.state()["generation"]
    ws.save("desk/emails/bye", "Bye")
    found: Any = view.refresh()
    assert found["generation"] != before
    assert found["names"] == [["desk/emails", ["bye", "welcome"]]]


def test_a_plan_is_seen_and_then_carried_out(ws: Workspace) -> None:
    assert ws.root is not None
    skill = ws.root / "services" / "skills" / "greet"
    skill.mkdir(parents=True)
    (skill / "SKILL.md").write_text("---\nname: greet\ndescription: Greets\n---\nSay hello.\n")
    view = SyncView(ws)
    report: Any = view.plan(Job(), "skills", "push")
    assert (report["state"], written(report)) == ("planned", ["greet"])
    done: Any = view.apply(Job(), "skills", "push", report["plan"])
    assert done["state"] == "completed"
    again: Any = view.plan(Job(), "skills", "push")
    assert written(again) == []


def test_conflicts_that_were_settled_in_the_panel_are_told_to_it_once(ws: Workspace) -> None:
    one = Laptop(ws, ws.settings.services)
    one.skill("mail", BASE)
    one.push()
    one.skill("mail", OURS)
    put_skill(ws, "mail", THEIRS)
    one.push(on_conflict="keep")
    page = Page(SyncView(ws))
    to = page.call("settle")["key"]
    page.call("decide_all", to=to, choice="ours")
    assert "settled" not in [name for name, _ in page.events]
    page.call("apply", to=to, plan=page.call("plan", to=to)["plan"])
    assert [name for name, _ in page.events].count("settled") == 1


def test_a_sync_that_is_cancelled_midway_tells_what_was_done_and_the_next_plan_is_the_rest(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "INTERVAL", 0)
    monkeypatch.setattr(store_items, "portions", partial(portions, most=2))
    assert ws.root is not None
    for number in range(5):
        skill = ws.root / "services" / "skills" / f"greet-{number}"
        skill.mkdir(parents=True)
        text = f"---\nname: greet-{number}\ndescription: Greets\n---\nSay hello.\n"
        (skill / "SKILL.md").write_text(text)
    told: list[str] = []
    answers: Queue[Any] = Queue()

    def heard(message: Any, _: Any = None) -> None:
        if "progress" not in message:
            answers.put(message)
            return
        told.append(message["progress"]["text"])
        if told[-1].startswith("2 of 5"):
            desk.receive({"to": 0, "id": message["id"], "cancel": True})

    desk = Desk(SyncView(ws), heard)

    def ask(name: str, **args: Any) -> Any:
        desk.receive({"to": 0, "id": 1, "call": name, "args": args})
        return answers.get(timeout=60)["ok"]

    how = {"target": "skills", "direction": "push"}
    report = ask("apply", **how, plan=ask("plan", **how)["plan"])
    assert (report["state"], report["counts"]["added"]) == ("cancelled", 2)
    assert report["counts"]["cancelled"] == 3
    assert told[-1] == ("Cancelling: what is being written is finished, and the rest is not begun")
    rest = ask("plan", **how)
    assert written(rest) == ["greet-2", "greet-3", "greet-4"]
    assert ask("apply", **how, plan=rest["plan"])["state"] == "completed"


def test_all_of_many_changes_and_conflicts_is_offered_a_page_at_a_time(
    ws: Workspace,
) -> None:
    assert ws.root is not None
    folder = ws.root / "services" / "skills"
    text = "---\nname: {}\ndescription: Greets\n---\nSay hello.\n"
    names = [f"greet-{number:05}" for number in range(1_500)]
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "SKILL.md").write_text(text.format(name))
    for name in names[:300]:
        put_skill(ws, name, "Said there.")
    page = Page(SyncView(ws))
    report = page.call("plan", target="skills", direction="push")
    assert len(json.dumps(report)) <= 200_000
    for what, wanted in (("written", names[300:]), ("conflicts", names[:300])):
        first = report["lists"][what]
        assert first["count"] == len(wanted)
        found = first["rows"]
        while len(found) < first["count"]:
            at = len(found)
            found += page.call("more", number=report["number"], name=what, start=at)["rows"]
        assert [row[1].removeprefix("skills/") for row in found] == wanted
    with pytest.raises(Refused, match="no list 'others'"):
        page.call("more", number=report["number"], name="others", start=0)
    page.call("plan", target="skills", direction="pull")
    with pytest.raises(Refused, match="another plan was made meanwhile"):
        page.call("more", number=report["number"], name="written", start=200)


def test_what_was_done_and_what_was_not_begun_are_lists_of_their_own(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_items, "portions", partial(portions, most=2))
    assert ws.root is not None
    for number in range(4):
        skill = ws.root / "services" / "skills" / f"greet-{number}"
        skill.mkdir(parents=True)
        text = f"---\nname: greet-{number}\ndescription: Greets\n---\nSay hello.\n"
        (skill / "SKILL.md").write_text(text)
    view = SyncView(ws)
    plan: Any = view.plan(Job(), "skills", "push")
    jobs: list[Job] = []

    def told(said: object) -> None:
        if "2 of 4" in str(said):
            jobs[0].cancel()

    jobs.append(Job(told))
    monkeypatch.setattr(job, "INTERVAL", 0)
    done: Any = view.apply(jobs[0], "skills", "push", plan["plan"])
    lists = done["lists"]
    assert [row[1] for row in lists["written"]["rows"]] == ["greet-0", "greet-1"]
    assert [row[1] for row in lists["unwritten"]["rows"]] == ["greet-2", "greet-3"]


def test_a_plan_that_does_not_hold_any_more_is_refused(ws: Workspace) -> None:
    assert ws.root is not None
    skill = ws.root / "services" / "skills" / "greet"
    skill.mkdir(parents=True)
    file = skill / "SKILL.md"
    file.write_text("---\nname: greet\ndescription: Greets\n---\nSay hello.\n")
    view = SyncView(ws)
    report: Any = view.plan(Job(), "skills", "push")
    file.write_text("---\nname: greet\ndescription: Greets\n---\nSay good day.\n")
    with pytest.raises(PlanMovedError):
        view.apply(Job(), "skills", "push", report["plan"])


def test_the_state_is_small(ws: Workspace) -> None:
    assert len(json.dumps(BrowserView(ws).state())) < 2_000
