"""The cloud as a replica: what a plan made from it does, and what it leaves when others came."""

from __future__ import annotations

from contextlib import closing
from secrets import token_hex
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf, digest_of_file
from anvil_nb.domain.sync.planning import Action, Change
from anvil_nb.domain.sync.tree import Entry, Tree
from anvil_nb.errors import ConflictError
from anvil_nb.remote.api import Api
from anvil_nb.remote.calls import Calls
from anvil_nb.remote.http import Connection
from anvil_nb.store import items
from anvil_nb.store.items import ItemDelete
from anvil_nb.sync.cloud_files import CloudFiles
from anvil_nb.sync.cloud_records import CloudRecords
from anvil_nb.sync.replica import Run, Status
from anvil_nb.sync.store_records import StoreRecords
from tests.remote.faulty import Cut, faulty_proxy
from tests.server.conftest import clock, server, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from anvil_nb.remote.retrying import Retries
    from anvil_nb.sync.replica import Replica, Wanted
    from anvil_nb.workspace import Workspace
    from tests.remote.faulty import FaultyProxy
    from tests.server.conftest import Server

__all__ = ["clock", "server", "start"]


class Files(dict[str, bytes]):
    """Files in memory, as the near side shows them."""

    def entry(self, path: str) -> Entry:
        leaf = Leaf(path, digest_of_bytes(self[path]), len(self[path]))
        return Entry(path, digest_of_file(leaf), (leaf,), path)

    def read(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        for _, leaf in wanted:
            yield self[leaf.path]


def changes(files: Files, far: Tree, *paths: str) -> list[Change]:
    made = []
    for path in paths or sorted({*files, *far.entries}):
        source = files.entry(path) if path in files else None
        standing = far.entries.get(path)
        if source is None or standing is None or source.digest != standing.digest:
            action = Action.DELETE if source is None else Action.CHANGE
            made.append(Change(path, path, action, None, source, standing))
    return made


def run() -> Run:
    return Run(uuid4())


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultyProxy]:
    with faulty_proxy(int(server.url.rpartition(":")[2])) as running:
        yield running


@pytest.fixture
def api(server: Server, proxy: FaultyProxy) -> Iterator[Api]:
    from anvil_nb.remote.retrying import Retries as Made

    retries: Retries = Made(first_seconds=0.001, most_seconds=0.01)
    token = str(server.ask("sync").headers["authorization"]).removeprefix("Bearer ")
    connection = Connection(proxy.url, token)
    yield Api(Calls(connection, retries), "acme")
    connection.close()


def statuses(far: Replica, made: list[Change], files: Files) -> dict[str, Status]:
    return {one.key: one.status for one in far.apply(made, files.read, run())}


def test_files_go_there_change_and_go_away(api: Api, tmp_path: Path) -> None:
    far = CloudFiles(api, tmp_path)
    files = Files({f"agents/{n}.yaml": b"name: %d\n" % n for n in range(30)})
    assert set(statuses(far, changes(files, far.tree()), files).values()) == {Status.DONE}
    assert far.tree().entries == {path: files.entry(path) for path in files}
    files["agents/3.yaml"] = b"name: three\n"
    del files["agents/4.yaml"]
    assert len(statuses(far, changes(files, far.tree()), files)) == 2
    seen = CloudFiles(api, tmp_path / "new").tree()
    assert set(seen.entries) == set(files)
    assert set(seen.gone) == {"agents/4.yaml"}
    wanted = [(one, one.leaves[0]) for one in seen.entries.values()]
    assert list(far.read(wanted)) == [files[one.key] for one, _ in wanted]


def test_one_changed_file_travels_and_not_all(api: Api, proxy: FaultyProxy, tmp_path: Path) -> None:
    files = Files({f"a/{n}.md": b"%d text " % n * 500 for n in range(300)})
    far = CloudFiles(api, tmp_path)
    statuses(far, changes(files, far.tree()), files)
    files["a/7.md"] = bytes(range(256)) * 16
    far = CloudFiles(api, tmp_path)
    before = proxy.up_bytes
    statuses(far, changes(files, far.tree()), files)
    assert proxy.up_bytes - before < 2 * len(files["a/7.md"])
    assert CloudFiles(api, tmp_path).tree().entries["a/7.md"] == files.entry("a/7.md")


def test_what_others_changed_meanwhile_is_left_and_the_rest_is_done(
    api: Api, tmp_path: Path
) -> None:
    files = Files({"a.md": b"a", "b.md": b"b"})
    far, other = CloudFiles(api, tmp_path / "1"), CloudFiles(api, tmp_path / "2")
    statuses(far, changes(files, far.tree()), files)
    mine = Files({"a.md": b"mine", "b.md": b"mine too"})
    planned = changes(mine, far.tree())
    theirs = Files({"a.md": b"theirs", "b.md": b"b", "c.md": b"new"})
    statuses(other, changes(theirs, other.tree()), theirs)
    assert statuses(far, planned, mine) == {"a.md": Status.MOVED, "b.md": Status.DONE}
    seen = {
        path: one.digest for path, one in CloudFiles(api, tmp_path / "3").tree().entries.items()
    }
    assert seen == {
        "a.md": digest_of_bytes(b"theirs"),
        "b.md": digest_of_bytes(b"mine too"),
        "c.md": digest_of_bytes(b"new"),
    }


def test_a_path_that_the_server_takes_none_of_fails_alone(api: Api, tmp_path: Path) -> None:
    files = Files({"ok.md": b"1", ".git/config": b"2"})
    far = CloudFiles(api, tmp_path)
    made = changes(files, far.tree())
    assert statuses(far, made, files) == {".git/config": Status.FAILED, "ok.md": Status.DONE}


def test_an_answer_that_was_lost_is_not_taken_for_a_change_of_others(
    api: Api, server: Server, proxy: FaultyProxy, tmp_path: Path
) -> None:
    files = Files({"a.md": b"1", "b.md": b"2"})
    far = CloudFiles(api, tmp_path)
    statuses(far, changes(files, far.tree()), files)
    files["a.md"] = b"2"  # bytes that are there, so that the change is all that is sent
    planned = changes(files, far.tree())
    token = str(server.ask("sync").headers["authorization"]).removeprefix("Bearer ")
    with closing(Connection(proxy.url, token)) as fresh:
        far = CloudFiles(Api(Calls(fresh, api.calls.retries), "acme"), tmp_path)
        far.tree()
    with closing(Connection(proxy.url, token)) as fresh:
        far._api = Api(Calls(fresh, api.calls.retries), "acme")
        connections = proxy.connections
        proxy.faults.append(Cut(down=20))
        assert statuses(far, planned, files) == {"a.md": Status.DONE}
        assert proxy.connections == connections + 2
    assert CloudFiles(api, tmp_path).tree().entries["a.md"] == files.entry("a.md")


def test_a_cache_that_is_damaged_is_not_believed(api: Api, tmp_path: Path) -> None:
    files = Files({"a.md": b"1", "b.md": b"2"})
    tmp_path /= "cache"
    far = CloudFiles(api, tmp_path)
    statuses(far, changes(files, far.tree()), files)
    (cache,) = tmp_path.iterdir()
    whole = cache.read_text()
    for damaged in ("", whole[:-10], whole.replace("a.md", "c.md"), whole.replace(" 1 ", " 2 ")):
        cache.write_text(damaged)
        assert set(CloudFiles(api, tmp_path).tree().entries) == {"a.md", "b.md"}


def test_what_is_gone_from_the_server_is_a_conflict_to_read(api: Api, tmp_path: Path) -> None:
    entry = Files({"a.md": b"never sent"}).entry("a.md")
    with pytest.raises(ConflictError):
        list(CloudFiles(api, tmp_path).read([(entry, entry.leaves[0])]))


def test_records_go_there_and_come_back_with_all_they_have(
    api: Api, server: Server, tmp_path: Path
) -> None:
    from anvil_nb.settings import Settings
    from anvil_nb.workspace import Workspace

    with Workspace(Settings(None, str(tmp_path / "near.duckdb"), "acme", "ada")) as near:
        client = server.ask("sync")
        agents = [
            {"id": str(uuid4()), "name": f"agent-{n}", "system_prompt": "Hi", "port": n}
            for n in range(20)
        ]
        client.post("cloud/tenants/acme/database/import", json={"agents": agents})
        here, there = StoreRecords(near.access), CloudRecords(api)
        assert transfer(there, here) == {Status.DONE}
        assert digests(here) == digests(there)
        changed = {"agents": [{**agents[0], "name": "renamed", "port": 99}]}
        client.post("cloud/tenants/acme/database/import", json=changed)
        assert transfer(CloudRecords(api), here) == {Status.DONE}
        assert digests(here) == digests(CloudRecords(api))
        names = {one.name for one in here.tree().entries.values()}
        assert "agents/renamed" in names


@pytest.fixture
def near(tmp_path: Path) -> Iterator[Workspace]:
    from anvil_nb.settings import Settings
    from anvil_nb.workspace import Workspace as Opened

    with Opened(Settings(None, str(tmp_path / "near.duckdb"), "acme", "ada")) as opened:
        yield opened


def test_files_of_records_arrive_whether_they_are_small_large_shared_or_no_text(
    api: Api, near: Workspace, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "SKILL.md").write_bytes(b"---\r\nname: %s\r\n---\r\nDo." % name.encode())
        (folder / "shared.txt").write_text("in both")
        (folder / "small.bin").write_bytes(name.encode() + b"\0\xff")
        (folder / "large.txt").write_text(name * 4_000)
        near.save_skill(name, folder)
    here, there = StoreRecords(near.access), CloudRecords(api)
    assert transfer(here, there) == {Status.DONE}
    assert digests(here) == digests(there)
    wanted = [(one, leaf) for one in here.tree().entries.values() for leaf in one.leaves]
    assert len(wanted) == 8
    assert list(there.read(wanted)) == list(here.read(wanted))


def test_records_get_through_a_line_that_is_cut_before_all_of_them(
    api: Api, near: Workspace, proxy: FaultyProxy
) -> None:
    for number in range(30):
        near.save_agent(f"agent-{number}", {"system_prompt": token_hex(1_800)})
    here, there = StoreRecords(near.access), CloudRecords(api)
    proxy.usual = Cut(up=60_000)
    assert transfer(here, there) == {Status.DONE}
    assert digests(here) == digests(there)


def test_records_that_moved_are_left_and_the_rest_is_done(
    api: Api, server: Server, tmp_path: Path
) -> None:
    from anvil_nb.settings import Settings
    from anvil_nb.workspace import Workspace

    with Workspace(Settings(None, str(tmp_path / "near.duckdb"), "acme", "ada")) as near:
        client = server.ask("sync")
        one, two = (
            {"id": str(uuid4()), "name": name, "system_prompt": "a"} for name in ("one", "two")
        )
        client.post("cloud/tenants/acme/database/import", json={"agents": [one, two]})
        here, there = StoreRecords(near.access), CloudRecords(api)
        transfer(there, here)
        planned = [
            Change(key, key, Action.DELETE, None, None, entry)
            for key, entry in there.tree().entries.items()
        ]
        client.post("cloud/tenants/acme/database/import", json={"agents": [{**two, "port": 1}]})
        done = {one.key: one.status for one in there.apply(planned, here.read, run())}
        assert done == {one["id"]: Status.DONE, two["id"]: Status.MOVED}
        assert set(CloudRecords(api).tree().entries) == {two["id"]}


def test_records_here_that_moved_are_left_and_the_rest_is_done(
    api: Api, server: Server, tmp_path: Path
) -> None:
    from anvil_nb.settings import Settings
    from anvil_nb.workspace import Workspace

    with Workspace(Settings(None, str(tmp_path / "near.duckdb"), "acme", "ada")) as near:
        client = server.ask("sync")
        one, two = ({"id": str(uuid4()), "name": name} for name in ("one", "two"))
        client.post("cloud/tenants/acme/database/import", json={"agents": [one, two]})
        here, there = StoreRecords(near.access), CloudRecords(api)
        transfer(there, here)
        newer = {"agents": [{**one, "port": 1}, {**two, "port": 2}]}
        client.post("cloud/tenants/acme/database/import", json=newer)
        planned = record_changes(there, here)
        with near.access.write("sync") as tx:
            row = items.find(tx, near.access.organisation_id, "agent", "one")
            assert row is not None
            gone = [ItemDelete("agent", "one", row.digest)]
            items.delete(tx, near.access.actor, near.access.now(), gone)
        done = {one.key: one.status for one in here.apply(planned, there.read, run())}
        assert done == {one["id"]: Status.MOVED, two["id"]: Status.DONE}


def record_changes(source: Replica, destination: Replica) -> list[Change]:
    ours, theirs = source.tree(), destination.tree()
    return [
        Change(key, entry.name, Action.CHANGE, None, entry, theirs.entries.get(key))
        for key, entry in ours.entries.items()
        if key not in theirs.entries or theirs.entries[key].digest != entry.digest
    ]


def transfer(source: Replica, destination: Replica) -> set[Status]:
    made = record_changes(source, destination)
    return {one.status for one in destination.apply(made, source.read, run())}


def digests(replica: Replica) -> dict[str, str]:
    return {key: one.digest for key, one in replica.tree().entries.items()}
