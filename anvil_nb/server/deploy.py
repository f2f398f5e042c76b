"""Deployments of a tenant: announced, and asked about: ``…/deploy`` (docs/deploy.md)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from anvil_nb.access import Access
from anvil_nb.deploying import hosting
from anvil_nb.server.auth import instance_of, tenant_acting
from anvil_nb.server.bundle_models import Deploy, Deployment, Deployments
from anvil_nb.server.cloud import TENANT
from anvil_nb.server.routing import READ, WRITE, api_router, once

Deploying = Annotated[Access, Depends(tenant_acting("deploy"))]

router = api_router(TENANT, "cloud deploy")


@router.post(
    "/deploy",
    response_model=Deployment,
    status_code=202,
    operation_id="start_deployment",
    responses=WRITE,
    dependencies=[once],
)
def start_deployment(request: Request, access: Deploying, body: Deploy) -> Any:
    """Run the tenant's deploy hook with an image; one at a time.

    What comes of it is told by `GET deploy/{id}`.
    """
    return instance_of(request).hosting.start(access, body.image).to_json()


@router.get("/deploy", response_model=Deployments, operation_id="list_deployments", responses=READ)
def list_deployments(access: Deploying) -> Any:
    """List the latest 100 deployments, the newest first."""
    return hosting.ls(access).to_json()


@router.get(
    "/deploy/{id}", response_model=Deployment, operation_id="get_deployment", responses=READ
)
def get_deployment(
    access: Deploying,
    id: UUID,  # noqa: A002 - as the path says it
) -> Any:
    """Return how a deployment stands."""
    return hosting.get(access, str(id)).to_json()
