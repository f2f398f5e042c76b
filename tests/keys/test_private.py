"""Private keys: what they do, how they are kept, and that they show nothing."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import nacl.public
import nacl.signing
import pytest

from anvil_nb.errors import KeyStoreError, PassphraseError
from anvil_nb.keys.private import PrivateKey
from anvil_nb.keys.public import to_base64
from tests.keys.conftest import CHEAP, NOW

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
WORDS = "correct horse"


def plain() -> PrivateKey:
    return PrivateKey.make("ada", SEED, NOW)


def locked() -> PrivateKey:
    return PrivateKey.make("ada", SEED, NOW, passphrase=WORDS, cost=CHEAP)


def document(key: PrivateKey) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(key.to_bytes())
    return found


def test_the_key_of_the_rfc_signs_as_it_does_there() -> None:
    assert plain().signer(None).sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_a_key_opens_what_is_sealed_to_it_and_nothing_else() -> None:
    opener = plain().opener(None)
    assert opener.open(opener.public_key.seal(b"secret")) == b"secret"
    other = PrivateKey.make("grace", bytes(32), NOW)
    assert opener.open(other.public_key.seal(b"secret")) is None
    assert opener.open(b"") is None
    sealed = bytearray(opener.public_key.seal(b"secret"))
    sealed[-1] ^= 1
    assert opener.open(bytes(sealed)) is None


def test_the_sealed_box_is_that_of_the_converted_key() -> None:
    """F29, by the library's own classes."""
    key = nacl.signing.SigningKey(SEED).to_curve25519_private_key()
    sealed = nacl.public.SealedBox(key.public_key).encrypt(b"secret")
    assert plain().opener(None).open(bytes(sealed)) == b"secret"


def test_the_document_of_a_plain_key_is_as_described() -> None:
    public = plain().public_key
    assert document(plain()) == {
        "format_version": "1.0",
        "name": "ada",
        "key_id": public.key_id,
        "public_key": public.text,
        "created_at": "2026-11-21T05:12:00Z",
        "private": {"type": "plain", "seed": to_base64(SEED)},
    }
    assert PrivateKey.from_bytes(plain().to_bytes()).signer(None).sign(b"") == (
        plain().signer(None).sign(b"")
    )


def test_a_locked_key_is_kept_and_used_by_its_passphrase_alone() -> None:
    key = PrivateKey.from_bytes(locked().to_bytes())
    assert document(key)["private"].keys() == {
        "type",
        "kdf",
        "salt",
        "operations",
        "memory",
        "wrapped_key",
    }
    assert key.signer(WORDS).sign(b"x") == plain().signer(None).sign(b"x")
    assert key.opener(WORDS).open(key.public_key.seal(b"x")) == b"x"
    for passphrase in (None, WORDS.upper()):
        with pytest.raises(PassphraseError, match="the key ada"):
            key.signer(passphrase)
        with pytest.raises(PassphraseError, match="the key ada"):
            key.opener(passphrase)


def test_renaming_a_key_changes_its_name_alone() -> None:
    for key in (plain(), locked()):
        assert document(key.renamed("lovelace")) == document(key) | {"name": "lovelace"}


def test_a_seed_of_another_key_is_refused_when_it_is_used() -> None:
    found = document(plain())
    found["private"]["seed"] = to_base64(bytes(32))
    key = PrivateKey.from_bytes(json.dumps(found).encode())
    with pytest.raises(KeyStoreError, match="does not belong"):
        key.signer(None)


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "a newer format": lambda found: found.update(format_version="2.0"),
    "no format": lambda found: found.pop("format_version"),
    "a name that is none": lambda found: found.update(name="../ada"),
    "no name": lambda found: found.pop("name"),
    "another key's id": lambda found: found.update(key_id="sha256:" + "0" * 64),
    "no key's id": lambda found: found.pop("key_id"),
    "a public key that is none": lambda found: found.update(public_key=to_base64(bytes(32))),
    "a public key that is short": lambda found: found.update(public_key="AAAA"),
    "no time": lambda found: found.pop("created_at"),
    "a time in another form": lambda found: found.update(created_at="2026-11-21 05:12"),
    "a day that there is not": lambda found: found.update(created_at="2026-02-30T05:12:00Z"),
    "no private part": lambda found: found.pop("private"),
    "a private part of another type": lambda found: found["private"].update(type="pem"),
    "a seed that is short": lambda found: found["private"].update(seed="AAAA"),
    "no seed": lambda found: found["private"].pop("seed"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_document_is_refused_with(what: str) -> None:
    found = document(plain())
    CHANGES[what](found)
    with pytest.raises(ValueError, match=r"\w") as caught:
        PrivateKey.from_bytes(json.dumps(found).encode())
    shown = "".join(traceback.format_exception(caught.value))
    assert to_base64(SEED) not in shown


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b'"text"', b"\xff", b"{}"])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|format"):
        PrivateKey.from_bytes(data)


def test_a_damaged_document_is_refused_without_a_word_of_what_is_in_it() -> None:
    data = plain().to_bytes()
    for damaged in (data[:-3], data + b"}", data.replace(b'"seed"', b'"seed": 1, "seed"')):
        with pytest.raises(ValueError, match="not sound JSON") as caught:
            PrivateKey.from_bytes(damaged)
        errors: list[BaseException | None] = [caught.value]
        for error in errors:
            assert to_base64(SEED) not in repr(error)
            assert to_base64(SEED) not in repr(vars(error))
            if error and (error.__cause__ or error.__context__):
                errors.append(error.__cause__ or error.__context__)
        assert errors == [caught.value]


@pytest.mark.parametrize("make", [plain, locked])
def test_nothing_shows_a_secret(make: Callable[[], PrivateKey]) -> None:
    key = make()
    for one in (key, key.signer(WORDS), key.opener(WORDS), [key], {"key": key}):
        for shown in (repr(one), str(one), f"{one}"):
            for secret in (SEED.hex(), repr(SEED)[2:-1], to_base64(SEED), WORDS):
                assert secret not in shown


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_private_key_is_not_copied(copied: Callable[[object], object]) -> None:
    for one in (plain(), plain().signer(None), plain().opener(None)):
        with pytest.raises(TypeError, match="not copied"):
            copied(one)
