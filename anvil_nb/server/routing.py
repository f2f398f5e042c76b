"""What all routes of the API have in common.

A request is authenticated before its body is read. Query parameters that its route does not have
are refused: one that is mistyped would be ignored, and with it what was asked for. A write under
an ``Idempotency-Key`` that was done before is answered as it was then. ``api_router`` makes a
router whose routes do all of it, and which describes the errors that they may answer.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request

from anvil_nb.catalog import LIMIT
from anvil_nb.catalog.listing import MAX_LIMIT
from anvil_nb.domain.naming import NAME_PATTERN
from anvil_nb.server.auth import authenticated
from anvil_nb.server.idempotency import MAX_KEY, answered_once
from anvil_nb.server.models import ErrorBody
from anvil_nb.server.paths import API
from anvil_nb.store.bulk import in_bulk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Iterator

    from fastapi.dependencies.models import Dependant
    from starlette.datastructures import QueryParams
    from starlette.responses import Response
    from starlette.types import Message

_SAID: dict[int, str] = {
    400: "The body is not JSON, or the request cannot be read",
    401: "No token, or none that holds",
    403: "The token has no such scope",
    404: "There is nothing there, or it is another organisation's",
    409: "A conflict with what stands there",
    412: "It is not what `If-Match` or `If-None-Match` says any more",
    413: "The body is too long",
    422: "The request cannot be used; details name the fields",
    429: "Too many requests; see the header Retry-After",
    503: "The store is busy; see the header Retry-After",
}
_ALWAYS = (401, 403, 404, 422, 429, 503)
_WRITES = (400, 409, 412, 413)
_SHOWN = 100
"""The most characters of a parameter's name that an error repeats."""
_LARGE = 1 << 20
"""Bytes of a body from which on it makes thousands of values."""


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how errors are described, for a route or a router."""
    return {status: {"model": ErrorBody, "description": _SAID[status]} for status in statuses}


READ = responses(*_ALWAYS)
"""The errors of routes that only read."""
WRITE = responses(*_ALWAYS, *_WRITES)
"""The errors of routes that write, or take a body."""
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "It is what `If-None-Match` says"}
}


class StrictRoute(APIRoute):
    """A route that refuses query parameters which it does not have, or has once and gets twice."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handler = super().get_route_handler()
        known = frozenset(_query_names(self.dependant))

        async def strict(request: Request) -> Response:
            if request.scope["query_string"]:
                _check_query(request.query_params, known)
            return await handler(request)

        return strict


class GuardedRoute(StrictRoute):
    """A strict route that is authenticated first, and that does what a key names once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handler = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            await authenticated(request)
            if "idempotency-key" in request.headers and request.method != "GET":
                return await answered_once(request, handler)
            return await handler(request)

        return guarded


class BulkRoute(GuardedRoute):
    """A guarded route whose body may be thousands of values; it arrives before they are made."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handler = super().get_route_handler()

        async def bulk(request: Request) -> Response:
            await authenticated(request)
            body = await request.body()
            if len(body) < _LARGE:
                return await handler(request)

            async def receive() -> Message:
                return {"type": "http.request", "body": body}

            with in_bulk():
                # What is made of the body goes with this one, before the collector looks again.
                return await handler(Request(request.scope, receive))

        return bulk


def _query_names(dependant: Dependant) -> Iterator[str]:
    """Return the query parameters of a route: its own, and those of what it depends on."""
    for one in dependant.query_params:
        yield one.alias
    for inner in dependant.dependencies:
        yield from _query_names(inner)


def _check_query(sent: QueryParams, known: Collection[str]) -> None:
    """Refuse parameters that a route does not have, or that were sent twice.

    Raises:
        RequestValidationError: which names each of them, and what may have been meant.
    """
    faults: list[dict[str, Any]] = []
    for name in sent:
        if name not in known:
            near = get_close_matches(name, known, 1, cutoff=0.5) or sorted(known)
            meant = f"it has {', '.join(near)}" if near else "it has none"
            if len(near) == 1 and len(known) > 1:
                meant = f"did you mean {near[0]}?"
            message = f"the route has no such parameter; {meant}"
        elif len(sent.getlist(name)) > 1:
            message = "it was sent more than once"
        else:
            continue
        faults.append({"type": "query", "loc": ("query", name[:_SHOWN]), "msg": message})
    if faults:
        raise RequestValidationError(faults)


def api_router(prefix: str, tag: str, route_class: type[GuardedRoute] = GuardedRoute) -> APIRouter:
    """Return a router for one noun of the API. Its routes stand in an application as they are."""
    return APIRouter(prefix=f"{API}{prefix}", tags=[tag], route_class=route_class)


Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="The most that a page has.")]
_CURSOR = "`meta.cursor` of the page before."
Cursor = Annotated[
    str | None,
    Query(description=_CURSOR, pattern=f"^{NAME_PATTERN}(/{NAME_PATTERN}){{0,2}}$"),
]
"""Of a list in order of names or addresses: the last one of the page before."""
CountCursor = Annotated[str | None, Query(description=_CURSOR, pattern=r"^[0-9]{1,9}$")]
ChangeCursor = Annotated[
    str | None, Query(description=_CURSOR, pattern=f"^[0-9]{{1,18}}:{NAME_PATTERN}$")
]
IdCursor = Annotated[UUID | None, Query(description=_CURSOR)]
DEFAULT_LIMIT = LIMIT

IdempotencyKey = Annotated[
    str | None,
    Header(
        description="A word of the client's own: sent again with it, the request is not done "
        "again, and answered as it was.",
        pattern=rf"^[!-~]{{1,{MAX_KEY}}}$",
    ),
]


async def _described(idempotency_key: IdempotencyKey = None) -> None:
    """Describe the header; the route has seen to it before."""
    del idempotency_key


once = Depends(_described)
"""For ``dependencies`` of routes that write."""
