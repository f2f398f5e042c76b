"""Public keys: their fingerprints, the line in which they are sent, and what they verify.

A key is Ed25519 (RFC 8032). The same key, converted to X25519, is what a bundle is encrypted to.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

import nacl.bindings
import nacl.exceptions
import nacl.public
import nacl.signing

from anvil_nb.domain.digest import PREFIX
from anvil_nb.domain.naming import shown
from anvil_nb.domain.visible import visible
from anvil_nb.errors import InvalidInputError

KEY_SIZE = 32
SIGNATURE_SIZE = 64
ALGORITHM = "ed25519"
LINE_START = "anvil-key-1"
"""What a line with a key begins with: what it is, and the version of its form."""

SHORTEST_PREFIX = 12
"""The fewest hex digits by which a key that is known may be called."""

_FINGERPRINT = re.compile(rf"(?:sha256:)?([0-9a-f]{{{SHORTEST_PREFIX},64}})")
_LINE_HINT = "It is one line: anvil-key-1, the key in base64, and a name (anvil keys export NAME)."


@dataclass(frozen=True)
class PublicKey:
    """A key that others may have: it verifies signatures, and is encrypted to.

    Args:
        data: The 32 bytes of RFC 8032.

    Raises:
        InvalidInputError: for bytes that are no point of the curve, or one whose signatures would
            prove nothing (F25).
    """

    data: bytes

    def __post_init__(self) -> None:
        if len(self.data) != KEY_SIZE:
            msg = f"a public key has {KEY_SIZE} bytes, and this one has {len(self.data)}"
            raise InvalidInputError(msg, _LINE_HINT)
        if not nacl.bindings.crypto_core_ed25519_is_valid_point(self.data):  # F25
            msg = "these bytes are no public key: not a point of Ed25519, or one of small order"
            raise InvalidInputError(msg, _LINE_HINT)

    @cached_property
    def key_id(self) -> str:
        """The fingerprint (F26)."""
        return PREFIX + hashlib.sha256(f"{ALGORITHM}\n".encode() + self.data).hexdigest()

    @cached_property
    def text(self) -> str:
        """The bytes in base64."""
        return to_base64(self.data)

    def line(self, name: str) -> str:
        """Return the key in one line that is safe to mail: ``anvil-key-1 <base64> <name>``."""
        return f"{LINE_START} {self.text} {name}"

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key signed ``message``.

        Points of small order and ``S ≥ L`` are refused by libsodium (F25).
        """
        if len(signature) != SIGNATURE_SIZE:
            return False
        try:
            nacl.signing.VerifyKey(self.data).verify(message, signature)
        except nacl.exceptions.BadSignatureError:
            return False
        return True

    def seal(self, secret: bytes) -> bytes:
        """Return ``secret`` in a sealed box that only the private key opens (F29)."""
        key = nacl.signing.VerifyKey(self.data).to_curve25519_public_key()
        return bytes(nacl.public.SealedBox(key).encrypt(secret))


def parse_line(text: str) -> tuple[PublicKey, str]:
    """Return the key in a line like ``anvil-key-1 <base64> <name>``, and the name; it may be empty.

    Raises:
        InvalidInputError: when it is no such line.
    """
    start, *fields = text.split() or [""]
    if start != LINE_START or len(fields) not in {1, 2}:
        said = shown(visible(text.strip(), keep=""))
        raise InvalidInputError(f"this is no line with a public key: {said}", _LINE_HINT)
    try:
        key = PublicKey(from_base64(fields[0], KEY_SIZE))
    except ValueError as error:
        raise InvalidInputError(f"the key in this line is not sound: {error}", _LINE_HINT) from None
    return key, fields[1] if len(fields) > 1 else ""


def fingerprint_digits(text: str) -> str | None:
    """Return the hex digits of a fingerprint or of the beginning of one; ``None`` for other text.

    ``sha256:`` in front and capital letters make no difference.
    """
    match = _FINGERPRINT.fullmatch(text.strip().lower())
    return match[1] if match else None


def to_base64(data: bytes) -> str:
    """Return ``data`` in base64 (RFC 4648, padded)."""
    return base64.b64encode(data).decode()


def from_base64(text: object, size: int) -> bytes:
    """Return the ``size`` bytes that ``text`` is the base64 of, in its one canonical spelling.

    Raises:
        ValueError: for anything else.
    """
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != size or to_base64(data) != text:
        msg = f"{size} bytes in base64 were expected"
        raise ValueError(msg)
    return data
