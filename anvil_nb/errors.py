"""Every error Anvil raises on purpose, in one tree.

Each error says *what* went wrong (``message``), *what to type next* (``hint``) and carries a
stable ``code`` that programs may match on. Surfaces map the tree once: the command line to exit
codes, the notebook to three lines, later the servers to statuses.

::

    AnvilError
    ├── InvalidInputError             what was typed cannot be used
    │   ├── AddressError              an address or a name that does not parse
    │   ├── VersionSyntaxError        a version or range that does not parse
    │   ├── DeclarationError          a parameter, metadata or frontmatter that is not sound
    │   ├── TemplateSyntaxError       a template that does not parse
    │   └── SourceError               a file to load that cannot be read
    ├── RenderError                   a sound template that cannot be rendered with these values
    │   ├── MissingValueError
    │   ├── ValueTypeError
    │   └── TemplateLimitError        a template that costs more than is allowed
    ├── NotFoundError
    ├── RefusedError                  understood, and not done: a rule forbids it
    ├── ConflictError                 the world moved, or somebody was first
    │   ├── ExistsError               a name that is taken
    │   ├── DraftConflictError        the draft changed since it was read
    │   ├── VersionTakenError         a number that stands for other content
    │   ├── PublishRaceError          another publisher was first
    │   └── LabelMovedError           the label moved since it was read
    ├── SettingsError                 anvil.toml, or no workspace
    └── StoreError
        ├── StoreBusyError            another process holds the store
        ├── StoreDamagedError         not a store, or cut off
        ├── StoreTooNewError          written by a newer program
        └── StoreUnavailableError     no space, no permission, no server
"""

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
    """A value is not of its parameter's declared type."""

    code = "wrong-type"


class TemplateLimitError(RenderError):
    """The template asks for more work, output or memory than is allowed."""

    code = "template-limit"


class NotFoundError(AnvilError):
    """Nothing has that address, name or id."""

    code = "not-found"


class RefusedError(AnvilError):
    """Understood, and not done: a rule forbids it."""

    code = "refused"


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


class SettingsError(AnvilError):
    """There is no workspace here, or its ``anvil.toml`` cannot be used."""

    code = "settings"


class StoreError(AnvilError):
    """The store cannot do what was asked of it."""

    code = "store"


class StoreBusyError(StoreError):
    """Another process holds the store for longer than the limit."""

    code = "store-busy"


class StoreDamagedError(StoreError):
    """The file is not a store, or it is cut off."""

    code = "store-damaged"


class StoreTooNewError(StoreError):
    """The store was written by a newer program."""

    code = "store-too-new"


class StoreUnavailableError(StoreError):
    """No space, no permission, or no server."""

    code = "store-unavailable"
