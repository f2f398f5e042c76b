"""Carries messages between a page and the views that lie on it; knows nothing of Jupyter.

The page sends ``{"to": view, "id": n, "call": name, "args": {…}}`` and gets, for the same ``to``
and ``id``, one of ``{"ok": value}`` and ``{"error": {"code", "message", "hint"}}``; work that takes
long sends ``{"progress": {"text", "share"}}`` before, and ends at ``{"to", "id", "cancel": true}``.
Bytes that a call returns come as the buffers of its answer. Without an ``id`` come events:
``{"to": view, "event": name, "value": …}``. The first view is 0.
"""

from __future__ import annotations

import itertools
import logging
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from anvil_nb.errors import AnvilError
from anvil_nb.widgets.calls import WithBytes, bound, is_work, method_of
from anvil_nb.widgets.failing import failed
from anvil_nb.widgets.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anvil_nb.domain.digest import Json
    from anvil_nb.widgets.calls import Binary
    from anvil_nb.widgets.view import View

    Send = Callable[..., None]

_log = logging.getLogger(__name__)


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
        self._views: dict[int, View] = {}
        self._jobs: dict[tuple[int, int], Job] = {}
        self._lock = Lock()
        self._put(view)

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
        try:
            view = self._view(key)
            if message.get("close"):
                self._take_away(key)
                self._answer(key, number, ok=None)
                return
            method = method_of(view, message.get("call"))
            keywords = bound(method, message.get("args") or {}, buffers)
        except AnvilError as error:
            self._answer(key, number, error=error.to_json())
            return
        if is_work(method):
            job = Job(lambda value: self._send({"to": key, "id": number, "progress": value}))
            with self._lock:
                self._jobs[key, number] = job
            Thread(
                target=self._carry_out, args=(key, number, method, keywords, job), daemon=True
            ).start()
        else:
            self._carry_out(key, number, method, keywords, None)

    def _carry_out(
        self,
        key: int,
        number: int,
        method: Callable[..., Any],
        keywords: dict[str, Any],
        job: Job | None,
    ) -> None:
        try:
            value = method(**keywords) if job is None else method(job, **keywords)
        except AnvilError as error:
            self._answer(key, number, error=error.to_json())
        except Exception as error:  # noqa: BLE001 - the outermost loop of this surface
            self._answer(key, number, error=failed(error).to_json())
        else:
            self._answer(key, number, ok=value)
        finally:
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
        return found

    def _put(self, view: View) -> Json:
        key = next(self._keys)
        self._views[key] = view
        view.put_on(
            tell=lambda event, value: self._send({"to": key, "event": event, "value": value}),
            changed=self._changed,
            opener=self._put,
        )
        return {"key": key, "view": view.name, "title": view.title, "state": view.state()}

    def _take_away(self, key: int) -> None:
        if not key:
            return
        view = self._views.pop(key)
        with self._lock:
            for (whose, _), job in self._jobs.items():
                if whose == key:
                    job.cancel()
        view.close()
