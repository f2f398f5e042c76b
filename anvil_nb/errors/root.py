"""What every error has: a message, a hint, and a stable code."""

from __future__ import annotations

from typing import Any, ClassVar


class AnvilError(Exception):
    """The root of the tree.

    Args:
        message: One sentence that says what is wrong and why.
        hint: What to type or do next; empty where there is nothing to say.
    """

    code: ClassVar[str] = "failed"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The message, and the hint on a line of its own."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def to_json(self) -> dict[str, Any]:
        """The error as a JSON object: ``code``, ``message``, ``hint`` and what the kind adds."""
        return {"code": self.code, "message": self.message, "hint": self.hint, **self.details()}

    def details(self) -> dict[str, Any]:
        """What this kind of error adds to its JSON form."""
        return {}

    def _render_traceback_(self) -> list[str]:
        """The short form that IPython shows in place of a traceback."""
        lines = [f"{type(self).__name__}: {self.message}"]
        return [*lines, *self.hint.splitlines()] if self.hint else lines
