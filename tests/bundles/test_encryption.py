"""Encryption of bundles: what opens one, and that nothing of a changed one comes out."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tracemalloc
from pathlib import Path

import nacl.public
import nacl.signing
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from anvil_nb.bundles.encryption import decrypt, encrypt, is_encrypted, read_header
from anvil_nb.errors import InvalidInputError, PassphraseError
from anvil_nb.keys import KeyRing
from anvil_nb.keys.private import PrivateKey
from tests.bundles.encrypted import (
    CHUNK,
    NOW,
    PLAIN,
    TAG,
    WORDS,
    decrypted,
    encrypted,
    make_ring,
    parts,
    refused,
)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """Somebody's keys."""
    return make_ring(tmp_path / "keys")


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1]
)
def test_what_was_encrypted_comes_back(ring: KeyRing, size: int) -> None:
    plain = os.urandom(size)
    data = encrypted(plain, [ring.recipient("ada")], WORDS)
    chunks = parts(data)[2]
    assert decrypted(data, ring) == plain
    assert decrypted(data, passphrase=WORDS) == plain
    full, rest = divmod(size, CHUNK)
    assert [len(one) - TAG for one in chunks] == [CHUNK] * full + [rest] * (rest > 0 or size == 0)
    assert size < CHUNK - 1 or plain[:64] not in data


def test_a_writer_uses_chunks_of_one_mebibyte(ring: KeyRing) -> None:
    target = io.BytesIO()
    encrypt(io.BytesIO(bytes(3 * 2**20)), target, [ring.recipient("ada")])
    _, header, chunks = parts(target.getvalue())
    assert header["chunk_size"] == 1_048_576
    assert [len(one) for one in chunks] == [1_048_592] * 3


def test_the_format_is_as_described_byte_by_byte(ring: KeyRing) -> None:
    """F28 to F31, decrypted here by the letter."""
    line, header, chunks = parts(data := encrypted(PLAIN, [ring.recipient("ada")], WORDS))
    assert line == b"anvil-encrypted-bundle 1"
    assert header.keys() == {
        "format_version",
        "about",
        "cipher",
        "chunk_size",
        "salt",
        "recipients",
    }
    assert (header["format_version"], header["cipher"]) == ("1.0", "aes-256-gcm")
    assert "encrypted" in header["about"]
    box, locked = header["recipients"]
    assert box.keys() == {"type", "key_id", "wrapped_key"}
    assert (box["type"], box["key_id"]) == ("x25519", ring.get("ada").key_id)
    assert locked.keys() == {"type", "kdf", "salt", "operations", "memory", "wrapped_key"}
    seed = base64.b64decode(json.loads((ring.folder / "ada.key").read_text())["private"]["seed"])
    key = nacl.signing.SigningKey(seed).to_curve25519_private_key()
    file_key = nacl.public.SealedBox(key).decrypt(base64.b64decode(box["wrapped_key"]))
    salt = base64.b64decode(header["salt"])
    assert len(salt) == 32
    chunk_key = HKDF(SHA256(), 32, salt, b"anvil bundle chunks 1").derive(bytes(file_key))
    before = hashlib.sha256(data[: -sum(map(len, chunks))]).digest()
    plain = b""
    for index, chunk in enumerate(chunks):
        nonce = index.to_bytes(11, "big") + (b"\1" if index == len(chunks) - 1 else b"\0")
        plain += AESGCM(chunk_key).decrypt(nonce, chunk, before)
    assert plain == PLAIN


def test_the_vector_that_was_made_once_still_opens(tmp_path: Path) -> None:
    """Encrypted to the key whose seed is 32 times 1, and under a passphrase; 5,000 bytes."""
    data = Path(__file__).with_name("vectors").joinpath("encrypted.anvil").read_bytes()
    plain = bytes(range(250)) * 20
    key = PrivateKey.make("one", b"\1" * 32, NOW)
    ring = KeyRing.open(tmp_path / "keys")
    ring.generate("other")
    (ring.folder / "one.key").touch(0o600)
    (ring.folder / "one.key").write_bytes(key.to_bytes())
    assert decrypted(data, ring) == plain
    assert decrypted(data, passphrase="Käse und Brot") == plain  # noqa: S106 - the vector's own


def test_every_bundle_has_keys_of_its_own(ring: KeyRing) -> None:
    one, other = (encrypted(PLAIN, [ring.recipient("ada")], WORDS) for _ in range(2))
    for at in range(2):
        assert (
            parts(one)[1]["recipients"][at]["wrapped_key"]
            != parts(other)[1]["recipients"][at]["wrapped_key"]
        )
    assert parts(one)[1]["salt"] != parts(other)[1]["salt"]
    assert not set(parts(one)[2]) & set(parts(other)[2])


def test_each_of_several_recipients_opens_it(ring: KeyRing, tmp_path: Path) -> None:
    graces = KeyRing.open(tmp_path / "hers")
    graces.generate("grace")
    ring.generate("second")
    recipients = [graces.recipient("grace"), ring.recipient("second"), ring.recipient("second")]
    data = encrypted(PLAIN, recipients)
    assert len(parts(data)[1]["recipients"]) == 2
    assert decrypted(data, ring) == decrypted(data, graces) == PLAIN


def test_a_locked_key_opens_by_its_passphrase(ring: KeyRing) -> None:
    data = encrypted(PLAIN, [ring.recipient("bob")])
    asked: list[str] = []

    def ask(name: str) -> str:
        asked.append(name)
        return WORDS

    assert decrypted(data, ring, key_passphrase=ask) == PLAIN
    assert asked == ["bob"]
    with pytest.raises(PassphraseError, match="does not unlock the key bob"):
        decrypted(data, ring, key_passphrase=str.upper)
    error = refused(data, "is encrypted: the key .*bob", ring)
    assert "--passphrase" in error.hint


def test_a_passphrase_is_asked_for_where_it_is_needed_only(ring: KeyRing) -> None:
    def ask(*_: object) -> str:
        pytest.fail("nobody has to be asked")

    data = encrypted(PLAIN, [ring.recipient("bob"), ring.recipient("ada")], WORDS)
    assert decrypted(data, ring, passphrase=ask, key_passphrase=ask) == PLAIN
    data = encrypted(PLAIN, [ring.recipient("bob")], WORDS)
    assert decrypted(data, ring, passphrase=WORDS, key_passphrase=ask) == PLAIN
    assert decrypted(data, ring, passphrase=ask, key_passphrase=lambda _: WORDS) == PLAIN
    assert decrypted(data, ring, passphrase=lambda: WORDS) == PLAIN
    assert decrypted(data, passphrase=lambda: WORDS, key_passphrase=ask) == PLAIN
    data = encrypted(PLAIN, [ring.recipient("grace")])
    refused(data, "is encrypted", ring, passphrase=ask, key_passphrase=ask)


def test_a_revoked_key_of_ones_own_still_opens(ring: KeyRing) -> None:
    data = encrypted(PLAIN, [ring.recipient("ada")])
    ring.revoke("ada")
    assert decrypted(data, ring) == PLAIN


def test_another_passphrase_is_refused(ring: KeyRing) -> None:
    data = encrypted(PLAIN, [], WORDS)
    for wrong in ("Correct horse", "correct horse ", "x"):
        error = refused(data, "this passphrase does not open", ring, passphrase=wrong)
        assert wrong not in str(error)


def test_where_no_key_fits_those_that_would_are_listed(ring: KeyRing) -> None:
    stranger = PrivateKey.make("x", b"\2" * 32, NOW).public_key
    data = encrypted(PLAIN, [ring.recipient("grace"), stranger], WORDS)
    error = refused(data, "is encrypted", ring)
    assert f"the key {ring.get('grace').key_id} (grace) or the key {stranger.key_id}" in str(error)
    assert "or a passphrase opens it" in error.message
    assert "--passphrase" in error.hint
    error = refused(encrypted(PLAIN, [stranger]), "is encrypted", ring)
    assert "passphrase" not in str(error)
    assert "anvil keys export" in error.hint
    refused(encrypted(PLAIN, [stranger]), stranger.key_id)


def test_something_has_to_open_it_and_not_too_many(ring: KeyRing) -> None:
    keys = [PrivateKey.make("x", one.to_bytes(32, "big"), NOW).public_key for one in range(1, 66)]
    for recipients, passphrase in (([], None), (keys, None), (keys[:64], WORDS)):
        with pytest.raises(InvalidInputError, match="1 to 64 keys"):
            encrypted(b"", recipients, passphrase)
    with pytest.raises(InvalidInputError, match="empty"):
        encrypted(b"", [], "")
    data = encrypted(PLAIN, [*keys[:62], ring.recipient("ada")], WORDS)
    assert decrypted(data, ring) == PLAIN


def test_the_header_can_be_read_before_anything_is_opened(ring: KeyRing) -> None:
    data = encrypted(PLAIN, [ring.recipient("ada")], WORDS)
    assert is_encrypted(data[:64])
    assert not is_encrypted(b"PK\x03\x04" + bytes(60))
    assert not is_encrypted(b"")
    header = read_header(io.BytesIO(data))
    assert header.key_ids == (ring.get("ada").key_id,)
    assert header.takes_passphrase
    assert not read_header(io.BytesIO(encrypted(b"", [ring.recipient("ada")]))).takes_passphrase


class Endless(io.RawIOBase):
    """A source of so many bytes that are made when they are read, a few at a time."""

    def __init__(self, size: int) -> None:
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer
        size = min(len(buffer), self.left, 100_000)
        buffer[:size] = bytes(size)
        self.left -= size
        return size


class Counting(io.RawIOBase):
    """A target that keeps how much it was given, and nothing else."""

    size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: memoryview) -> int:  # type: ignore[override]  # any buffer
        self.size += len(data)
        return len(data)


def test_memory_is_that_of_a_few_chunks_however_large_the_bundle_is(
    ring: KeyRing, tmp_path: Path
) -> None:
    size, mebibyte = 64 * 2**20, 2**20
    counting = Counting()
    tracemalloc.start()
    try:
        encrypt(Endless(size), counting, [ring.recipient("ada")])  # type: ignore[arg-type]  # raw
        encrypting = tracemalloc.get_traced_memory()[1]
        path = tmp_path / "large"
        with path.open("wb") as file:
            encrypt(Endless(size), file, [ring.recipient("ada")])  # type: ignore[arg-type]  # raw
        tracemalloc.reset_peak()
        with path.open("rb") as file, (tmp_path / "plain").open("wb") as plain:
            decrypt(file, plain, ring)
        decrypting = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size < counting.size < size + mebibyte
    assert path.stat().st_size > size == (tmp_path / "plain").stat().st_size
    assert encrypting < 4 * mebibyte
    assert decrypting < 4 * mebibyte


def test_a_source_that_gives_little_at_a_time_is_read_to_its_end(ring: KeyRing) -> None:
    target = io.BytesIO()
    encrypt(Endless(2_500_000), target, [ring.recipient("ada")])  # type: ignore[arg-type]  # raw
    assert decrypted(target.getvalue(), ring) == bytes(2_500_000)
