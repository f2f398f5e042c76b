"""Who signed a bundle's file: the keys to choose from, for whoever is about to trust one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.bundles.opening import opened
from anvil_nb.bundles.signing import Signers, check
from anvil_nb.errors import SignatureError

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.bundles.opening import Reader
    from anvil_nb.keys import PublicKey


def signed_by(path: str | Path, reader: Reader) -> tuple[PublicKey, ...]:
    """Return the keys that signed a bundle; all of it is verified.

    Raises:
        BundleError: for a file that is not a sound bundle.
        SignatureError: when nobody signed it, or a signature does not hold.
        RevokedKeyError: when one of the keys was revoked.
    """
    found: list[PublicKey] = []

    def look(manifest: bytes, document: bytes | None) -> Signers:
        signers = check(manifest, document, reader.ring, require_signature=False)
        found.extend([*(one.public_key for one in signers.trusted), *signers.unknown])
        return signers

    with opened(path, reader, look, contents=False):
        if not found:
            msg = "nobody signed the bundle"
            raise SignatureError(msg, "Ask its maker for a line: anvil keys export NAME")
        return tuple(found)
