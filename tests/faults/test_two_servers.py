"""Two servers in processes of their own on one PostgreSQL database."""

from __future__ import annotations

import importlib.util
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.cloud.conftest import frame, hexed
from tests.faults.machines import Cloud
from tests.faults.soak import files_of, on_disk, records_of, versions_of
from tests.faults.test_full_disks import check_quiet, done, fill
from tests.faults.test_restarts import client_of
from tests.server.test_limits import redis_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.conftest import Maker

__all__ = ["redis_url"]


@pytest.fixture
def cloud(postgres_url: str, tmp_path: Path) -> Iterator[Cloud]:
    """The first server."""
    made = Cloud(tmp_path / "one", postgres_url, options=("--sign", "ada"))
    yield made
    made.kill()


@pytest.fixture
def other(cloud: Cloud, tmp_path: Path) -> Iterator[Cloud]:
    """The second one."""
    made = Cloud(tmp_path / "two", cloud.store, options=cloud.options)
    yield made
    made.kill()


def test_what_is_pushed_to_one_is_pulled_from_the_other_and_back(
    cloud: Cloud, other: Cloud, make: Maker
) -> None:
    cloud.start()
    other.start()
    ada, bob = make("ada", url=cloud.url), make("bob", url=other.url)
    fill(ada, 3, 50_000)
    done(ada.sync("skills", "push"))
    ada.ask("publish", set="desk/emails", text="Hello")
    for target in ("files", "database", "bundles"):
        done(ada.sync(target, "push"))
        done(bob.sync(target, "pull"))
    done(bob.sync("skills", "push"))
    # And the other way round, with a deletion.
    (bob.services / "skills/s1/notes.bin").write_bytes(b"bob's")
    (bob.services / "skills/s2/notes.bin").unlink()
    done(bob.sync("skills", "push", delete=True))
    for target in ("files", "database"):
        done(bob.sync(target, "push", delete=True))
        done(ada.sync(target, "pull", delete=True))
    with cloud.workspace() as there, ada.workspace() as here, bob.workspace() as elsewhere:
        assert on_disk(ada) == on_disk(bob) == files_of(there)
        assert records_of(here) == records_of(elsewhere) == records_of(there)
        assert versions_of(here) == versions_of(elsewhere) == versions_of(there)
        assert len(versions_of(there)) == 1
    check_quiet(ada, bob)
    assert cloud.stop() == other.stop() == 0


def test_of_writers_at_both_that_saw_the_same_one_wins_each_time(
    cloud: Cloud, other: Cloud
) -> None:
    cloud.start()
    other.start()
    token = cloud.token("sync")
    with ExitStack() as opened:
        clients = [opened.enter_context(client_of(one, token)) for one in (cloud, other)]
        pool = opened.enter_context(ThreadPoolExecutor(4))
        agent = {"id": "00000000-0000-4000-8000-000000000001", "name": "a", "system_prompt": "0"}
        clients[0].post("acme/database/import", json={"agents": [agent]})
        for number in range(8):
            tag = clients[number % 2].get("acme/files/manifest").headers["etag"]
            found = clients[number % 2].get("acme/database/export").json()["agents"][0]["digest"]

            def put(who: int, tag: str = tag, number: int = number) -> int:
                client, data = clients[who % 2], f"{number} {who}".encode()
                client.post("acme/blobs", content=frame(data))
                listed = {"path": "config/c.json", "checksum": hexed(data), "size": len(data)}
                change = {"put": [listed], "delete": []}
                headers = {"If-Match": tag}
                return client.patch("acme/files/manifest", json=change, headers=headers).status_code

            def save(who: int, found: str = found, number: int = number) -> int:
                record = {**agent, "system_prompt": f"{number} {who}", "if_digest": found}
                said = {"agents": [record]}
                return clients[who % 2].post("acme/database/import", json=said).status_code

            assert sorted(pool.map(put, range(4))) == [200, 412, 412, 412]
            assert sorted(pool.map(save, range(4))) == [200, 412, 412, 412]
        manifests = [client.get("acme/files/manifest").json() for client in clients]
        assert manifests[0]["revision"] == manifests[1]["revision"] == 8
        exports = [client.get("acme/database/export").json()["agents"] for client in clients]
        assert exports[0] == exports[1]


@pytest.mark.skipif(not importlib.util.find_spec("redis"), reason="redis is not installed")
def test_rates_hold_across_both_where_redis_counts_and_for_each_alone_without_it(
    cloud: Cloud, other: Cloud, redis_url: str
) -> None:
    for place, expected in ((redis_url, 5), ("memory://", 10)):
        for one in (cloud, other):
            one.options = ("--rate", "5/hour", "--rates-in", place)
            one.start()
        token = cloud.token("sync")
        with client_of(cloud, token) as first, client_of(other, token) as second:
            statuses = [
                client.get("acme").status_code for _ in range(8) for client in (first, second)
            ]
            assert statuses.count(200) == expected
            assert set(statuses) == {200, 429}
            refused = second.get("acme")
            assert int(refused.headers["Retry-After"]) > 0
        assert cloud.stop() == other.stop() == 0
