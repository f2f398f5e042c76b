"""Encrypted bundles that are cut off, put together wrongly or changed: nothing comes out."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anvil_nb.bundles.encryption import decrypt, is_encrypted
from anvil_nb.errors import DecryptionError
from tests.bundles.encrypted import (
    CHUNK,
    PLAIN,
    TAG,
    WORDS,
    decrypted,
    encrypted,
    first,
    make_ring,
    parts,
    put_together,
    refused,
    second,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.keys import KeyRing


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """Somebody's keys."""
    return make_ring(tmp_path / "keys")


@pytest.mark.parametrize("size", [0, 1, CHUNK, 2 * CHUNK, 2 * CHUNK + 100])
def test_a_bundle_that_is_cut_off_anywhere_is_refused(ring: KeyRing, size: int) -> None:
    data = encrypted(bytes(size), [ring.recipient("ada")])
    _, _, chunks = parts(data)
    begin = len(data) - sum(map(len, chunks))
    ends = {0, 1, 10, 24, 25, 26, 28, 29, 30, begin - 1, begin, begin + 1, len(data) - 1}
    for at in range(len(chunks)):
        end = begin + sum(map(len, chunks[:at]))
        ends |= {end - 1, end, end + 1, end + TAG - 1, end + TAG, end + TAG + 1}
    for end in sorted(ends):
        if 0 <= end < len(data):
            refused(data[:end], r"cut off|no encrypted bundle|not sound|not know", ring)


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_bundle_that_is_cut_off_at_random_is_refused(ring: KeyRing, data: st.DataObject) -> None:
    whole = encrypted(PLAIN, [ring.recipient("ada")])
    refused(whole[: data.draw(st.integers(0, len(whole) - 1))], r"\w", ring)


def test_chunks_are_refused_in_another_order_twice_or_from_elsewhere(ring: KeyRing) -> None:
    keys = [ring.recipient("ada")]
    data = encrypted(PLAIN, keys)
    _, _, (first, second, last) = parts(data)
    start = data[: -len(first + second + last)]
    assert decrypted(start + first + second + last, ring) == PLAIN
    other = parts(encrypted(PLAIN, keys))[2]
    for chunks in (
        [second, first, last],
        [first, last],
        [second, last],
        [last],
        [first, second],
        [first, first, second, last],
        [first, second, second, last],
        [first, second, last, last],
        [first, second, last, first],
        [first, second, last, b"\0"],
        [first, second, last, bytes(TAG)],
        [other[0], second, last],
        [first, second, other[2]],
        [],
    ):
        refused(start + b"".join(chunks), "changed or cut off", ring)


def test_chunks_under_another_header_are_refused(ring: KeyRing) -> None:
    """A header may be right by itself, and all its keys: each chunk tells which it belongs to."""
    data = encrypted(PLAIN, [ring.recipient("ada")])
    _, header, chunks = parts(data)
    again = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    assert decrypted(put_together(again, chunks), ring) == PLAIN
    for changed in (
        json.dumps(header).encode(),
        json.dumps(header | {"about": header["about"] + " "}).encode(),
        json.dumps(header | {"later": 1}).encode(),
        json.dumps(header | {"recipients": header["recipients"] * 2}).encode(),
        json.dumps(header | {"chunk_size": CHUNK + 1}).encode(),
        json.dumps(header | {"salt": base64.b64encode(bytes(32)).decode()}).encode(),
    ):
        refused(put_together(changed, chunks), "changed or cut off", ring)


def test_the_last_chunk_is_never_empty_unless_the_bundle_is(ring: KeyRing) -> None:
    """Made by one who has the key: nobody but a bad writer makes it."""
    data = encrypted(bytes(CHUNK), [ring.recipient("ada")])
    _, header, chunks = parts(data)
    start = data[: -len(chunks[0])]
    opener = ring.opener("ada")
    file_key = opener.open(base64.b64decode(header["recipients"][0]["wrapped_key"]))
    assert file_key is not None
    salt = base64.b64decode(header["salt"])
    cipher = AESGCM(HKDF(SHA256(), 32, salt, b"anvil bundle chunks 1").derive(file_key))
    about = hashlib.sha256(start).digest()
    first = cipher.encrypt(bytes(12), bytes(CHUNK), about)
    last = cipher.encrypt((1).to_bytes(11, "big") + b"\1", b"", about)
    refused(start + first + last, "ends in an empty part", ring)
    last = cipher.encrypt((1).to_bytes(11, "big") + b"\1", b"x", about)
    assert decrypted(start + first + last, ring) == bytes(CHUNK) + b"x"
    short = cipher.encrypt(bytes(12), bytes(CHUNK - 1), about)
    refused(start + short + last, "changed or cut off", ring)


def test_any_other_bit_in_the_header_is_refused(ring: KeyRing) -> None:
    data = encrypted(b"x", [ring.recipient("ada")], WORDS)
    before = len(data) - len(b"x") - TAG
    bits = [(at, bit) for at in range(before) for bit in (range(8) if at < 64 else [at % 8])]
    for at, bit in bits:
        changed = bytearray(data)
        changed[at] ^= 1 << bit
        refused(bytes(changed), r"\w", ring)


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bit_at_random_is_refused(ring: KeyRing, data: st.DataObject) -> None:
    changed = bytearray(encrypted(PLAIN, [ring.recipient("ada")]))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    refused(bytes(changed), r"\w", ring)


def test_any_other_bit_in_the_header_is_refused_by_passphrase_too() -> None:
    data = encrypted(b"x", [], WORDS)
    start = len(data) - len(b"x") - TAG
    for at in range(start):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 7
        refused(bytes(changed), r"\w", passphrase=WORDS)


@pytest.mark.parametrize("size", [1, CHUNK, CHUNK + 1])
def test_any_other_bit_in_the_chunks_is_refused(ring: KeyRing, size: int) -> None:
    data = encrypted(bytes(size), [ring.recipient("ada")])
    start = len(data) - sum(map(len, parts(data)[2]))
    for at in {start, start + 1, start + CHUNK, start + CHUNK + TAG, len(data) - 1, len(data) - 16}:
        if at < len(data):
            for bit in range(8):
                changed = bytearray(data)
                changed[at] ^= 1 << bit
                refused(bytes(changed), "changed or cut off", ring)


HEADERS: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], str]] = {
    "another format": (lambda h: h | {"format_version": "2.0"}, "format '2.0'"),
    "a format that is no text": (lambda h: h | {"format_version": 1}, "format 'none'"),
    "another cipher": (lambda h: h | {"cipher": "aes-128-gcm"}, "a cipher that is not known"),
    "a cipher that is none": (lambda h: h | {"cipher": None}, "a cipher that is not known"),
    "no words about itself": (lambda h: h | {"about": None}, "does not say what it is"),
    "chunks of nothing": (lambda h: h | {"chunk_size": 0}, "chunk_size"),
    "chunks that are too small": (lambda h: h | {"chunk_size": 4_095}, "chunk_size"),
    "chunks that are too large": (lambda h: h | {"chunk_size": 16_777_217}, "chunk_size"),
    "chunks of less than nothing": (lambda h: h | {"chunk_size": -1_048_576}, "chunk_size"),
    "chunks of parts of bytes": (lambda h: h | {"chunk_size": 4_096.0}, "chunk_size"),
    "chunks of truth": (lambda h: h | {"chunk_size": True}, "chunk_size"),
    "a short salt": (lambda h: h | {"salt": "AAAA"}, "32 bytes"),
    "a salt that is a number": (lambda h: h | {"salt": 1}, "32 bytes"),
    "no recipient": (lambda h: h | {"recipients": []}, "1 to 64 recipients"),
    "65 recipients": (lambda h: h | {"recipients": h["recipients"][:1] * 65}, "1 to 64"),
    "recipients that are no list": (lambda h: h | {"recipients": {}}, "1 to 64"),
    "a recipient that is no object": (lambda h: h | {"recipients": [1]}, "object"),
    "a recipient of another type": (lambda h: first(h, type="scrypt"), "no known type"),
    "a recipient of a type that is no text": (lambda h: first(h, type=None), "no known type"),
    "two passphrases": (
        lambda h: h | {"recipients": h["recipients"] + h["recipients"][1:]},
        "more than one passphrase",
    ),
    "a key id that is none": (lambda h: first(h, key_id="ada"), "no sound key_id"),
    "a key id that is a list": (lambda h: first(h, key_id=[]), "no sound key_id"),
    "a sealed box that is short": (lambda h: first(h, wrapped_key="AAAA"), "80 bytes"),
    "a sealed box that is nothing": (lambda h: first(h, wrapped_key=None), "80 bytes"),
    "another derivation": (lambda h: second(h, kdf="scrypt"), "argon2id"),
    "a passphrase's short salt": (lambda h: second(h, salt="AAAA"), "16 bytes"),
    "a passphrase's short box": (lambda h: second(h, wrapped_key="AAAA"), "72 bytes"),
    "no passes": (lambda h: second(h, operations=0), "1 to 10 passes"),
    "too many passes": (lambda h: second(h, operations=11), "1 to 10 passes"),
    "passes that are no number": (lambda h: second(h, operations="3"), "1 to 10 passes"),
    "too little memory": (lambda h: second(h, memory=8_191), "bytes of memory"),
    "too much memory": (lambda h: second(h, memory=2**30 + 1), "bytes of memory"),
    "memory beyond measure": (lambda h: second(h, memory=2**53 - 1), "bytes of memory"),
}


@pytest.mark.parametrize("what", HEADERS)
def test_a_header_is_refused_with(ring: KeyRing, what: str) -> None:
    _, header, chunks = parts(encrypted(PLAIN, [ring.recipient("ada")], WORDS))
    change, match = HEADERS[what]
    refused(put_together(change(header), chunks), match, ring, passphrase=WORDS)


@pytest.mark.parametrize(
    "key", ["format_version", "about", "cipher", "chunk_size", "salt", "recipients"]
)
def test_a_header_is_refused_without_one_of_its_keys(ring: KeyRing, key: str) -> None:
    _, header, chunks = parts(encrypted(PLAIN, [ring.recipient("ada")]))
    del header[key]
    refused(put_together(header, chunks), r"not sound|format 'none'", ring)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":' + b"[" * 1_000 + b"]" * 1_000 + b"}",
        b"\xff",
    ],
)
def test_a_header_is_refused_that_is_no_sound_json(header: bytes) -> None:
    refused(put_together(header, [bytes(100)]), "header .* is not sound")


def test_a_header_longer_than_the_limit_is_refused_before_it_is_read() -> None:
    start = b"anvil-encrypted-bundle 1\n"
    for length in (65_537, 2**31, 2**32 - 1):
        source = io.BytesIO(start + length.to_bytes(4, "big") + bytes(200_000))
        with pytest.raises(DecryptionError, match="length"):
            decrypt(source, io.BytesIO())
        assert source.tell() == len(start) + 4


def test_a_header_that_is_cut_off_is_said_to_be(ring: KeyRing) -> None:
    data = encrypted(PLAIN, [ring.recipient("ada")])
    refused(data[:200], "header .* is cut off", ring)


def test_another_version_is_refused_by_name() -> None:
    assert is_encrypted(b"anvil-encrypted-bundle 2\n")
    error = refused(b"anvil-encrypted-bundle 2\n" + bytes(100), "does not know")
    assert "newer anvil-nb" in error.hint
    refused(b"PK\x03\x04" + bytes(100), "no encrypted bundle")


def test_a_box_that_holds_another_key_is_refused(ring: KeyRing) -> None:
    """The right recipient, and a file key that was never used."""
    _, header, chunks = parts(encrypted(PLAIN, [ring.recipient("ada")]))
    box = ring.recipient("ada").seal(bytes(32))
    changed = first(header, wrapped_key=base64.b64encode(box).decode())
    refused(put_together(changed, chunks), "changed or cut off", ring)
    box = ring.recipient("grace").seal(bytes(32))
    changed = first(header, wrapped_key=base64.b64encode(box).decode())
    refused(put_together(changed, chunks), "header was changed", ring)


@given(st.binary(max_size=300))
def test_whatever_the_file_is_only_an_error_of_ours_comes(data: bytes) -> None:
    for one in (data, b"anvil-encrypted-bundle 1\n" + data, put_together(data, [])):
        refused(one, r"\w", passphrase=WORDS)
