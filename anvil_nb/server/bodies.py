"""How long a body may be: refused by its announced length, or while it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import HTTPException

from anvil_nb.server.paths import CLOUD

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope

    from anvil_nb.server.options import Options


class TooLongError(HTTPException):
    """A body that is longer than the limit."""

    def __init__(self) -> None:
        super().__init__(413)


def limit_for(scope: Scope, options: Options) -> int:
    """Return the longest body that a request may have, in bytes."""
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return options.max_upload if path.startswith(CLOUD) else options.max_body


def is_too_long(scope: Scope, limit: int) -> bool:
    """Tell whether a request announces a body that is longer than ``limit``."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return not value.isdigit() or int(value) > limit
    return False


def limited(receive: Receive, limit: int) -> Receive:
    """Return what receives a body of at most ``limit`` bytes, and raises ``TooLongError``."""
    left = limit

    async def limited_receive() -> Message:
        nonlocal left
        message = await receive()
        if message["type"] == "http.request":
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLongError
        return message

    return limited_receive
