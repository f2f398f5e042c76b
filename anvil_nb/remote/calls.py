"""Calls of another instance: one request, asked again while that helps, and what it answers."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from anvil_nb.errors import RemoteAnswerError
from anvil_nb.remote.answers import PROXY, error_of, json_of, object_of
from anvil_nb.remote.http import MOST_WHOLE, Answer, Request
from anvil_nb.remote.retrying import Retries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from anvil_nb.remote.http import Connection, OpenAnswer

API: Final = "/api/v1"
JSON: Final = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Calls:
    """Asks one instance.

    Args:
        connection: To it.
        retries: When to ask again.
        new_key: Makes an idempotency key for a write.
    """

    connection: Connection
    retries: Retries = field(default_factory=Retries)
    new_key: Callable[[], str] = lambda: str(uuid4())

    @property
    def place(self) -> str:
        """Whom messages name."""
        return self.connection.url

    def read(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Return the answer to a ``GET``; one that was cut off is gone on with where it ended.

        Raises:
            RemoteError: when it is no success.
        """
        got = _Got()
        answer = self.retries.run(
            lambda: self._part(path, dict(headers or {}), got), reached=got.reached
        )
        conditional = any(name.lower() == "if-none-match" for name in headers or {})
        if answer.status == HTTPStatus.NOT_MODIFIED and not conditional:
            json_of(answer, self.place)  # which says that this was not the question
        return answer

    def read_json(self, path: str) -> dict[str, Any]:
        """Return the object that a ``GET`` answers.

        Raises:
            RemoteError: when it is no success, or not such an object.
        """
        return object_of(self.read(path), self.place)

    def write(
        self,
        method: str,
        path: str,
        body: object,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Send JSON, under one idempotency key however often, and return the object answered.

        Raises:
            RemoteError: when it is no success, or not such an object.
        """
        return self._send_json(
            method, path, body, {"idempotency-key": self.new_key(), **(headers or {})}
        )

    def query(self, path: str, body: object) -> dict[str, Any]:
        """Send JSON that asks and changes nothing, and return the object answered.

        Raises:
            RemoteError: when it is no success, or not such an object.
        """
        return self._send_json("POST", path, body, {})

    def _send_json(
        self, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return object_of(self.ask(Request(method, path, {**JSON, **headers}, data)), self.place)

    def ask(
        self,
        request: Request,
        *,
        repeatable: bool = True,
        also: tuple[int, ...] = (),
        most: int = MOST_WHOLE,
    ) -> Answer:
        """Send a request, again while that helps, and return the answer to it.

        Args:
            request: With a body of bytes, or none.
            repeatable: Whether it may arrive twice.
            also: Statuses that are answers too, beside successes.
            most: How many bytes the answer may have.

        Raises:
            RemoteError: when it is no success.
        """
        return self.retries.run(lambda: self.once(request, also, most), repeatable=repeatable)

    def once(self, request: Request, also: tuple[int, ...] = (), most: int = MOST_WHOLE) -> Answer:
        """Send a request once; see ``ask``."""
        answer = self.connection.ask(request, most=most)
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES and answer.status not in also:
            raise error_of(answer, self.place, self.retries.clock())
        return answer

    @contextmanager
    def opened(self, request: Request, also: tuple[int, ...] = ()) -> Iterator[OpenAnswer]:
        """Send a request once, and hand its answer out as it comes.

        Raises:
            RemoteError: when it is no success.
        """
        with self.connection.open(request) as answer:
            if answer.status >= HTTPStatus.MULTIPLE_CHOICES and answer.status not in also:
                said = b"".join(answer.pieces)
                whole = Answer(answer.status, answer.headers, said)
                raise error_of(whole, self.place, self.retries.clock())
            yield answer

    def _part(self, path: str, headers: dict[str, str], got: _Got) -> Answer:
        if got.reached():
            # From where it was cut off, if it is still the same; and bytes as they are, of which
            # a part means the same whoever compresses.
            headers |= {
                "range": f"bytes={len(got.body)}-",
                "if-range": got.tag,
                "accept-encoding": "identity",
            }
        also = (HTTPStatus.NOT_MODIFIED, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        with self.opened(Request("GET", path, headers), also) as answer:
            if answer.status == HTTPStatus.NOT_MODIFIED:
                return Answer(answer.status, answer.headers, b"")
            got.take_up(answer, self.place)
            for piece in answer.pieces:
                got.body += piece
                if len(got.body) > MOST_WHOLE:
                    msg = f"{self.place} answers with more than {MOST_WHOLE:,} bytes"
                    raise RemoteAnswerError(msg, PROXY)
            return Answer(HTTPStatus.OK, answer.headers, bytes(got.body))


class _Got:
    """What has come of an answer so far."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.tag = ""

    def reached(self) -> int:
        """Return from where on it can be gone on with."""
        return len(self.body) if self.tag else 0

    def take_up(self, answer: OpenAnswer, place: str) -> None:
        """Go on with an answer that is the rest, or begin with one that is the whole."""
        offset = self.reached()
        if answer.status == HTTPStatus.PARTIAL_CONTENT and offset:
            start = answer.headers.get("content-range", "").partition("-")[0]
            if start != f"bytes {offset}":
                msg = f"{place} goes on at another place than asked for"
                raise RemoteAnswerError(msg, PROXY, status=answer.status)
            return
        self.body.clear()
        tag = answer.headers.get("etag", "")
        self.tag = tag if answer.status == HTTPStatus.OK and tag.startswith('"') else ""
        if answer.status != HTTPStatus.OK:
            msg = f"{place} answers {answer.status}, which is no answer to this"
            raise RemoteAnswerError(msg, PROXY, status=answer.status)
