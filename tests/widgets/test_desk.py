"""The desk: calls, work, errors and other views, without a page."""

from __future__ import annotations

from queue import Queue
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import NotFoundError
from anvil_nb.results.html import Html
from anvil_nb.widgets.calls import call, in_turn, work
from anvil_nb.widgets.desk import Desk
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.widgets.job import Job
    from anvil_nb.workspace import Workspace


class Trial(View):
    """A view with one method of each kind."""

    name = "trial"
    title = "Trial"
    running = Event()
    go_on = Event()
    closed = False

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.done: list[str] = []

    def close(self) -> None:
        super().close()
        self.closed = True

    def state(self) -> dict[str, Any]:
        return {}

    def to_html(self) -> Html:
        return Html("")

    def to_text(self) -> str:
        return ""

    @call
    def twice(self, number: int) -> int:
        return number * 2

    @call
    def missing(self) -> None:
        raise NotFoundError("there is nothing", "Try: anvil ls")

    @call
    def broken(self) -> None:
        raise ValueError("a slip")

    @call
    def size(self, buffers: Any) -> int:
        return sum(len(one) for one in buffers)

    @call
    def other(self) -> Any:
        return self.open(Trial(self.ws))

    @work
    def long(self, job: Job) -> None:
        self.running.set()
        while True:
            job.progress("on and on", 0.5)

    @in_turn
    @work
    def slowly(self, job: Job) -> None:
        del job
        self.go_on.wait(10)
        self.done.append("first")

    @in_turn
    @work
    def quickly(self, job: Job) -> None:
        del job
        self.done.append("second")

    def hidden(self) -> str:
        return "not for the page"


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path) as made:
        yield made


class Page:
    """What sends to the desk and takes its answers."""

    def __init__(self, ws: Workspace) -> None:
        self.answers: Queue[Any] = Queue()
        self.view = Trial(ws)
        self.desk = Desk(self.view, self.answers.put)
        self.loads = ["", ""]

    def call(self, name: str, to: int = 0, buffers: Any = (), **args: Any) -> Any:
        self.desk.receive(
            {"to": to, "id": 1, "call": name, "args": args, "from": self.loads}, buffers
        )
        return self.answers.get(timeout=10)


@pytest.fixture
def page(ws: Workspace) -> Page:
    return Page(ws)


def test_a_call_is_answered_with_what_the_method_returns(page: Page) -> None:
    assert page.call("twice", number=21) == {"to": 0, "id": 1, "ok": 42}


def test_bytes_come_with_the_call(page: Page) -> None:
    assert page.call("size", buffers=[memoryview(b"abc")])["ok"] == 3


def test_an_error_is_answered_with_its_code_and_what_to_type(page: Page) -> None:
    error = page.call("missing")["error"]
    assert (error["code"], error["hint"]) == ("not-found", "Try: anvil ls")


def test_a_slip_of_the_program_is_answered_too(page: Page) -> None:
    assert "ValueError: a slip" in page.call("broken")["error"]["message"]


@pytest.mark.parametrize("name", ["hidden", "state", "_tell", "nothing", "ws"])
def test_the_page_calls_only_what_is_for_it(page: Page, name: str) -> None:
    assert name in page.call(name)["error"]["message"]


def test_an_argument_that_is_missing_or_unknown_is_refused(page: Page) -> None:
    assert "number" in page.call("twice")["error"]["message"]
    assert "other" in page.call("twice", number=1, other=2)["error"]["message"]


def test_work_tells_how_far_it_is_and_ends_when_it_is_cancelled(page: Page) -> None:
    progress = page.call("long")
    assert progress["progress"] == {"text": "on and on", "share": 0.5}
    page.desk.receive({"to": 0, "id": 1, "cancel": True})
    last = progress
    while "progress" in last:
        last = page.answers.get(timeout=10)
    assert last["error"]["code"] == "cancelled"


def test_a_view_opens_another_and_the_page_closes_it(page: Page) -> None:
    opened = page.call("other")["ok"]
    assert opened == {"key": 1, "view": "trial", "title": "Trial", "state": {}}
    assert page.call("twice", to=1, number=2)["ok"] == 4
    page.desk.receive({"to": 1, "id": 9, "close": True})
    assert page.answers.get(timeout=10) == {"to": 1, "id": 9, "ok": None}
    assert "closed" in page.call("twice", to=1, number=2)["error"]["message"]


def test_closing_a_view_ends_its_work(page: Page) -> None:
    page.call("other")
    page.desk.receive({"to": 1, "id": 2, "call": "long", "args": {}})
    assert page.answers.get(timeout=10)["progress"]["share"] == 0.5
    page.desk.receive({"to": 1, "id": 3, "close": True})
    said: list[Any] = []
    while not any("error" in one for one in said):
        said.append(page.answers.get(timeout=10))
    assert said[-1]["error"]["code"] == "cancelled"


def test_work_in_turn_is_done_in_the_order_in_which_it_was_asked_for(page: Page) -> None:
    page.view.go_on.clear()
    page.desk.receive({"to": 0, "id": 1, "call": "slowly"})
    page.desk.receive({"to": 0, "id": 2, "call": "quickly"})
    page.view.go_on.set()
    assert [page.answers.get(timeout=10)["id"] for _ in range(2)] == [1, 2]
    assert page.view.done == ["first", "second"]


def test_work_that_waits_for_its_turn_can_be_cancelled(page: Page) -> None:
    page.view.go_on.clear()
    page.desk.receive({"to": 0, "id": 1, "call": "slowly"})
    page.desk.receive({"to": 0, "id": 2, "call": "quickly"})
    page.desk.receive({"to": 0, "id": 2, "cancel": True})
    page.view.go_on.set()
    answers = {one["id"]: one for one in (page.answers.get(timeout=10) for _ in range(2))}
    assert answers[2]["error"]["code"] == "cancelled"
    assert page.view.done == ["first"]


def test_what_a_page_opened_is_let_go_of_when_it_was_loaded_again(page: Page) -> None:
    page.loads = ["one", ""]
    page.call("other")
    assert page.call("twice", to=1, number=2)["ok"] == 4
    page.loads = ["two", "one"]
    assert page.call("twice", number=2)["ok"] == 4, "the first view is every page's"
    assert "closed" in page.call("twice", to=1, number=2)["error"]["message"]


def test_what_another_window_opened_stays(page: Page) -> None:
    page.loads = ["elsewhere", ""]
    page.call("other")
    page.loads = ["two", "one"]
    page.call("twice", number=2)
    assert page.call("twice", to=1, number=2)["ok"] == 4


def test_work_goes_on_though_its_page_is_loaded_again(page: Page) -> None:
    page.loads = ["one", ""]
    page.call("other")
    page.view.go_on.clear()
    page.desk.receive({"to": 1, "id": 5, "call": "slowly"})
    page.loads = ["two", "one"]
    page.call("twice", number=2)
    page.view.go_on.set()
    assert page.answers.get(timeout=10) == {"to": 1, "id": 5, "ok": None}


def test_a_closed_desk_has_let_go_of_every_view_and_ended_its_work(page: Page) -> None:
    page.call("long")
    page.desk.close()
    assert page.view.closed
    said = page.answers.get(timeout=10)
    while "progress" in said:
        said = page.answers.get(timeout=10)
    assert said["error"]["code"] == "cancelled"
    assert "closed" in page.call("twice", number=1)["error"]["message"]
    page.desk.close()
