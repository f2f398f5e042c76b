"""What people wrote, what they destroyed themselves, and what was acknowledged, and where."""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from anvil_nb.bundles.published import published
from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf, digest_of_file
from anvil_nb.domain.records import LISTS, digest_of_record
from anvil_nb.store import blobs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anvil_nb.workspace import Workspace

SERVER = "server"
ITEMS = ("skills", "content", "agents")


@dataclass
class Ledger:
    """Notes of all that happened; several threads write into it.

    Args:
        written: What each version of a file was, by the digest of its bytes.
        destroyed: The versions that a person wrote over or deleted on disk.
        files: Digests of bytes, by those of files.
        kept: What was acknowledged: kind of digest (file, item, record, version) and digest, by
            the store that has to know it.
        counts: How often things happened.
    """

    written: dict[str, str] = field(default_factory=dict)
    destroyed: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)
    kept: defaultdict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wrote(self, path: str, data: bytes) -> None:
        """Note a version that a person wrote to disk."""
        digest = digest_of_bytes(data)
        with self._lock:
            self.written[digest] = path
            self.found(path, data)

    def found(self, path: str, data: bytes) -> None:
        """Note what a file at a path is called, whoever wrote it."""
        digest = digest_of_bytes(data)
        for executable in (False, True):
            leaf = Leaf(path, digest, len(data), executable)
            self.files[digest_of_file(leaf)] = digest

    def destroys(self, data: bytes) -> None:
        """Note that a person is about to write over a version, or to delete it."""
        with self._lock:
            self.destroyed.add(digest_of_bytes(data))

    def saved(self, who: str, digest: str) -> None:
        """Note an item that a store said it has."""
        with self._lock:
            self.kept[who].add(("item", digest))

    def published(self, who: str, digest: str) -> None:
        """Note a version that a store said is published."""
        with self._lock:
            self.kept[who].add(("version", digest))

    def count(self, what: str, number: int = 1) -> None:
        """Count something."""
        with self._lock:
            self.counts[what] += number

    def synced(self, who: str, report: dict[str, Any]) -> None:
        """Note what a sync says it did: what went over is there, and what gave way is kept."""
        with self._lock:
            for item in report["items"]:
                self.counts[f"{item['status']}"] += 1
                if item["status"] == "done":
                    self._done(who, report, item)
            self.counts["conflicts met"] += len(report["conflicts"])

    def _done(self, who: str, report: dict[str, Any], item: dict[str, Any]) -> None:
        """Note what a change promises: both versions stay known where each of them stood.

        What stood on disk is not noted here: its bytes are looked for everywhere.
        """
        target, pushes = report["target"], report["direction"] == "push"
        kind = {"files": "file", "database": "record", "bundles": "version"}.get(target, "item")
        far = who if target in ITEMS else SERVER
        if item["theirs"] is not None:
            self.kept[far].add((kind, item["theirs"]))
        if item["ours"] is not None:
            # Conflicts may have been settled the other way, and then nothing went there.
            if pushes and report["on_conflict"] != "theirs":
                self.kept[far].add((kind, item["ours"]))
            if target not in {"files", *ITEMS}:
                self.kept[who].add((kind, item["ours"]))


@dataclass(frozen=True)
class Known:
    """What a store has of all that ever was.

    Args:
        bodies: Digests of the bytes that can be read.
        digests: Kind and digest of what it knows by name: as it stands, or in its history.
        named: Digests of the bytes that belong to something that it knows.
    """

    bodies: frozenset[str]
    digests: frozenset[tuple[str, str]]
    named: frozenset[str]


def known(ws: Workspace) -> Known:
    """Return what a store has; bytes are read, and checked against their digests."""
    access = ws.access
    with access.engine.read() as tx:
        wanted = {row[0] for row in tx.rows("select digest from blobs")}
        bodies = blobs.read_blobs(tx, access.organisation_id, wanted)
        log = tx.rows("select kind, key, digest_after, digest_before, files, extra from item_log")
        log += tx.rows("select kind, key, digest, null, files, extra from items")
        sides = tx.rows("select ours, theirs from sync_conflicts")
        files = {row[0] for row in tx.rows("select digest from tenant_files")}
    assert {digest_of_bytes(data) for data in bodies.values()} == wanted
    digests = {("version", one.digest) for one in published(access)}
    named = set(files)
    for kind, key, after, before, leaves, extra in log:
        named.update(leaf[1] for leaf in json.loads(leaves))
        for digest in (after, before):
            if digest is not None:
                digests.add(("item", digest))
                if kind in LISTS:
                    record = digest_of_record(kind, key, digest, json.loads(extra))
                    digests.add(("record", record))
    for side in (json.loads(text) for row in sides for text in row if text):
        if side is not None:
            named.update(leaf[1] for leaf in side["files"])
    return Known(frozenset(bodies), frozenset(digests), frozenset(named))


def lost(
    ledger: Ledger,
    disks: Iterable[bytes],
    stores: dict[str, Known],
) -> list[str]:
    """Return what is nowhere any more that has to be somewhere, in words.

    Args:
        ledger: What was written, destroyed and acknowledged.
        disks: The bytes of all files, and of all trash.
        stores: What each store knows, by its name.
    """
    there = {digest_of_bytes(data) for data in disks} | stores[SERVER].bodies
    for name, one in stores.items():
        there |= one.named & one.bodies
        missing = one.named - one.bodies
        assert not missing, f"{name} names bytes that it does not have: {missing}"
    gone = [
        f"{path} {digest} was never destroyed by a person"
        for digest, path in ledger.written.items()
        if digest not in there and digest not in ledger.destroyed
    ]
    for name, wanted in ledger.kept.items():
        for kind, digest in wanted:
            if kind == "file":
                found = ledger.files.get(digest) in {None, *there}
            else:
                found = (kind, digest) in stores[name].digests
            if not found:
                gone.append(f"the {kind} {digest}, which {name} said it has")
    return gone
