"""Signatures of bundles: who signs a manifest, and whose signatures hold.

docs/bundle-format.md, section 3. The manifest is bytes here and stays unread (F27): what its
signatures are worth is settled before anybody parses it.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anvil_nb.domain.digest import canonical_json
from anvil_nb.domain.strict_json import strict_json
from anvil_nb.errors import AnvilError, InvalidInputError, SignatureError, UntrustedSignerError
from anvil_nb.keys.public import (
    ALGORITHM,
    KEY_SIZE,
    SIGNATURE_SIZE,
    PublicKey,
    from_base64,
    to_base64,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anvil_nb.domain.digest import Json
    from anvil_nb.keys import KeyRing, Signer, TrustedKey

PAYLOAD_TYPE = "application/vnd.anvil.bundle-manifest.v1+json"
MOST_SIGNATURES = 16

_FORGED = "Do not use it. Ask whoever sent it for another copy."


@dataclass(frozen=True, slots=True)
class Signers:
    """Whose signatures over a manifest hold; made by ``check``.

    Args:
        trusted: The keys that are trusted here.
        unknown: The keys that nobody trusted here. Anybody can make such a key: what they sign
            is worth as much as what nobody signed.
        required: Whether a trusted signature had to be there.
        revoked: The keys that were revoked here: none, but where a bundle is only looked at.
    """

    trusted: tuple[TrustedKey, ...]
    unknown: tuple[PublicKey, ...]
    required: bool
    revoked: tuple[TrustedKey, ...] = ()

    def check_scope(self, projects: Iterable[str]) -> None:
        """Refuse projects that no trusted signer may sign, where signatures are required (F34).

        Args:
            projects: The names of those that the bundle has.

        Raises:
            UntrustedSignerError: names them, and the command that widens the scope.
        """
        if not self.required:
            return
        beyond = [
            one
            for one in sorted(set(projects))
            if not any(key.may_sign(one) for key in self.trusted)
        ]
        if not beyond:
            return
        signer = self.trusted[0]
        scope = " ".join(f"--scope {shlex.quote(one)}" for one in (*signer.scope, *beyond))
        names = " and ".join(one.name for one in self.trusted)
        raise UntrustedSignerError(
            f"{names} may not sign the project{'s' * (len(beyond) > 1)} {', '.join(beyond)}",
            f"If that is right: anvil keys trust {signer.key_id} {scope}",
            fingerprints=tuple(one.key_id for one in self.trusted),
            projects=tuple(beyond),
        )


@dataclass(frozen=True, slots=True)
class _Signature:
    key: PublicKey
    signature: bytes


def pae(payload_type: str, body: bytes) -> bytes:
    """Return what is signed: the pre-authentication encoding of DSSE 1.0 (F25)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def sign(manifest: bytes, signers: Sequence[Signer]) -> bytes:
    """Return the signature document for a manifest (F24); the same keys give the same bytes.

    Raises:
        InvalidInputError: for no signer, for more than sixteen, or for one twice.
    """
    by_key = {one.key_id: one for one in signers}
    if not 1 <= len(by_key) == len(signers) <= MOST_SIGNATURES:
        msg = f"a bundle is signed by 1 to {MOST_SIGNATURES} keys, each another one"
        raise InvalidInputError(msg, "Name each key once.")
    message = pae(PAYLOAD_TYPE, manifest)
    signatures: list[Json] = [
        {
            "key_id": key_id,
            "algorithm": ALGORITHM,
            "public_key": by_key[key_id].public_key.text,
            "signature": to_base64(by_key[key_id].sign(message)),
        }
        for key_id in sorted(by_key)
    ]
    return canonical_json({"payload_type": PAYLOAD_TYPE, "signatures": signatures})


def check(  # noqa: PLR0913 - what whoever reads a bundle may ask of its signatures
    manifest: bytes,
    document: bytes | None,
    ring: KeyRing,
    *,
    require_signature: bool = True,
    refuse_revoked: bool = True,
    path: str = "",
) -> Signers:
    """Return whose signatures over ``manifest`` hold (F24 to F27).

    Args:
        manifest: Its exact bytes, not parsed yet.
        document: The bytes of ``meta/signature.json``; ``None`` where there is none.
        ring: The keys that are trusted here.
        require_signature: Whether a key that is trusted must have signed it.
        refuse_revoked: Whether no key may be one that was revoked.
        path: The bundle's file, for the command that trusts its signer.

    Raises:
        SignatureError: when it is not signed though it must be, when the document is not sound,
            or when any signature in it does not hold, whoever made it.
        RevokedKeyError: when one of the keys was revoked, whoever else signed it.
        UntrustedSignerError: when none of the keys is trusted, though one must be.
    """
    if document is None:
        if require_signature:
            raise SignatureError(
                "the bundle is not signed, so nobody can tell who made it",
                "Ask its maker to sign it: anvil export --sign KEY. To import it all the same, "
                "once: --allow-unsigned",
            )
        return Signers((), (), require_signature)
    message = pae(PAYLOAD_TYPE, manifest)
    signatures = _read(document)
    for one in signatures:
        if not one.key.verifies(message, one.signature):  # F25
            raise SignatureError(
                f"the signature by {one.key.key_id} does not hold: the manifest was changed, or "
                "something else was signed",
                _FORGED,
            )
    known = {one.key_id: one for one in ring.ls()}
    found = [known[one.key.key_id] for one in signatures if one.key.key_id in known]
    if refuse_revoked:
        for key in found:
            key.check_not_revoked()
    trusted = tuple(key for key in found if key.revoked_at is None)
    revoked = tuple(key for key in found if key.revoked_at is not None)
    unknown = tuple(one.key for one in signatures if one.key.key_id not in known)
    if require_signature and not trusted:  # F27
        raise _untrusted(unknown, path)
    return Signers(trusted, unknown, require_signature, revoked)


def signing_keys(document: bytes) -> tuple[PublicKey, ...]:
    """Return the keys that a signature document names, whether or not their signatures hold.

    Raises:
        SignatureError: when it is not sound.
    """
    return tuple(one.key for one in _read(document))


def _untrusted(unknown: Sequence[PublicKey], path: str) -> UntrustedSignerError:
    several = len(unknown) > 1
    fingerprints = tuple(one.key_id for one in unknown)
    # The fingerprint has to come from its owner: the bundle alone would vouch for itself.
    first = f"anvil keys trust {fingerprints[0]}"
    command = (
        f"{first} --from {shlex.quote(path)} --name NAME"
        if path
        else f"anvil keys trust {unknown[0].line('NAME')}"
    )
    return UntrustedSignerError(
        f"the bundle is signed by {'keys' if several else 'a key'} that nobody trusted here: "
        + ", ".join(fingerprints),
        "Ask its maker, not the sender of the file, for the fingerprint. If it is the same: "
        + command,
        fingerprints=fingerprints,
    )


def _read(document: bytes) -> list[_Signature]:
    """Return the signatures in a document, each by another key; none is verified yet."""
    try:
        found = _object(strict_json(document))  # F10
        if found.get("payload_type") != PAYLOAD_TYPE:
            raise _unsound("it is made for something else than a bundle's manifest")  # F24, F25
        listed = found.get("signatures")
        if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_SIGNATURES:
            raise _unsound(f"it has to have 1 to {MOST_SIGNATURES} signatures")  # F24
        signatures = [_signature(_object(one)) for one in listed]
    except SignatureError:
        raise
    except AnvilError as error:
        raise _unsound(error.message) from error
    if len({one.key for one in signatures}) < len(signatures):
        raise _unsound("a key signed it twice")  # F24
    return signatures


def _signature(found: dict[str, Any]) -> _Signature:
    if found.get("algorithm") != ALGORITHM:
        raise _unsound("a signature is of no algorithm that is known")  # F24
    try:
        key = PublicKey(from_base64(found.get("public_key"), KEY_SIZE))
        signature = from_base64(found.get("signature"), SIGNATURE_SIZE)
    except ValueError as error:
        raise _unsound(str(error)) from error  # F24
    if found.get("key_id") != key.key_id:
        raise _unsound(f"a key says of itself that it is another one than {key.key_id}")  # F26
    return _Signature(key, signature)


def _object(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _unsound("a JSON object was expected")
    return found


def _unsound(why: str) -> SignatureError:
    return SignatureError(f"the signatures of the bundle are not sound: {why}", _FORGED)
