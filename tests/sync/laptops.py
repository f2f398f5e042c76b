"""Laptops: a folder of services and a store that it is synced with, and what stands on each."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf
from anvil_nb.domain.items.parsing import parse
from anvil_nb.settings import Settings
from anvil_nb.store import blobs, items
from anvil_nb.store.items import ItemDelete, ItemWrite
from anvil_nb.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.results.sync import SyncReport
    from tests.services.conftest import Clock

Files = dict[str, bytes]
KINDS: dict[str, Kind] = {"skills": "skill", "content": "content", "agents": "agent"}


def skill(name: str, body: str = "Do it.") -> bytes:
    """The main file of a skill."""
    return f"---\nname: {name}\ndescription: About {name}\n---\n\n{body}\n".encode()


def page(title: str, body: str = "Text.") -> bytes:
    """A page."""
    return f"---\ntitle: {title}\ndescription: About {title}\n---\n{body}\n".encode()


def agent(name: str, prompt: str = "You help.") -> bytes:
    """The file of an agent."""
    return f"name: {name}\nsystem_prompt: {prompt}\n".encode()


@dataclass
class Laptop:
    """A folder, and the workspace through which it is synced.

    Args:
        ws: The workspace.
        services: The folder.
    """

    ws: Workspace
    services: Path

    def write(self, path: str, data: bytes | str, *, executable: bool = False) -> None:
        """Write a file of the folder."""
        place = self.services / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data.encode() if isinstance(data, str) else data)
        place.chmod(0o755 if executable else 0o644)

    def skill(self, name: str, body: str = "Do it.", files: Files | None = None) -> None:
        """Write a skill, and files beside its main one."""
        self.write(f"skills/{name}/SKILL.md", skill(name, body))
        for path, data in (files or {}).items():
            self.write(f"skills/{name}/{path}", data)

    def rm(self, path: str) -> None:
        """Delete a file or a folder."""
        place = self.services / path
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink()

    def files(self) -> dict[str, tuple[bytes, bool]]:
        """All files of the folder, without ours: bytes, and whether they are executable."""
        return {
            name: (
                place.read_bytes(),
                os.access(place, os.X_OK) and place.stat().st_mode & 0o100 > 0,
            )
            for place in self.services.rglob("*")
            if (name := place.relative_to(self.services).as_posix()).partition("/")[0] != ".anvil"
            and place.is_file()
        }

    def bodies(self) -> Files:
        """The bytes of all files of the folder."""
        return {path: data for path, (data, _) in self.files().items()}

    def trash(self) -> set[bytes]:
        """The bytes of all that is in the trash."""
        trash = self.services / ".anvil/trash"
        return {place.read_bytes() for place in trash.rglob("*") if place.is_file()}

    def staging(self) -> list[str]:
        """What is left of runs that were killed."""
        staging = self.services / ".anvil/staging"
        return sorted(place.name for place in staging.iterdir()) if staging.exists() else []

    def push(self, target: str = "skills", **how: Any) -> SyncReport:
        """Sync to the store."""
        return self.ws.sync(target, "push", **{"dry_run": False, **how})

    def pull(self, target: str = "skills", **how: Any) -> SyncReport:
        """Sync from the store."""
        return self.ws.sync(target, "pull", **{"dry_run": False, **how})


def laptop(
    services: Path, store: str, clock: Clock | None = None, *, organisation: str = "acme"
) -> Laptop:
    """A laptop with a folder, on a store; its workspace is to be closed."""
    settings = Settings(None, store, organisation, "ada", services=services)
    ws = Workspace(settings) if clock is None else Workspace(settings, clock=clock)
    return Laptop(ws, services)


def stored(ws: Workspace, target: str = "skills") -> dict[str, Files]:
    """What the store has of a target: files by path, by key."""
    access = ws.access
    with access.read("sync") as tx:
        tree = items.tree_of(tx, access.organisation_id, KINDS[target])
        digests = {leaf.digest for entry in tree.entries.values() for leaf in entry.leaves}
        found = blobs.need_blobs(tx, access.organisation_id, digests)
    return {
        key: {leaf.path: found[leaf.digest] for leaf in entry.leaves}
        for key, entry in tree.entries.items()
    }


def put(
    ws: Workspace,
    target: str,
    files: Mapping[str, bytes],
    place: Mapping[str, Any],
    *,
    executable: frozenset[str] = frozenset(),
) -> str:
    """Write an item in the store, as somebody does who has no folder; return its key."""
    kind, access = KINDS[target], ws.access
    parsed = parse(kind, files, place)
    leaves = tuple(
        Leaf(path, digest_of_bytes(data), len(data), path in executable)
        for path, data in sorted(files.items())
    )
    with access.write("sync") as tx:
        bodies = {leaf.digest: files[leaf.path] for leaf in leaves}
        blobs.put_blobs(tx, access.organisation_id, bodies)
        row = items.find(tx, access.organisation_id, kind, parsed.key)
        expect = None if row is None else row.digest
        write = ItemWrite(kind, parsed.key, leaves, place, parsed.fields, expect)
        (done,) = items.write(tx, access.actor, access.now(), [write], why="test")
    assert done.ok
    return parsed.key


def put_skill(ws: Workspace, name: str, body: str = "Do it.", files: Files | None = None) -> str:
    """Write a skill in the store."""
    return put(ws, "skills", {"SKILL.md": skill(name, body), **(files or {})}, {"folder": name})


def drop(ws: Workspace, key: str, target: str = "skills") -> None:
    """Delete an item in the store."""
    kind, access = KINDS[target], ws.access
    with access.write("sync") as tx:
        row = items.find(tx, access.organisation_id, kind, key)
        assert row is not None
        items.delete(tx, access.actor, access.now(), [ItemDelete(kind, key, row.digest)], why="t")


def rows(report: SyncReport) -> list[tuple[Any, ...]]:
    """The changes of a report, without what became of them."""
    return [(one.key, one.action, one.ours, one.theirs, one.size) for one in report.items]


def left(report: SyncReport) -> list[str]:
    """What a report says is left as it is."""
    return [one.key for one in report.waiting]


def statuses(report: SyncReport) -> dict[str, str]:
    """What became of each change."""
    return {one.key: one.status for one in report.items}


TABLES = (
    "blobs items item_log tombstones sync_bases sync_conflicts sync_pairs replicas sync_runs"
).split()


def tables(ws: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of what a sync may write to."""
    with ws.access.engine.read() as tx:
        return {name: sorted(tx.rows(f"select * from {name}"), key=repr) for name in TABLES}  # noqa: S608 - names of ours


def beside(one: Laptop, services: Path) -> Laptop:
    """The same store, synced with another folder."""
    settings = replace(one.ws.settings, services=services)
    return Laptop(Workspace(settings), services)
