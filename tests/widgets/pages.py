"""A page without a browser: it calls a view through a desk, as the real one does."""

from __future__ import annotations

import itertools
from queue import Queue
from typing import TYPE_CHECKING, Any, cast

from anvil_nb.widgets.desk import Desk
from anvil_nb.widgets.job import Job

if TYPE_CHECKING:
    from anvil_nb.widgets.view import View


class Refused(AssertionError):  # noqa: N818 - what the page is told, not a failure of the test
    """What a call was answered with, where it was refused."""

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__(said["message"])
        self.code: str = said["code"]
        self.message: str = said["message"]
        self.hint: str = said["hint"]


class Page:
    """What calls a view and takes its answers.

    Args:
        view: The first view on the desk.
    """

    def __init__(self, view: View) -> None:
        self.answers: Queue[Any] = Queue()
        self.changes = 0
        self.events: list[tuple[str, Any]] = []
        self.view = view
        self.desk = Desk(view, self.answers.put, self._changed)

    def _changed(self) -> None:
        self.changes += 1

    def call(self, name: str, /, to: int = 0, buffers: Any = (), **args: Any) -> Any:
        """Call a method, and return what it returns.

        Raises:
            Refused: when the answer is an error.
        """
        self.desk.receive({"to": to, "id": 1, "call": name, "args": args}, buffers)
        while True:
            answer = self.answers.get(timeout=60)
            if "progress" in answer:
                continue
            if "event" in answer:
                self.events.append((answer["event"], answer["value"]))
                continue
            if "error" in answer:
                raise Refused(answer["error"])
            return answer["ok"]


class Ending(Job):
    """Work that is cancelled at one of the moments at which it asks.

    Args:
        at: The moment, from 1 on.
    """

    def __init__(self, at: int) -> None:
        self.said: list[str] = []
        ticks = itertools.count()
        super().__init__(
            lambda value: self.said.append(cast("Any", value)["text"]), lambda: next(ticks)
        )
        self.at, self.asked = at, 0

    @property
    def cancelled(self) -> bool:
        """Whether the moment has come."""
        self.asked += 1
        if self.asked == self.at:
            self.cancel()
        return super().cancelled

    def check(self) -> None:
        """End at the moment."""
        _ = self.cancelled
        super().check()
