"""Blobs of a tenant: many in a row, or one by one, resumed where they were cut off."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio.to_thread
from fastapi import Header, Path, Request
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import Response, StreamingResponse

from anvil_nb.cloud import blobs
from anvil_nb.cloud.limits import DEFAULT_LIMITS
from anvil_nb.cloud.uploads import Uploads
from anvil_nb.domain.digest import PREFIX
from anvil_nb.domain.frames import FrameReader
from anvil_nb.errors import FilesMovedError
from anvil_nb.server import errors
from anvil_nb.server.auth import instance_of
from anvil_nb.server.cloud import TENANT, Syncing
from anvil_nb.server.cloud_models import BlobsTaken, WantedBlobs
from anvil_nb.server.routing import READ, WRITE, api_router
from anvil_nb.server.streams import Decoder, each_piece, partial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.access import Access
    from anvil_nb.cloud.uploads import Part
    from anvil_nb.domain.frames import Frame

FRAMES: Final = "application/vnd.anvil.blobs"
_BYTES: Final = "application/octet-stream"
_PORTION: Final = 8 << 20
_FRAME_SLACK: Final = 1 << 16
"""What packing may add to bytes that it does not make fewer."""


class _Sha256(StringConvertor):
    """In a path: so that what is no checksum is no blob's address, and `blobs/fetch` none."""

    regex = "[0-9a-f]{64}"


register_url_convertor("sha256", _Sha256())

Hex = Annotated[
    str, Path(alias="checksum", pattern="^[0-9a-f]{64}$", description="SHA-256 of the bytes, hex.")
]
Offset = Annotated[int, Header(ge=0, description="Of the first byte sent.")]
Length = Annotated[
    int,
    Header(
        ge=1,
        description="Of the whole blob, in bytes.",
    ),
]
_NO_BODY: Final = {"description": "As for GET, without a body"}
_PARTLY: Final = {"description": "It is not here; `Upload-Offset` says how many bytes of it are"}
_AT_CHECKSUM: Final = "/{checksum:sha256}"

router = api_router(f"{TENANT}/blobs", "cloud files")


def _body_of(*kinds: str) -> dict[str, Any]:
    schema = {"schema": {"type": "string", "format": "binary"}}
    # Nothing, too, is bytes: over HTTP a body of none and none at all are the same.
    return {"requestBody": {"content": dict.fromkeys(kinds, schema)}}


@router.post(
    "",
    response_model=BlobsTaken,
    operation_id="send_blobs",
    responses=WRITE,
    openapi_extra=_body_of(FRAMES),
)
async def send_blobs(request: Request, access: Syncing) -> dict[str, int]:
    """Take blobs in, framed; each is checked before it is stored.

    A frame is the SHA-256 of the blob (32 bytes), the number of bytes that follow (8 bytes, big
    endian; the first of them says how they are packed: 0 not at all, 1 by zlib), and these bytes.
    The body as a whole may have the content coding gzip or deflate.
    """
    most = instance_of(request).options.max_upload
    taking = _Taking(access, Decoder(request.headers.get("content-encoding"), most))
    try:
        await each_piece(request, taking.feed)
    finally:
        # What came whole before a cut is stored: the client need not send it again.
        await anyio.to_thread.run_sync(taking.store)
    taking.finish()
    return {"received": taking.received, "stored": taking.stored}


@router.post(
    "/fetch",
    operation_id="fetch_blobs",
    responses={**WRITE, 200: {"content": {FRAMES: {}}, "description": "The blobs, framed."}},
    response_class=Response,
)
def fetch_blobs(access: Syncing, body: WantedBlobs) -> Response:
    """Return blobs, framed as they are sent, in any order; 404 when one is not here."""
    portions = blobs.portions(access, [PREFIX + one for one in body.checksums])

    def pieces() -> Iterator[bytes]:
        for portion in portions:
            yield blobs.read_portion(access, portion, packed=body.packed)

    return StreamingResponse(pieces(), media_type=FRAMES)


@router.get(
    _AT_CHECKSUM,
    operation_id="get_blob",
    responses={**READ, 200: {"content": {_BYTES: {}}, "description": "The bytes."}},
    response_class=Response,
)
def get_blob(request: Request, access: Syncing, checksum: Hex) -> Response:
    """Return one blob; `Range` asks for a part."""
    return partial(request, blobs.read(access, PREFIX + checksum), f'"{checksum}"', _BYTES)


@router.head(
    _AT_CHECKSUM,
    operation_id="find_blob",
    responses={**READ, **dict.fromkeys(READ, _NO_BODY), 404: _PARTLY},
    response_class=Response,
)
def find_blob(request: Request, access: Syncing, checksum: Hex) -> Response:
    """Tell whether a blob is here (200), or how many bytes of it are (404, `Upload-Offset`)."""
    size = blobs.size_of(access, PREFIX + checksum)
    if size is not None:
        headers = {"ETag": f'"{checksum}"', "Content-Length": str(size)}
        return Response(headers=headers, media_type=_BYTES)
    offset = _uploads(request).offset(access.organisation_id, PREFIX + checksum)
    return Response(status_code=404, headers={"Upload-Offset": str(offset)})


@router.put(
    _AT_CHECKSUM,
    response_model=BlobsTaken,
    operation_id="put_blob",
    responses=WRITE,
    openapi_extra=_body_of(_BYTES),
)
async def put_blob(request: Request, access: Syncing, checksum: Hex) -> dict[str, int]:
    """Take one blob in, at once; it is checked before it is stored."""
    decoder = Decoder(request.headers.get("content-encoding"), DEFAULT_LIMITS.file_bytes)
    data = bytearray()

    def add(piece: bytes) -> None:
        for one in decoder.decode(piece):
            data.extend(one)

    await each_piece(request, add)
    decoder.finish()
    stored = await anyio.to_thread.run_sync(
        blobs.take_one, access, PREFIX + checksum, bytes(data), DEFAULT_LIMITS
    )
    return {"received": 1, "stored": stored}


@router.patch(
    _AT_CHECKSUM,
    operation_id="append_to_blob",
    responses={
        **WRITE,
        201: {"description": "It is whole, checked and stored."},
        204: {"description": "More is to come, from `Upload-Offset` on."},
        409: {"description": "It is at another place: see `Upload-Offset`, and go on there."},
    },
    status_code=204,
    openapi_extra=_body_of("application/offset+octet-stream"),
)
async def append_to_blob(
    request: Request,
    access: Syncing,
    checksum: Hex,
    upload_offset: Offset,
    upload_length: Length,
) -> Response:
    """Append to a blob that comes in pieces; what came before a cut stays (`HEAD` tells)."""
    uploads, digest = _uploads(request), PREFIX + checksum
    whole: bytes | None = None
    with ExitStack() as opened:

        def begin() -> Part:
            return opened.enter_context(
                uploads.going_on(access.organisation_id, digest, upload_offset, upload_length)
            )

        try:
            part = await anyio.to_thread.run_sync(begin)
        except FilesMovedError as error:
            return _elsewhere(request, error)
        await each_piece(request, part.write)
        whole = await anyio.to_thread.run_sync(part.whole)
        if whole is None:
            return Response(status_code=204, headers={"Upload-Offset": str(part.offset)})
        try:
            await anyio.to_thread.run_sync(blobs.take_one, access, digest, whole, DEFAULT_LIMITS)
        finally:
            await anyio.to_thread.run_sync(part.drop)
    headers = {"Upload-Offset": str(part.offset), "ETag": f'"{checksum}"'}
    return Response(status_code=201, headers=headers)


class _Taking:
    """Blobs that come in a row."""

    def __init__(self, access: Access, decoder: Decoder) -> None:
        self._access = access
        self._decoder = decoder
        self._reader = FrameReader(DEFAULT_LIMITS.file_bytes + _FRAME_SLACK)
        self._frames: list[Frame] = []
        self._held = 0
        self.received = self.stored = 0

    def feed(self, data: bytes) -> None:
        for piece in self._decoder.decode(data):
            for frame in self._reader.feed(piece):
                self._frames.append(frame)
                self._held += len(frame.body)
            if self._held >= _PORTION:
                self.store()

    def store(self) -> None:
        frames, self._frames, self._held = self._frames, [], 0
        self.stored += blobs.take(self._access, frames, DEFAULT_LIMITS)
        self.received += len(frames)

    def finish(self) -> None:
        self._decoder.finish()
        self._reader.finish()


def _uploads(request: Request) -> Uploads:
    """Return the uploads under way; they outlive the server where a folder is set for them."""
    state = request.app.state
    found: Uploads | None = getattr(state, "cloud_uploads", None)
    if found is None:
        instance = instance_of(request)
        lasting = instance.options.uploads
        folder = lasting or instance.uploads.folder
        found = state.cloud_uploads = Uploads(folder / "blobs", DEFAULT_LIMITS)
    return found


def _elsewhere(request: Request, error: FilesMovedError) -> Response:
    return errors.answer(
        str(getattr(request.state, "request_id", "")),
        409,
        "conflict_error",
        error.code,
        error.message,
        error.hint,
        context=error.details(),
        headers={"Upload-Offset": str(error.found)},
    )
