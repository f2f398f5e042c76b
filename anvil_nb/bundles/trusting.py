"""Whom to believe: the policy of a workspace, the keys of a user, and what was imported before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.bundles.signing import Signers, check
from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.errors import PassphraseError, RefusedError, RevokedKeyError
from anvil_nb.results.bundles import SignerInfo
from anvil_nb.store import arrivals, imports

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from anvil_nb.access import Access
    from anvil_nb.bundles.verifying import Check
    from anvil_nb.keys import KeyRing, Signer, TrustedKey

_AT_ONCE = 5_000


def trusting(
    access: Access, ring: KeyRing, policy: str, *, allow_unsigned: bool, path: str | Path
) -> Check:
    """Return the check of whoever imports: a trusted key must have signed.

    A bundle whose key was revoked since passes where the same bundle was imported before.

    Args:
        access: Whose store.
        ring: Whose keys.
        policy: Of the workspace: ``required``, ``always`` or ``optional``.
        allow_unsigned: Whether that is waived, this once.
        path: Of the file, for hints.

    Raises:
        RefusedError: when it is to be waived, and the workspace does not let it be.
    """
    if allow_unsigned and policy == "always":
        msg = 'this workspace takes signed bundles only: its anvil.toml says signatures = "always"'
        raise RefusedError(msg, "Ask its maker to sign it: anvil export --sign KEY")
    required = policy != "optional" and not allow_unsigned

    def checked(manifest: bytes, document: bytes | None) -> Signers:
        try:
            return check(manifest, document, ring, require_signature=required, path=str(path))
        except RevokedKeyError:
            with access.read() as tx:
                known = imports.of_bundle(tx, access.organisation_id, digest_of_bytes(manifest))
            if not known:
                raise
            return Signers((), (), required=False)

    return checked


def showing(ring: KeyRing) -> Check:
    """Return the check of whoever only looks: every signature must hold, whoever made it.

    A key that was revoked is shown as one.
    """

    def checked(manifest: bytes, document: bytes | None) -> Signers:
        return check(manifest, document, ring, require_signature=False, refuse_revoked=False)

    return checked


def told(signers: Signers) -> tuple[SignerInfo, ...]:
    """Return whose signatures a bundle has, for people."""
    trusted = [SignerInfo(one.key_id, one.name, trusted=True) for one in signers.trusted]
    revoked = [
        SignerInfo(one.key_id, one.name, False, one.revoked_at, one.reason)  # noqa: FBT003 - a record
        for one in signers.revoked
    ]
    unknown = [SignerInfo(one.key_id, "", trusted=False) for one in signers.unknown]
    return (*trusted, *revoked, *unknown)


@dataclass(frozen=True, slots=True)
class ExportKeys:
    """The keys that an export can use.

    Args:
        signing: Those that it can be signed with.
        receiving: Those that it can be encrypted to.
    """

    signing: tuple[TrustedKey, ...]
    receiving: tuple[TrustedKey, ...]


def keys_for_export() -> ExportKeys:
    """Return the keys of the user that an export takes.

    Raises:
        KeyStoreError: when the folder of keys is open to others or not sound.
    """
    from anvil_nb.keys import KeyRing  # noqa: PLC0415 - loads ciphers

    ring = KeyRing.open()
    return ExportKeys(tuple(ring.signing()), tuple(ring.receiving()))


def signing_with(
    ring: KeyRing, names: Sequence[str], ask: Callable[[str], str] | None
) -> tuple[Signer, ...]:
    """Return one's own keys to sign with.

    Args:
        ring: One's keys.
        names: Of the keys.
        ask: Is asked for the passphrase of a key that has one, by its name.

    Raises:
        NotFoundError: for a key that is not there.
        PassphraseError: for one that stays locked.
    """
    found = []
    for name in names:
        try:
            found.append(ring.signer(name))
        except PassphraseError:
            if ask is None:
                raise
            found.append(ring.signer(name, ask(name)))
    return tuple(found)


def known_contents(access: Access, digests: Collection[str]) -> frozenset[str]:
    """Return those of ``digests`` that the store has; they were checked when they came there."""
    wanted = sorted(digests)
    lost: set[str] = set()
    with access.read() as tx:
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            lost.update(arrivals.missing(tx, access.organisation_id, part))
    return frozenset(wanted) - lost
