"""Private keys: what they do, and the document in which one is kept.

The document is JSON: ``format_version``, ``name``, ``key_id``, ``public_key``, ``created_at`` and
``private``: the seed of RFC 8032, as it is or under a passphrase. Nothing here shows a seed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import nacl.exceptions
import nacl.public
import nacl.signing

from anvil_nb.domain.naming import is_name
from anvil_nb.domain.strict_json import strict_json
from anvil_nb.errors import AnvilError, KeyStoreError, PassphraseError
from anvil_nb.keys.locking import SECRET_SIZE, USUAL, Locked
from anvil_nb.keys.moments import moment, moment_text
from anvil_nb.keys.public import KEY_SIZE, PublicKey, from_base64, to_base64

if TYPE_CHECKING:
    from datetime import datetime

    from anvil_nb.keys.locking import Cost

FORMAT = "1.0"


class _Secret:
    """A value that is shown, copied and sent nowhere."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        del protocol
        msg = "a private key is not copied"
        raise TypeError(msg)


@dataclass(frozen=True, slots=True)
class Signer(_Secret):
    """A private key that signs."""

    name: str
    public_key: PublicKey
    _key: nacl.signing.SigningKey = field(repr=False, compare=False)

    @property
    def key_id(self) -> str:
        """The fingerprint."""
        return self.public_key.key_id

    def sign(self, message: bytes) -> bytes:
        """Return the signature of ``message``, 64 bytes; always the same one."""
        return bytes(self._key.sign(message).signature)


@dataclass(frozen=True, slots=True)
class Opener(_Secret):
    """A private key that opens what was sealed to its public key."""

    name: str
    public_key: PublicKey
    _key: nacl.public.PrivateKey = field(repr=False, compare=False)

    @property
    def key_id(self) -> str:
        """The fingerprint."""
        return self.public_key.key_id

    def open(self, sealed: bytes) -> bytes | None:
        """Return what is in a sealed box; ``None`` when it was sealed to another key."""
        try:
            return bytes(nacl.public.SealedBox(self._key).decrypt(sealed))
        except nacl.exceptions.CryptoError:
            return None


@dataclass(frozen=True, slots=True)
class PrivateKey(_Secret):
    """A private key as it is kept; ``locked`` where it takes a passphrase to use it."""

    name: str
    public_key: PublicKey
    created_at: datetime
    locked: Locked | None
    _seed: bytes | None = field(repr=False, compare=False)

    @classmethod
    def make(
        cls,
        name: str,
        seed: bytes,
        created_at: datetime,
        *,
        passphrase: str | None = None,
        cost: Cost = USUAL,
    ) -> PrivateKey:
        """Make a key of a seed, 32 random bytes.

        Raises:
            InvalidInputError: for a passphrase that is empty or no text.
        """
        public = PublicKey(bytes(nacl.signing.SigningKey(seed).verify_key))
        if passphrase is None:
            return cls(name, public, created_at, None, seed)
        return cls(name, public, created_at, Locked.lock(seed, passphrase, cost), None)

    def signer(self, passphrase: str | None) -> Signer:
        """Return what signs.

        Raises:
            PassphraseError: when the key is locked, and this does not unlock it.
            KeyStoreError: when what is unlocked is another key.
        """
        return Signer(self.name, self.public_key, self._signing_key(passphrase))

    def opener(self, passphrase: str | None) -> Opener:
        """Return what opens.

        Raises:
            PassphraseError: as for ``signer``.
        """
        key = self._signing_key(passphrase).to_curve25519_private_key()
        return Opener(self.name, self.public_key, key)

    def renamed(self, name: str) -> PrivateKey:
        """Return the same key under another name."""
        return PrivateKey(name, self.public_key, self.created_at, self.locked, self._seed)

    def _signing_key(self, passphrase: str | None) -> nacl.signing.SigningKey:
        seed = self._seed if self.locked is None else self._unlocked(self.locked, passphrase)
        assert seed is not None
        key = nacl.signing.SigningKey(seed)
        if bytes(key.verify_key) != self.public_key.data:
            msg = f"the private key {self.name} does not belong to the public key beside it"
            raise KeyStoreError(msg, "Bring its file back from a backup.")
        return key

    def _unlocked(self, locked: Locked, passphrase: str | None) -> bytes:
        if passphrase is None:
            raise PassphraseError(
                f"the key {self.name} is locked by a passphrase, and none was given", _LOCKED
            )
        try:
            seed = locked.unlock(passphrase)
        except MemoryError as error:
            msg = f"the key {self.name} cannot be unlocked: {error}, and there is not as much"
            raise PassphraseError(msg, "Make memory free, then try again.") from error
        if seed is None:
            raise PassphraseError(f"this passphrase does not unlock the key {self.name}", _LOCKED)
        return seed

    def to_bytes(self) -> bytes:
        """Return the document, secret and all."""
        private = (
            {"type": "plain", "seed": to_base64(self._seed)}
            if self._seed is not None
            else self.locked.to_json()  # type: ignore[union-attr]  # one of the two is there
        )
        found = {
            "format_version": FORMAT,
            "name": self.name,
            "key_id": self.public_key.key_id,
            "public_key": self.public_key.text,
            "created_at": moment_text(self.created_at),
            "private": private,
        }
        return (json.dumps(found, indent=2) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> PrivateKey:
        """Return the key in a document.

        Raises:
            ValueError: says what is not sound about it, and nothing that is in it.
        """
        found = _object(_parsed(data))
        if found.get("format_version") != FORMAT:
            msg = f"it is not of format {FORMAT}"
            raise ValueError(msg)
        try:
            public = PublicKey(from_base64(found.get("public_key"), KEY_SIZE))
        except AnvilError as error:
            raise ValueError(error.message) from None
        name, private = found.get("name"), _object(found.get("private"))
        if public.key_id != found.get("key_id") or not isinstance(name, str) or not is_name(name):
            msg = "its name or its key_id is not sound"
            raise ValueError(msg)
        created_at = moment(found.get("created_at"))
        if private.get("type") == "passphrase":
            return cls(name, public, created_at, Locked.from_json(private), None)
        if private.get("type") != "plain":
            msg = "its private part is of no known type"
            raise ValueError(msg)
        return cls(name, public, created_at, None, from_base64(private.get("seed"), SECRET_SIZE))


_LOCKED = "Add --passphrase to be asked for it, or set ANVIL_KEY_PASSPHRASE."


def _parsed(data: bytes) -> object:
    try:
        found: object = strict_json(data)
    except AnvilError:
        found = None
    if found is None:  # outside, so that no part of the document stands in a traceback
        msg = "it is not sound JSON"
        raise ValueError(msg)
    return found


def _object(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        msg = "a JSON object was expected"
        raise ValueError(msg)  # noqa: TRY004 - a fault of the file, like the others
    return found
