"""A tenant's records: ``/cloud/tenants/{tenant}/database`` (docs/http-sync.md, section 4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request
from starlette.responses import Response

from anvil_nb.cloud import records
from anvil_nb.cloud.limits import DEFAULT_LIMITS
from anvil_nb.cloud.manifests import written
from anvil_nb.domain.digest import PREFIX
from anvil_nb.domain.records import ANY, LISTS, Record, RecordDelete, parse_files, split_fields
from anvil_nb.errors import InvalidInputError, TooLargeError
from anvil_nb.server import conditions
from anvil_nb.server.cloud import TENANT, Syncing
from anvil_nb.server.cloud_models import (
    DatabaseExport,
    DatabaseImport,
    ImportResult,
    RecordIds,
    RecordInformation,
)
from anvil_nb.server.conditions import IfMatch
from anvil_nb.server.routing import NOT_MODIFIED, READ, WRITE, BulkRoute, api_router, once
from anvil_nb.server.streams import partial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.server.cloud_models import AnyRecord

_JSON: Final = "application/json"
_TABLE: Final = f" *(?:{'|'.join(LISTS.values())}) *"
_TABLES: Final = f"^{_TABLE}(?:,{_TABLE})*$"

router = api_router(f"{TENANT}/database", "cloud database", BulkRoute)


@router.get(
    "/manifest",
    response_model=list[RecordInformation],
    operation_id="get_record_manifest",
    responses={**READ, **NOT_MODIFIED},
)
def get_record_manifest(request: Request, access: Syncing) -> Any:
    """List all records with their digests."""
    rows = records.every(access)
    etag = _tag_of(records.digest_of_all(rows))
    if conditions.is_unchanged(request, etag):
        return conditions.unchanged(etag)
    return partial(request, written(records.manifest_json(rows)), etag, _JSON)


@router.post("/fetch", response_model=DatabaseExport, operation_id="fetch_records", responses=WRITE)
def fetch_records(access: Syncing, body: RecordIds) -> Response:
    """Return some records, with their files."""
    return Response(written(records.export(access, body.ids)), media_type=_JSON)


@router.get("/export", response_model=DatabaseExport, operation_id="export_records", responses=READ)
def export_records(
    access: Syncing,
    tables: Annotated[
        str | None,
        Query(
            description="Some of agents, skills and contexts, with commas between.",
            max_length=100,
            pattern=_TABLES,
            examples=["agents,skills"],
        ),
    ] = None,
) -> Response:
    """Return all records, with their files; those of other `tables` are left out."""
    said = records.export(access)
    if tables is not None:
        wanted = {one.strip() for one in tables.split(",")}
        said |= {name: [] for name in LISTS.values() if name not in wanted}
    return Response(written(said), media_type=_JSON)


@router.post(
    "/import",
    response_model=ImportResult,
    operation_id="import_records",
    responses=WRITE,
    dependencies=[once],
)
def import_records(access: Syncing, body: DatabaseImport, if_match: IfMatch = None) -> Any:
    """Put and delete records, all or nothing, each on the digest that it says must stand.

    A record without `files` changes what it says in the files that are there, or makes them.
    """
    state = conditions.expected_state(if_match)
    lists: dict[Kind, Sequence[AnyRecord]] = {
        "agent": body.agents,
        "skill": body.skills,
        "context": body.contexts,
    }
    number = sum(len(sent) for sent in lists.values()) + len(body.delete)
    if number > DEFAULT_LIMITS.records:
        msg = f"{number:,} records are too many at once; {DEFAULT_LIMITS.records:,} are taken"
        raise TooLargeError(msg, "Send fewer.")
    said = [
        _record(kind, f"{LISTS[kind]}.{place}", one)
        for kind, sent in lists.items()
        for place, one in enumerate(sent)
    ]
    deletes = [RecordDelete(one.kind, one.id, _expected(one.if_digest, one)) for one in body.delete]
    return records.import_(
        access,
        said,
        deletes,
        body.merge_strategy,
        absent_of=None if state is None else PREFIX + state,
    ).to_json()


def _record(kind: Kind, place: str, one: AnyRecord) -> Record:
    leaves: tuple[Leaf, ...] | None = None
    bodies: dict[str, bytes] = {}
    if one.files is not None:
        try:
            leaves, bodies = parse_files(one.files)
        except InvalidInputError as error:
            raise InvalidInputError(f"{place}: {error.message}", error.hint) from error
    if leaves is not None and one.extra is not None:
        named, extra = {"name": one.name}, one.extra  # all else is in its files
    else:
        named, extra = split_fields(kind, one.said(), whole=leaves is not None)
    return Record(
        kind,
        one.id,
        named,
        key=one.key,
        leaves=leaves,
        bodies=bodies,
        place=one.place or {},
        extra=extra,
        expect=_expected(one.if_digest, one),
        created_at=_naive(one.created_at),
        updated_at=_naive(one.updated_at),
    )


def _expected(if_digest: str | None, one: Any) -> Any:
    """Return what must stand: what was said, nothing where that was null, anything otherwise."""
    return if_digest if "if_digest" in one.model_fields_set else ANY


def _naive(at: datetime | None) -> datetime | None:
    """Return a time as the store keeps it."""
    if at is None:
        return None
    if at.utcoffset():
        at = at.astimezone(UTC)
    return at.replace(tzinfo=None)


def _tag_of(digest: str) -> str:
    return f'"{digest.removeprefix(PREFIX)}"'
