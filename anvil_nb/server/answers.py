"""Answers to hot reads, ready to send: kept until the store changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from starlette.responses import Response

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.types import Receive, Scope, Send

    from anvil_nb.store.engine import Engine

MAX_KEPT = 10_000
MAX_BODY = 65_536
"""The longest body that is kept, in bytes."""

Key: TypeAlias = "tuple[UUID, str, str]"
"""Whose, where, and which selector."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer: its body, and the tag that says which state of the resource it shows."""

    body: bytes
    etag: str
    headers: list[tuple[bytes, bytes]]

    @classmethod
    def of(cls, body: bytes, etag: str) -> Ready:
        """Return the answer that has a body of JSON."""
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        made = Response(body, media_type="application/json", headers=headers)
        return cls(body, etag, made.raw_headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})

    def response(self) -> Response:
        """Return it for a route to answer with."""
        made = Response(self.body)
        made.raw_headers = self.headers
        return made


class Answers:
    """Answers by organisation and address, each as of a generation of the store.

    Args:
        engine: The store.
    """

    def __init__(self, engine: Engine) -> None:
        self._generation = engine.generation
        self._kept: dict[Key, tuple[int, Ready]] = {}

    def find(self, key: Key) -> Ready | None:
        """Return an answer that nobody has written since, or ``None``."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] == self._generation():
            return kept[1]
        return None

    def keep(self, key: Key, generation: int, ready: Ready) -> None:
        """Keep an answer of what was read under a generation."""
        if len(ready.body) > MAX_BODY:
            return
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[key] = (generation, ready)


def tag_of(body: bytes) -> str:
    """Return the entity tag of a body (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
