"""Secrets under a passphrase: Argon2id makes a key of it, and a secret box keeps the secret (F29).

The same form keeps the file key of a bundle and the seed of a private key.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nacl.bindings
import nacl.exceptions
import nacl.secret
import nacl.utils

from anvil_nb.errors import InvalidInputError
from anvil_nb.keys.public import from_base64, to_base64

if TYPE_CHECKING:
    from collections.abc import Mapping

KDF = "argon2id"
SECRET_SIZE = 32
SALT_SIZE = 16
WRAPPED_SIZE = nacl.secret.SecretBox.NONCE_SIZE + nacl.secret.SecretBox.MACBYTES + SECRET_SIZE
MOST_OPERATIONS = 10
LEAST_MEMORY = 8 * 1024
MOST_MEMORY = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What each try of a passphrase costs: passes over that much memory, in bytes.

    Raises:
        ValueError: beyond the limits of the format (F29), which keep a file from claiming more.
    """

    operations: int
    memory: int

    def __post_init__(self) -> None:
        sound = type(self.operations) is int and type(self.memory) is int
        if not (
            sound
            and 1 <= self.operations <= MOST_OPERATIONS
            and LEAST_MEMORY <= self.memory <= MOST_MEMORY
        ):
            msg = (
                f"Argon2id takes 1 to {MOST_OPERATIONS} passes and {LEAST_MEMORY:,} to "
                f"{MOST_MEMORY:,} bytes of memory here"
            )
            raise ValueError(msg)


USUAL = Cost(operations=3, memory=128 * 1024 * 1024)
"""About 0.3 s of one processor; more than RFC 9106 asks of a machine with little memory."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A secret of 32 bytes under a passphrase."""

    salt: bytes
    cost: Cost
    wrapped: bytes

    @classmethod
    def lock(cls, secret: bytes, passphrase: str, cost: Cost = USUAL) -> Locked:
        """Lock ``secret`` by a passphrase.

        Raises:
            InvalidInputError: for a passphrase that is empty or no text.
        """
        salt = nacl.utils.random(SALT_SIZE)
        box = nacl.secret.SecretBox(_key(passphrase, salt, cost))
        return cls(salt, cost, bytes(box.encrypt(secret)))

    def unlock(self, passphrase: str) -> bytes | None:
        """Return the secret; ``None`` when the passphrase is another one.

        Raises:
            MemoryError: when there is not as much memory as it takes.
        """
        box = nacl.secret.SecretBox(_key(passphrase, self.salt, self.cost))
        try:
            return bytes(box.decrypt(self.wrapped))
        except nacl.exceptions.CryptoError:
            return None

    def to_json(self) -> dict[str, Any]:
        """Return the fields of F29."""
        return {
            "type": "passphrase",
            "kdf": KDF,
            "salt": to_base64(self.salt),
            "operations": self.cost.operations,
            "memory": self.cost.memory,
            "wrapped_key": to_base64(self.wrapped),
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Locked:
        """Return what ``to_json`` wrote.

        Raises:
            ValueError: when it is not that, or costs more than the limits (F29).
        """
        if found.get("kdf") != KDF:
            msg = f"a passphrase is expected under {KDF}"
            raise ValueError(msg)
        return cls(
            from_base64(found.get("salt"), SALT_SIZE),
            Cost(found.get("operations"), found.get("memory")),  # type: ignore[arg-type]  # checked by Cost
            from_base64(found.get("wrapped_key"), WRAPPED_SIZE),
        )


def _key(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    try:
        text = unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:
        raise InvalidInputError("the passphrase is no text", "Type it again.") from None
    if not text:
        raise InvalidInputError("the passphrase is empty", "Give one, or leave it out.")
    try:
        return nacl.bindings.crypto_pwhash_alg(
            nacl.secret.SecretBox.KEY_SIZE,
            text,
            salt,
            cost.operations,
            cost.memory,
            nacl.bindings.crypto_pwhash_ALG_ARGON2ID13,
        )
    except nacl.exceptions.RuntimeError as error:
        msg = f"Argon2id takes {cost.memory // 2**20} MiB of memory here"
        raise MemoryError(msg) from error
