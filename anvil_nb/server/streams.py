"""Bodies that come and go a piece at a time: decoded under a limit, spooled, answered in part."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from anvil_nb.errors import InvalidInputError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

HELD: Final = 1 << 20
"""So many bytes are gathered before a thread is handed them."""

_PIECE: Final = 1 << 18
_WINDOWS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_RANGE: Final = re.compile(r"bytes=([0-9]{1,18})-([0-9]{1,18})?").fullmatch


async def each_piece(request: Request, use: Callable[[bytes], object]) -> None:
    """Hand a body on in pieces of about ``HELD`` bytes, each in a thread.

    What came before a client hung up is handed on too.

    Raises:
        HTTPException: when it did; nobody is there to read it but the log.
    """
    held = bytearray()
    try:
        async for chunk in request.stream():
            held += chunk
            if len(held) >= HELD:
                piece, held = bytes(held), bytearray()
                await anyio.to_thread.run_sync(use, piece)
    except ClientDisconnect as error:
        await anyio.to_thread.run_sync(use, bytes(held))
        raise HTTPException(400, "the client hung up") from error
    await anyio.to_thread.run_sync(use, bytes(held))


class Decoder:
    """Undoes the content coding of a body (RFC 9110, section 8.4.1).

    Args:
        coding: The header; ``None`` for none.
        most: How many bytes there may be, decoded.

    Raises:
        InvalidInputError: for one that is not known.
    """

    def __init__(self, coding: str | None, most: int) -> None:
        name = (coding or "identity").strip().lower()
        if name not in (*_WINDOWS, "identity"):
            msg = f"the content coding '{name[:40]}' is not taken"
            raise InvalidInputError(msg, "Use gzip or deflate, or none.")
        self._inflater = None if name == "identity" else zlib.decompressobj(_WINDOWS[name])
        self._left = most

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Return the bytes that some coded ones make, a piece at a time.

        Raises:
            InvalidInputError: when they make none.
            TooLargeError: when they make too many.
        """
        inflater = self._inflater
        if inflater is None:
            yield self._counted(data)
            return
        while data:
            if inflater.eof:
                raise _damaged()
            try:
                piece = inflater.decompress(data, _PIECE)
            except zlib.error as error:
                raise _damaged() from error
            yield self._counted(piece)
            data = inflater.unconsumed_tail or inflater.unused_data

    def finish(self) -> None:
        """See that the coding came to its end.

        Raises:
            InvalidInputError: when it was cut off.
        """
        if self._inflater is not None and not self._inflater.eof:
            raise _damaged()

    def _counted(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise TooLargeError("the body is too large, decompressed", "Send less at a time.")
        return piece


def _damaged() -> InvalidInputError:
    msg = "the body cannot be decompressed as its Content-Encoding says"
    return InvalidInputError(msg, "Send it again, compressed once.")


def partial(request: Request, body: bytes, etag: str, media_type: str) -> Response:
    """Return a body, or the rest of it that a client asks for which got its beginning.

    Args:
        request: With ``Range``, perhaps, and ``If-Range`` (RFC 9110, section 14).
        body: All of it.
        etag: Of it.
        media_type: Of it.
    """
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    asked = _RANGE(request.headers.get("range", ""))
    if asked is None or request.headers.get("if-range", etag) != etag:
        return Response(body, media_type=media_type, headers=headers)
    start = int(asked[1])
    end = min(int(asked[2] or len(body)), len(body) - 1)
    if start > end:
        headers["Content-Range"] = f"bytes */{len(body)}"
        return Response(status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    return Response(body[start : end + 1], 206, headers, media_type)
