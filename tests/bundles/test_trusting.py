"""Whom an import believes: signatures, scopes, revoked keys, and bundles that are encrypted."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import (
    BundleError,
    DecryptionError,
    InvalidInputError,
    NotFoundError,
    PassphraseError,
    RefusedError,
    RevokedKeyError,
    SignatureError,
    UntrustedSignerError,
)
from anvil_nb.keys import KeyRing
from anvil_nb.keys.locking import LEAST_MEMORY, Cost
from tests.bundles.handmade import support_desk
from tests.bundles.stores import SET, everything, plan, publish, send, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.bundles.conftest import Opener

CHEAP = Cost(operations=1, memory=LEAST_MEMORY)


@pytest.fixture
def theirs(theirs: Workspace) -> Workspace:
    """Where bundles come from, with something to send."""
    publish(theirs, SET, welcome="theirs")
    return theirs


@pytest.fixture
def bob(tmp_path: Path) -> KeyRing:
    """Their keys, which are not ours: ``bob``, ``carol``, and ``locked`` with a passphrase."""
    ring = KeyRing.open(tmp_path / "their-keys")
    ring.generate("bob")
    ring.generate("carol")
    ring.generate("locked", "open sesame", cost=CHEAP)
    return ring


@pytest.fixture
def as_them(bob: KeyRing, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Call something with their keys."""

    def called(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setenv("ANVIL_KEYS", str(bob.folder))
            return call(*arguments, **options)

    return called


@pytest.fixture
def signed(theirs: Workspace, as_them: Callable[..., Any], bundle: Path) -> Path:
    """A bundle that bob signed, whom nobody knows here yet."""
    as_them(send, theirs, "desk", bundle, sign="bob")
    return bundle


def taken(ws: Workspace, path: Path, **options: Any) -> bool:
    """Import as somebody does who waives nothing."""
    report = ws.import_bundle(path, **options)
    return report.changed  # type: ignore[union-attr]


def test_what_nobody_signed_is_refused(theirs: Workspace, ours: Workspace, bundle: Path) -> None:
    send(theirs, "desk", bundle)
    before = everything(ours)
    for dry_run in (False, True):
        with pytest.raises(SignatureError, match="the bundle is not signed") as caught:
            ours.import_bundle(bundle, dry_run=dry_run)
        assert "--allow-unsigned" in caught.value.hint
        assert "anvil export --sign KEY" in caught.value.hint
    assert everything(ours) == before
    assert anvil.inspect(bundle).signers == ()
    assert "signed by nobody" in anvil.inspect(bundle).to_text()
    assert taken(ours, bundle, allow_unsigned=True)
    assert ours.imports().records[0].signers == ()


POLICIES = [
    # policy, whether waived, what becomes of an unsigned bundle, and of one by an unknown key
    ("required", False, SignatureError, UntrustedSignerError),
    ("required", True, None, None),
    ("always", False, SignatureError, UntrustedSignerError),
    ("always", True, RefusedError, RefusedError),
    ("optional", False, None, None),
    ("optional", True, None, None),
]


def test_what_the_workspace_says_holds(
    theirs: Workspace,
    open_workspace: Opener,
    signed: Path,
    tmp_path: Path,
    subtests: pytest.Subtests,
) -> None:
    other = tmp_path / "unsigned.anvil"
    send(theirs, "desk", other)
    for policy, allow, unsigned, unknown in POLICIES:
        ours = open_workspace(signatures=policy)
        for path, error in ((other, unsigned), (signed, unknown)):
            with subtests.test(f"{policy} {allow} {path.name}"):
                if error is None:
                    ours.import_bundle(path, dry_run=True, allow_unsigned=allow)
                else:
                    with pytest.raises(error) as caught:
                        ours.import_bundle(path, dry_run=True, allow_unsigned=allow)
                    assert caught.type is error
        if error is not RefusedError:  # what is forged is refused by all
            with pytest.raises(SignatureError, match="does not hold"):
                ours.import_bundle(forged(signed), dry_run=True, allow_unsigned=allow)


def forged(signed: Path) -> Path:
    """Return a bundle of our own making under the signature of another."""
    import zipfile

    with zipfile.ZipFile(signed) as archive:
        document = archive.read("meta/signature.json")

    def add(found: dict[str, bytes]) -> None:
        rest = {name: found.pop(name) for name in list(found)[2:]}
        found.update({"meta/signature.json": document, **rest})

    made = support_desk()
    made.change_members = add
    return made.write(signed.with_name("forged.anvil"))


def test_anvil_toml_says_which_policy_holds(
    theirs: Workspace, tmp_path: Path, bundle: Path
) -> None:
    send(theirs, "desk", bundle)
    folder = tmp_path / "workspace"
    with anvil.init(folder, actor="ada"):
        pass
    file = folder / "anvil.toml"
    said = file.read_text()
    file.write_text(f'{said}signatures = "always"\n')
    with anvil.open(folder) as ws, pytest.raises(RefusedError, match='signatures = "always"'):
        ws.import_bundle(bundle, allow_unsigned=True)
    file.write_text(f'{said}signatures = "optional"\n')
    with anvil.open(folder) as ws:
        assert taken(ws, bundle)
    file.write_text(f'{said}signatures = "never"\n')
    with pytest.raises(anvil.errors.SettingsError, match="one of required, always, optional"):
        anvil.open(folder)


def test_an_unknown_signer_is_shown_with_the_command_that_trusts(
    ours: Workspace, signed: Path, bob: KeyRing
) -> None:
    from anvil_nb.cli.process import run

    fingerprint = bob.get("bob").key_id
    before = everything(ours)
    with pytest.raises(UntrustedSignerError, match=fingerprint) as caught:
        ours.import_bundle(signed)
    assert everything(ours) == before
    found = anvil.inspect(signed)
    assert [(one.key_id, one.name, one.trusted) for one in found.signers] == [
        (fingerprint, "", False)
    ]
    assert "an unknown key" in found.to_text()
    assert "not trusted" in found.to_text()
    # The command that is shown is the one that helps, once the name is filled in.
    command = re.search(r"anvil (keys trust .*)", caught.value.hint)
    assert command is not None
    with pytest.raises(SystemExit) as ended:
        run(shlex.split(command[1].replace("NAME", "bob-of-umbra")))
    assert ended.value.code == 0
    assert taken(ours, signed)
    assert ours.imports().records[0].signers == ("bob-of-umbra",)
    assert anvil.inspect(signed).signers[0].trusted
    assert texts(ours, SET) == {"welcome": "theirs"}


def test_ones_own_keys_are_trusted(theirs: Workspace, ours: Workspace, bundle: Path) -> None:
    KeyRing.open().generate("ada")
    made = send(theirs, "desk", bundle, sign="ada")
    assert [(one.name, one.trusted) for one in made.signers] == [("ada", True)]
    assert taken(ours, bundle)


def test_one_trusted_signature_of_several_is_enough(
    theirs: Workspace, ours: Workspace, bob: KeyRing, as_them: Callable[..., Any], bundle: Path
) -> None:
    as_them(send, theirs, "desk", bundle, sign=["bob", "carol"])
    KeyRing.open().trust(bob.export("carol"))
    assert taken(ours, bundle)
    assert ours.imports().records[0].signers[0] == "carol"
    assert {one.trusted for one in anvil.inspect(bundle).signers} == {True, False}


def test_a_key_signs_the_projects_of_its_scope_alone(
    theirs: Workspace, ours: Workspace, bob: KeyRing, as_them: Callable[..., Any], bundle: Path
) -> None:
    publish(theirs, "shop/letters", dear="Dear")
    KeyRing.open().trust(bob.export("bob"), scope=["desk", "help-*"])
    as_them(send, theirs, ["desk", "shop"], bundle, sign="bob")
    before = everything(ours)
    with pytest.raises(UntrustedSignerError, match="bob may not sign the project shop") as caught:
        ours.import_bundle(bundle)
    assert "--scope shop" in caught.value.hint
    # Where it goes is no matter: the scope is of what was signed.
    with pytest.raises(UntrustedSignerError, match="may not sign the project shop"):
        ours.import_bundle(bundle, into="desk")
    assert everything(ours) == before
    as_them(send, theirs, "desk", bundle, sign="bob")
    assert taken(ours, bundle)
    as_them(send, theirs, ["desk", "shop"], bundle, sign=["bob", "carol"])
    KeyRing.open().trust(bob.export("carol"), scope=["shop"])
    assert taken(ours, bundle)


def test_a_revoked_key_is_refused_but_for_what_it_brought_before(
    theirs: Workspace,
    open_workspace: Opener,
    signed: Path,
    bob: KeyRing,
    as_them: Callable[..., Any],
    tmp_path: Path,
) -> None:
    ours, rival = open_workspace(), open_workspace(organisation="rival")
    ring = KeyRing.open()
    ring.trust(bob.export("bob"))
    assert taken(ours, signed)
    publish(theirs, SET, welcome="two")
    newer = tmp_path / "newer.anvil"
    as_them(send, theirs, "desk", newer, sign=["bob", "carol"])
    ring.trust(bob.export("carol"))
    ring.revoke("bob", "stolen")
    assert taken(ours, signed) is False  # it is all here
    ours.delete_set(SET, force=True)
    assert taken(ours, signed)
    record = ours.imports().records[0]
    for ws, path in ((ours, newer), (rival, signed), (rival, newer)):
        for allow in (False, True):
            with pytest.raises(RevokedKeyError, match="was revoked on .*: stolen"):
                ws.import_bundle(path, allow_unsigned=allow)
    ours.undo_import(record.id)
    first = next(one for one in ours.imports().records if one.id != record.id)
    assert first.undone_at is None
    assert taken(ours, signed)


def test_a_bundle_by_a_revoked_key_can_be_looked_at_and_says_so(
    theirs: Workspace, ours: Workspace, bob: KeyRing, as_them: Callable[..., Any], bundle: Path
) -> None:
    as_them(send, theirs, "desk", bundle, sign=["bob", "carol"])
    ring = KeyRing.open()
    ring.trust(bob.export("bob"))
    ring.trust(bob.export("carol"))
    (revoked,) = [ring.revoke("bob", "stolen \u202e\x1b[2J")]
    found = anvil.inspect(bundle)
    carol, his = found.signers
    assert (carol.name, carol.trusted, carol.revoked_at) == ("carol", True, None)
    assert (his.name, his.trusted, his.revoked_at) == ("bob", False, revoked.revoked_at)
    text = found.to_text()
    assert "REFUSED by import: the key bob was revoked on " in text
    assert re.search(r"signed by carol \([^,]+\), bob \(.*, revoked\)", text)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "REFUSED by import" in found.to_html()
    with pytest.raises(RevokedKeyError):
        ours.import_bundle(bundle, allow_unsigned=True)
    with pytest.raises(RevokedKeyError):
        ours.import_bundle(bundle, dry_run=True)


def test_an_import_that_was_undone_was_none(ours: Workspace, signed: Path, bob: KeyRing) -> None:
    ring = KeyRing.open()
    ring.trust(bob.export("bob"))
    report = ours.import_bundle(signed)
    ours.undo_import(report.id)
    ring.revoke("bob")
    with pytest.raises(RevokedKeyError):
        ours.import_bundle(signed)


def test_a_locked_key_asks_for_its_passphrase(
    theirs: Workspace, as_them: Callable[..., Any], bundle: Path
) -> None:
    with pytest.raises(PassphraseError):
        as_them(send, theirs, "desk", bundle, sign="locked")
    assert not bundle.exists()
    asked: list[str] = []

    def ask(name: str) -> str:
        asked.append(name)
        return "open sesame"

    as_them(send, theirs, "desk", bundle, sign="locked", key_passphrase=ask)
    assert asked == ["locked"]
    with pytest.raises(PassphraseError):
        as_them(send, theirs, "desk", bundle, sign="locked", key_passphrase=lambda _: "guess")


def test_an_encrypted_bundle_is_opened_by_its_key(
    theirs: Workspace,
    ours: Workspace,
    bob: KeyRing,
    as_them: Callable[..., Any],
    bundle: Path,
    keys: Path,
) -> None:
    ring = KeyRing.open()
    ring.generate("ada")
    ring.trust(bob.export("bob"))
    bob.trust(ring.export("ada"))
    made = as_them(send, theirs, "desk", bundle, sign="bob", encrypt_to=["ada", "carol"])
    assert made.encrypted
    assert b"welcome" not in bundle.read_bytes()
    assert b"PK" not in bundle.read_bytes()[:2]
    assert bundle.read_bytes().startswith(b"anvil-encrypted-bundle 1\n")
    for found in (anvil.inspect(bundle), as_them(anvil.inspect, bundle)):
        assert found.encrypted
        assert found.digest == made.digest
        assert found.signers[0].name == "bob"
    assert taken(ours, bundle)
    assert not taken(ours, bundle)
    keys.rename(keys.with_name("gone"))
    for call in (lambda: anvil.inspect(bundle), lambda: ours.import_bundle(bundle)):
        with pytest.raises(DecryptionError) as caught:
            call()
        assert caught.value.hint


def test_an_encrypted_bundle_is_opened_by_its_passphrase(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    words = "Crème brûlée"
    send(theirs, "desk", bundle, passphrase=words)
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        return "Cre\u0300me bru\u0302le\u0301e"  # the same, composed otherwise

    assert anvil.inspect(bundle, passphrase=words).encrypted
    with pytest.raises(SignatureError):  # to be encrypted is not to be signed
        ours.import_bundle(bundle, passphrase=words)
    assert taken(ours, bundle, passphrase=ask, allow_unsigned=True)
    assert asked == [1]
    before = everything(ours)
    for wrong in (None, "Creme brulee", "", lambda: "wrong"):
        with pytest.raises((DecryptionError, PassphraseError, InvalidInputError)) as caught:
            ours.import_bundle(bundle, passphrase=wrong, allow_unsigned=True)
        assert caught.value.hint
    with pytest.raises((DecryptionError, PassphraseError)):
        anvil.inspect(bundle)
    assert everything(ours) == before


def test_an_encrypted_bundle_that_was_changed_is_refused(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    KeyRing.open().generate("ada")
    send(theirs, "desk", bundle, sign="ada", encrypt_to="ada")
    data = bundle.read_bytes()
    for at in (40, len(data) // 2, len(data) - 1):
        bundle.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(DecryptionError):
            ours.import_bundle(bundle)
    for length in (10, 30, len(data) // 2, len(data) - 1):
        bundle.write_bytes(data[:length])
        with pytest.raises(BundleError):
            ours.import_bundle(bundle)
    assert ours.ls().items == ()


def test_who_may_not_be_encrypted_to_is_said_at_once(
    theirs: Workspace, bob: KeyRing, as_them: Callable[..., Any], bundle: Path
) -> None:
    bob.revoke("carol")
    with pytest.raises(RevokedKeyError):
        as_them(send, theirs, "desk", bundle, encrypt_to="carol")
    with pytest.raises(NotFoundError):
        as_them(send, theirs, "desk", bundle, encrypt_to="nobody")
    assert not bundle.exists()


def test_the_plan_of_a_signed_bundle_says_nothing_of_keys(
    ours: Workspace, signed: Path, bob: KeyRing
) -> None:
    """Who trusts its signer and who waives that see the same plan."""
    waived = plan(ours, signed)
    KeyRing.open().trust(bob.export("bob"))
    trusted = ours.import_bundle(signed, dry_run=True)
    assert trusted.id == waived.id
