"""What surrounds each request: an id, limits of its body, headers, one line in the log.

A pure ASGI middleware, since it stands around every request. Lines of the log are JSON objects;
they have no header, no query and no body, and what looks like a token in a path is masked.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect

from anvil_nb.server import errors
from anvil_nb.server.bodies import is_too_long, limit_for, limited

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from anvil_nb.accounts.tokens import Bearer
    from anvil_nb.server.options import Options

LOG = logging.getLogger("anvil_nb.server")
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SECRET = re.compile(r"ank_[A-Za-z0-9_-]+")
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
_HEADERS = ((b"x-content-type-options", b"nosniff"),)
_GONE = 499
"""What the log says of a request that broke off; such a one is not answered."""


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
        except ClientDisconnect:
            # Whoever asked hung up in the middle of the request: nobody is there to answer.
            status = status or _GONE
        except Exception as error:  # the outermost loop of this surface
            state["fault"] = error
            if status:
                raise
            await errors.unexpected(request_id)(scope, receive, send_with_headers)
        finally:
            _log(scope, state, status, time.perf_counter() - began, self.options)


def masked(text: str) -> str:
    """Return text without what looks like a token."""
    return _SECRET.sub("ank_…", text) if "ank_" in text else text


class JsonLines(logging.Formatter):
    """Formats log records as JSON objects, one a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said: dict[str, object] = {
            "time": _stamp(record.created),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return masked(_encode(said))


@lru_cache(maxsize=1_000)
def _text(token_id: UUID) -> str:
    return str(token_id)


@lru_cache(maxsize=2)
def _second(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _stamp(moment: float) -> str:
    """Return a time as the log has it: RFC 3339, UTC, to the millisecond."""
    whole = int(moment)
    return f"{_second(whole)}.{int((moment - whole) * 1000):03d}Z"


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value) and b"ank_" not in value:
            return str(value, "ascii")
    return os.urandom(16).hex()


def _log(
    scope: Scope, state: dict[str, Any], status: int, seconds: float, options: Options
) -> None:
    bearer: Bearer | None = state.get("bearer")
    fields = {
        "request_id": state["request_id"],
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round(seconds * 1000, 2),
        "client": (scope.get("client") or ("", 0))[0],
        "organisation": None if bearer is None else bearer.organisation,
        "token_id": None if bearer is None else _text(bearer.id),
    }
    fault = state.get("fault")
    if isinstance(fault, BaseException):
        LOG.error("request", extra={"fields": fields}, exc_info=fault)
    elif options.log is None:
        LOG.info("request", extra={"fields": fields})
    else:
        # Past the logger, which takes as long as all the rest of a hot read.
        told = {"time": _stamp(time.time()), "level": "info", "message": "request", **fields}
        options.log(masked(_encode(told)) + "\n")
