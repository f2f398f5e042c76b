"""The header of an encrypted bundle: what it is, and what opens it (F28, F29)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from anvil_nb.domain.digest import canonical_json, is_digest
from anvil_nb.domain.strict_json import strict_json
from anvil_nb.errors import AnvilError, DecryptionError
from anvil_nb.keys.locking import SECRET_SIZE, Locked
from anvil_nb.keys.public import from_base64, to_base64

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anvil_nb.domain.digest import Json

FORMAT = "1.0"
CIPHER = "aes-256-gcm"
CHUNK_SIZE = 1_048_576
LEAST_CHUNK, MOST_CHUNK = 4_096, 16_777_216
SALT_SIZE = 32
MOST_RECIPIENTS = 64
MOST_HEADER = 65_536
SEALED_SIZE = SECRET_SIZE + 48
"""What a sealed box of libsodium adds: a public key and a tag."""

_START = b"anvil-encrypted-bundle "
_LINE = _START + b"1\n"
_LENGTH_SIZE = 4
_AGAIN = "Ask whoever sent it for another copy."
_ABOUT = (
    "A bundle of prompts made by Anvil (anvil-nb), encrypted with AES-256-GCM. To open it: "
    "anvil import FILE, with one of the private keys that are named under recipients, or with "
    "the passphrase where one is named there."
)


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the first chunk.

    Args:
        chunk_size: Bytes of each chunk but the last, before encryption.
        salt: For the key of the chunks.
        sealed: The file key for each recipient: the key's fingerprint and a sealed box.
        locked: The file key under a passphrase, if there is one.
        digest: SHA-256 of all bytes before the first chunk; empty before it was written.
    """

    chunk_size: int
    salt: bytes
    sealed: tuple[tuple[str, bytes], ...]
    locked: Locked | None
    digest: bytes = field(default=b"", compare=False)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The fingerprints of the keys that open it."""
        return tuple(dict.fromkeys(key_id for key_id, _ in self.sealed))

    @property
    def takes_passphrase(self) -> bool:
        """Whether a passphrase opens it."""
        return self.locked is not None

    def to_bytes(self) -> bytes:
        """Return everything before the first chunk (F28, F29)."""
        recipients: list[Json] = [
            {"type": "x25519", "key_id": key_id, "wrapped_key": to_base64(box)}
            for key_id, box in self.sealed
        ]
        if self.locked is not None:
            recipients.append(self.locked.to_json())
        header = canonical_json(
            {
                "format_version": FORMAT,
                "about": _ABOUT,
                "cipher": CIPHER,
                "chunk_size": self.chunk_size,
                "salt": to_base64(self.salt),
                "recipients": recipients,
            }
        )
        return _LINE + len(header).to_bytes(_LENGTH_SIZE, "big") + header


def is_encrypted(first: bytes) -> bool:
    """Tell whether a file whose first bytes these are (23 or more) is an encrypted bundle."""
    return first.startswith(_START)


def read_header(source: BinaryIO) -> Header:
    """Read the header, up to the first chunk.

    Raises:
        DecryptionError: when there is none, or it is not sound.
    """
    line = source.read(len(_LINE))
    if line != _LINE:
        if is_encrypted(line):
            msg = "the bundle is encrypted in a form that this program does not know"
            raise DecryptionError(msg, "Install a newer anvil-nb, or ask for an older form.")
        raise DecryptionError("this is no encrypted bundle", "See that it is the right file.")
    length = source.read(_LENGTH_SIZE)
    size = int.from_bytes(length, "big")
    if len(length) < _LENGTH_SIZE or size > MOST_HEADER:  # F28
        raise _unsound("its length is not sound")
    data = source.read(size)
    if len(data) < size:
        raise _unsound("it is cut off")
    try:
        found = _object(strict_json(data))  # F10
        return _header(found, hashlib.sha256(line + length + data).digest())
    except DecryptionError:
        raise
    except AnvilError as error:
        raise _unsound(error.message) from error
    except ValueError as error:
        raise _unsound(str(error)) from error


def _header(found: Mapping[str, Any], digest: bytes) -> Header:
    version = found.get("format_version")
    if version != FORMAT:
        shown = f"{version:.20}" if isinstance(version, str) else "none"
        msg = f"the bundle is encrypted in format {shown!r}, and this program knows {FORMAT}"
        raise DecryptionError(msg, "Install a newer anvil-nb, or ask for an older format.")
    if not isinstance(found.get("about"), str) or found.get("cipher") != CIPHER:
        raise _unsound("it does not say what it is, or names a cipher that is not known")
    chunk_size = found.get("chunk_size")
    if type(chunk_size) is not int or not LEAST_CHUNK <= chunk_size <= MOST_CHUNK:
        raise _unsound(f"its chunk_size is not between {LEAST_CHUNK:,} and {MOST_CHUNK:,}")
    recipients = found.get("recipients")
    if not isinstance(recipients, list) or not 1 <= len(recipients) <= MOST_RECIPIENTS:
        raise _unsound(f"it has to name 1 to {MOST_RECIPIENTS} recipients")
    sealed = tuple(_sealed(_objects(recipients)))
    locked = [Locked.from_json(one) for one in _objects(recipients) if one["type"] == "passphrase"]
    if len(locked) > 1:
        raise _unsound("it takes more than one passphrase")
    salt = from_base64(found.get("salt"), SALT_SIZE)
    return Header(chunk_size, salt, sealed, locked[0] if locked else None, digest)


def _sealed(recipients: Iterator[Mapping[str, Any]]) -> Iterator[tuple[str, bytes]]:
    for one in recipients:
        if one["type"] == "x25519":
            key_id = one.get("key_id")
            if not isinstance(key_id, str) or not is_digest(key_id):
                raise _unsound("a recipient has no sound key_id")
            yield key_id, from_base64(one.get("wrapped_key"), SEALED_SIZE)


def _objects(recipients: list[object]) -> Iterator[Mapping[str, Any]]:
    for one in recipients:
        found = _object(one)
        if found.get("type") not in {"x25519", "passphrase"}:
            raise _unsound("it names a recipient of no known type")
        yield found


def _object(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _unsound("a JSON object was expected")
    return found


def _unsound(why: str) -> DecryptionError:
    return DecryptionError(f"the header of the encrypted bundle is not sound: {why}", _AGAIN)
