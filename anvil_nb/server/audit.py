"""The audit: ``/audit``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from anvil_nb.accounts import audit
from anvil_nb.server.account_models import AuditEntry
from anvil_nb.server.models import Page, page_of
from anvil_nb.server.places import Admin
from anvil_nb.server.routing import DEFAULT_LIMIT, READ, IdCursor, Limit, api_router

router = api_router("/audit", "audit")


@router.get("", response_model=Page[AuditEntry], operation_id="list_audit", responses=READ)
def list_audit(
    access: Admin,
    limit: Limit = DEFAULT_LIMIT,
    cursor: IdCursor = None,
    resource: Annotated[
        str, Query(description="How the resources begin: `desk/`.", max_length=300)
    ] = "",
) -> dict[str, Any]:
    """List what was written through servers, the newest first."""
    after = None if cursor is None else str(cursor)
    found = audit.entries(access, resource=resource, limit=limit, cursor=after)
    return page_of([one.to_json() for one in found], found.cursor)
