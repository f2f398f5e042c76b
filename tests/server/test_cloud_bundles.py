"""Published versions over HTTP: listed, imported, exported; by any client."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from anvil_nb.keys import KeyRing
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.server.conftest import GENEROUS, error_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.server.conftest import Server, Starter

BUNDLES = "cloud/tenants/acme/bundles"


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring of keys with one of one's own."""
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "keys"))
    KeyRing.open().generate("ada")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Workspace]:
    """Another store, from which bundles come."""
    with Workspace(Settings(None, str(tmp_path / "elsewhere.duckdb"), "umbra", "bob")) as ws:
        ws.save("desk/emails/welcome", "Hello from there")
        ws.publish("desk/emails")
        yield ws


@pytest.fixture
def bundle(elsewhere: Workspace, tmp_path: Path) -> bytes:
    """A signed bundle of it."""
    elsewhere.export("desk", tmp_path / "desk.anvil", sign="ada")
    return (tmp_path / "desk.anvil").read_bytes()


@pytest.fixture
def client(server: Server) -> httpx.Client:
    """A client that may sync."""
    return server.ask("sync")


def test_a_bundle_is_imported_once(client: httpx.Client, server: Server, bundle: bytes) -> None:
    foreseen = client.post(f"{BUNDLES}?dry_run=true", content=bundle)
    assert foreseen.status_code == 200, foreseen.text
    assert (foreseen.json()["open"], foreseen.json()["import_id"]) == (0, None)
    assert not server.workspaces["acme"].ls("")
    taken = client.post(BUNDLES, content=bundle).json()
    assert taken["changed"]
    [version] = client.get(BUNDLES).json()["versions"]
    assert (version["set"], version["version"]) == ("desk/emails", "1.0.0")
    assert version["origin"] == {"version": "1.0.0", "digest": version["digest"]}
    again = client.post(BUNDLES, content=bundle).json()
    assert (again["changed"], again["import_id"]) == (False, "")


def test_the_list_is_answered_once_for_each_state(client: httpx.Client, bundle: bytes) -> None:
    first = client.get(BUNDLES)
    again = client.get(BUNDLES, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    client.post(BUNDLES, content=bundle)
    after = client.get(BUNDLES, headers={"If-None-Match": first.headers["ETag"]})
    assert after.status_code == 200
    assert after.headers["ETag"] != first.headers["ETag"]


def test_conflicts_are_answered_with_all_of_them(
    client: httpx.Client, server: Server, bundle: bytes
) -> None:
    ws = server.workspaces["acme"]
    ws.save("desk/emails/welcome", "Hello from here")
    ws.publish("desk/emails")
    answer = client.post(BUNDLES, content=bundle)
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (409, "bundle-conflict")
    assert [one["kind"] for one in error["context"]["conflicts"]] == ["name"]
    answer = client.post(f"{BUNDLES}?by_address=true", content=bundle)
    [conflict] = error_of(answer)["context"]["conflicts"]
    assert conflict["key"] == "version:desk/emails@1.0.0"
    assert "/tmp" not in answer.text  # noqa: S108 - where the upload lay is nobody's to know
    answer = client.post(f"{BUNDLES}?by_address=true&strategy=version", content=bundle)
    assert answer.status_code == 200, answer.text
    numbers = [one["version"] for one in client.get(BUNDLES).json()["versions"]]
    assert numbers == ["1.0.0", "1.0.0-from-umbra.1"]


def test_what_is_no_bundle_is_refused(client: httpx.Client, server: Server, bundle: bytes) -> None:
    for body in (b"", b"PK", b"nothing" * 100, bundle[:-10], bundle[:200] + b"x" + bundle[201:]):
        assert client.post(BUNDLES, content=body).status_code == 422, body[:10]
    assert not server.workspaces["acme"].ls("")
    assert list(server.app.state.instance.uploads.folder.glob("*.anvil")) == []


def test_what_nobody_signed_is_refused_with_what_to_do(
    client: httpx.Client, elsewhere: Workspace, tmp_path: Path
) -> None:
    elsewhere.export("desk", tmp_path / "open.anvil")
    answer = client.post(BUNDLES, content=(tmp_path / "open.anvil").read_bytes())
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (422, "signature")
    assert "anvil export --sign KEY" in error["hint"]


def test_versions_are_exported_signed_where_the_server_has_a_key(
    start: Starter, tmp_path: Path, bundle: bytes
) -> None:
    options = replace(GENEROUS, signers=(KeyRing.open().signer("ada"),))
    client = start(options).ask("sync")
    client.post(BUNDLES, content=bundle)
    answer = client.post(f"{BUNDLES}/export", json={"versions": ["desk/emails@1.0.0"]})
    assert answer.status_code == 200, answer.text
    file = tmp_path / "back.anvil"
    file.write_bytes(answer.content)
    with Workspace(Settings(None, str(tmp_path / "third.duckdb"), "acme", "eve")) as third:
        third.import_bundle(file)
        assert third.get("desk/emails/welcome").template == "Hello from there"


@pytest.mark.parametrize(
    ("versions", "status"),
    [
        ([], 422),
        (["desk"], 422),
        (["desk/emails@draft"], 404),
        (["desk/emails@9.9.9"], 404),
        (["../x@1.0.0"], 422),
    ],
)
def test_what_is_not_published_is_not_exported(
    client: httpx.Client, bundle: bytes, versions: list[str], status: int
) -> None:
    client.post(BUNDLES, content=bundle)
    answer = client.post(f"{BUNDLES}/export", json={"versions": versions})
    assert answer.status_code == status, answer.text
    assert error_of(answer)["message"]


def test_another_tenant_s_versions_are_not_there(server: Server, bundle: bytes) -> None:
    server.ask("sync").post(BUNDLES, content=bundle)
    rival = server.ask("sync", organisation="rival")
    wanted = {"versions": ["desk/emails@1.0.0"]}
    assert rival.get(BUNDLES).status_code == 404
    assert rival.post(BUNDLES, content=bundle).status_code == 404
    assert rival.post(f"{BUNDLES}/export", json=wanted).status_code == 404
    own = BUNDLES.replace("acme", "rival")
    assert rival.get(own).json() == {"versions": []}
    assert rival.post(f"{own}/export", json=wanted).status_code == 404


def test_it_takes_the_scope_sync(server: Server, bundle: bytes) -> None:
    for scopes in (("read:prompts",), ("write:prompts",), ("deploy",)):
        client = server.ask(*scopes)
        assert client.get(BUNDLES).status_code == 403
        assert client.post(BUNDLES, content=bundle).status_code == 403
        assert client.post(f"{BUNDLES}/export", json={"versions": ["a/b@1.0.0"]}).status_code == 403
