"""Public keys: fingerprints, lines to mail, and keys and signatures that prove nothing."""

from __future__ import annotations

import base64
import hashlib

import nacl.bindings
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.errors import InvalidInputError
from anvil_nb.keys.public import PublicKey, fingerprint_digits, from_base64, parse_line, to_base64

# RFC 8032, 7.1, test 2.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
KEY = PublicKey(
    bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
)
MESSAGE = b"\x72"
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19

# All encodings of the eight points of small order, canonical or not (libsodium's own list, and
# the identity with its sign bit set).
SMALL_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


def test_a_fingerprint_is_as_the_format_says() -> None:
    digits = hashlib.sha256(b"ed25519\n" + KEY.data).hexdigest()
    assert KEY.key_id == f"sha256:{digits}"
    assert KEY.key_id == "sha256:89e712fd9f7e1b4da08de1500fd1e84c19cb6c71609e0d43b68cb7e37b5b6667"


def test_the_signature_of_the_rfc_holds_and_no_other_does() -> None:
    assert KEY.verifies(MESSAGE, SIGNATURE)
    assert not KEY.verifies(MESSAGE + b"\0", SIGNATURE)
    assert not KEY.verifies(b"", SIGNATURE)


@pytest.mark.parametrize("bit", range(512))
def test_a_signature_with_another_bit_does_not_hold(bit: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[bit // 8] ^= 1 << bit % 8
    assert not KEY.verifies(MESSAGE, bytes(changed))


def test_a_signature_to_which_the_order_was_added_does_not_hold() -> None:
    s = int.from_bytes(SIGNATURE[32:], "little") + ORDER
    tried = 0
    while s < 2**256:  # all that its 32 bytes can write
        assert not KEY.verifies(MESSAGE, SIGNATURE[:32] + s.to_bytes(32, "little"))
        s, tried = s + ORDER, tried + 1
    assert tried == 15


@pytest.mark.parametrize("size", [0, 1, 32, 63, 65, 128])
def test_a_signature_of_another_length_does_not_hold(size: int) -> None:
    assert not KEY.verifies(MESSAGE, (SIGNATURE * 2)[:size])


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_signature_with_a_point_of_small_order_does_not_hold(point: str) -> None:
    # S = k·a makes the equation S·B = R + k·A hold for the identity in place of R.
    expanded = hashlib.sha512(SEED).digest()
    scalar = bytearray(expanded[:32])
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    commitment = bytes.fromhex(point)
    hashed = hashlib.sha512(commitment + KEY.data + MESSAGE).digest()
    k = int.from_bytes(hashed, "little") % ORDER
    s = k * int.from_bytes(scalar, "little") % ORDER
    assert not KEY.verifies(MESSAGE, commitment + s.to_bytes(32, "little"))


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_point_of_small_order_is_no_key(point: str) -> None:
    with pytest.raises(InvalidInputError, match="no public key"):
        PublicKey(bytes.fromhex(point))


def test_a_key_with_a_part_of_small_order_is_no_key() -> None:
    low = bytes.fromhex(SMALL_ORDER[4])
    mixed = nacl.bindings.crypto_core_ed25519_add(KEY.data, low)
    with pytest.raises(InvalidInputError, match="no public key"):
        PublicKey(mixed)


@pytest.mark.parametrize("y", range(PRIME, 2**255))
def test_a_point_in_another_encoding_is_no_key(y: int) -> None:
    with pytest.raises(InvalidInputError, match="no public key"):
        PublicKey(y.to_bytes(32, "little"))


@pytest.mark.parametrize("y", [2, 7, 8, 11])
def test_bytes_that_are_no_point_of_the_curve_are_no_key(y: int) -> None:
    with pytest.raises(InvalidInputError, match="no public key"):
        PublicKey(y.to_bytes(32, "little"))


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_has_32_bytes(size: int) -> None:
    with pytest.raises(InvalidInputError, match=f"has 32 bytes, and this one has {size}"):
        PublicKey((KEY.data * 2)[:size])


@given(st.binary(max_size=100))
def test_signatures_made_by_another_library_hold(message: bytes) -> None:
    other = Ed25519PrivateKey.from_private_bytes(SEED)
    data = other.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert PublicKey(data) == KEY
    assert KEY.verifies(message, other.sign(message))


def test_a_line_is_read_as_it_was_written() -> None:
    line = KEY.line("ada")
    assert line == "anvil-key-1 PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw= ada"
    assert parse_line(line) == (KEY, "ada")
    assert parse_line(f"\n  {line}  \r\n") == (KEY, "ada")
    assert parse_line(line.removesuffix(" ada")) == (KEY, "")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no line with a public key"),
        ("ada", "no line with a public key"),
        ("anvil-key-1", "no line with a public key"),
        ("anvil-key-2 PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw= ada", "no line"),
        ("anvil-key-1 PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw= ada b", "no line"),
        ("anvil-key-1 PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw ada", "32 bytes in base64"),
        ("anvil-key-1 PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw= ada", "32 bytes in base64"),
        # Another spelling of the same bytes: the bits behind the last byte are not 0.
        ("anvil-key-1 PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgx= ada", "32 bytes in base64"),
        ("anvil-key-1 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ada", "no public key"),
        ("anvil-key-1 \x1b[31m\u202e", "32 bytes in base64"),
        ("\x1b]0;evil\x07", "no line with a public key"),
    ],
)
def test_a_line_is_refused_that_is_no_key(line: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_line(line)
    assert reason in caught.value.message
    assert caught.value.message.isprintable()
    assert "anvil keys export" in caught.value.hint


def test_fingerprints_are_known_by_their_digits() -> None:
    digits = KEY.key_id.removeprefix("sha256:")
    assert fingerprint_digits(KEY.key_id) == digits
    assert fingerprint_digits(f" {digits.upper()}\n") == digits
    assert fingerprint_digits(digits[:12]) == digits[:12]
    assert fingerprint_digits(digits[:11]) is None
    assert fingerprint_digits(digits + "0") is None
    assert fingerprint_digits("ada") is None


@given(st.binary(min_size=1, max_size=80))
def test_base64_is_read_in_one_spelling(data: bytes) -> None:
    text = to_base64(data)
    assert base64.b64decode(text) == data
    assert from_base64(text, len(data)) == data
    for other in (text + "\n", " " + text, text.rstrip("=") + "==", text[:-1], text + "=", "é", 7):
        if other != text:
            with pytest.raises(ValueError, match="in base64"):
                from_base64(other, len(data))
    with pytest.raises(ValueError, match="in base64"):
        from_base64(text, len(data) + 1)
