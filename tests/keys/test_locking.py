"""Secrets under a passphrase."""

from __future__ import annotations

from typing import Any

import nacl.secret
import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from anvil_nb.errors import InvalidInputError
from anvil_nb.keys.locking import LEAST_MEMORY, MOST_MEMORY, USUAL, Cost, Locked
from tests.keys.conftest import CHEAP

SECRET = bytes(range(32))


def test_only_the_passphrase_gives_the_secret_back() -> None:
    locked = Locked.lock(SECRET, "correct horse", CHEAP)
    assert locked.unlock("correct horse") == SECRET
    assert locked.unlock("Correct horse") is None
    assert locked.unlock("correct horse ") is None
    assert Locked.from_json(locked.to_json()) == locked


def test_the_form_is_the_one_that_the_format_describes() -> None:
    """Argon2id by another library, and the box by its nonce."""
    locked = Locked.lock(SECRET, "correct horse", Cost(2, 64 * 1024))
    key = Argon2id(salt=locked.salt, length=32, iterations=2, lanes=1, memory_cost=64).derive(
        b"correct horse"
    )
    nonce, box = locked.wrapped[:24], locked.wrapped[24:]
    assert nacl.secret.SecretBox(key).decrypt(box, nonce) == SECRET


def test_each_locking_has_a_salt_and_a_nonce_of_its_own() -> None:
    one, other = (Locked.lock(SECRET, "same", CHEAP) for _ in range(2))
    assert one.salt != other.salt
    assert one.wrapped[:24] != other.wrapped[:24]


def test_a_passphrase_is_the_same_however_its_letters_are_composed() -> None:
    locked = Locked.lock(SECRET, "caf\u00e9", CHEAP)
    assert locked.unlock("cafe\u0301") == SECRET


@pytest.mark.parametrize("passphrase", ["", "\ud800"])
def test_a_passphrase_is_text_and_not_empty(passphrase: str) -> None:
    with pytest.raises(InvalidInputError, match="passphrase"):
        Locked.lock(SECRET, passphrase, CHEAP)


def test_what_is_locked_usually_costs_within_the_limits() -> None:
    assert USUAL.memory >= 64 * 1024 * 1024, "RFC 9106, second recommendation"
    assert USUAL.operations >= 3
    assert USUAL.memory <= 128 * 1024 * 1024, "a bundle is read within 250 MiB"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kdf", "argon2i"),
        ("kdf", None),
        ("operations", 0),
        ("operations", 11),
        ("operations", 1.0),
        ("operations", True),
        ("operations", "1"),
        ("operations", None),
        ("memory", LEAST_MEMORY - 1),
        ("memory", MOST_MEMORY + 1),
        ("memory", 2**52),
        ("memory", None),
        ("salt", "AAAA"),
        ("salt", None),
        ("wrapped_key", "AAAA"),
        ("wrapped_key", None),
    ],
)
def test_a_form_is_refused_that_is_not_sound_or_costs_too_much(key: str, value: object) -> None:
    found: dict[str, Any] = Locked.lock(SECRET, "x", CHEAP).to_json()
    with pytest.raises(ValueError, match=r"expected|takes 1 to 10"):
        Locked.from_json({**found, key: value})
    del found[key]
    with pytest.raises(ValueError, match=r"expected|takes 1 to 10"):
        Locked.from_json(found)
