"""The grid of a run, without a page."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import AnvilError, InvalidInputError, NotFoundError
from anvil_nb.widgets.job import CancelledError
from anvil_nb.widgets.runs import PAGE, RunsView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace

ADDRESSES = ["desk/emails/welcome@1.0.0", "desk/emails/welcome@draft"]


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path) as made:
        made.save("desk/emails/welcome", "Hello {{ name }}{% if vip %}, dear guest{% endif %}")
        made.publish("desk/emails")
        made.save("desk/emails/welcome", "Hello {{ name }}{% if vip %}, dear friend{% endif %}")
        yield made


def rows(count: int) -> list[dict[str, Any]]:
    return [{"name": f"Guest {at}", "vip": at % 10 == 0} for at in range(count)]


def test_a_page_of_rows_is_sent_first_and_the_rest_when_it_is_asked_for(ws: Workspace) -> None:
    view = RunsView(ws, ws.run(ADDRESSES, rows(1000)))
    state: Any = view.state()
    assert (state["count"], len(state["rows"]), state["different"]) == (1000, PAGE, 100)
    later: Any = view.page(960)
    assert [row["number"] for row in later["rows"]] == list(range(961, 1001))


def test_what_differs_from_the_first_version_is_marked(ws: Workspace) -> None:
    state: Any = RunsView(ws, ws.run(ADDRESSES, rows(2))).state()
    assert [[cell["differs"] for cell in row["cells"]] for row in state["rows"]] == [
        [False, True],
        [False, False],
    ]


def test_a_filter_looks_at_inputs_and_outputs_whatever_their_case(ws: Workspace) -> None:
    view = RunsView(ws, ws.run(ADDRESSES, rows(40)))
    found: Any = view.page(0, "GUEST 7")
    assert [row["number"] for row in found["rows"]] == [8]
    assert view.page(0, "dear friend")["count"] == 4
    assert view.page(0, only="different")["count"] == 4
    assert view.page(0, "guest 1", "different")["count"] == 1
    assert view.page(0, only="failed")["count"] == 0
    assert view.page(0)["count"] == 40


def test_what_one_page_looks_for_is_not_what_another_gets(ws: Workspace) -> None:
    view = RunsView(ws, ws.run(ADDRESSES, rows(1000)))
    state: Any = view.state()
    assert view.page(0, "guest 7")["count"] == 111
    later: Any = view.page(960)
    assert later["count"] == state["count"] == 1000
    assert [row["number"] for row in later["rows"]] == list(range(961, 1001))
    view.state()  # another page is loaded
    rest: Any = view.page(60, "guest 7")
    assert (rest["count"], len(rest["rows"])) == (111, 51)


def test_a_filter_nobody_knows_is_refused(ws: Workspace) -> None:
    view = RunsView(ws, ws.run(ADDRESSES, rows(2)))
    with pytest.raises(InvalidInputError, match="'some'"):
        view.page(0, only="some")  # type: ignore[arg-type]


def test_a_row_is_shown_whole_with_the_words_that_differ(ws: Workspace) -> None:
    row: Any = RunsView(ws, ws.run(ADDRESSES, rows(1))).row(1)
    assert row["inputs"] == [["name", "Guest 0"], ["vip", "true"]]
    assert row["cells"][0]["shown"] == [["Hello Guest 0, dear guest", False]]
    assert ["friend", True] in row["cells"][1]["shown"]


def test_a_run_that_fails_in_a_way_nobody_foresaw_ends_and_says_so(ws: Workspace) -> None:
    def go(*_: object) -> Any:
        raise ValueError("no such thing")

    view = RunsView(ws, go)
    with pytest.raises(AnvilError, match="ValueError: no such thing") as caught:
        view.wait(60)
    assert caught.value.code == "failed"
    assert view.state() == {"running": False, "error": caught.value.to_json()}


def test_a_row_that_failed_says_why(ws: Workspace) -> None:
    def ask(prompt: Any) -> str:
        raise ValueError(f"no answer to {prompt.text}")

    view = RunsView(ws, ws.run(ADDRESSES[:1], rows(3), call=ask))
    state: Any = view.state()
    assert state["failed"] == 3
    row: Any = view.row(2)
    assert "no answer to Hello Guest 1" in row["cells"][0]["shown"][0][0]
    assert row["cells"][0]["prompt"] == "Hello Guest 1"


def test_templates_that_fail_for_the_same_reason_are_alike_wherever_that_stands(
    ws: Workspace,
) -> None:
    for number, text in enumerate(("{{ n | divided_by: m }}", "It is {{ n | divided_by: m }}")):
        ws.save("desk/emails/odd", text)
        ws.label(ws.publish("desk/emails").address, f"label-{number}")
    addresses = [f"desk/emails/odd@label-{number}" for number in (0, 1)]
    run = ws.run(addresses, [{"n": 1, "m": 0}, {"n": 1, "m": "x"}, {"n": 1, "m": 1}])
    state: Any = RunsView(ws, run).state()
    texts = [[cell["text"] for cell in row["cells"]] for row in state["rows"]]
    assert [one != two for one, two in texts] == [True, True, True]  # the place is another
    differs = [row["cells"][1]["differs"] for row in state["rows"]]
    assert (differs, state["different"], state["failed"]) == ([False, False, True], 1, 2)


def test_a_column_is_called_as_it_was_asked_for(ws: Workspace) -> None:
    ws.label("desk/emails@1.0.0", "prod")
    addresses = [f"desk/emails/welcome@{one}" for one in ("1.0.0", "prod", "^1.0", "draft")]
    state: Any = RunsView(ws, ws.run(addresses, rows(1))).state()
    labels = [one["label"] for one in state["columns"]]
    assert labels == ["@1.0.0", "@prod (1.0.0)", "@^1.0 (1.0.0)", "@draft"]


def test_a_row_that_is_not_there_is_told(ws: Workspace) -> None:
    with pytest.raises(NotFoundError, match="row 9"):
        RunsView(ws, ws.run(ADDRESSES, rows(2))).row(9)


def test_a_run_goes_on_while_the_view_is_shown(ws: Workspace) -> None:
    asked, go_on = Event(), Event()

    def ask(prompt: Any) -> str:
        asked.set()
        go_on.wait(10)
        return str(prompt.text)

    view = RunsView(
        ws, lambda its, progress: its.run(ADDRESSES[:1], rows(1), call=ask, progress=progress)
    )
    assert asked.wait(10)
    assert view.state() == {"running": True, "error": None}
    with pytest.raises(InvalidInputError, match="not done"):
        view.page(0)
    go_on.set()
    assert len(view.wait(10)) == 1
    assert view.state()["count"] == 1


def test_a_run_that_is_cancelled_ends_and_says_so(ws: Workspace) -> None:
    asked, go_on = Event(), Event()

    def ask(prompt: Any) -> str:
        asked.set()
        go_on.wait(10)
        return str(prompt.text)

    view = RunsView(
        ws,
        lambda its, progress: its.run(
            ADDRESSES[:1], rows(500), call=ask, progress=progress, concurrency=1
        ),
    )
    assert asked.wait(10)
    view.cancel()
    with pytest.raises(CancelledError):
        view.wait(10)
    go_on.set()
    state: Any = view.state()
    assert state["error"]["code"] == "cancelled"
