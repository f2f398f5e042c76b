"""The export view, without a page."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import ExistsError, NotFoundError
from anvil_nb.keys import KeyRing
from anvil_nb.widgets.desk import Desk
from anvil_nb.widgets.export import ExportView
from anvil_nb.widgets.job import CancelledError, Job
from tests.widgets.bundled import keys_elsewhere
from tests.widgets.pages import Ending, Page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path / "work", actor="ada") as made:
        made.save("desk/emails/footer", "The desk")
        made.save("desk/emails/welcome", "Hello {% render 'footer' %}")
        made.publish("desk/emails", message="First")
        made.save("desk/emails/draft-only", "Not yet")
        yield made


def test_what_is_published_is_offered_and_a_draft_is_not(ws: Workspace) -> None:
    view = ExportView(ws)
    assert view.state()["sets"] == [["desk/emails", [["1.0.0", 2]], 0]]
    assert view.names() == [["desk/emails", ["footer", "welcome"], [None]]]


@pytest.mark.parametrize(
    ("address", "chosen"),
    [
        ("desk", ["desk"]),
        ("desk/emails", ["desk/emails"]),
        ("desk/emails@latest", ["desk/emails@1.0.0"]),
        ("desk/emails@^1", ["desk/emails@1.0.0"]),
        ("desk/emails@production", ["desk/emails@1.0.0"]),
        ("desk/emails/welcome", ["desk/emails/welcome@1.0.0"]),
        ("desk/emails/welcome@latest", ["desk/emails/welcome@1.0.0"]),
    ],
)
def test_whatever_address_is_given_is_chosen_as_the_tree_names_it(
    ws: Workspace, address: str, chosen: list[str]
) -> None:
    ws.label("desk/emails@1.0.0", "production")
    assert ExportView(ws, [address]).state()["addresses"] == chosen


def test_the_latest_version_is_the_one_that_an_export_of_the_latest_takes(ws: Workspace) -> None:
    ws.publish("desk/emails", version="2.0.0-rc.1")
    ws.save("desk/drafts/early", "Early")
    ws.publish("desk/drafts", version="1.0.0-rc.1")
    sets: Any = ExportView(ws).state()["sets"]
    shown = {address: at if at is None else numbers[at][0] for address, numbers, at in sets}
    assert shown == {"desk/drafts": None, "desk/emails": "1.0.0"}
    info = ws.export("desk", "bundle.anvil", versions="latest", dry_run=True)
    taken = {one.address: [version.number for version in one.versions] for one in info.sets}
    assert taken == {"desk/emails": ["1.0.0"]}


def test_the_keys_that_an_export_takes_are_offered_and_no_revoked_one(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "keys"))
    ring = KeyRing.open()
    for name in ("ada", "old"):
        ring.generate(name)
    ring.revoke("old")
    with keys_elsewhere(tmp_path) as theirs:
        line = theirs.export("bob")
    ring.trust(line)
    state: Any = ExportView(ws).state()
    assert state["own"] == [{"name": "ada", "locked": False}]
    assert state["recipients"] == ["ada", "bob"]


def test_what_a_prompt_renders_comes_along_and_is_named(ws: Workspace) -> None:
    found: Any = ExportView(ws).preview(Job(), ["desk/emails/welcome@1.0.0"])
    assert found["along"] == ["desk/emails/footer@1.0.0"]
    left: Any = ExportView(ws).preview(Job(), ["desk/emails/welcome@1.0.0"], deps=False)
    assert (left["along"], left["external"]) == ([], ["desk/emails/footer"])


def test_a_count_that_is_cancelled_ends_at_once_whenever_it_is(ws: Workspace) -> None:
    view = ExportView(ws)
    for at in range(1, 100):
        job = Ending(at)
        try:
            view.preview(job, ["desk/emails/welcome@1.0.0", "desk"])
        except CancelledError:
            assert job.asked == at
        else:
            break
    assert at > 4
    assert job.said[-1] == "gathered 2 of 2 items"


def test_a_count_leaves_the_kernel_free_for_others(ws: Workspace) -> None:
    view = ExportView(ws)
    page = Page(view)
    with ws.access.engine.write():  # nobody reads the store meanwhile
        page.desk.receive({"to": 0, "id": 2, "call": "preview", "args": {"addresses": ["desk"]}})
        assert page.call("names") == [["desk/emails", ["footer", "welcome"], [None]]]
    answer = page.answers.get(timeout=60)
    while "progress" in answer:
        answer = page.answers.get(timeout=60)
    assert answer["ok"]["counts"]["prompts"] == 2


def test_a_file_comes_in_chunks_that_are_the_file(ws: Workspace, tmp_path: Path) -> None:
    view, path = ExportView(ws), tmp_path / "desk.anvil"
    done: Any = view.write(Job(), ["desk"], str(path))
    answers: list[Any] = []
    desk = Desk(view, lambda *message: answers.append(message))
    desk.receive({"to": 0, "id": 1, "call": "chunk", "args": {"start": 0}})
    ((answer, buffers),) = answers
    assert answer["ok"] == {"size": path.stat().st_size}
    assert hashlib.sha256(buffers[0]).hexdigest() == done["sha256"]
    assert anvil.inspect(path).sets[0].address == "desk/emails"


def test_a_file_is_found_again_after_the_kernel_went_to_another_folder(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    view = ExportView(ws)
    view.write(Job(), ["desk"], "desk.anvil")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    written: Any = view.state()["written"]
    assert written["path"] == str(tmp_path / "desk.anvil")
    assert view.chunk(0).data[0] == (tmp_path / "desk.anvil").read_bytes()


def test_a_file_that_is_there_is_not_replaced_unasked(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "desk.anvil"
    path.write_text("mine")
    with pytest.raises(ExistsError):
        ExportView(ws).write(Job(), ["desk"], str(path))
    assert path.read_text() == "mine"


def test_what_is_cancelled_leaves_no_file(ws: Workspace, tmp_path: Path) -> None:
    job = Job()

    def told(_: object) -> None:
        job.cancel()

    job = Job(told)
    with pytest.raises(CancelledError):
        ExportView(ws).write(job, ["desk"], str(tmp_path / "desk.anvil"))
    assert [one.name for one in tmp_path.iterdir()] == ["work"]


def test_a_passphrase_stands_in_nothing_that_lasts(ws: Workspace, tmp_path: Path) -> None:
    view, path, secret = ExportView(ws), tmp_path / "desk.anvil", "correct horse battery"
    view.write(Job(), ["desk"], str(path), passphrase=secret)
    assert anvil.inspect(path, passphrase=secret).encrypted
    left = json.dumps(view.state()) + view.to_text() + str(view.to_html())
    assert "horse" not in left + str(vars(view))


def test_to_open_it_gathers_nothing(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anvil_nb.workspace.Workspace.export", None)
    assert ExportView(ws, ["desk", "desk/emails"]).state()["addresses"] == ["desk", "desk/emails"]


def test_an_address_at_which_there_is_nothing_is_told_at_once(ws: Workspace) -> None:
    with pytest.raises(NotFoundError):
        ws.exporting("desk/nothing")


def test_the_state_of_ten_thousand_prompts_is_small(tmp_path: Path) -> None:
    with anvil.init(tmp_path / "large") as ws:
        for project in range(2):
            rows = [{"name": f"prompt-{at}", "template": "Hello"} for at in range(5000)]
            file = tmp_path / "rows.jsonl"
            file.write_text("\n".join(map(json.dumps, rows)))
            ws.load(str(file), f"p{project}/all")
            ws.publish(f"p{project}/all")
        view = ExportView(ws)
        assert len(json.dumps(view.state())) <= 200_000
        names: Any = view.names()
        assert sum(len(one[1]) for one in names) == 10_000


def test_what_stands_beside_lists_what_there_is_to_choose_from(ws: Workspace) -> None:
    first, _, _, *rows = ExportView(ws).to_text().splitlines()
    assert first == "Export"
    assert [row.split() for row in rows] == [["desk/emails", "1", "1.0.0"]]
