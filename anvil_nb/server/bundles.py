"""Published versions of a tenant, listed, sent and fetched: ``…/bundles`` (docs/http-sync.md).

What comes is signed by a key that the user who runs this server trusts, in the ring of keys of
that user; what goes is signed by the server's own key, where it has one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from uuid import uuid4

import anyio.to_thread
from fastapi import Query, Request
from starlette.responses import Response, StreamingResponse

from anvil_nb.bundles import arriving, export
from anvil_nb.bundles.arriving import Manner
from anvil_nb.bundles.gathering import Selection
from anvil_nb.bundles.published import addresses, published, state_of
from anvil_nb.domain.digest import PREFIX
from anvil_nb.errors import InvalidInputError, SignatureError, UntrustedSignerError
from anvil_nb.keys import KeyRing
from anvil_nb.server import conditions
from anvil_nb.server.auth import instance_of
from anvil_nb.server.bundle_models import BundleTaken, PublishedVersions, VersionsToExport
from anvil_nb.server.cloud import TENANT, DryRun, Syncing
from anvil_nb.server.routing import NOT_MODIFIED, READ, WRITE, api_router
from anvil_nb.server.streams import each_piece, partial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.access import Access
    from anvil_nb.server.instance import Instance

BUNDLE: Final = "application/vnd.anvil.bundle"
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_PIECE: Final = 1 << 18

router = api_router(TENANT, "cloud bundles")


@router.get(
    "/bundles",
    response_model=PublishedVersions,
    operation_id="list_published_versions",
    responses={**READ, **NOT_MODIFIED},
)
def list_published_versions(request: Request, access: Syncing) -> Any:
    """List every published version, by set."""
    found = published(access)
    tag = f'"{state_of(found).removeprefix(PREFIX)}"'
    if conditions.is_unchanged(request, tag):
        return conditions.unchanged(tag)
    body = json.dumps({"versions": [one.to_json() for one in found]}, separators=(",", ":"))
    return partial(request, body.encode(), tag, "application/json")


@router.post(
    "/bundles",
    response_model=BundleTaken,
    operation_id="import_bundle",
    responses=WRITE,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {BUNDLE: _BINARY, "application/octet-stream": _BINARY},
        }
    },
)
async def import_bundle(
    request: Request,
    access: Syncing,
    *,
    strategy: Annotated[
        Literal["manual", "skip", "overwrite", "version"],
        Query(description="What to choose for conflicts; `manual` leaves them, and answers 409."),
    ] = "manual",
    by_address: Annotated[
        bool, Query(description="Sets at the same path are the same, wherever they were made.")
    ] = False,
    labels: Annotated[bool, Query(description="Move labels as the bundle has them.")] = False,
    dry_run: DryRun = False,
) -> Any:
    """Verify a bundle and import it, all of it or nothing."""
    instance = instance_of(request)
    name = f"the bundle of {access.actor.name}"
    manner = Manner(strategy, by_address, labels, instance.options.signatures, name)
    file = _file(instance)
    try:
        with file.open("wb") as into:
            await each_piece(request, into.write)

        def take() -> dict[str, Any]:
            return _taken(access, file, manner, dry_run=dry_run)

        return await anyio.to_thread.run_sync(take)
    finally:
        file.unlink(missing_ok=True)


@router.post(
    "/bundles/export",
    operation_id="export_bundle",
    responses={**WRITE, 200: {"content": {BUNDLE: _BINARY}, "description": "The bundle."}},
    response_class=Response,
)
def export_bundle(request: Request, access: Syncing, body: VersionsToExport) -> Response:
    """Return versions as one bundle, signed where this server has a key to sign with."""
    instance = instance_of(request)
    file = _file(instance)
    options = export.Options(signers=instance.options.signers)
    selection = Selection(addresses(access, body.versions))
    try:
        export.export(access, selection, file, options)
        size = file.stat().st_size
        pieces = _pieces(file)
        next(pieces)  # the file is open: it needs its name no more
    finally:
        file.unlink(missing_ok=True)
    headers = {
        "Content-Disposition": 'attachment; filename="versions.anvil"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(pieces, media_type=BUNDLE, headers=headers)


def _taken(access: Access, file: Path, manner: Manner, *, dry_run: bool) -> dict[str, Any]:
    if not file.stat().st_size:
        msg = "the body is empty, and no bundle"
        raise InvalidInputError(msg, "Send the bytes of the file: curl --data-binary @FILE")
    ring = KeyRing.open()
    try:
        if dry_run:
            said = arriving.foresee(access, ring, file, manner).to_json()
        else:
            said = arriving.arrive(access, ring, file, manner).to_json()
    except UntrustedSignerError as error:
        raise UntrustedSignerError(
            error.message,
            f"For whoever runs the server, there: {error.hint}",
            fingerprints=error.fingerprints,
            projects=error.projects,
        ) from error
    except SignatureError as error:
        hint = "Sign it by a key that this server trusts: anvil export --sign KEY"
        raise SignatureError(error.message, hint) from error
    assert isinstance(said, dict)
    return said


def _file(instance: Instance) -> Path:
    return instance.uploads.folder / f"{uuid4().hex}.anvil"


def _pieces(file: Path) -> Iterator[bytes]:
    """Yield nothing once the file is open, then all of it."""
    with file.open("rb") as opened:
        yield b""
        while piece := opened.read(_PIECE):
            yield piece
