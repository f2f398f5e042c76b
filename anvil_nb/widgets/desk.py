"""Carries messages between a page and the views that lie on it; knows nothing of Jupyter.

The page sends ``{"to": view, "id": n, "call": name, "args": {…}}`` and gets, for the same ``to``
and ``id``, one of ``{"ok": value}`` and ``{"error": {"code", "message", "hint"}}``; work that takes
long sends ``{"progress": {"text", "share"}}`` before, and ends at ``{"to", "id", "cancel": true}``.
Bytes that a call returns come as the buffers of its answer. Without an ``id`` come events:
``{"to": view, "event": name, "value": …}``. The first view is 0.

A page may say which load of its window it is, and which one went before: ``"from": [load, gone]``.
What the one that is gone had opened is let go of.
"""

from __future__ import annotations

import itertools
import logging
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from anvil_nb.errors import AnvilError
from anvil_nb.widgets.calls import WithBytes, bound, is_in_turn, is_work, method_of
from anvil_nb.widgets.failing import failed
from anvil_nb.widgets.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anvil_nb.domain.digest import Json
    from anvil_nb.widgets.calls import Binary
    from anvil_nb.widgets.view import View

    Send = Callable[..., None]

_log = logging.getLogger(__name__)

_asking: ContextVar[str] = ContextVar("asking", default="")
"""The load of a page whose call is carried out."""


@dataclass(frozen=True, slots=True)
class _Lying:
    """A view on the desk, and the load of a page that opened it."""

    view: View
    load: str


class Desk:
    """The views of one page.

    Args:
        view: The first of them.
        send: Carries a message to the page, and bytes where there are any: a list of them as its
            second argument. It is called from several threads.
        changed: Is called when what stands beside the page is to be brought up to date.
    """

    def __init__(self, view: View, send: Send, changed: Callable[[], None] = lambda: None) -> None:
        self._send = send
        self._changed = changed
        self._keys = itertools.count()
        self._views: dict[int, _Lying] = {}
        self._jobs: dict[tuple[int, int], Job] = {}
        self._last: dict[int, Event] = {}  # set when the work in turn that came last has ended
        self._lock = Lock()
        self._put(view)

    def close(self) -> None:
        """Let go of all views: nothing shows them any more. What runs is cancelled."""
        for key in [*self._views]:
            self._take_away(key)

    def receive(self, message: Mapping[str, Any], buffers: Sequence[Binary] = ()) -> None:
        """Take a message of the page. Whatever goes wrong is answered, never raised."""
        key, number = message.get("to"), message.get("id")
        if not isinstance(key, int) or not isinstance(number, int):
            _log.warning("a message without an address was left: %s", sorted(message))
            return
        if message.get("cancel"):
            if (job := self._jobs.get((key, number))) is not None:
                job.cancel()
            return
        load, gone = _loads(message.get("from"))
        self._clear_up(gone)
        try:
            view = self._view(key)
            if message.get("close"):
                if key:
                    self._take_away(key)
                self._answer(key, number, ok=None)
                return
            method = method_of(view, message.get("call"))
            keywords = bound(method, message.get("args") or {}, buffers)
        except AnvilError as error:
            self._answer(key, number, error=error.to_json())
            return
        if is_work(method):
            self._start(key, number, method, keywords, load)
        else:
            self._carry_out(key, number, lambda: method(**keywords), load)

    def _start(
        self,
        key: int,
        number: int,
        method: Callable[..., Any],
        keywords: dict[str, Any],
        load: str,
    ) -> None:
        job = Job(lambda value: self._send({"to": key, "id": number, "progress": value}))
        ended, before = Event(), None
        with self._lock:
            self._jobs[key, number] = job
            if is_in_turn(method):
                before, self._last[key] = self._last.get(key), ended

        def action() -> Any:
            if before is not None:
                before.wait()
                job.check()
            return method(job, **keywords)

        def run() -> None:
            try:
                self._carry_out(key, number, action, load)
            finally:
                ended.set()

        Thread(target=run, daemon=True).start()

    def _carry_out(self, key: int, number: int, action: Callable[[], Any], load: str) -> None:
        token = _asking.set(load)
        try:
            value = action()
        except AnvilError as error:
            self._answer(key, number, error=error.to_json())
        except Exception as error:  # noqa: BLE001 - the outermost loop of this surface
            self._answer(key, number, error=failed(error).to_json())
        else:
            self._answer(key, number, ok=value)
        finally:
            _asking.reset(token)
            with self._lock:
                self._jobs.pop((key, number), None)

    def _answer(self, key: int, number: int, **answer: Any) -> None:
        said = answer.get("ok")
        if isinstance(said, WithBytes):
            self._send({"to": key, "id": number, "ok": said.value}, [*said.data])
        else:
            self._send({"to": key, "id": number, **answer})

    def _view(self, key: int) -> View:
        found = self._views.get(key)
        if found is None:
            raise AnvilError("this part of the page was closed", "Open it again.")
        return found.view

    def _put(self, view: View) -> Json:
        key = next(self._keys)
        with self._lock:
            self._views[key] = _Lying(view, _asking.get())
        view.put_on(
            tell=lambda event, value: self._send({"to": key, "event": event, "value": value}),
            changed=self._changed,
            opener=self._put,
        )
        return {"key": key, "view": view.name, "title": view.title, "state": view.state()}

    def _clear_up(self, gone: str) -> None:
        """Take away what a load that is gone had opened, where nothing that it began still runs."""
        if not gone:
            return
        with self._lock:
            working = {key for key, _ in self._jobs}
            left = [key for key, one in self._views.items() if one.load == gone]
        for key in left:
            if key not in working:
                self._take_away(key)

    def _take_away(self, key: int) -> None:
        with self._lock:
            lying = self._views.pop(key, None)
            self._last.pop(key, None)
            jobs = [job for (whose, _), job in self._jobs.items() if whose == key]
        for job in jobs:
            job.cancel()
        if lying is not None:
            lying.view.close()


def _loads(said: object) -> tuple[str, str]:
    match said:
        case [str(load), str(gone)]:
            return load, gone
    return "", ""
