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
    │   └── RevokedKeyError           the key was revoked
    ├── ConflictError                 the world moved, or somebody was first
    │   ├── ExistsError               a name that is taken
    │   ├── DraftConflictError        the draft changed since it was read
    │   ├── VersionTakenError         a number that stands for other content
    │   ├── PublishRaceError          another publisher was first
    │   ├── LabelMovedError           the label moved since it was read
    │   ├── BundleConflictError       conflicts of an import that are still to be decided
    │   └── PlanMovedError            what a plan went by moved since it was made
    ├── BundleError                   a bundle that is not sound
    │   ├── ArchiveError              its file breaks a rule of the format: damaged, or forged
    │   │   └── ArchiveLimitError     it is larger than this reader allows
    │   ├── SignatureError            unsigned, or a signature that does not hold
    │   │   └── UntrustedSignerError  signed by keys that are not trusted with it
    │   └── DecryptionError           nothing here opens it, or it was changed
    ├── KeyStoreError                 the folder of keys cannot be used
    │   └── PassphraseError           a private key that stays locked
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


class RevokedKeyError(RefusedError):
    """The key was revoked.

    Args:
        fingerprint: Of the key.
        name: What it is called here.
        revoked_at: When, RFC 3339.
        reason: Why.
    """

    code = "revoked-key"

    def __init__(  # noqa: PLR0913 - all of them belong to a revocation
        self,
        message: str,
        hint: str = "",
        *,
        fingerprint: str,
        name: str,
        revoked_at: str,
        reason: str,
    ) -> None:
        super().__init__(message, hint)
        self.fingerprint = fingerprint
        self.name = name
        self.revoked_at = revoked_at
        self.reason = reason

    def details(self) -> dict[str, Any]:
        """The key, and its revocation."""
        return {
            "fingerprint": self.fingerprint,
            "name": self.name,
            "revoked_at": self.revoked_at,
            "reason": self.reason,
        }


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


class BundleError(AnvilError):
    """A bundle that is not sound, or not what it says."""

    code = "bundle"


class ArchiveError(BundleError):
    """A bundle's file that breaks a rule of the format: it is damaged, or made to deceive.

    Args:
        rule: The stable name of the rule, for example ``crc``.
        clause: The clause of docs/bundle-format.md that says it, for example ``F3``.
    """

    code = "bundle-damaged"

    def __init__(self, message: str, hint: str = "", *, rule: str, clause: str) -> None:
        super().__init__(message, hint)
        self.rule = rule
        self.clause = clause

    def details(self) -> dict[str, Any]:
        """The rule that is broken."""
        return {"rule": self.rule, "clause": self.clause}


class ArchiveLimitError(ArchiveError):
    """A bundle that may be sound, and is larger than this reader allows (F9)."""

    code = "bundle-limit"


class SignatureError(BundleError):
    """A bundle that is not signed where it must be, or with a signature that does not hold."""

    code = "signature"


class UntrustedSignerError(SignatureError):
    """A bundle that was signed, and by no key that is trusted with what it holds.

    Args:
        fingerprints: Of the keys that signed it.
        projects: Those that none of them may sign; empty where the keys are not trusted at all.
    """

    code = "untrusted-signer"

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        fingerprints: tuple[str, ...],
        projects: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint)
        self.fingerprints = fingerprints
        self.projects = projects

    def details(self) -> dict[str, Any]:
        """The keys, and what they may not sign."""
        return {"fingerprints": list(self.fingerprints), "projects": list(self.projects)}


class DecryptionError(BundleError):
    """An encrypted bundle that nothing here opens, or that was changed or cut off."""

    code = "decryption"


class KeyStoreError(AnvilError):
    """The folder of keys, or a file in it, cannot be used."""

    code = "key-store"


class PassphraseError(KeyStoreError):
    """A private key that stays locked: its passphrase is missing, or another one."""

    code = "passphrase"


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
