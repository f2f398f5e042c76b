"""Running a prompt from the browser, without a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import NotFoundError
from anvil_nb.widgets.job import CancelledError
from anvil_nb.widgets.opening import opened
from anvil_nb.widgets.trying import TryView
from tests.widgets.pages import Ending, Page, Refused
from tests.widgets.test_runs import ws

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

__all__ = ["ws"]

WELCOME = "desk/emails/welcome"


def test_versions_and_a_row_of_examples_are_offered(ws: Workspace) -> None:
    ws.label("desk/emails@1.0.0", "production")
    ws.save(
        "desk/emails/new", "---\nparameters: {tone: {type: string, example: warm}}\n---\n{{ tone }}"
    )
    state: Any = opened(ws, "run", WELCOME).state()
    assert state["prompts"] == ["new", "welcome"]
    assert state["selectors"] == ["latest", "draft", "production", "1.0.0"]
    assert state["labels"] == {"production": "1.0.0", "latest": "1.0.0"}
    assert state["chosen"] == ["latest", "draft"]
    assert json.loads(state["row"])["name"] == "[name]"
    view = TryView(ws, "desk/emails")
    about: Any = view.about("new")
    assert (about["selectors"], about["chosen"]) == (["draft"], ["draft"])
    assert json.loads(about["row"]) == {"tone": "warm"}


def test_rows_that_were_typed_are_run_and_the_grid_is_opened(ws: Workspace) -> None:
    page = Page(TryView(ws, WELCOME))
    rows = '{"name": "Ada", "vip": true}\n\n{"name": "Bob", "vip": false}\n'
    place = page.call("run", prompt="welcome", versions=["1.0.0", "draft"], rows=rows)
    assert place["view"] == "runs"
    assert [one["label"] for one in place["state"]["columns"]] == ["@1.0.0", "@draft"]
    texts = [[cell["text"] for cell in row["cells"]] for row in place["state"]["rows"]]
    assert texts == [
        ["Hello Ada, dear guest", "Hello Ada, dear friend"],
        ["Hello Bob", "Hello Bob"],
    ]
    assert page.call("page", to=place["key"], start=0, only="different")["count"] == 1
    assert "Hello Ada, dear friend" in page.view.to_text()
    array = page.call("run", prompt="welcome", versions=["draft"], rows='[{"name": "Ada"}]')
    assert array["state"]["count"] == 1


def test_a_file_of_rows_is_run_in_place_of_them(ws: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "guests.csv"
    file.write_text("name,vip\nAda,yes\nBob,yes\n")
    page = Page(TryView(ws, WELCOME))
    place = page.call("run", prompt="welcome", versions=["draft"], rows="{", path=f" {file} ")
    assert [one["cells"][0]["text"] for one in place["state"]["rows"]] == [
        "Hello Ada, dear friend",
        "Hello Bob, dear friend",
    ]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"versions": []}, "no version was chosen"),
        ({"rows": ""}, "the text has no records"),
        ({"rows": "{"}, "the text:1"),
        ({"rows": "[1]"}, r"the text\[0\]"),
        ({"path": "nothing.csv"}, "nothing.csv"),
        ({"versions": ["9.9.9"]}, "9.9.9"),
    ],
)
def test_what_cannot_be_run_is_told_in_the_page(
    ws: Workspace, said: dict[str, Any], why: str
) -> None:
    page = Page(TryView(ws, WELCOME))
    wanted = {"prompt": "welcome", "versions": ["draft"], "rows": '{"name": "Ada"}', **said}
    with pytest.raises(Refused, match=why):
        page.call("run", **wanted)
    assert "nothing was run yet" in page.view.to_text()


def test_a_run_is_cancelled_while_it_renders(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anvil_nb.runs.experiment.POLL_SECONDS", 0)
    view = TryView(ws, WELCOME)
    Page(view)
    rows = "\n".join(json.dumps({"name": str(at)}) for at in range(50))
    job = Ending(30)
    with pytest.raises(CancelledError):
        view.run(job, "welcome", ["draft"], rows)
    assert job.said[-1].endswith(" of 50 prompts")
    assert "nothing was run yet" in view.to_text()


@pytest.mark.parametrize("address", ["desk/nothing", "desk/emails/nothing", "shop/empty"])
def test_where_there_is_no_prompt_that_is_said(ws: Workspace, address: str) -> None:
    ws.create_set("shop/empty")
    with pytest.raises(NotFoundError):
        opened(ws, "run", address)
