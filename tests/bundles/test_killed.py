"""Processes that are killed in the middle: the old state or the new one, and no stray file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

import anvil_nb as anvil
from anvil_nb.keys import KeyRing
from tests.bundles.handmade import many_sets
from tests.bundles.killing import Killed
from tests.bundles.stores import everything, send, settle, state, take

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.bundles.conftest import Locate, Opener

SETS = 60


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A bundle that takes a while."""
    folder = tmp_path / "large"
    folder.mkdir()
    return many_sets(SETS).write(folder / "large.anvil")


@contextmanager
def started(store: str, work: str, *arguments: str | Path) -> Iterator[Killed]:
    killed = Killed.start(store, work, *arguments)
    try:
        yield killed
    finally:
        killed.close()


@pytest.mark.parametrize("kind", ["new", "force", "encrypted"])
def test_a_killed_export_leaves_the_old_file_or_the_new_one(
    ours: Workspace,
    locate: Locate,
    large: Path,
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    KeyRing.open().generate("ada")
    take(ours, large)
    ours.close()
    folder, temporary = tmp_path / "out", tmp_path / "tmp"
    folder.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    path = folder / "desk.anvil"
    said = {"new": "", "force": ", force=True", "encrypted": ", encrypt_to='ada', force=True"}
    old = None if kind == "new" else b"the old file"
    seen = set()
    work = f"ws.export('desk', arguments[0]{said[kind]})"
    with started(locate("ours"), work, path) as process:
        for moment in process.moments(7):
            path.unlink(missing_ok=True)
            if old is not None:
                path.write_bytes(old)
            ended = process.work(moment) is not None
            found = path.read_bytes() if path.exists() else None
            if found != old or ended:
                assert len(anvil.inspect(path).sets) == SETS
            seen.add(found == old)
            left = [one for one in folder.iterdir() if one != path]
            if left:  # between its naming and its renaming; the next export removes it
                assert old is not None
                assert not ended
                assert [len(anvil.inspect(one).sets) for one in left] == [SETS]
            assert list(temporary.iterdir()) == []
    assert seen == {True, False}


def test_a_killed_import_does_all_or_nothing(
    ours: Workspace, locate: Locate, large: Path, open_workspace: Opener, tmp_path: Path
) -> None:
    work = "ws.import_bundle(arguments[0], allow_unsigned=True)"
    seen = set()
    with started(locate("ours"), work, large) as process:
        moments = process.moments(9)
        first = next(moments)
        ours.undo_import(ours.imports().records[0].id)
        for moment in (first, *moments):
            before, imports = everything(ours), len(ours.imports().records)
            files = set(tmp_path.iterdir())
            ended = process.work(moment) is not None
            settle(ours)
            with open_workspace(actor="ada") as again:  # it opens, and is whole
                made = len(again.imports().records) - imports
                assert not ended or made
                if made:
                    assert len(again.ls("desk", limit=SETS + 1)) == SETS
                    assert not take(again, large).changed
                    again.undo_import(again.imports().records[0].id)
                    assert all(not rows for rows in state(again).values())
                else:
                    assert everything(again) == before
            # DuckDB's log stays until the next write, where what was killed had begun one.
            assert {path for path in tmp_path.iterdir() if path.suffix != ".wal"} <= files
            seen.add(bool(made))
    assert seen == {True, False}
    take(ours, large)
    send(ours, "desk", tmp_path / "desk.anvil")


def test_a_killed_undoing_does_all_or_nothing(ours: Workspace, locate: Locate, large: Path) -> None:
    work = "ws.undo_import(ws.imports().records[0].id)"
    take(ours, large)
    seen = set()
    with started(locate("ours"), work) as process:
        moments = process.moments(4)
        first = next(moments)
        for moment in (first, *moments):
            if not ours.ls().items:
                take(ours, large)
            before = everything(ours)
            ended = process.work(moment) is not None
            settle(ours)
            gone = all(not rows for rows in state(ours).values())
            assert gone or (not ended and everything(ours) == before)
            seen.add(gone)
    assert seen == {True, False}
