"""Servers killed in the middle, requests that come again, and the tenants of others."""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.cloud.conftest import tarball
from tests.faults.line import line_to
from tests.faults.soak import files_of, on_disk, records_of
from tests.faults.test_full_disks import check_quiet, done, fill

if TYPE_CHECKING:
    from tests.faults.conftest import Maker
    from tests.faults.machines import Cloud

MIB = 1 << 20


def test_a_server_killed_in_the_middle_of_a_large_upload_is_gone_on_with(
    cloud: Cloud, make: Maker
) -> None:
    cloud.start()
    data = random.Random(6).randbytes(24 * MIB)  # noqa: S311 - no secret
    with line_to(cloud.port, 1) as line:
        ada = make("ada", url=line.url)
        (ada.services / "config").mkdir()
        (ada.services / "config/large.bin").write_bytes(data)
        answers: list[dict[str, Any]] = []
        pushing = threading.Thread(target=lambda: answers.append(ada.sync("files", "push")))
        pushing.start()
        while line.sent < 10 * MIB:
            assert pushing.is_alive(), answers
            time.sleep(0.005)
        cloud.kill()
        cloud.start()
        line.target = cloud.port
        pushing.join()
        if "error" in answers[0]:  # it did not wait for so long
            assert answers[0]["error"] == "RemoteUnreachableError"
            done(ada.sync("files", "push"))
        with cloud.workspace() as ws:
            assert files_of(ws) == on_disk(ada)
        assert line.sent < 1.5 * len(data), "it began anew"
        check_quiet(ada)


def test_a_request_that_breaks_off_is_no_fault_of_the_server(cloud: Cloud) -> None:
    token = cloud.token("sync")
    cloud.start()
    head = (
        "POST /api/v1/cloud/tenants/acme/database/import HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        "Idempotency-Key: half\r\nContent-Length: 100000\r\n\r\n{"
    )
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=10) as client:
        client.sendall(head.encode())
    assert cloud.stop() == 0
    text = cloud.log.read_text("utf-8")
    assert "Traceback" not in text
    assert [json.loads(line)["status"] for line in text.splitlines() if "import" in line] == [499]


def client_of(cloud: Cloud, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"{cloud.url}/api/v1/cloud/tenants", headers=headers, timeout=60)


def logged(cloud: Cloud) -> int:
    """Return how many changes of items the server noted."""
    with cloud.workspace() as ws, ws.access.engine.read() as tx:
        row = tx.row("select count(*) from item_log")
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}], ids=["plain", "keyed"])
def test_an_import_that_comes_again_after_the_server_was_killed_changes_nothing(
    cloud: Cloud, headers: dict[str, str]
) -> None:
    token = cloud.token("sync")
    cloud.start()
    agents = [{"id": f"00000000-0000-4000-8000-{n:012}", "name": f"a{n}"} for n in range(20)]
    body = {"agents": [{**one, "system_prompt": "You help."} for one in agents]}
    with client_of(cloud, token) as client:
        first = client.post("acme/database/import", json=body, headers=headers)
        assert first.json()["created"] == 20
    before = logged(cloud)
    cloud.kill()
    cloud.start()
    with client_of(cloud, token) as client:
        again = client.post("acme/database/import", json=body, headers=headers)
        if headers:
            assert again.content == first.content
        else:
            counts = again.json()
            assert (counts["created"], counts["updated"], counts["skipped"]) == (0, 0, 20)
        assert logged(cloud) == before
        # One that is old by now takes nothing back: it was made for what is no more.
        digests = {
            one["name"]: one["digest"]
            for one in client.get("acme/database/export").json()["agents"]
        }
        newer = {**body["agents"][0], "system_prompt": "Newer.", "if_digest": digests["a0"]}
        assert client.post("acme/database/import", json={"agents": [newer]}).status_code == 200
        late = {**newer, "system_prompt": "Late."}
        refused = client.post("acme/database/import", json={"agents": [late]})
        assert refused.status_code in {409, 412}
        if headers:
            client.post("acme/database/import", json=body, headers=headers)
        found = client.get("acme/database/export").json()["agents"]
    assert {one["system_prompt"] for one in found if one["name"] == "a0"} == {"Newer."}


def test_an_archive_that_comes_again_is_the_same_files_once(cloud: Cloud) -> None:
    token = cloud.token("sync")
    cloud.start()
    body = tarball({"agents/a.yaml": b"name: a\n", "config/c.json": b"{}"})
    with client_of(cloud, token) as client:
        said = {"headers": {"Content-Type": "application/gzip"}, "content": body}
        assert client.post("acme/files", **said).status_code in {200, 201}  # type: ignore[arg-type]
        first = client.get("acme/files/manifest").json()
        cloud.kill()
        cloud.start()
    with client_of(cloud, token) as client:
        client.post("acme/files", **said)  # type: ignore[arg-type]
        again = client.get("acme/files/manifest").json()
    assert first["files"] == again["files"]
    assert first["checksum"] == again["checksum"]


def test_a_laptop_set_to_another_s_tenant_gets_and_changes_nothing(
    cloud: Cloud, make: Maker
) -> None:
    with Workspace(Settings(None, cloud.store, "rival", "eve")) as rival:
        theirs = rival.create_token("eve", ["sync"], expires="1d").secret
        rival.save_agent("secret", b"name: secret\nsystem_prompt: theirs\n")
    cloud.start()
    eve = make("eve", tenant="rival", token=theirs)
    (eve.services / "config").mkdir()
    (eve.services / "config/secret.json").write_text("{}")
    done(eve.sync("files", "push"))
    with client_of(cloud, theirs) as client:
        names = ("rival", client.get("rival").json()["id"], "nobody")
    for number, name in enumerate(names):
        ada = make(f"ada-{number}", tenant=name)
        fill(ada, 1, 100)
        done(ada.sync("skills", "push"))
        ada.ask("publish", set="desk/emails", text="Hello")
        before = on_disk(ada)
        for target in ("files", "database", "bundles"):
            for way in ("push", "pull"):
                answer = ada.sync(target, way, force=True, delete=True)
                assert answer.get("error") == "RemoteNotFoundError", (target, way, answer)
                assert "theirs" not in answer["message"]
        assert on_disk(ada) == before
        check_quiet(ada)
    with Workspace(Settings(None, cloud.store, "rival", "eve")) as rival:
        assert {(row[0], row[1]) for row in records_of(rival)} == {("agent", "secret")}
        expected = Leaf("config/secret.json", digest_of_bytes(b"{}"), 2)
        assert files_of(rival) == {expected}
    check_quiet(eve)
