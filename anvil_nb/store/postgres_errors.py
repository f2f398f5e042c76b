"""What PostgreSQL's errors mean to people, and how a URL is shown without its password."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from psycopg import InterfaceError, OperationalError, errors

from anvil_nb.errors import (
    AnvilError,
    ConflictError,
    StoreBusyError,
    StoreError,
    StoreUnavailableError,
)
from anvil_nb.store.engine import UniqueViolationError

if TYPE_CHECKING:
    from psycopg import Error

# Up to the last @: a password that was not percent-encoded may have one of its own.
_USER_PASSWORD = re.compile(r"^(?P<before>[^:]+://[^:/?@]*):(?P<password>.*)@")
_QUERY_PASSWORD = re.compile(r"(?P<before>[?&](?:ssl)?password=)(?P<password>[^&]*)")
_HIDDEN = r"\g<before>:***@"
# Where a URL is taken apart: a password that has one of these is reported in pieces.
_DELIMITERS = re.compile("[@:/?#&=]")


class Location:
    """Where a server is: the URL, and what of it may be shown."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.shown = _QUERY_PASSWORD.sub(r"\g<before>***", _USER_PASSWORD.sub(_HIDDEN, url))
        found = [*_USER_PASSWORD.finditer(url), *_QUERY_PASSWORD.finditer(url)]
        secrets = {match["password"] for match in found}
        self._secrets = sorted({*secrets, *map(unquote, secrets)} - {""}, key=len, reverse=True)
        pieces = {one for secret in secrets for one in _DELIMITERS.split(secret) if one != secret}
        either = "|".join(map(re.escape, sorted(pieces - {""}, key=len, reverse=True)))
        self._pieces = re.compile(rf"(?<!\w)(?:{either})(?!\w)") if either else None

    def __repr__(self) -> str:
        return f"Location({self.shown!r})"

    def hide(self, text: str) -> str:
        """Return ``text`` without the passwords."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return self._pieces.sub("***", text) if self._pieces else text

    def unreachable(self, reason: str) -> StoreUnavailableError:
        """Return the error for a server that does not let us in."""
        return StoreUnavailableError(
            f"the store {self.shown} cannot be reached: {self.hide(_first_line(reason))}",
            "See that the server runs, that its host, port and database are as in the URL, and "
            "that the user may use it; then try again.",
        )


def store_error(error: Error, location: Location) -> AnvilError:
    """Return our error for one of the driver's."""
    reason = location.hide(_first_line(str(error)))
    match error:
        case errors.UniqueViolation():
            return UniqueViolationError(reason)
        case errors.SerializationFailure() | errors.DeadlockDetected():
            return ConflictError(
                f"another writer was first, and this write was undone: {reason}", "Try again."
            )
        case errors.LockNotAvailable():
            return StoreBusyError(
                f"another connection keeps part of the store {location.shown} locked for longer "
                "than this call may wait",
                "Wait until it is done; then try again.",
            )
        case (
            errors.InsufficientPrivilege()
            | errors.ReadOnlySqlTransaction()
            | errors.DiskFull()
            | errors.OutOfMemory()
        ):
            return StoreUnavailableError(
                f"the store {location.shown} cannot be written: {reason}",
                "See that the server has space and that the user may write to its database.",
            )
        case OperationalError() | InterfaceError():
            return location.unreachable(reason)
    return StoreError(f"the store {location.shown} refused a statement: {reason}")


def _first_line(text: str) -> str:
    lines = text.splitlines()
    return lines[0] if lines else "no reason given"
