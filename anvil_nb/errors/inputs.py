"""Errors about what was typed, or stands in a file: it cannot be used."""

from __future__ import annotations

from typing import Any

from anvil_nb.errors.root import AnvilError


class InvalidInputError(AnvilError):
    """What was typed cannot be used."""

    code = "invalid-input"


class AddressError(InvalidInputError):
    """An address, selector, label or name that does not parse."""

    code = "invalid-address"


class VersionSyntaxError(InvalidInputError):
    """A semantic version or range that does not parse."""

    code = "invalid-version"


class DeclarationError(InvalidInputError):
    """A parameter declaration, metadata or frontmatter that is not sound."""

    code = "invalid-declaration"


class TemplateSyntaxError(InvalidInputError):
    """A template that does not parse, with its place (1-based line and column)."""

    code = "invalid-template"

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.line = line
        self.column = column

    def details(self) -> dict[str, Any]:
        """The place of the error."""
        return {"line": self.line, "column": self.column}


class SourceError(InvalidInputError):
    """A file or row to load that cannot be read as what it claims to be."""

    code = "invalid-source"


class ItemError(InvalidInputError):
    """Files that are not the skill, content, agent or context that they should be.

    Args:
        keys: Those that they would have, as far as these can be told.
    """

    code = "invalid-item"

    def __init__(self, message: str, hint: str = "", *, keys: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.keys = keys
