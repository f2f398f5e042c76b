"""Who signs what is synced as bundles, and whom each side trusts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import (
    RemoteError,
    SettingsError,
    SignatureError,
    UntrustedSignerError,
)
from anvil_nb.keys import KeyRing
from anvil_nb.server import create_app
from tests.bundles.stores import publish
from tests.server.conftest import GENEROUS, listening
from tests.sync.bundles import SET, keys_of, pull, push
from tests.sync.clouds import Cloud, Opener, cloud, keys, opener, ours, there

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

__all__ = ["cloud", "keys", "opener", "ours", "there"]


def test_without_a_key_of_ones_own_a_push_says_how_to_make_one(
    ours: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    publish(ours, SET, welcome="Hello")
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="no key to sign") as caught:
        push(ours)
    assert "anvil keys generate NAME" in caught.value.hint


def test_with_several_keys_the_settings_say_which(opener: Opener, cloud: Cloud) -> None:
    KeyRing.open().generate("other")
    ours = opener()
    publish(ours, SET, welcome="Hello")
    with pytest.raises(SettingsError, match="several keys") as caught:
        push(ours)
    assert 'sign = "ada"' in caught.value.hint
    signed = opener(sign="other")
    push(signed)
    [record] = cloud.ws.imports().records
    assert record.signers == ("other",)


def test_a_locked_key_is_opened_by_the_environment(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    KeyRing.open().generate("locked", "correct horse")
    ours = opener(sign="locked")
    publish(ours, SET, welcome="Hello")
    monkeypatch.setenv("ANVIL_KEY_PASSPHRASE", "correct horse")
    assert push(ours).state == "completed"


def test_a_signer_that_the_server_does_not_trust_is_refused_with_what_to_type_there(
    ours: Workspace, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    publish(ours, SET, welcome="Hello")
    mallory = tmp_path / "mallory"
    fingerprint = KeyRing.open(mallory).generate("mallory").key_id

    stranger = KeyRing.open(mallory).signer("mallory")
    monkeypatch.setattr("anvil_nb.sync.bundle_terms.Terms.signing", lambda _: (stranger,))
    with pytest.raises(RemoteError) as caught:
        push(ours)
    assert caught.value.remote_code == "untrusted-signer"
    assert fingerprint in caught.value.message
    assert "anvil keys trust anvil-key-1" in caught.value.hint
    assert not cloud.ws.ls("")


def test_what_an_unsigned_server_sends_is_refused_unless_the_settings_say_otherwise(
    opener: Opener, cloud: Cloud, there: str
) -> None:
    publish(cloud.ws, SET, welcome="Hello")
    with listening(create_app(there, GENEROUS)) as url:
        ours = opener()
        ours.settings = replace(ours.settings, remote=url)
        with pytest.raises(SignatureError, match="not signed") as caught:
            pull(ours)
        assert "anvil serve --sign KEY" in caught.value.hint
        assert not ours.ls("")
        lax = opener("lax", signatures="optional")
        lax.settings = replace(lax.settings, remote=url)
        assert keys_of(pull(lax)) == ["desk/emails@1.0.0"]


def test_a_server_key_that_is_not_trusted_here_is_refused_with_what_to_type(
    opener: Opener, cloud: Cloud, there: str, tmp_path: Path
) -> None:
    publish(cloud.ws, SET, welcome="Hello")
    other = KeyRing.open(tmp_path / "server")
    other.generate("server")
    options = replace(GENEROUS, signers=(other.signer("server"),))
    with listening(create_app(there, options)) as url:
        ours = opener()
        ours.settings = replace(ours.settings, remote=url)
        with pytest.raises(UntrustedSignerError) as caught:
            pull(ours)
        assert "anvil keys trust anvil-key-1" in caught.value.hint
        KeyRing.open().trust(other.export("server"))
        assert keys_of(pull(ours)) == ["desk/emails@1.0.0"]


def test_a_signer_s_scope_holds_at_the_server(
    ours: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(ours, "shop/offers", new="New")
    guest = KeyRing.open(tmp_path / "guest")
    guest.generate("guest")
    KeyRing.open().trust(guest.export("guest"), scope=["desk"])
    monkeypatch.setattr(
        "anvil_nb.sync.bundle_terms.Terms.signing", lambda _: (guest.signer("guest"),)
    )
    with pytest.raises(RemoteError, match="may not sign the project shop"):
        push(ours)
