"""Errors about files in transit: archives, blobs, and what a tenant has of them."""

from __future__ import annotations

from typing import Any

from anvil_nb.errors.conflicts import ConflictError, MovedSinceError
from anvil_nb.errors.inputs import InvalidInputError


class TarballError(InvalidInputError):
    """A tarball that breaks a rule: it is damaged, or made to deceive.

    Args:
        rule: The stable name of the rule, for example ``link``.
    """

    code = "invalid-tarball"

    def __init__(self, message: str, hint: str = "", *, rule: str) -> None:
        super().__init__(message, hint)
        self.rule = rule

    def details(self) -> dict[str, Any]:
        """The rule that is broken."""
        return {"rule": self.rule}


class TooLargeError(InvalidInputError):
    """More, or larger, than is taken here."""

    code = "too-large"


class BlobError(InvalidInputError):
    """Bytes that are not what they were announced to be."""

    code = "invalid-blob"


class FilePathError(InvalidInputError):
    """A path at which no file may stand."""

    code = "invalid-path"


class FilesMovedError(MovedSinceError):
    """A tenant's files, or an upload to it, are not what a write was made for any more.

    Args:
        found: What stands now: the digest of the files, or the offset of the upload.
    """

    code = "files-moved"

    def __init__(self, message: str, hint: str = "", *, found: str | int | None) -> None:
        super().__init__(message, hint)
        self.found = found

    def details(self) -> dict[str, Any]:
        """What stands now."""
        return {"found": self.found}


class BlobsMissingError(ConflictError):
    """Files that are to stand somewhere whose bytes are not there.

    Args:
        missing: Their digests.
    """

    code = "blobs-missing"

    def __init__(self, message: str, hint: str = "", *, missing: tuple[str, ...]) -> None:
        super().__init__(message, hint)
        self.missing = missing

    def details(self) -> dict[str, Any]:
        """The digests."""
        return {"missing": list(self.missing)}


class RecordsMovedError(MovedSinceError):
    """Records of a tenant are not what an import was made for any more.

    Args:
        ids: Of these records.
    """

    code = "records-moved"

    def __init__(self, message: str, hint: str = "", *, ids: tuple[str, ...]) -> None:
        super().__init__(message, hint)
        self.ids = ids

    def details(self) -> dict[str, Any]:
        """The ids."""
        return {"ids": list(self.ids)}
