"""Bundles: writing, reading, importing and encrypting them, beside the same work done by hand.

By hand means with the standard library's ``zipfile`` and ``hashlib`` and one insert, and without
any of the checks.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Figure, Sample, peak_memory, taken
from benchmarks.stores import ENGINES, SET, location, name, opened, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anvil_nb.keys import KeyRing
    from anvil_nb.results.bundles import BundleInfo
    from anvil_nb.workspace import Workspace

SETS = 1_000
QUICK_SETS = 100
LARGE = 900
QUICK_LARGE = 100
LARGE_BYTES = 22_000
"""Of each of the 50 contents of a set: 900 sets are a gibibyte."""
WHAT = "1,000 sets of 10 prompts in 5 versions"
EXPORT_BAR, IMPORT_BAR = 5, 10
CONFLICTS = 1_000
PLAN_BAR = 1
MEMORY_BAR = 250
_MEBIBYTE = 1024 * 1024
_FILL = Path(__file__).with_name("bundle_store.py")


def exporting(*, quick: bool) -> Iterator[Figure]:
    """Time an export, signed, against hashing and zipping the same members."""
    with _filled(quick=quick) as folder:
        path = folder / "a.anvil"
        with opened(str(folder / "a.duckdb")) as ws:
            export = partial(ws.export, "desk", path, sign="bench", force=True)
            with zipfile.ZipFile(_first(export, path)) as archive:
                members = [(name, archive.read(name)) for name in archive.namelist()]
            ours, by_hand = _in_turns(export, partial(_zip, members), 2 if quick else 3)
        yield ours.figure(f"export {WHAT}, signed", "s", bar=EXPORT_BAR)
        yield _ratio("the same, over hashing and zipping by hand", ours, by_hand, 2)


def inspecting(*, quick: bool) -> Iterator[Figure]:
    """Time an inspection against unzipping and hashing."""
    from anvil_nb import inspect

    with _exported(quick=quick) as path:
        ours, by_hand = _in_turns(partial(inspect, path), partial(_unzip, path), 3)
        yield ours.figure(f"inspect {WHAT}", "s")
        yield _ratio("the same, over unzipping and hashing by hand", ours, by_hand, 1.3)


def importing(*, quick: bool) -> Iterator[Figure]:
    """Time an import into an empty store, and again, against unzipping, hashing and an insert."""
    with _exported(quick=quick) as path:
        firsts, agains, by_hand = [], [], []
        for number in range(1 if quick else 3):
            with opened(str(path.with_name(f"b{number}.duckdb"))) as ws:
                firsts.append(taken(partial(ws.import_bundle, path)))
                agains.append(taken(partial(ws.import_bundle, path)))
            by_hand.append(taken(partial(_insert, path, path.with_name(f"h{number}.duckdb"))))
        first, again, hand = Sample(tuple(firsts)), Sample(tuple(agains)), Sample(tuple(by_hand))
        yield first.figure("import it into an empty store", "s", bar=IMPORT_BAR)
        yield _ratio("the same, over unzipping, hashing and one insert by hand", first, hand, 3)
        yield again.figure("import it again", "s")
        yield _ratio("the same, over the first import", again, first, 0.5)


def conflicting(*, quick: bool) -> Iterator[Figure]:
    """Time the plan of an import of prompts that both sides changed, on both engines."""
    with _keys(), tempfile.TemporaryDirectory(prefix="anvil-bench-") as place:
        for engine, called in ENGINES.items():
            folder = Path(place) / engine
            folder.mkdir()
            with location(engine) as store, opened(store) as ws:
                path = _both_changed(ws, folder)
                dry = partial(ws.import_bundle, path, dry_run=True)
                dry()
                times = Sample(tuple(taken(dry) for _ in range(3 if quick else 10)))
            what = f"plan an import of {CONFLICTS:,} prompts, all in conflict, {called}"
            yield times.figure(what, "s", bar=PLAN_BAR)


def _both_changed(ws: Workspace, folder: Path) -> Path:
    """Return a signed bundle of single prompts, each of which was changed there and here."""
    path = folder / "prompts.anvil"
    with opened(str(folder / "theirs.duckdb")) as theirs:
        theirs.load(table(folder, CONFLICTS), SET, liquid=True)
        theirs.publish(SET)
        theirs.export(SET, path, sign="bench")
        ws.import_bundle(path)
        theirs.load(table(folder, CONFLICTS, first=CONFLICTS), SET, liquid=True)
        theirs.publish(SET)
        ws.load(table(folder, CONFLICTS, first=2 * CONFLICTS), SET, liquid=True)
        names = [f"{SET}/{name(number)}" for number in range(CONFLICTS)]
        theirs.export(names, path, sign="bench", force=True)
    return path


def large_export(*, quick: bool) -> Iterator[Figure]:
    """Tell what memory the export of a gibibyte takes."""
    with _filled(quick=quick, large=QUICK_LARGE if quick else LARGE) as folder:
        with opened(str(folder / "a.duckdb")) as ws:
            seconds = taken(partial(ws.export, "desk", folder / "a.anvil", sign="bench"))
        size = (folder / "a.anvil").stat().st_size
        yield _memory(f"memory of an export of {size / _MEBIBYTE:,.0f} MiB", seconds)


def large_import(*, quick: bool) -> Iterator[Figure]:
    """Tell what memory the import of a gibibyte takes."""
    with _exported(quick=quick, large=QUICK_LARGE if quick else LARGE) as path:
        with opened(str(path.with_name("b.duckdb"))) as ws:
            seconds = taken(partial(ws.import_bundle, path))
        size = path.stat().st_size
        yield _memory(f"memory of an import of {size / _MEBIBYTE:,.0f} MiB", seconds)


def encrypting(*, quick: bool) -> Iterator[Figure]:
    """Time encryption and decryption against the bare cipher over the same bytes."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from anvil_nb.bundles.encryption import decrypt, encrypt
    from anvil_nb.bundles.encryption_header import CHUNK_SIZE

    data = os.urandom((32 if quick else 256) * _MEBIBYTE)
    with _keys() as ring:
        key = ring.recipient("bench")
        sealed = io.BytesIO()
        encrypt(io.BytesIO(data), sealed, [key])

        def bare() -> None:
            cipher = AESGCM(bytes(32))
            for start in range(0, len(data), CHUNK_SIZE):
                cipher.encrypt(start.to_bytes(12), data[start : start + CHUNK_SIZE], b"")

        one = partial(_encrypt, encrypt, data, key)
        ours, by_hand = _in_turns(one, bare, 5)
        yield _ratio(
            f"encrypt {len(data) // _MEBIBYTE} MiB, over the bare cipher", ours, by_hand, 1.5
        )

        def back() -> None:
            decrypt(io.BytesIO(sealed.getvalue()), io.BytesIO(), ring)

        ours, by_hand = _in_turns(back, bare, 5)
        yield _ratio("decrypt it, over the bare cipher", ours, by_hand, 1.5)


def git(*, quick: bool) -> Iterator[Figure]:
    """Time git with the same texts, for a feeling: five commits, bundled and cloned."""
    with (
        _exported(quick=quick) as path,
        tempfile.TemporaryDirectory(prefix="anvil-bench-") as where,
    ):
        folder = Path(where)
        repository = folder / "repository"
        _git(folder, "init", "--quiet", str(repository))
        for number in range(5):
            _write_version(path, repository, f"1.0.{number}")
            _git(repository, "add", "--all")
            _git(repository, "commit", "--quiet", "--message", str(number))
        bundle = folder / "texts.bundle"
        made = taken(partial(_git, repository, "bundle", "create", "--quiet", str(bundle), "--all"))
        yield Sample((made,)).figure("git bundle create, of the same texts", "s")
        clone = partial(_git, folder, "clone", "--quiet", str(bundle), str(folder / "clone"))
        yield Sample((taken(clone),)).figure("git clone, of that bundle", "s")


def _write_version(path: Path, repository: Path, number: str) -> None:
    import json

    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.startswith("data/versions/"):
                continue
            version = json.loads(archive.read(name))
            if version["number"] != number:
                continue
            folder = repository / version["prompt_set_id"]
            folder.mkdir(parents=True, exist_ok=True)
            for entry in version["entries"]:
                digest = entry["content"].removeprefix("sha256:")
                content = json.loads(archive.read(f"data/objects/{digest}.json"))
                (folder / entry["name"]).write_text(content["template"])


def _git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    program = shutil.which("git") or "git"
    subprocess.run([program, *who, *arguments], cwd=folder, check=True, capture_output=True)


def _first(export: Callable[[], BundleInfo], path: Path) -> Path:
    export()
    return path


def _encrypt(encrypt: Callable[..., None], data: bytes, key: object) -> None:
    encrypt(io.BytesIO(data), io.BytesIO(), [key])


def _zip(members: list[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            hashlib.sha256(data).hexdigest()
            archive.writestr(name, data)


def _unzip(path: Path) -> list[tuple[str, str, str]]:
    found = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            found.append((name, hashlib.sha256(data).hexdigest(), data.decode()))
    return found


def _insert(path: Path, store: Path) -> None:
    import duckdb

    rows = _unzip(path)
    with duckdb.connect(str(store)) as connection:
        connection.execute("create table members (name text, digest text, body text)")
        connection.execute(
            "insert into members select unnest($1::text[]), unnest($2::text[]), unnest($3::text[])",
            [list(column) for column in zip(*rows, strict=True)],
        )


def _in_turns(one: Callable[[], object], other: Callable[[], object], repeats: int) -> list[Sample]:
    rounds = [(taken(one), taken(other)) for _ in range(repeats)]
    return [Sample(column) for column in zip(*rounds, strict=True)]


def _ratio(what: str, ours: Sample, by_hand: Sample, bar: float) -> Figure:
    note = f"{ours.median:.2f} s against {by_hand.median:.2f} s"
    best = ours.best / by_hand.best
    value = ours.median / by_hand.median
    return Figure(what, value, "times", bar, best, len(ours.seconds), note)


def _memory(what: str, seconds: float) -> Figure:
    return Figure(what, peak_memory() / _MEBIBYTE, "MB", MEMORY_BAR, None, 1, f"{seconds:.1f} s")


@contextmanager
def _keys() -> Iterator[KeyRing]:
    """Use a folder of keys with one key in it."""
    from anvil_nb.keys import KeyRing

    with tempfile.TemporaryDirectory(prefix="anvil-bench-") as folder:
        os.environ["ANVIL_KEYS"] = str(Path(folder) / "keys")
        ring = KeyRing.open()
        ring.generate("bench")
        yield ring


@contextmanager
def _filled(*, quick: bool, large: int = 0) -> Iterator[Path]:
    """Yield a folder with a store in it, filled by another process."""
    sets, size = (large, LARGE_BYTES) if large else (QUICK_SETS if quick else SETS, 0)
    with _keys(), tempfile.TemporaryDirectory(prefix="anvil-bench-") as folder:
        arguments = [str(Path(folder) / "a.duckdb"), str(sets), str(size)]
        subprocess.run([sys.executable, str(_FILL), *arguments], check=True)
        yield Path(folder)


@contextmanager
def _exported(*, quick: bool, large: int = 0) -> Iterator[Path]:
    """Yield a signed bundle, written by another process."""
    with _filled(quick=quick, large=large) as folder:
        program = (
            "import sys; from benchmarks.stores import opened\n"
            "with opened(sys.argv[1]) as ws: ws.export('desk', sys.argv[2], sign='bench')"
        )
        path = folder / "a.anvil"
        arguments = [str(folder / "a.duckdb"), str(path)]
        subprocess.run([sys.executable, "-c", program, *arguments], check=True)
        yield path


MEASUREMENTS = (
    exporting,
    inspecting,
    importing,
    conflicting,
    large_export,
    large_import,
    encrypting,
    git,
)
