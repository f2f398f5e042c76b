"""Workspaces on both engines, as for the services."""

from __future__ import annotations

from tests.services.conftest import (
    clock,
    open_workspace,
    postgres_server,
    postgres_url,
    start,
    store,
    ws,
)

__all__ = [
    "clock",
    "open_workspace",
    "postgres_server",
    "postgres_url",
    "start",
    "store",
    "ws",
]
