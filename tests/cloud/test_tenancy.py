"""Another tenant's id in path, body and archive: it is as if there were no such thing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tests.cloud.conftest import Tenant, hexed, tarball

if TYPE_CHECKING:
    from tests.server.conftest import Server

ROUTES = [
    ("GET", ""),
    ("GET", "/files/manifest"),
    ("PATCH", "/files/manifest"),
    ("POST", "/files/missing"),
    ("POST", "/files"),
    ("GET", "/files"),
    ("POST", "/blobs"),
    ("POST", "/blobs/fetch"),
    ("GET", f"/blobs/{'0' * 64}"),
    ("HEAD", f"/blobs/{'0' * 64}"),
    ("PUT", f"/blobs/{'0' * 64}"),
    ("PATCH", f"/blobs/{'0' * 64}"),
    ("GET", "/database/manifest"),
    ("POST", "/database/fetch"),
    ("GET", "/database/export"),
    ("POST", "/database/import"),
]


HEADERS = {"If-Match": "*", "Upload-Offset": "0", "Upload-Length": "1", "X-Request-Id": "r"}
BODY: dict[str, list[str]] = {"checksums": [], "ids": []}


def test_anothers_tenant_is_the_same_404_as_none_at_all(acme: Tenant, rival: Tenant) -> None:
    names = (acme("GET").json()["id"], "acme", "nobody", str(uuid4()))
    for method, path in ROUTES:
        answers = []
        for name in names:
            rival.name = name
            answers.append(rival(method, path, json=BODY, headers=HEADERS))
        assert {one.status_code for one in answers} == {404}, (method, path)
        assert len({one.content for one in answers}) == 1, (method, path)


def test_without_the_scope_it_is_refused(server: Server) -> None:
    plain = Tenant(server.ask("write:prompts", "deploy"), "acme")
    for method, path in ROUTES:
        answer = plain(method, path, json=BODY, headers=HEADERS)
        assert answer.status_code == 403, (method, path)


def test_anothers_bytes_are_not_there(acme: Tenant, rival: Tenant) -> None:
    acme.put({"secret.md": b"secret"})
    digest = hexed(b"secret")
    assert rival("GET", f"/blobs/{digest}").status_code == 404
    assert rival("POST", "/blobs/fetch", json={"checksums": [digest]}).status_code == 404
    assert rival("POST", "/files/missing", json={"checksums": [digest]}).json()["missing"]
    listed = [{"path": "mine.md", "checksum": digest, "size": 6}]
    headers = {"If-Match": "*"}
    assert (
        rival("PATCH", "/files/manifest", json={"put": listed}, headers=headers).status_code == 409
    )


def test_an_upload_that_another_began_is_not_gone_on_with(acme: Tenant, rival: Tenant) -> None:
    path = f"/blobs/{hexed(b'0123456789')}"
    headers = {"Upload-Offset": "0", "Upload-Length": "10"}
    acme("PATCH", path, content=b"01234", headers=headers)
    assert rival("HEAD", path).headers["upload-offset"] == "0"


def test_a_record_with_anothers_id_is_a_new_one_of_ones_own(acme: Tenant, rival: Tenant) -> None:
    record = {"id": str(uuid4()), "name": "research", "system_prompt": "ours"}
    acme("POST", "/database/import", json={"agents": [record]})
    theirs = {**record, "system_prompt": "theirs", "tenant_id": acme("GET").json()["id"]}
    assert rival("POST", "/database/import", json={"agents": [theirs]}).json()["created"] == 1
    found = acme("GET", "/database/export").json()["agents"][0]
    assert found["system_prompt"] == "ours"
    gone = [{"kind": "agent", "id": record["id"]}]
    rival("POST", "/database/import", json={"delete": gone})
    assert acme("GET", "/database/export").json()["agents"] == [found]


def test_an_archive_with_anothers_id_in_its_paths_is_ones_own(acme: Tenant, rival: Tenant) -> None:
    theirs = acme("GET").json()["id"]
    rival("POST", "/files", content=tarball({f"{theirs}/a.md": b"x"}))
    assert acme.files() == {}
    assert list(rival.files()) == [f"{theirs}/a.md"]
