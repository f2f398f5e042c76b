"""What a push or a pull would be refused for is known before anything is done."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.bundles.published import published as all_published
from anvil_nb.errors import (
    AnvilError,
    PassphraseError,
    RemoteError,
    RevokedKeyError,
    SettingsError,
    SignatureError,
    UntrustedSignerError,
)
from anvil_nb.keys import KeyRing
from anvil_nb.server import create_app
from tests.bundles.stores import publish
from tests.server.conftest import GENEROUS, listening
from tests.sync.clouds import Cloud, Opener, cloud, keys, opener, ours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.results.sync import SyncReport
    from anvil_nb.workspace import Workspace

__all__ = ["cloud", "keys", "opener", "ours"]

SET = "desk/emails"


@pytest.fixture
def there(tmp_path: Path) -> str:
    """Where the server's store is."""
    return str(tmp_path / "cloud.duckdb")


def agent(ws: Workspace) -> None:
    """Let files and database have something to carry, before bundles come to their turn."""
    folder = ws.settings.services / "agents"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clerk.yaml").write_text("name: clerk\nsystem_prompt: Be brief.\n")
    ws.sync("agents", "push", dry_run=False)


def is_refused(ws: Workspace, direction: str, kind: type[AnvilError], message: str) -> None:
    """See that the preview says what the apply raises, and that ``all`` does not begin."""
    seen = ws.sync("bundles", direction)
    assert (seen.state, seen.sound) == ("refused", False)
    assert seen.refusal is not None
    assert message in seen.refusal.why
    assert seen.refusal.why in seen.to_text()
    assert seen.refusal.hint.splitlines()[0] in seen.to_text()
    assert "Do it:" not in seen.to_text()
    whole = ws.sync("all", direction)
    assert (whole.state, whole.sound) == ("refused", False)
    assert "Do all of it" not in whole.to_text()
    for target in ("bundles", "all"):
        with pytest.raises(kind) as caught:
            ws.sync(target, direction, dry_run=False)
        assert caught.value.message == seen.refusal.why


def nothing_came(ws: Workspace) -> bool:
    return not ws.items("agent").items and not all_published(ws.access)


def files_of(report: SyncReport) -> list[str]:
    return [item.key for item in report.items]


@pytest.fixture
def pulling(opener: Opener) -> Workspace:
    """A workspace that lacks files, records and a version that the server has."""
    first = opener("first")
    agent(first)
    publish(first, SET, welcome="Hello")
    first.sync("all", "push", dry_run=False)
    return opener("second")


@pytest.fixture
def serving(there: str) -> Iterator[Any]:
    """Serve the same store by other keys."""
    with ExitStack() as running:

        def serve(ws: Workspace, *signers: Any) -> None:
            url = running.enter_context(
                listening(create_app(there, replace(GENEROUS, signers=signers)))
            )
            ws.settings = replace(ws.settings, remote=url)

        yield serve


def test_a_pull_of_what_nobody_signed_is_refused_before_it_begins(
    pulling: Workspace, serving: Any
) -> None:
    serving(pulling)
    is_refused(pulling, "pull", SignatureError, "not signed")
    assert nothing_came(pulling)
    pulling.settings = replace(pulling.settings, signatures="optional")
    assert pulling.sync("all", "pull").state == "planned"


def test_a_pull_by_a_key_that_is_not_trusted_is_refused_before_it_begins(
    pulling: Workspace, serving: Any, tmp_path: Path
) -> None:
    other = KeyRing.open(tmp_path / "server")
    other.generate("server")
    serving(pulling, other.signer("server"))
    is_refused(pulling, "pull", UntrustedSignerError, "nobody trusted here")
    KeyRing.open().trust(other.export("server"), scope=["shop"])
    is_refused(pulling, "pull", UntrustedSignerError, "may not sign the project desk")
    assert nothing_came(pulling)
    KeyRing.open().trust(other.export("server"), scope=["desk"])
    assert pulling.sync("all", "pull").state == "planned"
    assert pulling.sync("all", "pull", dry_run=False).state == "completed"


def test_one_project_beyond_the_scope_of_a_key_is_found_among_others(
    pulling: Workspace, serving: Any, cloud: Cloud, tmp_path: Path
) -> None:
    publish(cloud.ws, "shop/offers", new="New")
    other = KeyRing.open(tmp_path / "server")
    other.generate("server")
    KeyRing.open().trust(other.export("server"), scope=["desk"])
    serving(pulling, other.signer("server"))
    is_refused(pulling, "pull", UntrustedSignerError, "may not sign the project shop")
    narrowed = pulling.sync("bundles", "pull", filter="desk", dry_run=False)
    assert files_of(narrowed) == ["desk/emails@1.0.0"]


def test_a_pull_by_a_key_that_was_revoked_is_refused_before_it_begins(
    pulling: Workspace, serving: Any, tmp_path: Path
) -> None:
    other = KeyRing.open(tmp_path / "server")
    other.generate("server")
    KeyRing.open().trust(other.export("server"))
    KeyRing.open().revoke("server", reason="lost")
    serving(pulling, other.signer("server"))
    is_refused(pulling, "pull", RevokedKeyError, "was revoked")
    assert nothing_came(pulling)


def test_a_push_without_a_key_or_with_one_that_stays_locked_is_refused_before_it_begins(
    ours: Workspace, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    agent(ours)
    publish(ours, SET, welcome="Hello")
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "none"))
    is_refused(ours, "push", SettingsError, "no key to sign")
    KeyRing.open().generate("locked", "correct horse")
    is_refused(ours, "push", PassphraseError, "passphrase")
    monkeypatch.setenv("ANVIL_KEY_PASSPHRASE", "wrong horse")
    is_refused(ours, "push", PassphraseError, "passphrase")
    assert nothing_came(cloud.ws)


def test_a_push_that_the_server_would_not_take_is_refused_before_it_begins(
    ours: Workspace, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    agent(ours)
    publish(ours, SET, welcome="Hello")
    mallory = KeyRing.open(tmp_path / "mallory")
    mallory.generate("mallory")
    monkeypatch.setattr(
        "anvil_nb.sync.bundle_terms.Terms.signing", lambda _: (mallory.signer("mallory"),)
    )
    is_refused(ours, "push", RemoteError, "nobody trusted here")
    KeyRing.open().trust(mallory.export("mallory"), scope=["shop"])
    is_refused(ours, "push", RemoteError, "may not sign the project desk")
    assert nothing_came(cloud.ws)


def test_what_would_be_taken_is_asked_about_once_and_writes_nothing(
    ours: Workspace, cloud: Cloud
) -> None:
    publish(ours, SET, welcome="Hello")
    assert ours.sync("all", "push").state == "planned"
    assert nothing_came(cloud.ws)
    assert not cloud.ws.imports().records
    assert ours.sync("all", "push", dry_run=False).state == "completed"
