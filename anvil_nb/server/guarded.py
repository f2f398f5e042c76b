"""Another protocol behind the same door: an application that only bearers of tokens come to.

What is inside speaks a protocol of its own, at one path. Around it stands what stands around the
API: limits of bodies, request ids, the log, tokens, rates, ``/health`` and ``/ready``. For each
thing that is asked, what is inside calls ``acting_for``, which gives an ``Access`` with the
token's rights as a route has it.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, cast

import anyio
from fastapi import FastAPI
from starlette.requests import Request
from starlette.routing import Route

from anvil_nb import __version__
from anvil_nb.domain.rights import check_right
from anvil_nb.errors import NotFoundError
from anvil_nb.server import errors, health
from anvil_nb.server.auth import authenticated, instance_of
from anvil_nb.server.requests import Surroundings
from anvil_nb.store.audit import Note, Trail

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from anvil_nb.access import Access
    from anvil_nb.accounts.tokens import Bearer
    from anvil_nb.domain.rights import Right
    from anvil_nb.server.instance import Instance

Application: TypeAlias = FastAPI


def create_guarded(
    inside: ASGIApp,
    path: str,
    instance: Instance,
    running: Callable[[], AbstractAsyncContextManager[None]],
    streams: Streams,
) -> Application:
    """Return an application behind the door; it closes the instance when it ends.

    Args:
        inside: What it is.
        path: Where it is served.
        instance: The store, the tokens and the limits.
        running: What is inside runs within this.
        streams: The streams that only listen.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            async with running():
                yield
        finally:
            instance.close()

    app = FastAPI(
        title="Anvil",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.instance = instance
    app.add_middleware(Surroundings, options=instance.options)
    errors.add_handlers(app)
    app.include_router(health.router)
    app.router.routes.append(Route(path, _Door(inside, streams)))
    app.router.routes.append(Route("/{rest:path}", _Nowhere(path)))
    return app


def acting_for(request: Request, right: Right, doing: str) -> Access:
    """Return what services are handed for something that is asked inside a request.

    Args:
        request: It, with a token that was found at the door.
        right: What it needs; the services may do that, and nothing else that the token allows.
        doing: Its name, under which writes are entered in the audit.

    Raises:
        ForbiddenError: when the token has no such scope.
    """
    bearer = bearer_of(request)
    check_right(bearer.scopes, right)
    found = instance_of(request).acting(bearer, right)
    otherwise = Note(doing, request.url.path)
    trail = Trail(request.state.request_id, bearer.id, otherwise, tool=doing)
    return replace(found, trail=trail)


async def count_write(request: Request) -> None:
    """Count something that is asked inside a request, and that may write.

    Raises:
        TooManyRequestsError: for one too many.
    """
    await instance_of(request).limits.count_write(request, bearer_of(request))


def bearer_of(request: Request) -> Bearer:
    """Return whose token a request came with."""
    return cast("Bearer", request.state.bearer)


class Streams:
    """The streams that only listen: nothing else would end them when the server is to end.

    Args:
        listens: Tells whether the answer to a request is one.
    """

    def __init__(self, listens: Callable[[Scope], bool]) -> None:
        self._listens = listens
        self._open: set[anyio.CancelScope] = set()
        self._ended = False

    def end(self) -> None:
        """End all of them, in the event loop that they run in."""
        self._ended = True
        for one in self._open:
            one.cancel()

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not self._listens(scope):
            await app(scope, receive, send)
            return
        unfinished = False

        async def watched(message: Message) -> None:
            nonlocal unfinished
            unfinished = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        with anyio.CancelScope() as listening:
            self._open.add(listening)
            try:
                if self._ended:
                    listening.cancel()
                await app(scope, receive, watched)
            finally:
                self._open.discard(listening)
        if listening.cancelled_caught and unfinished:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Door:
    """Lets in who has a token that holds."""

    def __init__(self, inside: ASGIApp, streams: Streams) -> None:
        self._inside = inside
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Blanks around a value are no part of it (RFC 9110, 5.5), and not every parser knows.
        scope = {
            **scope,
            "headers": [(name, said.strip(b" \t")) for name, said in scope["headers"]],
        }
        request = Request(scope)
        # Every request is sent by the same method: what writes is known inside, and counted there.
        await authenticated(request, writes=False)
        instance_of(request).note_uses()
        await self._streams.run(self._inside, scope, receive, send)


class _Nowhere:
    """Answers at all other paths."""

    def __init__(self, path: str) -> None:
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive, send
        msg = "there is nothing at this path"
        raise NotFoundError(msg, f"The server is at {self._path}.")
