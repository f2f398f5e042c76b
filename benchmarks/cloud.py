"""Sync with a server on loopback: 10,000 files of 8 kB, and 10,000 records.

Each sync is that of a workspace just opened, which knows nothing but what it wrote to disk; where
the plan is timed, that is said apart from the opening, which is Python's and DuckDB's. Beside it
stands what is done by hand: ``rsync`` over the same tree, and the standard library's tar, gzip
and SHA-256 over the same bytes, without sending or storing any. The server is a process of its
own, under the same few cores; its peak memory counts where it is the larger one.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.listening import PROGRAM, relayed, served
from benchmarks.measure import Figure, Sample, peak_memory, taken
from benchmarks.stores import ACTOR, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anvil_nb.domain.records import Record
    from anvil_nb.results.sync import SyncReport
    from anvil_nb.workspace import Workspace
    from benchmarks.listening import Relay

FILES, FILE_BYTES = 10_000, 8_000
RECORDS = 10_000
WHAT = f"{FILES:,} files ({FILES * FILE_BYTES // 1_000_000} MB)"
PLAN_BAR, PUSH_BAR, CHANGE_BAR, BYTES_BAR, RECORDS_BAR = 1.5, 2, 300, 2, 2
_GZIP_LEVEL = 6  # gzip's own
_FOLDERS = 200
_PROSE = (
    "the of and to in is a that for it as was with be by on not he his but at are this have from "
    "or had an they which one you were all her she there would their we him been has when who will "
    "more no if out so said what up its about into than them can only other new some could time "
    "these two may then do first any my now such like our over man me even most made after also"
).split()


@dataclass(frozen=True)
class Laptop:
    """A workspace that syncs with a server.

    Args:
        folder: Where its store lies.
        services: Its folder of files.
        url: Of the server.
    """

    folder: Path
    services: Path
    url: str

    @contextmanager
    def opened(self) -> Iterator[Workspace]:
        """Open it."""
        self.folder.mkdir(exist_ok=True)
        with _workspace(self.folder, remote=self.url, services=self.services) as ws:
            yield ws

    def sync(self, target: str, direction: str, *, dry_run: bool = False) -> SyncReport:
        """Sync, opened for this alone."""
        with self.opened() as ws:
            return ws.sync(target, direction, dry_run=dry_run)

    def forget(self) -> None:
        """Be as if it had never synced."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.services / ".anvil", ignore_errors=True)


def first_push(*, quick: bool) -> Iterator[Figure]:
    """Time a first push of all files, against packing and hashing them by hand."""
    ours, by_hand = [], []
    with tempfile.TemporaryDirectory(prefix="anvil-bench-") as name:
        services = _tree(Path(name, "services"))
        for number in range(1 if quick else 3):
            with _server(Path(name, f"server{number}")) as url:
                laptop = Laptop(Path(name, f"laptop{number}"), services, url)
                laptop.sync("files", "push", dry_run=True)  # both sides load their modules
                laptop.forget()
                ours.append(taken(partial(_all, laptop, "files", "push", FILES)))
            by_hand.append(taken(partial(_archive, services)))
    first, hand = Sample(tuple(ours)), Sample(tuple(by_hand))
    memory = _memory()
    yield replace(first.figure(f"first push of {WHAT}", "s"), memory=memory)
    what = "the same, over tar, gzip and SHA-256 by hand"
    yield replace(_ratio(what, first, hand, PUSH_BAR), memory=memory)


def plan(*, quick: bool) -> Iterator[Figure]:
    """Time plans of files none of which changed, against rsync's of the same tree."""
    with _pushed() as (laptop, _):
        rsync, beside = shutil.which("rsync"), laptop.services.with_name("beside")
        dry = [str(rsync), "-a", "--dry-run", f"{laptop.services}/", f"{beside}/"]
        if rsync is not None:
            ignored = "--exclude=/.anvil"
            subprocess.run([rsync, "-a", ignored, *dry[3:]], check=True)
            dry.insert(1, ignored)
        theirs: list[float] = []

        def turns(one: Callable[[], object]) -> list[float]:
            seconds = []
            for _ in range(5 if quick else 21):
                seconds.append(taken(one))
                if rsync is not None:
                    theirs.append(taken(partial(subprocess.run, dry, check=True)))
            return seconds

        with laptop.opened() as ws:
            ours = turns(partial(ws.sync, "files", "push"))
        anew = turns(partial(_plan_nothing, laptop))
        (laptop.folder / "anvil.toml").write_text(
            f'store = "store.duckdb"\nremote = "{laptop.url}"\nservices = "{laptop.services}"\n'
            f'organisation = "{ACTOR}"\nactor = "{ACTOR}"\n'
        )
        commands = [taken(partial(_command, laptop)) for _ in range(3 if quick else 7)]
    planned, whole = Sample(tuple(ours)), Sample(tuple(anew))
    note = "" if rsync else "there is no rsync here to hold it against"
    yield planned.figure(f"plan of {WHAT}, none changed, the second time", "ms", note=note)
    yield whole.figure("the same with the workspace opened for it", "ms")
    if rsync is not None:
        hand = Sample(tuple(theirs))
        yield _ratio("the plan, over rsync -a --dry-run", planned, hand, PLAN_BAR)
        yield _ratio("the plan and the opening, over the same", whole, hand, None)
    yield Sample(tuple(commands)).figure("anvil sync files push --dry-run, as a whole", "ms")


def one_change(*, quick: bool) -> Iterator[Figure]:
    """Time the push of one file that changed, and count the bytes that it takes."""
    times, sent, least = [], [], []
    with _pushed(counted=True) as (laptop, relay):
        for number in range(5 if quick else 15):
            path = laptop.services / _place(number * 7)
            path.write_bytes(_page(FILES + number))
            before = relay.sent
            times.append(taken(partial(_push_one, laptop)))
            sent.append(relay.sent - before)
            least.append(FILE_BYTES + len(_delta(path, laptop)))
    yield Sample(tuple(times)).figure(f"change one of {WHAT}, push", "ms", bar=CHANGE_BAR)
    over = sorted(a / b for a, b in zip(sent, least, strict=True))
    note = f"{max(sent):,} bytes with all that HTTP says; the file and its line are {max(least):,}"
    yield Figure(
        "bytes sent for it, over the file and its line in the manifest", over[len(over) // 2],
        "times", BYTES_BAR, over[0], len(over), note, _memory(),
    )  # fmt: skip


def database(*, quick: bool) -> Iterator[Figure]:
    """Time 10,000 agents, skills and contexts on their way to a server, and from there."""
    pushes, pulls, plans = [], [], []
    with tempfile.TemporaryDirectory(prefix="anvil-bench-") as name:
        for number in range(1 if quick else 3):
            with _server(Path(name, f"server{number}")) as url:
                one, other = (
                    Laptop(Path(name, f"{called}{number}"), Path(name, "services"), url)
                    for called in ("one", "other")
                )
                _fill(one)
                for laptop in (one, other):
                    laptop.sync("database", "push", dry_run=True)  # both sides load their modules
                pushes.append(taken(partial(_all, one, "database", "push", RECORDS)))
                pulls.append(taken(partial(_all, other, "database", "pull", RECORDS)))
                plans.append(taken(partial(_plan_nothing, one, "database")))
    memory = _memory()
    for what, times, bar in (
        (f"push {RECORDS:,} records", pushes, RECORDS_BAR),
        ("pull them into another store", pulls, RECORDS_BAR),
        ("plan of them, none changed", plans, None),
    ):
        yield replace(Sample(tuple(times)).figure(what, "s", bar=bar), memory=memory)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """Serve a new store; yields the URL. Whoever syncs from here on has a token for it."""
    folder.mkdir()
    with _workspace(folder) as ws:
        os.environ["ANVIL_TOKEN"] = ws.create_token("benchmark", ["sync"]).secret
    with served(ws.settings.store) as url:
        yield url


def _workspace(folder: Path, **settings: Any) -> Workspace:
    from anvil_nb.settings import Settings
    from anvil_nb.workspace import Workspace

    return Workspace(Settings(folder, str(folder / "store.duckdb"), ACTOR, ACTOR, **settings))


@contextmanager
def _pushed(*, counted: bool = False) -> Iterator[tuple[Laptop, Relay]]:
    """Yield a workspace all of whose files are at a server, and what counts what it says to it."""
    with tempfile.TemporaryDirectory(prefix="anvil-bench-") as name:
        services = _tree(Path(name, "services"))
        with _server(Path(name, "server")) as url, relayed(url) as relay:
            laptop = Laptop(Path(name, "laptop"), services, relay.url if counted else url)
            _all(laptop, "files", "push", FILES)
            # Files that were written just now are read once more: their times could lie.
            _plan_nothing(laptop)
            yield laptop, relay


def _all(laptop: Laptop, target: str, direction: str, number: int) -> None:
    counts = laptop.sync(target, direction).counts()
    assert counts["added"] == number, counts


def _push_one(laptop: Laptop) -> None:
    counts = laptop.sync("files", "push").counts()
    assert (counts["modified"], counts["unchanged"]) == (1, FILES - 1), counts


def _plan_nothing(laptop: Laptop, target: str = "files") -> None:
    report = laptop.sync(target, "push", dry_run=True)
    assert not report.items, report.counts()
    assert report.unchanged == FILES, report.counts()


def _command(laptop: Laptop) -> None:
    command = [sys.executable, "-c", PROGRAM, "sync", "files", "push", "--dry-run"]
    subprocess.run(command, cwd=laptop.folder, check=True, stdout=subprocess.DEVNULL)


def _delta(path: Path, laptop: Laptop) -> str:
    """Return what of the manifest is about one file."""
    line = {
        "path": path.relative_to(laptop.services).as_posix(),
        "checksum": hashlib.sha256(path.read_bytes()).hexdigest(),
        "size": FILE_BYTES,
        "executable": False,
    }
    return json.dumps(line, separators=(",", ":"))


def _tree(folder: Path) -> Path:
    """Make the files: some in each of many folders."""
    for number in range(FILES):
        path = folder / _place(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_page(number))
    return folder


def _place(number: int) -> str:
    return f"content/source-{number % _FOLDERS:03}/page-{number // _FOLDERS}.md"


def _page(number: int) -> bytes:
    """Return the page of a number: words as often as prose has them, and like no other page."""
    chance = random.Random(number)  # noqa: S311 - no secret
    words = (*_PROSE, *text(number).split())
    often = [1 / (rank + 1) for rank in range(len(words))]
    body = " ".join(chance.choices(words, often, k=FILE_BYTES // 3))
    return f"# Page {number}\n\n{body}".encode()[:FILE_BYTES]


def _archive(folder: Path) -> None:
    """Do what a push does to the bytes, by hand: hash each file, pack all of them."""
    with tarfile.open(fileobj=io.BytesIO(), mode="w:gz", compresslevel=_GZIP_LEVEL) as archive:
        for path in sorted(folder.rglob("*.md")):
            data = path.read_bytes()
            member = tarfile.TarInfo(path.relative_to(folder).as_posix())
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
            hashlib.sha256(data).hexdigest()


def _fill(laptop: Laptop) -> None:
    """Put the records into the store of a workspace."""
    from anvil_nb.cloud import records

    with laptop.opened() as ws, ws.burst():
        records.import_(ws.access, [_record(number) for number in range(RECORDS)])


def _record(number: int) -> Record:
    from anvil_nb.domain.records import LISTS, Record

    kind = (*LISTS,)[number % len(LISTS)]
    said = {"name": f"{kind}_{number}", "system_prompt": text(number), "description": text(number)}
    return Record(kind, uuid.UUID(int=number + 1), said)


def _ratio(what: str, ours: Sample, by_hand: Sample, bar: float | None) -> Figure:
    value = ours.median / by_hand.median
    note = f"by hand {by_hand.median:.3f} s"
    return Figure(what, value, "times", bar, ours.best / by_hand.best, len(ours.seconds), note)


def _memory() -> int:
    """Return the larger peak memory: of this process, or of a server that has ended."""
    return max(peak_memory(), peak_memory(resource.RUSAGE_CHILDREN))


MEASUREMENTS = (first_push, plan, one_change, database)
