"""Workspaces on both engines, as for the services."""

from __future__ import annotations

from tests.services.conftest import clock, open_workspace, start, ws

__all__ = ["clock", "open_workspace", "start", "ws"]
