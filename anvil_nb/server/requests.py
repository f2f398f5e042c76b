"""What surrounds each request: an id, limits of its body, headers, one line in the log.

A pure ASGI middleware, since it stands around every request. Lines of the log are JSON objects;
they have no header, no query and no body, and what looks like a token in a path is masked.
"""

from __future__ import annotations

import json
import logging
import re
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from anvil_nb.server import errors
from anvil_nb.server.bodies import is_too_long, limit_for, limited

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from anvil_nb.server.options import Options

LOG = logging.getLogger("anvil_nb.server")
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SECRET = re.compile(r"ank_[A-Za-z0-9_-]+")
_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


class Surroundings:
    """The middleware; see the module.

    Args:
        app: What is inside.
        options: Of the server.
    """

    def __init__(self, app: ASGIApp, options: Options) -> None:
        self.app = app
        self.options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = _request_id(scope)
        # A state of its own: that of a server's lifespan is the same for all requests.
        state = scope["state"] = {**scope.get("state", {}), "request_id": request_id}
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    *_HEADERS,
                    *state.get("headers", ()),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        limit = limit_for(scope, self.options)
        try:
            if is_too_long(scope, limit):
                refusal = errors.too_long(request_id)
                await refusal(scope, receive, send_with_headers)
            else:
                await self.app(scope, limited(receive, limit), send_with_headers)
        except Exception as error:  # the outermost loop of this surface
            state["fault"] = error
            if status:
                raise
            await errors.unexpected(request_id)(scope, receive, send_with_headers)
        finally:
            _log(scope, state, status, time.perf_counter() - began)


def masked(text: str) -> str:
    """Return text without what looks like a token."""
    return _SECRET.sub("ank_…", text) if "ank_" in text else text


class JsonLines(logging.Formatter):
    """Formats log records as JSON objects, one a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said: dict[str, object] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{record.msecs:03.0f}",
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return masked(json.dumps(said, ensure_ascii=False, default=str))


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return str(value, "ascii")
    return uuid4().hex


def _log(scope: Scope, state: dict[str, object], status: int, seconds: float) -> None:
    fault = state.get("fault")
    level = logging.ERROR if fault is not None else logging.INFO
    if not LOG.isEnabledFor(level):
        return
    bearer = state.get("bearer")
    fields = {
        "request_id": state["request_id"],
        "method": scope["method"],
        "path": masked(scope["path"]),
        "status": status,
        "ms": round(seconds * 1000, 2),
        "client": (scope.get("client") or ("", 0))[0],
        "organisation": getattr(bearer, "organisation", None),
        "token_id": str(getattr(bearer, "id", "")) or None,
    }
    info = fault if isinstance(fault, BaseException) else None
    LOG.log(level, "request", extra={"fields": fields}, exc_info=info)
