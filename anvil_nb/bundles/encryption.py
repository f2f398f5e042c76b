"""Encryption of whole bundles, in chunks that stream: docs/bundle-format.md, section 4.

It keeps secret, it does not vouch: whoever has a recipient's public key can encrypt to it. Who
made a bundle is told by the signature inside.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO

import nacl.utils
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from anvil_nb.bundles.encryption_header import (
    CHUNK_SIZE,
    MOST_RECIPIENTS,
    SALT_SIZE,
    Header,
    is_encrypted,
    read_header,
)
from anvil_nb.errors import DecryptionError, InvalidInputError
from anvil_nb.keys.locking import SECRET_SIZE, USUAL, Locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from anvil_nb.keys import KeyRing, PublicKey, TrustedKey
    from anvil_nb.keys.locking import Cost

__all__ = ["decrypt", "encrypt", "is_encrypted", "read_header"]

TAG_SIZE = 16
_INFO = b"anvil bundle chunks 1"
_COUNTER_SIZE = 11
_AGAIN = "Ask whoever sent it for another copy."


def encrypt(  # noqa: PLR0913 - what an encryption may say
    source: BinaryIO,
    target: BinaryIO,
    recipients: Sequence[PublicKey],
    passphrase: str | None = None,
    *,
    cost: Cost = USUAL,
    chunk_size: int = CHUNK_SIZE,
) -> None:
    """Encrypt all that is left in ``source`` to the end of ``target``.

    Args:
        source: The bundle.
        target: Where it goes, from where it stands.
        recipients: Whose private keys open it.
        passphrase: What opens it too.
        cost: What each try of the passphrase costs.
        chunk_size: How much is encrypted at a time, in bytes (F29).

    Raises:
        InvalidInputError: when nothing would open it, or too many; for an empty passphrase.
    """
    keys = tuple(dict.fromkeys(recipients))
    if not 1 <= len(keys) + (passphrase is not None) <= MOST_RECIPIENTS:
        msg = (
            f"an encrypted bundle is opened by 1 to {MOST_RECIPIENTS} keys, a passphrase among them"
        )
        raise InvalidInputError(msg, "Name a key (anvil keys ls), or give a passphrase.")
    file_key = nacl.utils.random(SECRET_SIZE)  # F30
    header = Header(
        chunk_size,
        nacl.utils.random(SALT_SIZE),
        tuple((one.key_id, one.seal(file_key)) for one in keys),
        None if passphrase is None else Locked.lock(file_key, passphrase, cost),
    )
    start = header.to_bytes()
    target.write(start)
    cipher, about = _cipher(file_key, header.salt), hashlib.sha256(start).digest()
    room = memoryview(bytearray(chunk_size + TAG_SIZE))
    for nonce, chunk in _numbered(source, chunk_size):
        made = cipher.encrypt_into(nonce, chunk, about, room[: len(chunk) + TAG_SIZE])
        target.write(room[:made])


def decrypt(
    source: BinaryIO,
    target: BinaryIO,
    ring: KeyRing | None = None,
    *,
    passphrase: str | Callable[[], str] | None = None,
    key_passphrase: Callable[[str], str] | None = None,
) -> None:
    """Decrypt all that is left in ``source`` into ``target``.

    Nothing in ``target`` may be used before this returns (F32); where it raises, what was written
    is taken back.

    Args:
        source: The encrypted bundle.
        target: Where it goes; it has to be seekable.
        ring: One's own keys, which are tried.
        passphrase: That of the bundle; or asks for it, which happens only where the bundle has
            one and no key of one's own opens it.
        key_passphrase: Asks for the passphrase of a locked key of one's own, by its name; only
            where nothing else that is known opens it.

    Raises:
        DecryptionError: when it is not sound, nothing here opens it, the passphrase is another
            one, or it was changed or cut off anywhere.
        PassphraseError: when the passphrase of a private key is another one.
    """
    header = read_header(source)
    file_key = _file_key(header, ring, passphrase, key_passphrase)
    cipher, begin = _cipher(file_key, header.salt), target.tell()
    room = memoryview(bytearray(header.chunk_size))
    try:
        target.writelines(
            _opened(cipher, nonce, chunk, header.digest, room)
            for nonce, chunk in _numbered(source, header.chunk_size + TAG_SIZE)
        )
    except BaseException:
        target.seek(begin)
        target.truncate()
        raise


def _numbered(source: BinaryIO, size: int) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the chunks with their nonces: the index, and whether it is the last (F31).

    A chunk is there until the next is asked for: two buffers take turns, since to make a new one
    for each chunk costs more than to encrypt it.
    """
    here, there = memoryview(bytearray(size)), memoryview(bytearray(size))
    index, filled = 0, _fill(source, here)
    while True:
        following = _fill(source, there) if filled == size else 0
        yield index.to_bytes(_COUNTER_SIZE, "big") + bytes([not following]), here[:filled]
        if not following:
            return
        here, there = there, here
        index, filled = index + 1, following


def _fill(source: BinaryIO, buffer: memoryview) -> int:
    """Read until the buffer is full or the source at its end: a pipe gives less at a time."""
    filled = 0
    while filled < len(buffer) and (more := _into(source, buffer[filled:])):
        filled += more
    return filled


def _into(source: BinaryIO, buffer: memoryview) -> int:
    # All binary files have it, and typing.BinaryIO does not say so.
    return source.readinto(buffer) or 0  # type: ignore[attr-defined]


def _opened(
    cipher: AESGCM, nonce: bytes, chunk: memoryview, about: bytes, room: memoryview
) -> memoryview:
    """Return what a chunk holds, if it is what was encrypted, there, and under this header."""
    index = int.from_bytes(nonce[:_COUNTER_SIZE], "big")
    size = len(chunk) - TAG_SIZE
    try:
        cipher.decrypt_into(nonce, chunk, about, room[: max(size, 0)])
    except (InvalidTag, ValueError):  # F31; ValueError where not even a tag is left
        msg = f"the encrypted bundle was changed or cut off in its part {index + 1}, or behind it"
        raise DecryptionError(msg, _AGAIN) from None
    if size == 0 and index:  # F31
        raise DecryptionError("the encrypted bundle ends in an empty part", _AGAIN)
    return room[:size]


def _cipher(file_key: bytes, salt: bytes) -> AESGCM:
    """Return the cipher of the chunks (F30)."""
    return AESGCM(HKDF(SHA256(), SECRET_SIZE, salt, _INFO).derive(file_key))


def _file_key(
    header: Header,
    ring: KeyRing | None,
    passphrase: str | Callable[[], str] | None,
    key_passphrase: Callable[[str], str] | None,
) -> bytes:
    """Return the key of the bundle: by what costs least to try."""
    known = {one.key_id: one for one in ring.ls()} if ring is not None else {}
    fitting = {known[key_id] for key_id, _ in header.sealed if key_id in known}
    own = [one for one in known.values() if one in fitting and one.own]
    for one in own:
        if not one.locked and (found := _unsealed(header, ring, one, None)):
            return found
    if header.locked is not None and isinstance(passphrase, str):
        return _unlocked(header.locked, passphrase)
    for one in own:
        if one.locked and key_passphrase is not None:
            found = _unsealed(header, ring, one, key_passphrase(one.name))
            if found:
                return found
    if header.locked is not None and callable(passphrase):
        return _unlocked(header.locked, passphrase())
    raise _not_opened(header, known, own)


def _unsealed(
    header: Header, ring: KeyRing | None, key: TrustedKey, passphrase: str | None
) -> bytes | None:
    assert ring is not None
    opener = ring.opener(key.key_id, passphrase)
    boxes = [box for key_id, box in header.sealed if key_id == key.key_id]
    return next((found for box in boxes if (found := opener.open(box))), None)


def _unlocked(locked: Locked, passphrase: str) -> bytes:
    try:
        found = locked.unlock(passphrase)
    except MemoryError as error:
        msg = f"the encrypted bundle cannot be opened: {error}, and there is not as much"
        raise DecryptionError(msg, "Make memory free, then try again.") from error
    if found is None:
        msg = "this passphrase does not open the bundle"
        raise DecryptionError(msg, "Ask whoever sent it, and try again.")
    return found


def _not_opened(
    header: Header, known: dict[str, TrustedKey], own: Sequence[TrustedKey]
) -> DecryptionError:
    ids = dict.fromkeys(key_id for key_id, _ in header.sealed)
    names = [f"{one} ({known[one].name})" if one in known else one for one in ids]
    whom = " or ".join(
        [f"the key {one}" for one in names]
        + ["a passphrase" for _ in [header.locked] if header.locked is not None]
    )
    if any(one.locked for one in own):
        hint = "Add --passphrase to be asked for that of your key."
    elif own:
        return DecryptionError("the encrypted bundle's header was changed", _AGAIN)
    elif header.locked is not None:
        hint = "Add --passphrase to be asked for it."
    else:
        hint = "Ask whoever sent it to encrypt it to a key of yours: anvil keys export NAME"
    return DecryptionError(f"the bundle is encrypted: {whom} opens it", hint)
