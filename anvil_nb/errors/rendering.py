"""Errors about a sound template that cannot be rendered with these values."""

from __future__ import annotations

from typing import Any

from anvil_nb.errors.root import AnvilError


class RenderError(AnvilError):
    """A sound template that cannot be rendered with these values (1-based line and column)."""

    code = "render-failed"

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
        """The place of the error, where it has one."""
        return {"line": self.line, "column": self.column}


class MissingValueError(RenderError):
    """A required parameter got no value, or a variable is not defined."""

    code = "missing-value"


class ValueTypeError(RenderError):
    """A value is not of its parameter's declared type.

    Args:
        parameter: Its name, where the value is one parameter's.
        written: Values that would do, as they are written in text.
    """

    code = "wrong-type"

    def __init__(
        self, message: str, hint: str = "", *, parameter: str = "", written: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, hint)
        self.parameter = parameter
        self.written = written


class TemplateLimitError(RenderError):
    """The template asks for more work, output or memory than is allowed."""

    code = "template-limit"
