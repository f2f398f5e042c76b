"""Whether the server runs, and whether it may be sent requests."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from anvil_nb import __version__
from anvil_nb.errors import StoreError
from anvil_nb.server.auth import instance_of
from anvil_nb.server.models import Health
from anvil_nb.server.routing import StrictRoute, responses

router = APIRouter(tags=["health"], route_class=StrictRoute, responses=responses(422))
_UNAVAILABLE: dict[int | str, dict[str, Any]] = {503: {"model": Health, "description": "Not now"}}


@router.get("/health", response_model=Health, operation_id="health")
async def health() -> dict[str, str]:
    """Tell that the process runs; it asks nothing of the store."""
    return {"status": "ok", "version": __version__}


@router.get("/ready", response_model=Health, operation_id="ready", responses=_UNAVAILABLE)
def ready(request: Request, response: Response) -> dict[str, str]:
    """Tell whether requests would be served: the store answers, and the server is not stopping."""
    instance = instance_of(request)
    status = "stopping" if instance.stopping else "ok"
    if status == "ok":
        try:
            with instance.engine.read() as tx:
                tx.rows("select 1")
        except StoreError:
            status = "unavailable"
    if status != "ok":
        response.status_code = 503
    return {"status": status, "version": __version__}
