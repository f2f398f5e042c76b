"""The application: all routes, and what surrounds them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import FastAPI

from anvil_nb import __version__
from anvil_nb.server import (
    audit,
    bundles,
    cloud,
    cloud_blobs,
    cloud_records,
    deploy,
    errors,
    health,
    labels,
    organisation,
    projects,
    prompts,
    reference,
    search,
    sets,
    tokens,
    versions,
)
from anvil_nb.server.hot import HotReads
from anvil_nb.server.instance import Instance
from anvil_nb.server.options import Options
from anvil_nb.server.requests import Surroundings
from anvil_nb.server.specification import corrected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = (
    projects.router,
    sets.router,
    versions.router,
    labels.router,
    prompts.router,
    search.router,
    organisation.router,
    tokens.router,
    audit.router,
    cloud.router,
    cloud_blobs.router,
    cloud_records.router,
    bundles.router,
    deploy.router,
)
"""Every noun of the API, in the order of its description."""

_DESCRIPTION = """Prompts with addresses, versions and digests.

Send a token with each request: `Authorization: Bearer ank_…`. Lists come in pages: pass
`meta.cursor` as `cursor` to get the next one. Every error has one shape. A write may carry
`If-Match` with the `ETag` that was read, and an `Idempotency-Key`. A parameter or a field that a
route does not have is refused with 422, which names it."""


def _clock() -> datetime:
    return datetime.now(UTC)


def create_app(
    store: str, options: Options | None = None, *, clock: Callable[[], datetime] = _clock
) -> FastAPI:
    """Return the server as an ASGI application, with its store open.

    It closes the store when it is run by itself and ends. Mounted in another application, whose
    end it is not told of, ``app.state.instance.close()`` does so.

    Args:
        store: Path of a DuckDB file, or a ``postgresql://`` URL.
        options: Limits and places.
        clock: Returns the time, with its zone.

    Raises:
        StoreError: when the store cannot be opened.
        SettingsError: for options that cannot be.
    """
    options = options or Options()
    instance = Instance(store, options, clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            instance.close()

    app = FastAPI(
        title="Anvil",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # its page would load from elsewhere; `reference` has one
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        # An application that is mounted here or around here may trace; this one says nothing.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.instance = instance
    app.add_middleware(HotReads)
    app.add_middleware(Surroundings, options=options)  # the last one added is the outermost
    errors.add_handlers(app)
    # As they are, which all servers of a process share: FastAPI's way to include a router builds
    # its routes again for each application, for 150 ms, and not safely in two threads at once.
    for router in (health.router, reference.router, *ROUTERS):
        app.router.routes.extend(router.routes)
    app.openapi = corrected(app)  # type: ignore[method-assign]  # as FastAPI has it replaced
    return app
