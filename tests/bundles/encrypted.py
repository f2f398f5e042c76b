"""Encrypted bundles to test with: made, taken apart, put together wrongly, and refused."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.bundles.encryption import decrypt, encrypt
from anvil_nb.errors import DecryptionError
from anvil_nb.keys import KeyRing
from anvil_nb.keys.locking import LEAST_MEMORY, Cost
from anvil_nb.keys.private import PrivateKey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from anvil_nb.keys import PublicKey

CHUNK = 4_096
TAG = 16
CHEAP = Cost(operations=1, memory=LEAST_MEMORY)
WORDS = "correct horse"
NOW = datetime(2026, 11, 21, 5, 12, tzinfo=UTC)
PLAIN = bytes(range(256)) * 40  # two full chunks and half of one


def make_ring(folder: Path) -> KeyRing:
    """Somebody's keys: ada, plain; bob, locked; and grace, who is somebody else."""
    ring = KeyRing.open(folder, clock=lambda: NOW)
    ring.generate("ada")
    ring.generate("bob", WORDS, cost=CHEAP)
    ring.trust(PrivateKey.make("grace", bytes(32), NOW).public_key.line("grace"))
    return ring


def encrypted(
    plain: bytes = PLAIN,
    recipients: Sequence[PublicKey] = (),
    passphrase: str | None = None,
    chunk_size: int = CHUNK,
) -> bytes:
    target = io.BytesIO()
    encrypt(io.BytesIO(plain), target, recipients, passphrase, cost=CHEAP, chunk_size=chunk_size)
    return target.getvalue()


def decrypted(data: bytes, ring: KeyRing | None = None, **said: Any) -> bytes:
    target = io.BytesIO()
    decrypt(io.BytesIO(data), target, ring, **said)
    return target.getvalue()


def parts(data: bytes) -> tuple[bytes, dict[str, Any], list[bytes]]:
    """Return an encrypted bundle's first line, header and chunks, by the letter of the format."""
    line, _, rest = data.partition(b"\n")
    length = int.from_bytes(rest[:4], "big")
    header, body = rest[4 : 4 + length], rest[4 + length :]
    size = json.loads(header)["chunk_size"] + TAG
    return line, json.loads(header), [body[at : at + size] for at in range(0, len(body), size)]


def put_together(header: dict[str, Any] | bytes, chunks: Sequence[bytes]) -> bytes:
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    return b"".join([b"anvil-encrypted-bundle 1\n", len(data).to_bytes(4, "big"), data, *chunks])


def refused(data: bytes, match: str, ring: KeyRing | None = None, **said: Any) -> DecryptionError:
    """Check that a bundle is refused and that nothing of it is left behind."""
    target = io.BytesIO(b"before")
    target.seek(0, io.SEEK_END)
    with pytest.raises(DecryptionError, match=match) as caught:
        decrypt(io.BytesIO(data), target, ring, **said)
    assert target.getvalue() == b"before"
    assert caught.value.hint
    assert caught.value.message.isprintable()
    return caught.value


def first(header: dict[str, Any], **fields: object) -> dict[str, Any]:
    """Return a header whose first recipient is changed."""
    one, *others = header["recipients"]
    return header | {"recipients": [one | fields, *others]}


def second(header: dict[str, Any], **fields: object) -> dict[str, Any]:
    """Return a header whose recipient by passphrase is changed."""
    one, other = header["recipients"]
    return header | {"recipients": [one, other | fields]}
