"""The organisation of the token, and its members: ``/organisation``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from anvil_nb.accounts import organisation
from anvil_nb.server.account_models import Member, Organisation, OrganisationChanges
from anvil_nb.server.models import Page, page_of
from anvil_nb.server.places import Admin, Reader
from anvil_nb.server.routing import DEFAULT_LIMIT, READ, WRITE, Cursor, Limit, api_router, once

router = api_router("/organisation", "organisation")


@router.get("", response_model=Organisation, operation_id="get_organisation", responses=READ)
def get_organisation(access: Reader) -> Any:
    """Return the organisation that the token belongs to."""
    return organisation.show(access).to_json()


@router.patch(
    "",
    response_model=Organisation,
    operation_id="update_organisation",
    responses=WRITE,
    dependencies=[once],
)
def update_organisation(access: Admin, body: OrganisationChanges) -> Any:
    """Give the organisation another title."""
    return organisation.update(access, body.title).to_json()


@router.get("/members", response_model=Page[Member], operation_id="list_members", responses=READ)
def list_members(
    access: Reader, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> dict[str, Any]:
    """List the users of the organisation in order of their names."""
    found = organisation.members(access, limit=limit, cursor=cursor)
    return page_of([one.to_json() for one in found], found.cursor)


@router.get("/members/{member}", response_model=Member, operation_id="get_member", responses=READ)
def get_member(
    access: Reader, member: Annotated[str, Path(description="Name or id.", max_length=100)]
) -> Any:
    """Return a user of the organisation."""
    return organisation.member(access, member).to_json()
