"""The specification as a page: ``/docs``, Swagger UI, all of it from this server.

FastAPI's own page loads its scripts from elsewhere: without a network it is blank, and with one it
tells others who reads it. The files are those that the package `fastapi-offline` ships.
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Final, Literal

import fastapi_offline
from fastapi import APIRouter
from starlette.responses import FileResponse

_HERE: Final = FilePath(__file__).parent
_SHIPPED: Final = FilePath(fastapi_offline.__file__).parent / "static"
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def page() -> FileResponse:
    """Return the page."""
    return FileResponse(_HERE / "reference.html", headers=_HEADERS)


@router.get("/docs/reference.js")
async def script() -> FileResponse:
    """Return what starts it."""
    return FileResponse(_HERE / "reference.js", headers=_HEADERS)


@router.get("/docs/{name}")
async def shipped(
    name: Literal["favicon.png", "swagger-ui.css", "swagger-ui-bundle.js"],
) -> FileResponse:
    """Return a file of Swagger UI."""
    return FileResponse(_SHIPPED / name, headers=_HEADERS)
