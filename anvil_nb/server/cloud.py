"""A tenant and its files: ``/cloud/tenants/{tenant}`` and ``…/files`` (docs/http-sync.md)."""

from __future__ import annotations

import tempfile
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any

import anyio.to_thread
from fastapi import Depends, Query, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from anvil_nb.access import Access
from anvil_nb.cloud import blobs, files, tarballs
from anvil_nb.cloud.limits import DEFAULT_LIMITS
from anvil_nb.cloud.manifests import manifest_json, summary_json, whole_manifest_json
from anvil_nb.domain.digest import PREFIX
from anvil_nb.domain.filetree import Leaf
from anvil_nb.server import conditions
from anvil_nb.server.auth import instance_of, tenant_acting
from anvil_nb.server.cloud_models import (
    Checksums,
    FileChanges,
    FileManifest,
    FilesChanged,
    FilesUploaded,
    MissingBlobs,
    TenantInformation,
)
from anvil_nb.server.conditions import IfMatch, NeededIfMatch
from anvil_nb.server.routing import NOT_MODIFIED, READ, WRITE, api_router, once
from anvil_nb.server.streams import each_piece, partial
from anvil_nb.sync.pairing import own_identity

if TYPE_CHECKING:
    from anvil_nb.store.tenant_files import ManifestRow

TENANT = "/cloud/tenants/{tenant}"
Syncing = Annotated[Access, Depends(tenant_acting("sync"))]
DryRun = Annotated[bool, Query(description="Check and tell, and change nothing.")]

_SPOOLED = 4 << 20
_GZIP = "application/gzip"

router = api_router(TENANT, "cloud files")


@router.get("", response_model=TenantInformation, operation_id="get_tenant", responses=READ)
def get_tenant(access: Syncing) -> dict[str, str]:
    """Return the tenant that the token belongs to."""
    actor = access.actor
    return {
        "id": str(actor.organisation_id),
        "slug": actor.organisation,
        "replica": own_identity(access),
    }


@router.get(
    "/files/manifest",
    response_model=FileManifest,
    operation_id="get_file_manifest",
    responses={**READ, **NOT_MODIFIED},
)
def get_file_manifest(request: Request, access: Syncing) -> Any:
    """List all files, with what was deleted lately."""
    row = files.state(access)
    if conditions.is_unchanged(request, tag_of(row)):
        return conditions.unchanged(tag_of(row))
    found = files.manifest(access)
    assert found is not None  # nothing was said to be known
    body = whole_manifest_json(found)
    return partial(request, body, tag_of(found.row), "application/json")


@router.patch(
    "/files/manifest",
    response_model=FilesChanged,
    operation_id="change_files",
    responses=WRITE,
    dependencies=[once],
)
def change_files(
    response: Response, access: Syncing, body: FileChanges, if_match: NeededIfMatch
) -> Any:
    """Put and delete files, all or nothing; their bytes are here already, as blobs.

    `If-Match` is the `ETag` of the manifest that the changes were made for; `*` is any.
    """
    put = [Leaf(one.path, PREFIX + one.checksum, one.size, one.executable) for one in body.put]
    row = files.change(access, _expected(if_match), put, body.delete, DEFAULT_LIMITS)
    response.headers["ETag"] = tag_of(row)
    return {**summary_json(row), "files": row.files}


@router.post(
    "/files/missing",
    response_model=MissingBlobs,
    operation_id="find_missing_blobs",
    responses=WRITE,
)
def find_missing_blobs(access: Syncing, body: Checksums) -> dict[str, list[str]]:
    """Tell which blobs are not here."""
    found = blobs.missing(access, [PREFIX + one for one in body.checksums])
    return {"missing": [one.removeprefix(PREFIX) for one in found]}


@router.post(
    "/files",
    response_model=FilesUploaded,
    operation_id="upload_files",
    responses=WRITE,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in ("application/octet-stream", _GZIP)
            },
        }
    },
)
async def upload_files(
    request: Request, access: Syncing, *, dry_run: DryRun = False, if_match: IfMatch = None
) -> dict[str, Any]:
    """Put the files of a `tar.gz` at their paths; other files stay as they are.

    All of it is checked before anything changes. With `If-Match`, the ETag of the manifest, it is
    refused where the files were changed since.
    """
    expected = None if if_match is None else _expected(if_match)
    folder = instance_of(request).uploads.folder
    with tempfile.SpooledTemporaryFile(_SPOOLED, dir=str(folder)) as file:
        await each_piece(request, file.write)
        file.seek(0)

        def take() -> tarballs.Taken:
            return tarballs.take(access, file, expected=expected, dry_run=dry_run)

        taken = await anyio.to_thread.run_sync(take)
    said: dict[str, Any] = {
        "files_uploaded": 0 if dry_run else len(taken.leaves),
        "uploaded_at": access.clock().astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
    if dry_run:
        said["manifest"] = manifest_json(taken.row, taken.leaves)
    return said


@router.get(
    "/files",
    operation_id="download_files",
    responses={
        **READ,
        200: {
            "model": FileManifest,  # of a dry run
            "content": {_GZIP: {}},
            "description": "All files, or a manifest.",
        },
    },
    response_class=Response,
)
def download_files(
    access: Syncing,
    *,
    filter: Annotated[  # noqa: A002 - the word of the contract
        str | None,
        Query(
            description="Folders at the top, with commas between; each must have files.",
            max_length=1000,
            pattern="[^, ]",
            examples=["agents,skills"],
        ),
    ] = None,
    dry_run: DryRun = False,
    manifest: Annotated[bool, Query(description="Put manifest.json before the files.")] = False,
) -> Response:
    """Return files as one `tar.gz`, or only their manifest (`dry_run=true`)."""
    tops = None if filter is None else {one.strip() for one in filter.split(",") if one.strip()}
    offered = tarballs.offer(access, tops)
    etag = tag_of(offered.row)
    if dry_run:
        return JSONResponse(offered.manifest(), headers={"ETag": etag})
    return StreamingResponse(
        tarballs.pieces(access, offered, manifest=manifest),
        media_type=_GZIP,
        headers={"Content-Disposition": 'attachment; filename="files.tar.gz"', "ETag": etag},
    )


def tag_of(row: ManifestRow) -> str:
    """Return the entity tag of a manifest: the checksum, and behind a point the revision."""
    return f'"{row.digest.removeprefix(PREFIX)}.{row.revision}"'


def _expected(if_match: str) -> str | None:
    state = conditions.expected_state(if_match)
    return None if state is None else PREFIX + state.partition(".")[0]
