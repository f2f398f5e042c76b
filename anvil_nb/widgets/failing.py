"""What a person is told of a failure that nobody foresaw."""

from __future__ import annotations

import logging

from anvil_nb.errors import AnvilError

_log = logging.getLogger(__name__)


class FailedError(AnvilError):
    """Something failed that should not have; the log has the whole of it."""

    code = "failed"


def failed(error: Exception) -> FailedError:
    """Return what is said of an error that is being handled, and log it."""
    _log.exception("a view failed")
    message = f"Anvil failed here: {type(error).__name__}: {error}"
    hint = "Nothing typed is lost. Try again; the kernel's log has the whole of it."
    return FailedError(message, hint)
