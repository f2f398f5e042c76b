"""Hot reads: a prompt whose answer is kept is sent before any route is looked for.

Finding the route and solving its dependencies costs ten times what there is to do. So this
stands before them, does what ``auth`` does for all routes, and sends what ``prompts`` kept; all
else goes on to the routes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.requests import Request

from anvil_nb.domain.naming import NAME_PATTERN
from anvil_nb.domain.rights import check_right
from anvil_nb.errors import AnvilError
from anvil_nb.server import conditions, errors
from anvil_nb.server.auth import authenticated, instance_of
from anvil_nb.server.paths import API

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_PATH = re.compile(rf"{API}/prompts/by_address/({NAME_PATTERN}/{NAME_PATTERN}/{NAME_PATTERN})")
_AT = re.compile(rb"(?:at=([a-z0-9.^~-]+))?")


class HotReads:
    """The middleware; see the module."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        response = await _kept(scope) if scope.get("method") == "GET" else None
        await (response or self.app)(scope, receive, send)


async def _kept(scope: Scope) -> ASGIApp | None:
    """Return the answer to a read of a prompt that is kept, or why there is none for the client.

    ``None`` where the routes are to answer.
    """
    place = _PATH.fullmatch(scope["path"].removeprefix(scope.get("root_path", "")))
    selector = _AT.fullmatch(scope["query_string"])
    if place is None or selector is None:
        return None
    request = Request(scope)
    try:
        bearer = await authenticated(request)
        check_right(bearer.scopes, "read:prompts")
    except AnvilError as error:
        return errors.of_anvil(request, error)
    at = str(selector[1] or b"", "ascii")
    ready = instance_of(request).answers.find((bearer.organisation_id, place[1], at))
    if ready is None:
        return None
    if conditions.is_unchanged(request, ready.etag):
        return conditions.unchanged(ready.etag)
    return ready
