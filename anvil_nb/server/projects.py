"""Projects: ``/projects``. One is named by its slug or by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response

from anvil_nb.access import Access
from anvil_nb.catalog import groups, ids
from anvil_nb.catalog.listing import ls
from anvil_nb.domain.address import Address, parse_project_name
from anvil_nb.domain.naming import LONGEST_NAME, NAME_PATTERN
from anvil_nb.server import conditions
from anvil_nb.server.auth import acting
from anvil_nb.server.conditions import IfMatch
from anvil_nb.server.models import (
    Changes,
    NewProject,
    NewSet,
    Page,
    Project,
    ProjectItem,
    PromptSet,
    SetItem,
    page_of,
)
from anvil_nb.server.routing import (
    DEFAULT_LIMIT,
    NOT_MODIFIED,
    READ,
    WRITE,
    Cursor,
    Limit,
    api_router,
    once,
)

if TYPE_CHECKING:
    from anvil_nb.results.listing import Group

router = api_router("/projects", "projects")
Reader = Annotated[Access, Depends(acting("read:prompts"))]
Writer = Annotated[Access, Depends(acting("write:prompts"))]
Named = Annotated[
    str,
    Path(description="Its slug, or its id.", pattern=f"^{NAME_PATTERN}$", max_length=LONGEST_NAME),
]
Force = Annotated[bool, Query(description="Delete what is in it, too.")]


@router.get("", response_model=Page[ProjectItem], operation_id="list_projects", responses=READ)
def list_projects(
    access: Reader, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> dict[str, Any]:
    """List projects in order of their names."""
    page = ls(access, "", limit=limit, cursor=cursor)
    return page_of([one.to_json() for one in page], page.cursor)


@router.post(
    "",
    response_model=Project,
    status_code=201,
    operation_id="create_project",
    responses=WRITE,
    dependencies=[once],
)
def create_project(access: Writer, body: NewProject, response: Response) -> Any:
    """Make a project."""
    made = groups.create_project(access, body.name, title=body.title, description=body.description)
    response.headers["Location"] = f"projects/{made.address}"
    return told(made, response)


@router.get(
    "/{project}",
    response_model=Project,
    operation_id="get_project",
    responses=READ | NOT_MODIFIED,
)
def get_project(access: Reader, project: Named, request: Request, response: Response) -> Any:
    """Return a project."""
    found = groups.show_project(access, name_of(access, project))
    if conditions.is_unchanged(request, f'"{found.state}"'):
        return conditions.unchanged(f'"{found.state}"')
    return told(found, response)


@router.patch(
    "/{project}",
    response_model=Project,
    operation_id="update_project",
    responses=WRITE,
    dependencies=[once],
)
def update_project(
    access: Writer, project: Named, body: Changes, response: Response, if_match: IfMatch = None
) -> Any:
    """Rename or describe a project; the addresses of its sets follow."""
    changed = groups.update_project(
        conditions.expecting(access, if_match),
        name_of(access, project),
        rename=body.name,
        title=body.title,
        description=body.description,
    )
    return told(changed, response)


@router.delete(
    "/{project}",
    status_code=204,
    operation_id="delete_project",
    responses=WRITE,
    dependencies=[once],
)
def delete_project(
    access: Writer, project: Named, *, force: Force = False, if_match: IfMatch = None
) -> None:
    """Delete a project; one that has sets only with `force`."""
    expecting = conditions.expecting(access, if_match)
    groups.delete_project(expecting, name_of(access, project), force=force)


@router.get(
    "/{project}/prompt_sets",
    response_model=Page[SetItem],
    operation_id="list_project_sets",
    responses=READ,
)
def list_sets(
    access: Reader, project: Named, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> dict[str, Any]:
    """List the prompt sets of a project in order of their names."""
    name = name_of(access, project)
    groups.show_project(access, name)
    page = ls(access, f"{name}/", limit=limit, cursor=cursor)
    return page_of([one.to_json() for one in page], page.cursor)


@router.post(
    "/{project}/prompt_sets",
    response_model=PromptSet,
    status_code=201,
    operation_id="create_set",
    responses=WRITE,
    dependencies=[once],
)
def create_set(access: Writer, project: Named, body: NewSet, response: Response) -> Any:
    """Make a prompt set in a project, which is made when it is new."""
    address = Address(None, name_of(access, project), body.name)
    made = groups.create_set(access, address, title=body.title, description=body.description)
    response.headers["Location"] = f"prompt_sets/by_address/{made.address}"
    return told(made, response)


def name_of(access: Access, project: str) -> str:
    """Return the slug of a project that is named by its slug or its id.

    Raises:
        AddressError: for what is neither.
        NotFoundError: when none has that id.
    """
    try:
        return ids.project_of(access, UUID(project))
    except ValueError:
        return parse_project_name(project)


def told(group: Group, response: Response) -> Any:
    """Return a project or set as it is answered, with its state as the entity tag."""
    response.headers["ETag"] = f'"{group.state}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return group.to_json()
