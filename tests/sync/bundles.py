"""Syncs of bundles, as their tests make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anvil_nb.results.sync import SyncReport
    from anvil_nb.workspace import Workspace

SET = "desk/emails"


def push(ws: Workspace, **options: Any) -> SyncReport:
    return ws.sync("bundles", "push", dry_run=False, **options)


def pull(ws: Workspace, **options: Any) -> SyncReport:
    return ws.sync("bundles", "pull", dry_run=False, **options)


def keys_of(report: SyncReport) -> list[str]:
    return [item.key for item in report.items]
