"""Versions of a set: published, compared, gone back to."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from anvil_nb.domain.selector import parse_selector
from anvil_nb.server import conditions
from anvil_nb.server.answers import tag_of
from anvil_nb.server.conditions import IfMatch
from anvil_nb.server.models import Page, page_of
from anvil_nb.server.patterns import SELECTOR
from anvil_nb.server.places import Reader, SetAddress, Writer, at
from anvil_nb.server.routing import (
    DEFAULT_LIMIT,
    NOT_MODIFIED,
    READ,
    WRITE,
    CountCursor,
    Limit,
    api_router,
    once,
)
from anvil_nb.server.sets import AT_ADDRESS
from anvil_nb.server.version_models import (
    Comparison,
    Publish,
    Published,
    Rollback,
    Version,
    VersionTree,
)
from anvil_nb.versions import comparison, labels, publishing, showing

router = api_router("/prompt_sets", "versions")
Side = Annotated[
    str | None,
    Query(max_length=200, json_schema_extra={"pattern": SELECTOR}, examples=["1.0.0", "draft"]),
]


@router.get(
    f"{AT_ADDRESS}/versions",
    response_model=Page[Version],
    operation_id="list_versions",
    responses=READ,
)
def list_versions(
    access: Reader, address: SetAddress, limit: Limit = DEFAULT_LIMIT, cursor: CountCursor = None
) -> dict[str, Any]:
    """List the versions of a set, the newest first."""
    found = labels.log(access, address).versions
    # How many are left: a version that is published meanwhile does not shift the pages.
    start = 0 if cursor is None else max(0, len(found) - int(cursor))
    left = len(found) - start - limit
    some = found[start : start + limit]
    return page_of([one.to_json() for one in some], str(left) if left > 0 else None)


@router.post(
    f"{AT_ADDRESS}/versions",
    response_model=Published,
    status_code=201,
    operation_id="publish",
    responses=WRITE | {200: {"model": Published, "description": "It was published already"}},
    dependencies=[once],
)
def publish(
    access: Writer,
    address: SetAddress,
    body: Publish,
    response: Response,
    if_match: IfMatch = None,
) -> Any:
    """Publish the draft of a set as an immutable version."""
    wanted = publishing.request(body.bump, body.version, body.message, body.expect)
    made = publishing.publish(conditions.expecting(access, if_match), address, wanted)
    if not made.created:
        response.status_code = 200
    return made.to_json()


@router.get(
    f"{AT_ADDRESS}/versions/{{version}}",
    response_model=VersionTree,
    operation_id="get_version",
    responses=READ | NOT_MODIFIED,
)
def get_version(
    access: Reader,
    address: SetAddress,
    version: Annotated[
        str,
        Path(
            description="A version, a range, a label or `latest`.",
            min_length=1,
            max_length=200,
            json_schema_extra={"pattern": SELECTOR},
        ),
    ],
    request: Request,
    response: Response,
) -> Any:
    """Return a version and what is in it."""
    found = showing.show(access, address.with_selector(parse_selector(version)))
    etag = tag_of(str(found.to_json()).encode())
    if conditions.is_unchanged(request, etag):
        return conditions.unchanged(etag)
    response.headers["ETag"] = etag
    return found.to_json()


@router.get(
    f"{AT_ADDRESS}/diff", response_model=Comparison, operation_id="diff_versions", responses=READ
)
def diff(
    access: Reader,
    address: SetAddress,
    old: Side = None,
    new: Side = None,
) -> Any:
    """Compare two states of a set: the latest version with the draft unless said."""
    other = None if new is None else at(address, new)
    return comparison.diff(access, at(address, old), other).to_json()


@router.post(
    f"{AT_ADDRESS}/rollback",
    response_model=Published,
    status_code=201,
    operation_id="rollback",
    responses=WRITE | {200: {"model": Published, "description": "It was published already"}},
    dependencies=[once],
)
def rollback(
    access: Writer,
    address: SetAddress,
    body: Rollback,
    response: Response,
    if_match: IfMatch = None,
) -> Any:
    """Publish the content of an old version again, as a new version."""
    wanted = publishing.request(body.bump, body.version, body.message)
    made = publishing.rollback(
        conditions.expecting(access, if_match), at(address, body.to), wanted, draft=body.draft
    )
    if not made.created:
        response.status_code = 200
    return made.to_json()
