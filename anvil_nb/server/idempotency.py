"""A write that is sent again under the same ``Idempotency-Key`` is not done again.

The key belongs to the token. It is taken in the transaction of the write itself, so that even a
server that is killed between the write and its answer does not do it twice; such a key is
answered with 409, for what was written is there to be read. Another request under the same key
is refused with 422. Keys are forgotten after a day. Uploads of bytes have none: they go by digest.
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from starlette.responses import Response

from anvil_nb.errors import InvalidInputError, RepeatedError
from anvil_nb.server.auth import authenticated, instance_of
from anvil_nb.store import idempotency
from anvil_nb.store.idempotency import UNANSWERED, Answer, Claim

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from anvil_nb.accounts.tokens import Bearer
    from anvil_nb.server.instance import Instance

MAX_KEY = 200
"""Longest key, in characters."""
KEPT = timedelta(days=1)
_KEY = re.compile(rf"[!-~]{{1,{MAX_KEY}}}")
_HEADERS = ("content-type", "etag", "location")
_JSON = "application/json"
_SERVER_ERROR = 500


async def answered_once(
    request: Request, handler: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Do what a request asks for, or answer as it was answered before.

    Raises:
        InvalidInputError: for a key that is none, or that another request had.
        RepeatedError: when the first request under the key is not answered yet, or never was.
    """
    if not request.headers.get("content-type", _JSON).startswith(_JSON):
        return await handler(request)  # an upload, which says itself what it is: by digest
    key = request.headers["idempotency-key"]
    if not _KEY.fullmatch(key):
        msg = f"an idempotency key has 1 to {MAX_KEY} visible ASCII characters"
        raise InvalidInputError(msg, "A random UUID is a good one.")
    bearer, instance = await authenticated(request), instance_of(request)
    claim = Claim(f"{bearer.id.hex}:{key}", await _digest(request))
    found = await anyio.to_thread.run_sync(_found, instance, bearer, claim.key)
    if found is not None:
        return _again(found, claim)
    request.state.claim = claim
    response = await handler(request)
    if claim.taken or response.status_code < _SERVER_ERROR:
        await anyio.to_thread.run_sync(_keep, instance, bearer, claim, response, request)
    return response


async def _digest(request: Request) -> str:
    conditions = [request.headers.get(name) for name in ("if-match", "if-none-match")]
    head = f"{request.method} {request.url.path}?{request.url.query} {conditions}\n"
    hashed = hashlib.sha256(head.encode())
    hashed.update(await request.body())
    return hashed.hexdigest()


def _found(instance: Instance, bearer: Bearer, key: str) -> Answer | None:
    with instance.engine.read() as tx:
        return idempotency.find(tx, bearer.organisation_id, key)


def _again(found: Answer, claim: Claim) -> Response:
    if found.request != claim.request:
        msg = "another request was sent under this idempotency key"
        raise InvalidInputError(msg, "Take a new key for a new request.")
    if found.status == UNANSWERED:
        msg = "the first request under this key has written, and its answer is not known"
        raise RepeatedError(msg, "Wait a moment and try again, or read what stands there now.")
    headers = {**found.headers, "Idempotent-Replayed": "true"}
    return Response(found.body, found.status, headers)


def _keep(
    instance: Instance, bearer: Bearer, claim: Claim, response: Response, request: Request
) -> None:
    headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
    kept: Any = getattr(request.state, "answer_to_keep", None)
    body = bytes(response.body) if kept is None else kept
    answer = Answer(claim.request, response.status_code, headers, body.decode())
    now = instance.now()
    with instance.engine.write() as tx:
        idempotency.keep(tx, bearer.organisation_id, claim.key, answer, now)
        if instance.forgets_keys():
            idempotency.forget(tx, now - KEPT)
