"""Prompt sets: ``/prompt_sets``."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from anvil_nb.catalog import groups, ids, validation
from anvil_nb.catalog.history import draft_log
from anvil_nb.catalog.listing import ls
from anvil_nb.domain.naming import LONGEST_NAME, NAME_PATTERN
from anvil_nb.server import conditions
from anvil_nb.server.conditions import IfMatch
from anvil_nb.server.models import (
    Changes,
    DraftChange,
    Page,
    PromptItem,
    PromptSet,
    SetItem,
    Validation,
    page_of,
)
from anvil_nb.server.places import At, Reader, SetAddress, Writer, at
from anvil_nb.server.projects import Force, name_of, told
from anvil_nb.server.routing import (
    DEFAULT_LIMIT,
    NOT_MODIFIED,
    READ,
    WRITE,
    ChangeCursor,
    Cursor,
    Limit,
    api_router,
    once,
)

router = api_router("/prompt_sets", "prompt sets")
AT_ADDRESS = "/by_address/{project}/{set}"


@router.get("", response_model=Page[SetItem], operation_id="list_sets", responses=READ)
def list_sets(
    access: Reader,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    project: Annotated[
        str | None,
        Query(
            description="Of this project: its slug or its id.",
            pattern=f"^{NAME_PATTERN}$",
            max_length=LONGEST_NAME,
        ),
    ] = None,
) -> dict[str, Any]:
    """List prompt sets in order of their addresses."""
    if project is None:
        page = ids.all_sets(access, limit=limit, cursor=cursor)
    else:
        name = name_of(access, project)
        groups.show_project(access, name)
        page = ls(access, f"{name}/", limit=limit, cursor=cursor)
    return page_of([one.to_json() for one in page], page.cursor)


@router.get(
    "/{id}", response_model=PromptSet, operation_id="get_set_by_id", responses=READ | NOT_MODIFIED
)
def get_set_by_id(access: Reader, id: UUID, request: Request, response: Response) -> Any:  # noqa: A002 - as the path says it
    """Return a prompt set by its id, which stays when it is renamed."""
    return _shown(groups.show_set(access, ids.set_of(access, id)), request, response)


@router.get(
    AT_ADDRESS, response_model=PromptSet, operation_id="get_set", responses=READ | NOT_MODIFIED
)
def get_set(access: Reader, address: SetAddress, request: Request, response: Response) -> Any:
    """Return a prompt set."""
    return _shown(groups.show_set(access, address), request, response)


@router.patch(
    AT_ADDRESS,
    response_model=PromptSet,
    operation_id="update_set",
    responses=WRITE,
    dependencies=[once],
)
def update_set(
    access: Writer,
    address: SetAddress,
    body: Changes,
    response: Response,
    if_match: IfMatch = None,
) -> Any:
    """Rename or describe a prompt set."""
    changed = groups.update_set(
        conditions.expecting(access, if_match),
        address,
        rename=body.name,
        title=body.title,
        description=body.description,
    )
    return told(changed, response)


@router.delete(
    AT_ADDRESS,
    status_code=204,
    operation_id="delete_set",
    responses=WRITE,
    dependencies=[once],
)
def delete_set(
    access: Writer, address: SetAddress, *, force: Force = False, if_match: IfMatch = None
) -> None:
    """Delete a prompt set; one that has published versions only with `force`."""
    groups.delete_set(conditions.expecting(access, if_match), address, force=force)


@router.get(
    f"{AT_ADDRESS}/prompts",
    response_model=Page[PromptItem],
    operation_id="list_prompts",
    responses=READ,
)
def list_prompts(
    access: Reader, address: SetAddress, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> dict[str, Any]:
    """List the prompts of a set's draft in order of their names."""
    page = ls(access, f"{address.set_path}/", limit=limit, cursor=cursor)
    return page_of([one.to_json() for one in page], page.cursor)


@router.get(
    f"{AT_ADDRESS}/draft_log",
    response_model=Page[DraftChange],
    operation_id="list_set_changes",
    responses=READ,
)
def list_changes(
    access: Reader, address: SetAddress, limit: Limit = DEFAULT_LIMIT, cursor: ChangeCursor = None
) -> dict[str, Any]:
    """List the changes of a set's draft, the newest first."""
    page = draft_log(access, address, limit=limit, cursor=cursor)
    return page_of([one.to_json() for one in page], page.cursor)


@router.get(
    f"{AT_ADDRESS}/validation",
    response_model=Validation,
    operation_id="validate_set",
    responses=READ,
)
def validate(access: Reader, address: SetAddress, selector: At = None) -> Any:
    """Check all prompts of a set: its draft, or what `at` says."""
    return validation.validate(access, at(address, selector)).to_json()


def _shown(found: Any, request: Request, response: Response) -> Any:
    etag = f'"{found.state}"'
    if conditions.is_unchanged(request, etag):
        return conditions.unchanged(etag)
    return told(found, response)
