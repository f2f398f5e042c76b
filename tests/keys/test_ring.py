"""The key ring: one's own keys, what they are called, and what is left after a mishap."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import (
    AddressError,
    ExistsError,
    InvalidInputError,
    KeyStoreError,
    NotFoundError,
    PassphraseError,
    RevokedKeyError,
)
from anvil_nb.keys import KeyRing
from anvil_nb.keys.folder import KeyFolder
from anvil_nb.keys.own import OwnKeys
from tests.keys.conftest import CHEAP, NOW, line_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.keys.conftest import MakeRing

WORDS = "correct horse"


def test_a_new_ring_is_empty_and_makes_no_folder(ring: KeyRing) -> None:
    assert ring.ls() == []
    assert ring.find("sha256:" + "0" * 64) is None
    assert not ring.folder.exists()


def test_a_generated_key_is_ones_own_and_trusted_with_everything(ring: KeyRing) -> None:
    made = ring.generate("ada")
    assert (made.name, made.own, made.locked, made.scope) == ("ada", True, False, ())
    assert made.trusted_at == NOW
    assert ring.ls() == [made]
    assert ring.find(made.key_id) == ring.get("ada") == made
    assert made.may_sign("anything")
    signer = ring.signer("ada")
    assert (signer.name, signer.key_id) == ("ada", made.key_id)
    assert made.public_key.verifies(b"message", signer.sign(b"message"))
    assert ring.opener("ada").open(ring.recipient("ada").seal(b"secret")) == b"secret"


def test_every_key_is_another_one(ring: KeyRing) -> None:
    assert len({ring.generate(f"key-{one}").key_id for one in range(20)}) == 20


def test_a_key_with_a_passphrase_needs_it(ring: KeyRing) -> None:
    made = ring.generate("ada", WORDS, cost=CHEAP)
    assert made.locked
    assert ring.get("ada").locked
    assert made.public_key.verifies(b"x", ring.signer("ada", WORDS).sign(b"x"))
    with pytest.raises(PassphraseError, match="none was given"):
        ring.signer("ada")
    with pytest.raises(PassphraseError, match="does not unlock") as caught:
        ring.opener("ada", "another one")
    assert "another one" not in str(caught.value)


def test_keys_are_called_by_name_or_by_a_clear_part_of_the_fingerprint(ring: KeyRing) -> None:
    made = ring.generate("ada")
    digits = made.key_id.removeprefix("sha256:")
    for text in ("ada", made.key_id, digits, digits[:12], f"sha256:{digits[:20].upper()}"):
        assert ring.get(text) == made
    with pytest.raises(NotFoundError, match="there is no key"):
        ring.get(digits[:11])
    with pytest.raises(NotFoundError, match="Did you mean ada"):
        ring.get("adaa")
    with pytest.raises(NotFoundError, match="no key here has the fingerprint"):
        ring.get("0" * 64)


def test_the_keys_that_are_offered_are_those_that_are_taken(
    ring: KeyRing, make_ring: MakeRing
) -> None:
    ring.generate("ada")
    ring.generate("locked", WORDS, cost=CHEAP)
    ring.generate("old")
    ring.revoke("old")
    ring.trust(line_of(make_ring))
    assert [one.name for one in ring.signing()] == ["ada", "locked"]
    assert [one.name for one in ring.receiving()] == ["ada", "locked", "grace"]
    for one in ring.ls():
        signs, receives = one in ring.signing(), one in ring.receiving()
        with nullcontext() if receives else pytest.raises(RevokedKeyError):
            ring.recipient(one.name)
        passphrase = WORDS if one.locked else None
        with nullcontext() if signs else pytest.raises((RevokedKeyError, NotFoundError)):
            ring.signer(one.name, passphrase)


def test_digits_that_several_keys_begin_with_are_refused() -> None:
    from anvil_nb.keys.lookup import named
    from anvil_nb.keys.public import PublicKey
    from anvil_nb.keys.trust import TrustedKey

    # Finding two such keys would take for ever: these only say that they are alike.
    class Alike(PublicKey):
        key_id = "sha256:" + "ab" * 32

    data = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    keys = [TrustedKey(Alike(data), name, (), NOW) for name in ("ada", "grace")]
    with pytest.raises(InvalidInputError, match="several keys begin with .*: ada, grace"):
        named(keys, "ab" * 6)
    assert named(keys, "grace").name == "grace"


@pytest.mark.parametrize("name", ["", "Ada", "../ada", "a b", "ada\n", "a" * 65, "abcdef012345"])
def test_a_name_is_a_slug_that_nobody_takes_for_a_fingerprint(ring: KeyRing, name: str) -> None:
    with pytest.raises(InvalidInputError):
        ring.generate(name)
    ring.generate("ada")
    with pytest.raises(InvalidInputError):
        ring.rename("ada", name)
    with pytest.raises((AddressError, InvalidInputError)):
        ring.trust(ring.export("ada").removesuffix("ada"), name)
    assert [one.name for one in ring.ls()] == ["ada"]


def test_a_taken_name_is_refused_and_nothing_is_overwritten(
    ring: KeyRing, make_ring: MakeRing
) -> None:
    made = ring.generate("ada")
    with pytest.raises(ExistsError, match="the name ada is taken"):
        ring.generate("ada")
    ring.generate("other")
    with pytest.raises(ExistsError, match="the name ada is taken"):
        ring.rename("other", "ada")
    line = line_of(make_ring, "grace").replace(" grace", " ada")
    with pytest.raises(ExistsError, match="the name ada is taken") as caught:
        ring.trust(line)
    assert f"{line} --name ada-2" in caught.value.hint
    assert ring.get("ada") == made


def test_renaming_keeps_the_key(ring: KeyRing, make_ring: MakeRing) -> None:
    made = ring.generate("ada", WORDS, cost=CHEAP)
    ring.trust(line_of(make_ring))
    renamed = ring.rename("ada", "lovelace")
    assert (renamed.name, renamed.key_id) == ("lovelace", made.key_id)
    assert [one.name for one in ring.ls()] == ["lovelace", "grace"]
    assert [one.name for one in ring.folder.glob("*.key")] == ["lovelace.key"]
    assert json.loads((ring.folder / "lovelace.key").read_text())["name"] == "lovelace"
    assert ring.signer("lovelace", WORDS).name == "lovelace"
    assert ring.rename("lovelace", "lovelace") == renamed
    assert ring.rename("grace", "hopper").name == "hopper"
    ring.generate("ada")  # the name is free again


def test_keys_of_ones_own_come_first(ring: KeyRing, make_ring: MakeRing) -> None:
    ring.trust(line_of(make_ring, "aaron"))
    ring.generate("zoe")
    ring.generate("ada")
    assert [one.name for one in ring.ls()] == ["ada", "zoe", "aaron"]


def test_a_private_key_from_a_backup_is_ones_own_again(ring: KeyRing, make_ring: MakeRing) -> None:
    made = ring.generate("ada")
    other = make_ring("laptop")
    other.trust(line_of(make_ring).replace(" grace", " ada"))
    (other.folder / "ada.key").write_bytes((ring.folder / "ada.key").read_bytes())
    (other.folder / "ada.key").chmod(0o600)
    assert [(one.name, one.own) for one in other.ls()] == [("ada-2", True), ("ada", False)]
    assert other.signer("ada-2").key_id == made.key_id
    other.rename("ada-2", "mine")
    assert other.signer("mine").key_id == made.key_id


def test_a_trusted_key_becomes_ones_own_with_its_private_key(
    ring: KeyRing, make_ring: MakeRing
) -> None:
    made = ring.generate("ada")
    other = make_ring("laptop")
    other.trust(ring.export("ada"), "desktop", scope=["desk"])
    other.revoke("desktop")
    (other.folder / "ada.key").write_bytes((ring.folder / "ada.key").read_bytes())
    (other.folder / "ada.key").chmod(0o600)
    (found,) = other.ls()
    assert (found.key_id, found.name, found.own, found.scope) == (made.key_id, "desktop", True, ())
    assert found.revoked_at == NOW


def test_a_renaming_that_was_killed_halfway_can_be_done_again(ring: KeyRing) -> None:
    made = ring.generate("ada")
    (ring.folder / "ada.key").rename(ring.folder / "lovelace.key")
    assert ring.signer("ada").key_id == made.key_id
    assert ring.rename("ada", "lovelace").key_id == made.key_id
    assert ring.signer("lovelace").key_id == made.key_id


def test_a_making_that_was_killed_halfway_leaves_a_whole_key(ring: KeyRing) -> None:
    made = ring.generate("ada")
    (ring.folder / "trusted.json").unlink()
    assert ring.ls() == [made]
    assert ring.rename("ada", "lovelace").key_id == made.key_id


def test_a_file_that_stands_in_the_way_is_not_overwritten(ring: KeyRing) -> None:
    made = ring.generate("ada")
    ring.rename("ada", "lovelace")
    (ring.folder / "lovelace.key").rename(ring.folder / "ada.key")
    with pytest.raises(ExistsError, match="there is a file .*ada.key already"):
        ring.generate("ada")
    ring.generate("grace")
    with pytest.raises(ExistsError, match="there is a file .*ada.key already"):
        ring.rename("grace", "ada")
    assert ring.signer("lovelace").key_id == made.key_id


def test_the_clock_is_the_callers_and_times_are_whole_seconds_of_utc(tmp_path: Path) -> None:
    zone = datetime(2026, 11, 21, 7, 12, 30, 999, tzinfo=UTC).astimezone()
    ring = KeyRing.open(tmp_path / "keys", clock=lambda: zone)
    made = ring.generate("ada")
    assert made.trusted_at == datetime(2026, 11, 21, 7, 12, 30, tzinfo=UTC)
    assert KeyRing.open(tmp_path / "keys").get("ada") == made


def test_a_private_key_that_is_not_sound_is_named_and_not_shown(ring: KeyRing) -> None:
    ring.generate("ada")
    path = ring.folder / "ada.key"
    seed = json.loads(path.read_text())["private"]["seed"]
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(KeyStoreError, match="the private key .*ada.key is not sound") as caught:
        ring.ls()
    assert seed not in str(caught.value)


def test_a_name_that_is_taken_in_the_last_moment_is_refused(make_ring: MakeRing) -> None:
    line, other = line_of(make_ring), make_ring("mine")

    def clock() -> datetime:  # read when the key is made already
        if not other.ls():
            other.trust(line, "ada")
        return NOW

    ring = KeyRing.open(other.folder, clock=clock)
    with pytest.raises(ExistsError, match="the name ada is taken"):
        ring.generate("ada")
    assert [one.own for one in ring.ls()] == [False]
    assert [one.name for one in ring.folder.glob("*.key")] == []


def test_a_key_that_is_renamed_while_it_is_read_is_found(ring: KeyRing) -> None:
    made = ring.generate("ada")

    class Renaming(KeyFolder):
        def names(self, ending: str) -> list[str]:
            found = super().names(ending)
            if found == ["ada.key"]:
                self.move("ada.key", "lovelace.key")
            return found

    (key,) = OwnKeys(Renaming(ring.folder)).all().values()
    assert key.public_key == made.public_key
