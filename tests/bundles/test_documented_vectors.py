"""The test vectors of docs/bundle-format.md, read from the page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nacl.public
import nacl.signing
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import anvil_nb as anvil
from anvil_nb.bundles.signing import PAYLOAD_TYPE, pae, sign
from anvil_nb.keys import KeyRing
from anvil_nb.keys.public import PublicKey, from_base64
from tests.bundles.encrypted import decrypted, parts
from tests.bundles.handmade import signer, support_desk

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace

FILES = Path(__file__).with_name("vectors")
TABLE = re.compile(r"^\| ([^|\n]+) \| \|\n\|---\|---\|\n((?:\| .+ \| `.+` \|\n)+)", re.MULTILINE)
ROW = re.compile(r"^\| (.+?)(?: \(F.+\))? \| `(.+)` \|$", re.MULTILINE)
SEED = b"\1" * 32


@pytest.fixture(scope="session")
def vectors(repository: Path) -> dict[str, dict[str, str]]:
    """The tables at the end of the page, by what stands in their first line."""
    page = (repository / "docs" / "bundle-format.md").read_text("utf-8")
    _, _, last = page.partition("## 6. Test vectors")
    found = {what.partition(" (")[0]: dict(ROW.findall(rows)) for what, rows in TABLE.findall(last)}
    assert {name: len(rows) for name, rows in found.items()} == {
        "the key": 3,
        "a signature": 3,
        "bundle.anvil": 6,
        "encrypted.anvil": 8,
    }
    return found


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_key_is_that_of_its_seed(vectors: dict[str, dict[str, str]]) -> None:
    said = vectors["the key"]
    private = nacl.signing.SigningKey(SEED)
    assert base64.b64decode(said["public key"]) == bytes(private.verify_key)
    assert PublicKey(from_base64(said["public key"], 32)).key_id == said["key id"]
    curve = private.to_curve25519_private_key().public_key
    assert base64.b64decode(said["its X25519 key"]) == bytes(curve)


def test_the_signature_is_made_and_holds(vectors: dict[str, dict[str, str]]) -> None:
    said = vectors["a signature"]
    manifest, message = said["manifest"].encode(), said["what is signed"].encode()
    assert pae(PAYLOAD_TYPE, manifest) == message
    (made,) = json.loads(sign(manifest, [signer(1)]))["signatures"]
    assert made["signature"] == said["signature"]
    assert made["key_id"] == vectors["the key"]["key id"]
    nacl.signing.VerifyKey(base64.b64decode(vectors["the key"]["public key"])).verify(
        message, base64.b64decode(said["signature"])
    )


def test_the_bundle_is_what_the_page_says_and_imports(
    vectors: dict[str, dict[str, str]], ours: Workspace
) -> None:
    said, path = vectors["bundle.anvil"], FILES / "bundle.anvil"
    data = path.read_bytes()
    assert (str(len(data)), digest(data)) == (said["bytes of the file"], said["digest of the file"])
    found = anvil.inspect(path)
    assert found.digest == f"sha256:{said['digest of its manifest']}"
    assert [one.key_id for one in found.signers] == [vectors["the key"]["key id"]]
    (emails,) = found.sets
    assert {one.number: one.digest for one in emails.versions} == {
        "1.0.0": said["version 1.0.0"],
        "1.1.0": said["version 1.1.0"],
    }
    assert emails.labels == {"production": "1.0.0"}
    KeyRing.open().trust(signer(1).public_key.line("vector"))
    assert ours.import_bundle(path, labels=True).counts["add"] > 0
    rendered = ours.get("desk/emails/welcome@production").render(name="Ada")
    assert rendered.text == "Hello Ada!Bye."


def test_the_bundle_is_the_one_that_tests_make_by_hand(vectors: dict[str, dict[str, str]]) -> None:
    said = vectors["bundle.anvil"]
    members = support_desk().members()
    assert digest(members["manifest.json"]) == said["digest of its manifest"]
    assert digest(members["meta/checksums.json"]) == said["digest of its checksums"]


def test_the_encrypted_file_is_opened_by_the_letter(vectors: dict[str, dict[str, str]]) -> None:
    said, data = vectors["encrypted.anvil"], (FILES / "encrypted.anvil").read_bytes()
    assert (str(len(data)), digest(data)) == (said["bytes of the file"], said["digest of the file"])
    _, header, chunks = parts(data)
    length = int(said["bytes of its header"])
    assert int.from_bytes(data[25:29], "big") == length
    assert digest(data[: 29 + length]) == said["associated data"]
    assert [len(one) for one in chunks] == [4096 + 16, 904 + 16]
    box: dict[str, Any] = header["recipients"][0]
    assert box["key_id"] == vectors["the key"]["key id"]
    key = nacl.signing.SigningKey(SEED).to_curve25519_private_key()
    file_key = nacl.public.SealedBox(key).decrypt(base64.b64decode(box["wrapped_key"]))
    assert bytes(file_key).hex() == said["file key"]
    hkdf = HKDF(SHA256(), 32, base64.b64decode(header["salt"]), b"anvil bundle chunks 1")
    assert hkdf.derive(bytes(file_key)).hex() == said["chunk key"]
    plain = decrypted(data, passphrase=said["passphrase"])
    assert plain == bytes(range(250)) * 20
    assert digest(plain) == said["digest of what it holds"]
