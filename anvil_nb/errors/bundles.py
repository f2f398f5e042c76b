"""Errors about bundles, and the keys that sign and open them."""

from __future__ import annotations

from typing import Any

from anvil_nb.errors.answers import RefusedError
from anvil_nb.errors.root import AnvilError


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


class ChecksumError(BundleError):
    """A bundle of which a part is not what its checksum says."""

    code = "bundle-checksum"


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
