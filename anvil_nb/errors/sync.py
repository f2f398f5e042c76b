"""Errors about syncs: what has to be decided first, and what looks like an accident."""

from __future__ import annotations

from typing import Any

from anvil_nb.errors.answers import RefusedError
from anvil_nb.errors.conflicts import ConflictError


class SyncConflictError(ConflictError):
    """Both sides changed apart, and nobody has said what is to become of it.

    Args:
        report: What the sync found, a ``results.sync.SyncReport``.
    """

    code = "sync-conflict"

    def __init__(self, message: str, hint: str = "", *, report: Any) -> None:
        super().__init__(message, hint)
        self.report = report

    def details(self) -> dict[str, Any]:
        """Return the report."""
        return {"report": self.report.to_json()}


class SyncGuardError(RefusedError):
    """A plan that looks like an accident, and was not forced.

    Args:
        guards: The names of what speaks against it, for example ``many-deleted``.
    """

    code = "sync-guard"

    def __init__(self, message: str, hint: str = "", *, guards: tuple[str, ...]) -> None:
        super().__init__(message, hint)
        self.guards = guards

    def details(self) -> dict[str, Any]:
        """Return the names of the guards."""
        return {"guards": list(self.guards)}
