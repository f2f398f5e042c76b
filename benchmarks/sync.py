"""Sync between disk and store: 1,000 skills there, back, and looked at when both are equal.

Beside the same work done by hand: the files read, hashed and put into a table by one insert, and
written again to an empty folder, without any of the conditions.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from benchmarks.measure import Figure, Sample, taken
from benchmarks.stores import ACTOR

if TYPE_CHECKING:
    from collections.abc import Iterator

SKILLS = 1_000
REPEATS, QUICK_REPEATS = 5, 1
THERE_BAR, BACK_BAR, PLAN_BAR = 3, 3, 0.5
WHAT = "1,000 skills of two files"


def skills(*, quick: bool) -> Iterator[Figure]:
    """Time skills to the store, back to an empty disk, and the plan when both are equal."""
    there, back, plan, by_hand, again = [], [], [], [], []
    for _ in range(QUICK_REPEATS if quick else REPEATS):
        with _folder() as folder:
            with _opened(folder, "here") as ws:
                push = partial(ws.sync, "skills", "push", dry_run=False)
                there.append(taken(push))
                ws.sync("skills", "push")  # what it read last is remembered from here on
                plan.append(taken(partial(ws.sync, "skills", "push")))
                again.append(taken(push))
            with _opened(folder, "there") as ws:
                back.append(taken(partial(ws.sync, "skills", "pull", dry_run=False)))
            same = _digests(folder / "here") == _digests(folder / "there")
            assert same
            by_hand.append(taken(partial(_by_hand, folder)))
    hand = Sample(tuple(by_hand))
    for what, seconds, bar in (
        (f"{WHAT} to the store", there, THERE_BAR),
        (f"{WHAT} back to an empty disk", back, BACK_BAR),
        ("the plan when both are equal", plan, PLAN_BAR),
        ("a push when both are equal", again, None),
    ):
        one = Sample(tuple(seconds))
        yield one.figure(what, "s", bar=bar)
        yield Figure(
            "the same, over a round trip by hand", one.median / hand.median, "times",
            best=one.best / hand.best, repeats=len(seconds),
        )  # fmt: skip


MEASUREMENTS = (skills,)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="anvil-bench-") as name:
        folder = Path(name)
        for number in range(SKILLS):
            place = folder / "here" / "skills" / f"skill-{number:04}"
            place.mkdir(parents=True)
            text = f"---\nname: skill-{number:04}\ndescription: The skill {number}\n---\n"
            (place / "SKILL.md").write_text(text + f"A line of skill {number}.\n" * 40)
            (place / "notes.txt").write_text(f"notes of {number}\n" * 20)
        yield folder


def _opened(folder: Path, name: str) -> Workspace:
    store = str(folder / "store.duckdb")
    return Workspace(Settings(None, store, "acme", ACTOR, services=folder / name))


def _digests(folder: Path) -> dict[str, str]:
    skills = folder / "skills"
    return {
        path.relative_to(skills).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in skills.rglob("*")
        if path.is_file()
    }


def _by_hand(folder: Path) -> None:
    """Read, hash and insert all files, then write them to an empty folder."""
    import duckdb

    here = folder / "here"
    files = {path: path.read_bytes() for path in here.rglob("*.*") if path.is_file()}
    digests = [hashlib.sha256(data).hexdigest() for data in files.values()]
    names = [path.relative_to(here).as_posix() for path in files]
    with duckdb.connect(str(folder / "hand.duckdb")) as store:
        store.execute("create table files (path text primary key, digest text, body blob)")
        store.execute(
            "insert into files select unnest($1), unnest($2), unnest($3::blob[])",
            [names, digests, [*files.values()]],
        )
        rows = store.execute("select path, body from files").fetchall()
    for path, body in rows:
        place = folder / "by-hand" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
    shutil.rmtree(folder / "by-hand")
