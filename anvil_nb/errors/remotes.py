"""Errors about another instance: it does not answer, or it says no, or it is not one."""

from __future__ import annotations

from typing import Any

from anvil_nb.errors.root import AnvilError


class RemoteError(AnvilError):
    """Another instance did not do what it was asked to.

    Args:
        status: Of its answer, where there was one.
        remote_code: What it calls its error, where it said so.
        request_id: By which its log knows the request.
        remote_details: What it said of single fields: objects of ``field`` and ``message``.
    """

    code = "remote"

    def __init__(  # noqa: PLR0913 - all of it is what the other instance said
        self,
        message: str,
        hint: str = "",
        *,
        status: int | None = None,
        remote_code: str | None = None,
        request_id: str | None = None,
        remote_details: tuple[dict[str, Any], ...] = (),
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.remote_code = remote_code
        self.request_id = request_id
        self.remote_details = remote_details

    def details(self) -> dict[str, Any]:
        """What the other instance said."""
        return {
            "status": self.status,
            "remote_code": self.remote_code,
            "request_id": self.request_id,
            "remote_details": list(self.remote_details),
        }


class RemoteUnreachableError(RemoteError):
    """No answer, or one that was cut off: nothing listens, the line is down, it took too long."""

    code = "remote-unreachable"


class RemoteBusyError(RemoteError):
    """It answers that it cannot now (429, 502, 503, 504), and did so each time it was asked.

    Args:
        retry_after: In how many seconds it wants to be asked again, where it said so.
    """

    code = "remote-busy"

    def __init__(
        self, message: str, hint: str = "", *, retry_after: float | None = None, **said: Any
    ) -> None:
        super().__init__(message, hint, **said)
        self.retry_after = retry_after

    def details(self) -> dict[str, Any]:
        """What the other instance said."""
        return {**super().details(), "retry_after": self.retry_after}


class RemoteAnswerError(RemoteError):
    """An answer that an instance does not give: a proxy's page, nothing at all, damaged bytes."""

    code = "remote-answer"


class RemoteUnauthorisedError(RemoteError):
    """It does not know who asks (401)."""

    code = "remote-unauthorised"


class RemoteForbiddenError(RemoteError):
    """Who asks may not do that there (403)."""

    code = "remote-forbidden"


class RemoteNotFoundError(RemoteError):
    """It has no such thing, or none that who asks may see (404)."""

    code = "remote-not-found"


class RemoteTooLargeError(RemoteError):
    """It does not take that much (413)."""

    code = "remote-too-large"


class RemoteMovedError(RemoteError):
    """What stands there is not what the request was made for any more (409, 412)."""

    code = "remote-moved"
