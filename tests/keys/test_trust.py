"""Whom one trusts with what, until the key is revoked."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import (
    InvalidInputError,
    KeyStoreError,
    NotFoundError,
    RefusedError,
    RevokedKeyError,
)
from anvil_nb.keys import KeyRing
from anvil_nb.keys.public import parse_line
from tests.keys.conftest import NOW, line_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.keys.conftest import MakeRing


def test_a_key_is_trusted_by_its_line(ring: KeyRing, make_ring: MakeRing) -> None:
    line = line_of(make_ring)
    trusted = ring.trust(line, scope=["desk", "shop-*"])
    assert (trusted.name, trusted.own, trusted.scope) == ("grace", False, ("desk", "shop-*"))
    assert trusted.trusted_at == NOW
    assert ring.get("grace") == trusted
    assert ring.export("grace") == line
    assert trusted.may_sign("desk")
    assert trusted.may_sign("shop-eu")
    assert not trusted.may_sign("shop")
    assert not trusted.may_sign("desks")
    with pytest.raises(NotFoundError, match="the private key of grace .* is not here"):
        ring.signer("grace")
    with pytest.raises(NotFoundError, match="the private key of grace .* is not here"):
        ring.opener("grace")
    assert make_ring("grace").opener("grace").open(ring.recipient("grace").seal(b"x")) == b"x"


def test_a_key_can_be_called_otherwise_than_its_line_does(
    ring: KeyRing, make_ring: MakeRing
) -> None:
    line = line_of(make_ring)
    with pytest.raises(InvalidInputError, match="no name yet"):
        ring.trust(line.removesuffix(" grace"))
    assert ring.trust(line.replace(" grace", " Grace!"), "hopper").name == "hopper"


def test_a_name_from_a_line_is_checked_like_any_other(ring: KeyRing, make_ring: MakeRing) -> None:
    for name in ("../../evil", "\x1b[31m", "abcdef012345"):
        with pytest.raises(InvalidInputError):
            ring.trust(line_of(make_ring).replace(" grace", f" {name}"))
    assert ring.ls() == []


@pytest.mark.parametrize("glob", ["", "Desk", "desk/emails", "[ab]", "@org/desk", "a" * 65])
def test_a_scope_is_of_names_and_patterns(ring: KeyRing, make_ring: MakeRing, glob: str) -> None:
    with pytest.raises(InvalidInputError, match="the scope"):
        ring.trust(line_of(make_ring), scope=["desk", glob])
    assert ring.ls() == []


def test_a_scope_can_be_one_text(ring: KeyRing, make_ring: MakeRing) -> None:
    assert ring.trust(line_of(make_ring), scope="desk").scope == ("desk",)


def test_trusting_a_key_again_says_anew_what_it_may_sign(
    ring: KeyRing, make_ring: MakeRing
) -> None:
    line = line_of(make_ring)
    first = ring.trust(line, scope=["desk"])
    assert ring.trust(line, scope=["shop"]).scope == ("shop",)
    assert ring.trust(first.key_id, scope=["desk", "shop"]).scope == ("desk", "shop")
    assert ring.trust(first.key_id[:19], "grace").scope == ()
    with pytest.raises(RefusedError, match="known here, as grace") as caught:
        ring.trust(line, "hopper")
    assert caught.value.hint == "Try: anvil keys rename grace hopper"
    assert ring.ls() == [ring.get("grace")]


def test_a_line_does_not_rename_a_key_that_is_known(ring: KeyRing, make_ring: MakeRing) -> None:
    line = line_of(make_ring)
    ring.trust(line, "hopper")
    assert ring.trust(line).name == "hopper"


def test_ones_own_key_needs_no_trust_and_has_no_scope(ring: KeyRing) -> None:
    made = ring.generate("ada")
    assert ring.trust(ring.export("ada")) == made
    with pytest.raises(RefusedError, match="a key of your own"):
        ring.trust(ring.export("ada"), scope=["desk"])


def test_a_fingerprint_alone_trusts_nobody(ring: KeyRing, make_ring: MakeRing) -> None:
    key, _ = parse_line(line_of(make_ring))
    with pytest.raises(NotFoundError) as caught:
        ring.trust(key.key_id)
    assert f"anvil keys trust {key.key_id} --from FILE" in caught.value.hint


def test_a_key_from_a_bundle_is_trusted_by_its_whole_fingerprint(
    ring: KeyRing, make_ring: MakeRing
) -> None:
    key, _ = parse_line(line_of(make_ring))
    other, _ = parse_line(line_of(make_ring, "eve"))
    for part in (key.key_id[:-1], key.key_id[:19], "", "grace"):
        with pytest.raises(InvalidInputError, match="not whole"):
            ring.trust_key(key, part, "grace")
    with pytest.raises(RefusedError, match=f"another fingerprint: {other.key_id}"):
        ring.trust_key(other, key.key_id, "grace")
    assert ring.ls() == []
    trusted = ring.trust_key(key, key.key_id.upper().replace("SHA256", "sha256"), "grace", ["desk"])
    assert (trusted.name, trusted.scope) == ("grace", ("desk",))
    assert ring.find(key.key_id) == trusted


@pytest.mark.parametrize("own", [True, False])
def test_a_revoked_key_stays_revoked(ring: KeyRing, make_ring: MakeRing, own: bool) -> None:  # noqa: FBT001 - a case
    known = ring.generate("grace") if own else ring.trust(line_of(make_ring))
    line = ring.export("grace")
    revoked = ring.revoke("grace", "lost\x1b[31m laptop")
    assert (revoked.revoked_at, revoked.reason) == (NOW, "lost\x1b[31m laptop")
    assert ring.find(known.key_id) == revoked
    refused: list[Callable[[], object]] = [
        lambda: ring.trust(line),
        lambda: ring.trust(known.key_id),
        lambda: ring.trust_key(known.public_key, known.key_id, "grace"),
        lambda: ring.recipient("grace"),
        lambda: ring.signer("grace"),
    ]
    for one in refused:
        with pytest.raises(RevokedKeyError) as caught:
            one()
        assert caught.value.message == (
            f"the key grace ({known.key_id}) was revoked on 2026-11-21: lost␛[31m laptop"
        )
        assert caught.value.details()["revoked_at"] == "2026-11-21T05:12:00Z"
    assert ring.rename("grace", "old-grace").revoked_at == NOW
    assert ring.find(known.key_id) is not None


def test_revoking_again_changes_nothing(tmp_path: Path) -> None:
    times = iter(NOW + timedelta(days=one) for one in range(9))
    ring = KeyRing.open(tmp_path / "keys", clock=lambda: next(times))
    ring.generate("ada")
    first = ring.revoke("ada", "lost")
    assert ring.revoke("ada", "found again") == first == ring.get("ada")


def test_a_revoked_key_of_ones_own_opens_what_was_encrypted_to_it(ring: KeyRing) -> None:
    sealed = ring.generate("ada").public_key.seal(b"secret")
    ring.revoke("ada")
    assert ring.opener("ada").open(sealed) == b"secret"


def test_an_unknown_key_cannot_be_revoked(ring: KeyRing) -> None:
    for text in ("ada", "0" * 64):
        with pytest.raises(NotFoundError):
            ring.revoke(text)
    with pytest.raises(InvalidInputError, match="reason"):
        ring.revoke("ada", "x" * 1_001)


def test_a_damaged_list_of_trusted_keys_is_never_begun_anew(
    ring: KeyRing, make_ring: MakeRing
) -> None:
    ring.trust(line_of(make_ring))
    ring.revoke("grace")
    path = ring.folder / "trusted.json"
    whole = path.read_bytes()
    found = json.loads(whole)
    (entry,) = found["keys"]
    damages = [
        b"",
        whole[:-5],
        b"[]",
        b"{}",
        whole.replace(b'"1.0"', b'"2.0"'),
        whole.replace(b'"reason"', b'"revoked_at": null, "reason"'),
        json.dumps(found | {"keys": [entry, entry]}).encode(),
        json.dumps(found | {"keys": [entry, entry | {"name": "other"}]}).encode(),
        json.dumps(found | {"keys": {"grace": entry}}).encode(),
        json.dumps(found | {"keys": [None]}).encode(),
        *(
            json.dumps(found | {"keys": [entry | {key: value}]}).encode()
            for key, value in {
                "name": "../x",
                "key_id": "sha256:" + "0" * 64,
                "public_key": "AAAA",
                "scope": "desk",
                "trusted_at": None,
                "revoked_at": "yesterday",
                "reason": None,
            }.items()
        ),
        *(
            json.dumps(
                found | {"keys": [{name: value for name, value in entry.items() if name != key}]}
            ).encode()
            for key in entry
        ),
    ]
    for damaged in damages:
        path.write_bytes(damaged)
        for use in (ring.ls, lambda: ring.trust(line_of(make_ring)), lambda: ring.generate("me")):
            with pytest.raises(KeyStoreError, match="trusted.json, is not sound"):
                use()
        assert path.read_bytes() == damaged
    path.write_bytes(whole)
    assert ring.get("grace").revoked_at == NOW
