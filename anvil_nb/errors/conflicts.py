"""Errors about a world that moved: somebody was first, and nothing was changed."""

from __future__ import annotations

from typing import Any

from anvil_nb.errors.root import AnvilError


class ConflictError(AnvilError):
    """The world moved since it was read, or somebody was first. Nothing was changed."""

    code = "conflict"


class ExistsError(ConflictError):
    """The name is taken."""

    code = "exists"


class DraftConflictError(ConflictError):
    """The draft changed since it was read.

    Args:
        expected: Digest the caller had read; ``None`` when it expected no prompt there.
        found: Digest that stands in the draft now; ``None`` when the prompt is gone.
        theirs: The text that stands in the draft now.
        ours: The text that was to be saved.
    """

    code = "draft-conflict"

    def __init__(  # noqa: PLR0913 - both sides of a conflict belong to it
        self,
        message: str,
        hint: str = "",
        *,
        expected: str | None,
        found: str | None,
        theirs: str | None,
        ours: str | None,
    ) -> None:
        super().__init__(message, hint)
        self.expected = expected
        self.found = found
        self.theirs = theirs
        self.ours = ours

    def details(self) -> dict[str, Any]:
        """Both sides, so that nothing is lost."""
        return {
            "expected": self.expected,
            "found": self.found,
            "theirs": self.theirs,
            "ours": self.ours,
        }


class VersionTakenError(ConflictError):
    """The version number already stands for other content."""

    code = "version-taken"


class PublishRaceError(ConflictError):
    """Another publisher published between the reading and the writing."""

    code = "publish-race"


class LabelMovedError(ConflictError):
    """The label moved since it was read."""

    code = "label-moved"


class BundleConflictError(ConflictError):
    """An import has conflicts that are still to be decided; ``conflicts`` are their JSON forms."""

    code = "bundle-conflict"

    def __init__(self, message: str, hint: str = "", *, conflicts: list[Any]) -> None:
        super().__init__(message, hint)
        self.conflicts = conflicts

    def details(self) -> dict[str, Any]:
        """Return the conflicts."""
        return {"conflicts": self.conflicts}


class PlanMovedError(ConflictError):
    """What a plan went by has moved since it was made."""

    code = "plan-moved"


class MovedSinceError(ConflictError):
    """What is to be written to is not what the request was made for any more."""

    code = "moved"


class RepeatedError(ConflictError):
    """The idempotency key was used by another request."""

    code = "repeated"
