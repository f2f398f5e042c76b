"""Signatures of bundles: whose hold, and that nothing else does."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anvil_nb.bundles.signing import PAYLOAD_TYPE, check, pae, sign, signing_keys
from anvil_nb.domain.digest import canonical_json
from anvil_nb.errors import (
    BundleError,
    InvalidInputError,
    RevokedKeyError,
    SignatureError,
    UntrustedSignerError,
)
from anvil_nb.keys import KeyRing
from anvil_nb.keys.private import PrivateKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.keys import Signer

MANIFEST = b'{"format_version":"1.0"}'
NOW = datetime(2026, 11, 21, 5, 12, tzinfo=UTC)
ORDER = 2**252 + 27742317777372353535851937790883648493


def signer(number: int) -> Signer:
    """Return one of the keys of the test vectors: its seed is 32 times the number."""
    return PrivateKey.make(f"key-{number}", bytes([number]) * 32, NOW).signer(None)


ONE, TWO, THREE = signer(1), signer(2), signer(3)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """Trusts the first key."""
    ring = KeyRing.open(tmp_path / "keys", clock=lambda: NOW)
    ring.trust(ONE.public_key.line("one"))
    return ring


def document(*signers: Signer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sign(MANIFEST, signers or [ONE]))
    return found


def test_what_is_signed_is_the_pre_authentication_encoding() -> None:
    """The example of the DSSE specification, version 1.0."""
    encoded = pae("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "


def test_the_documented_vector_holds() -> None:
    assert sign(MANIFEST, [ONE]) == (
        b'{"payload_type":"application/vnd.anvil.bundle-manifest.v1+json","signatures":['
        b'{"algorithm":"ed25519",'
        b'"key_id":"sha256:04df8dbe745eae0759687510c19cf5686decf66a1f378ac4b508f22be89f2ee4",'
        b'"public_key":"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=",'
        b'"signature":"x030DWm4Up/0+gQuO0e5XAEAS4GXJJW/w8hK/Fc69zNfeapJWJRuc5lX3meDllHMIzcO4sHMchHoroqHIdHQCw=="}]}'
    )


def test_a_signature_can_be_verified_by_another_library() -> None:
    (found,) = document()["signatures"]
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(found["public_key"]))
    head = b"DSSEv1 45 application/vnd.anvil.bundle-manifest.v1+json 24 "
    key.verify(base64.b64decode(found["signature"]), head + MANIFEST)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(found["signature"]), MANIFEST)


def test_the_same_keys_give_the_same_document_in_any_order() -> None:
    assert sign(MANIFEST, [ONE, TWO, THREE]) == sign(MANIFEST, [THREE, ONE, TWO])


def test_one_to_sixteen_keys_sign_each_once(ring: KeyRing) -> None:
    sixteen = [signer(number) for number in range(1, 17)]
    assert len(check(MANIFEST, sign(MANIFEST, sixteen), ring).unknown) == 15
    for wrong in ([], [ONE, ONE], [*sixteen, signer(17)]):
        with pytest.raises(InvalidInputError, match="signed by 1 to 16 keys"):
            sign(MANIFEST, wrong)


def test_a_trusted_signature_holds(ring: KeyRing) -> None:
    signers = check(MANIFEST, sign(MANIFEST, [ONE]), ring)
    assert [one.name for one in signers.trusted] == ["one"]
    assert signers.unknown == ()


def test_ones_own_signature_holds(ring: KeyRing) -> None:
    ring.generate("ada")
    signers = check(MANIFEST, sign(MANIFEST, [ring.signer("ada")]), ring)
    assert [(one.name, one.own) for one in signers.trusted] == [("ada", True)]


def test_unknown_signers_beside_a_trusted_one_are_told(ring: KeyRing) -> None:
    signers = check(MANIFEST, sign(MANIFEST, [ONE, TWO]), ring)
    assert [one.name for one in signers.trusted] == ["one"]
    assert signers.unknown == (TWO.public_key,)


def test_an_unknown_signer_is_refused_with_the_fingerprint_and_the_command(
    ring: KeyRing,
) -> None:
    with pytest.raises(UntrustedSignerError) as caught:
        check(MANIFEST, sign(MANIFEST, [TWO]), ring, path="my desk.anvil")
    error = caught.value
    assert TWO.key_id in error.message
    assert f"anvil keys trust {TWO.key_id} --from 'my desk.anvil' --name NAME" in error.hint
    assert error.to_json()["fingerprints"] == [TWO.key_id]
    assert error.code == "untrusted-signer"


def test_without_a_file_the_command_for_an_unknown_signer_has_the_key(ring: KeyRing) -> None:
    with pytest.raises(UntrustedSignerError) as caught:
        check(MANIFEST, sign(MANIFEST, [TWO]), ring)
    line = caught.value.hint.partition("anvil keys trust ")[2].replace("NAME", "two")
    assert ring.trust(line).key_id == TWO.key_id
    assert check(MANIFEST, sign(MANIFEST, [TWO]), ring).trusted[0].name == "two"


def test_an_unsigned_bundle_is_refused_where_signatures_are_required(ring: KeyRing) -> None:
    with pytest.raises(SignatureError, match="is not signed") as caught:
        check(MANIFEST, None, ring)
    assert "--allow-unsigned" in caught.value.hint


def test_where_signatures_are_not_required_an_unknown_one_counts_for_nothing(
    ring: KeyRing,
) -> None:
    assert check(MANIFEST, None, ring, require_signature=False).trusted == ()
    signers = check(MANIFEST, sign(MANIFEST, [TWO]), ring, require_signature=False)
    assert (signers.trusted, signers.unknown) == ((), (TWO.public_key,))
    signers.check_scope(["anything"])


@pytest.mark.parametrize("required", [True, False])
def test_a_revoked_signer_is_refused_whoever_else_signed(ring: KeyRing, *, required: bool) -> None:
    ring.trust(TWO.public_key.line("two"))
    ring.revoke("two", "stolen")
    for signers in ([TWO], [ONE, TWO], [ONE, TWO, THREE]):
        with pytest.raises(RevokedKeyError, match="two .* was revoked on 2026-11-21: stolen"):
            check(MANIFEST, sign(MANIFEST, signers), ring, require_signature=required)
    assert check(MANIFEST, sign(MANIFEST, [ONE]), ring, require_signature=required).trusted


def test_ones_own_revoked_key_is_refused(ring: KeyRing) -> None:
    ring.generate("ada")
    signed = sign(MANIFEST, [ring.signer("ada")])
    ring.revoke("ada")
    with pytest.raises(RevokedKeyError):
        check(MANIFEST, signed, ring)


def refuses(data: bytes, ring: KeyRing, match: str, manifest: bytes = MANIFEST) -> None:
    """Check that a document is refused, whether or not signatures are required."""
    for required in (True, False):
        with pytest.raises(SignatureError, match=match) as caught:
            check(manifest, data, ring, require_signature=required)
        assert not isinstance(caught.value, UntrustedSignerError)
        assert isinstance(caught.value, BundleError)
        assert caught.value.hint
        assert caught.value.message.isprintable()


@pytest.mark.parametrize("at", range(len(MANIFEST)))
def test_a_manifest_with_another_byte_is_refused(ring: KeyRing, at: int) -> None:
    changed = MANIFEST[:at] + bytes([MANIFEST[at] ^ 1]) + MANIFEST[at + 1 :]
    refuses(sign(MANIFEST, [ONE]), ring, "does not hold", changed)


@pytest.mark.parametrize("changed", [b"", MANIFEST[:-1], MANIFEST + b" ", b"\n" + MANIFEST])
def test_a_manifest_of_another_length_is_refused(ring: KeyRing, changed: bytes) -> None:
    refuses(sign(MANIFEST, [ONE]), ring, "does not hold", changed)


def test_an_invalid_signature_is_refused_beside_a_valid_one(ring: KeyRing) -> None:
    found = document(ONE, TWO)
    for one, other in ((0, 1), (1, 0)):
        mixed = json.loads(json.dumps(found))
        mixed["signatures"][one]["signature"] = found["signatures"][other]["signature"]
        refuses(json.dumps(mixed).encode(), ring, "does not hold")


def test_a_valid_signature_over_another_payload_type_is_refused(ring: KeyRing) -> None:
    other = "application/vnd.anvil.head.v1+json"
    found = document()
    made = base64.b64encode(ONE.sign(pae(other, MANIFEST))).decode()
    found["signatures"][0]["signature"] = made
    refuses(json.dumps(found).encode(), ring, "does not hold")
    found["payload_type"] = other
    refuses(json.dumps(found).encode(), ring, "made for something else")
    found["signatures"][0]["signature"] = base64.b64encode(ONE.sign(MANIFEST)).decode()
    found["payload_type"] = PAYLOAD_TYPE
    refuses(json.dumps(found).encode(), ring, "does not hold")


def test_a_signature_to_which_the_order_was_added_is_refused(ring: KeyRing) -> None:
    found = document()
    signature = base64.b64decode(found["signatures"][0]["signature"])
    s = int.from_bytes(signature[32:], "little") + ORDER
    changed = signature[:32] + s.to_bytes(32, "little")
    found["signatures"][0]["signature"] = base64.b64encode(changed).decode()
    refuses(json.dumps(found).encode(), ring, "does not hold")


def change(found: dict[str, Any], key: str, value: object) -> None:
    found["signatures"][0][key] = value


ZERO_KEY = base64.b64encode(bytes(32)).decode()
WRONG: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no payload type": (lambda f: f.pop("payload_type"), "something else"),
    "a payload type of another case": (
        lambda f: f.update(payload_type=PAYLOAD_TYPE.upper()),
        "something else",
    ),
    "a payload type that is no text": (
        lambda f: f.update(payload_type=[PAYLOAD_TYPE]),
        "something else",
    ),
    "no signatures": (lambda f: f.pop("signatures"), "1 to 16"),
    "an empty list of signatures": (lambda f: f.update(signatures=[]), "1 to 16"),
    "seventeen signatures": (lambda f: f.update(signatures=f["signatures"] * 17), "1 to 16"),
    "signatures that are no list": (lambda f: f.update(signatures={"0": {}}), "1 to 16"),
    "a signature that is no object": (lambda f: f["signatures"].append(None), "object"),
    "the same signature twice": (lambda f: f.update(signatures=f["signatures"] * 2), "twice"),
    "another algorithm": (lambda f: change(f, "algorithm", "ed25519ph"), "algorithm"),
    "the algorithm in capitals": (lambda f: change(f, "algorithm", "Ed25519"), "algorithm"),
    "an algorithm that is none": (lambda f: change(f, "algorithm", "none"), "algorithm"),
    "no algorithm": (lambda f: f["signatures"][0].pop("algorithm"), "algorithm"),
    "another key's id": (lambda f: change(f, "key_id", TWO.key_id), "another one"),
    "a key id without its beginning": (lambda f: change(f, "key_id", ONE.key_id[7:]), "another"),
    "no key id": (lambda f: f["signatures"][0].pop("key_id"), "another one"),
    "another public key": (lambda f: change(f, "public_key", TWO.public_key.text), "another one"),
    "a public key of small order": (lambda f: change(f, "public_key", ZERO_KEY), "no public key"),
    "a public key of 31 bytes": (
        lambda f: change(f, "public_key", base64.b64encode(bytes(31)).decode()),
        "32 bytes",
    ),
    "a public key that is a number": (lambda f: change(f, "public_key", 7), "32 bytes"),
    "no public key": (lambda f: f["signatures"][0].pop("public_key"), "32 bytes"),
    "a signature of 63 bytes": (
        lambda f: change(f, "signature", base64.b64encode(bytes(63)).decode()),
        "64 bytes",
    ),
    "a signature of 65 bytes": (
        lambda f: change(f, "signature", base64.b64encode(bytes(65)).decode()),
        "64 bytes",
    ),
    "a signature without padding": (
        lambda f: change(f, "signature", f["signatures"][0]["signature"].rstrip("=")),
        "64 bytes",
    ),
    "a signature with a line feed": (
        lambda f: change(f, "signature", f["signatures"][0]["signature"] + "\n"),
        "64 bytes",
    ),
    "no signature": (lambda f: f["signatures"][0].pop("signature"), "64 bytes"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_document_is_refused_with(ring: KeyRing, what: str) -> None:
    found = document()
    wrong, match = WRONG[what]
    wrong(found)
    refuses(json.dumps(found).encode(), ring, match)


def test_a_key_that_signed_twice_by_two_signatures_is_refused(ring: KeyRing) -> None:
    found = document(ONE, TWO)
    found["signatures"][1] |= document(ONE)["signatures"][0]
    refuses(json.dumps(found).encode(), ring, "a key signed it twice")


GOOD = sign(MANIFEST, [ONE])
NO_JSON = {
    "nothing": b"",
    "no JSON": GOOD[:-1],
    "a value behind it": GOOD + b"{}",
    "a byte-order mark": b"\xef\xbb\xbf" + GOOD,
    "another value": b"[]",
    "a payload type twice": GOOD[:-1] + b',"payload_type":"application/json"}',
    "a public key twice": GOOD.replace(b'"public_key"', b'"public_key":"AAAA","public_key"'),
    "signatures twice": GOOD[:-1] + b',"signatures":[]}',
    "not a number": GOOD[:-1] + b',"x":NaN}',
    "nesting without end": GOOD[:-1] + b',"x":' + b"[" * 1_000_000 + b"}",
    "nesting that is too deep": GOOD[:-1] + b',"x":' + b"[" * 32 + b"]" * 32 + b"}",
    "bytes that are no UTF-8": GOOD[:-1] + b',"x":"\xff"}',
    "a hidden character": GOOD.replace(b"ed25519", b"ed25519\xe2\x80\x8b"),
}


@pytest.mark.parametrize("what", NO_JSON)
def test_a_document_is_refused_that_has(ring: KeyRing, what: str) -> None:
    refuses(NO_JSON[what], ring, "not sound")


def test_keys_of_a_newer_minor_version_are_ignored(ring: KeyRing) -> None:
    found = document()
    found["later"] = {"a": 1}
    found["signatures"][0]["made_at"] = "2027-01-01T00:00:00Z"
    assert check(MANIFEST, json.dumps(found, indent=2).encode(), ring).trusted


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_document_with_another_byte_never_passes_for_more(
    ring: KeyRing, data: st.DataObject
) -> None:
    good = sign(MANIFEST, [ONE])
    at = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != good[at]))
    with pytest.raises(SignatureError):
        check(MANIFEST, good[:at] + bytes([byte]) + good[at + 1 :], ring)


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_document_is_only_an_error_of_ours_comes(ring: KeyRing, data: bytes) -> None:
    with pytest.raises(SignatureError):
        check(MANIFEST, data, ring)


def test_the_keys_of_a_document_can_be_read_to_trust_one(ring: KeyRing) -> None:
    signed = sign(MANIFEST, [ONE, TWO])
    assert set(signing_keys(signed)) == {ONE.public_key, TWO.public_key}
    (key,) = signing_keys(sign(MANIFEST, [THREE]))
    ring.trust_key(key, THREE.key_id, "three")
    assert check(MANIFEST, sign(MANIFEST, [THREE]), ring).trusted[0].name == "three"
    with pytest.raises(SignatureError, match="not sound"):
        signing_keys(b"{}")


def test_a_signer_may_sign_the_projects_of_its_scope(ring: KeyRing) -> None:
    ring.trust(ONE.key_id, scope=["desk", "shop-*"])
    signers = check(MANIFEST, sign(MANIFEST, [ONE]), ring)
    signers.check_scope(["desk", "shop-eu", "shop-us"])
    signers.check_scope([])
    with pytest.raises(UntrustedSignerError) as caught:
        signers.check_scope(["till", "desk", "garage"])
    error = caught.value
    assert error.message == "one may not sign the projects garage, till"
    assert error.projects == ("garage", "till")
    assert error.fingerprints == (ONE.key_id,)
    assert error.hint == (
        f"If that is right: anvil keys trust {ONE.key_id} "
        "--scope desk --scope 'shop-*' --scope garage --scope till"
    )


def test_each_project_needs_one_signer_who_may(ring: KeyRing) -> None:
    ring.trust(ONE.key_id, scope=["desk"])
    ring.trust(TWO.public_key.line("two"), scope=["shop"])
    signers = check(MANIFEST, sign(MANIFEST, [ONE, TWO, THREE]), ring)
    signers.check_scope(["desk", "shop"])
    with pytest.raises(UntrustedSignerError, match="may not sign the project till"):
        signers.check_scope(["desk", "shop", "till"])


def test_the_vector_is_canonical_json() -> None:
    assert canonical_json(document()) == sign(MANIFEST, [ONE])
