"""Errors about what was understood: it is not there, or a rule forbids it."""

from __future__ import annotations

from typing import Any

from anvil_nb.errors.root import AnvilError


class NotFoundError(AnvilError):
    """Nothing has that address, name or id."""

    code = "not-found"


class RefusedError(AnvilError):
    """Understood, and not done: a rule forbids it."""

    code = "refused"


class ForbiddenError(AnvilError):
    """Whoever acts has no right to do this."""

    code = "forbidden"


class UnauthorisedError(AnvilError):
    """No token, or none that holds: unknown, expired and revoked ones are told alike."""

    code = "unauthorised"


class TooManyRequestsError(AnvilError):
    """More requests than the limit allows.

    Args:
        retry_after: Seconds until the next one is taken.
    """

    code = "too-many-requests"

    def __init__(self, message: str, hint: str = "", *, retry_after: int) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after

    def details(self) -> dict[str, Any]:
        """When to try again."""
        return {"retry_after": self.retry_after}
