"""Conditional requests (RFC 9110, section 13): entity tags, 304 and 412.

A prompt's tag opens with the digest of its draft, ``"sha256:….…"``, which is what a write under
``If-Match`` goes by; the tag of a project or set is the state that a write counts on. So what is
compared is compared in the transaction of the write, by the service.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from fastapi import Header
from starlette.responses import Response

from anvil_nb.errors import MovedSinceError

if TYPE_CHECKING:
    from starlette.requests import Request

    from anvil_nb.access import Access

ANY = "*"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

_TAG = Header(
    description="The ETag that was read: the write is refused with 412 if it is another now.",
    pattern=r'^(\*|"[!#-~]{0,300}")$',
)
IfMatch = Annotated[str | None, _TAG]
NeededIfMatch = Annotated[str, _TAG]
"""For a write that has to say which state it is made for; ``*`` is any."""
IfNoneMatch = Annotated[
    str | None,
    Header(description="`*` to write only what is not there yet.", pattern=r"^\*$"),
]


def is_unchanged(request: Request, etag: str) -> bool:
    """Tell whether the client has that state already, by ``If-None-Match``."""
    said = request.headers.get("if-none-match")
    if said is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in said.split(",")]
    return ANY in tags or etag in tags


def unchanged(etag: str) -> Response:
    """Return the answer to a client that has that state already."""
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "private, no-cache"})


def expected_state(if_match: str | None) -> str | None:
    """Return the one state that a write is made for, or ``None`` for any that is there."""
    return None if if_match in (None, ANY) else str(if_match)[1:-1]


def expecting(access: Access, if_match: str | None) -> Access:
    """Return an access whose writes to a set or project are refused if it moved."""
    state = expected_state(if_match)
    return access if state is None else replace(access, expect=state)


def expected_digest(if_match: str | None) -> str | None:
    """Return the digest that a draft must have, from the tag of a prompt."""
    state = expected_state(if_match)
    if state is None:
        return None
    digest = state.partition(".")[0]
    if not _DIGEST.fullmatch(digest):
        msg = "no draft has that entity tag"
        raise MovedSinceError(msg, "Read it again, and send its ETag.")
    return digest
