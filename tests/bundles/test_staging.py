"""Large bundles: contents stored ahead, a few at a time; the import is still all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.bundles import staging
from anvil_nb.domain.prompt import Content
from anvil_nb.errors import BundleConflictError, PlanMovedError
from anvil_nb.store import objects
from anvil_nb.store.sparing import filling
from tests.bundles.handmade import many_sets
from tests.bundles.killing import Killed
from tests.bundles.stores import SET, everything, plan, publish, send, state, take, texts

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.results.moving import Moving
    from anvil_nb.workspace import Workspace
    from tests.bundles.conftest import Locate, Opener

SETS = 40
STAGED = "from anvil_nb.bundles import staging; staging.LARGE, staging.AT_ONCE_BYTES = 0, 2000; "


@pytest.fixture(autouse=True)
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every bundle is staged, in transactions of a few contents."""
    monkeypatch.setattr(staging, "LARGE", 0)
    monkeypatch.setattr(staging, "AT_ONCE_BYTES", 2_000)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A bundle with many contents."""
    folder = tmp_path / "large"
    folder.mkdir()
    return many_sets(SETS).write(folder / "large.anvil")


def visible(ws: Workspace) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table but contents, and users: whoever opens a store is one."""
    apart = ("objects", "users")
    return {table: rows for table, rows in everything(ws).items() if table not in apart}


def memory_limit(ws: Workspace) -> tuple[object, ...] | None:
    """Return what memory DuckDB may take, and how much it may merge."""
    if ws.access.engine.kind != "duckdb":
        return None
    with ws.access.engine.read() as tx:
        return tx.row("select current_setting('memory_limit'), current_setting('max_vacuum_tasks')")


def test_a_staged_import_is_the_same_as_one_that_is_not(
    ours: Workspace, theirs: Workspace, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Moving] = []
    limit = memory_limit(ours)
    assert take(ours, large, progress=said.append).changed
    assert memory_limit(ours) == limit
    items = [now.items for now in said if now.step == "stored"]
    assert len(set(items)) > SETS / 2, "they were stored all at once"
    assert items == sorted(items)
    assert (said[-1].items, said[-1].size) == (said[-1].all_items, said[-1].total)
    monkeypatch.setattr(staging, "LARGE", 1 << 40)
    take(theirs, large)
    with ours.access.engine.read() as one, theirs.access.engine.read() as other:
        sql = "select digest, body, summary, content from objects order by digest"
        assert one.rows(sql) == other.rows(sql) != []
    before = everything(ours)
    monkeypatch.setattr(staging, "LARGE", 0)
    assert not take(ours, large).changed
    assert everything(ours) == before


def test_what_is_refused_stages_nothing(
    ours: Workspace, theirs: Workspace, tmp_path: Path, large: Path
) -> None:
    publish(theirs, SET, welcome="theirs")
    publish(ours, SET, welcome="ours")
    bundle = tmp_path / "desk.anvil"
    send(theirs, SET, bundle)
    before = everything(ours)
    with pytest.raises(BundleConflictError):
        take(ours, bundle)
    with pytest.raises(PlanMovedError):
        take(ours, large, plan="0" * 12)
    assert everything(ours) == before


def test_a_plan_that_moves_while_it_is_staged_is_refused_and_imported_later(
    ours: Workspace, open_workspace: Opener, large: Path
) -> None:
    other = open_workspace(actor="eve")
    looked = plan(ours, large)
    moved: list[str] = []

    def meanwhile(now: Moving) -> None:
        if now.step == "stored" and now.items > now.all_items / 2 and not moved:
            moved.append("a set of theirs")
            publish(other, "desk/set-7", mine="mine")

    with pytest.raises(PlanMovedError):
        take(ours, large, plan=looked.id, progress=meanwhile)
    assert moved
    assert len(state(ours)["prompt_sets"]) == 1
    assert texts(ours, "desk/set-7") == {"mine": "mine"}
    assert take(ours, large, strategy="version").changed
    assert len(state(ours)["prompt_sets"]) == SETS + 1


def test_a_staged_import_that_is_killed_shows_nothing_and_can_be_repeated(
    ours: Workspace, locate: Locate, large: Path, open_workspace: Opener, tmp_path: Path
) -> None:
    stops = STAGED + "import os, signal; from anvil_nb.bundles import importing; "
    die = "os.kill(os.getpid(), signal.SIGKILL)"
    points = [
        # Between two parts, after the last one, and in the transaction that names them.
        f"progress=lambda now: now.step == 'stored' and now.items >= {at} and {die}"
        for at in (SETS, SETS * 4)
    ]
    again = "ws.import_bundle(arguments[0], allow_unsigned=True)"
    works = [
        *(f"{stops}{again[:-1]}, {one})" for one in points),
        f"{stops}importing.imports.insert = lambda *_: {die}; {again}",
    ]
    for work in works:
        before, files = visible(ours), set(tmp_path.iterdir())
        ours.close()
        process = Killed.start(locate("ours"), work, large)
        try:
            assert process.work() is not None
        finally:
            process.close()
        with open_workspace(actor="ada") as ws:
            assert visible(ws) == before
            assert len(everything(ws)["objects"]) > 0
            assert take(ws, large).changed
            assert len(ws.ls("desk", limit=SETS + 1)) == SETS
            assert set(tmp_path.iterdir()) <= files
            ws.undo_import(ws.imports().records[0].id)
        ours = open_workspace(actor="ada")


def row_groups(ws: Workspace) -> int:
    """Return in how many pieces DuckDB has the contents of a store."""
    with ws.access.engine.read() as tx:
        sql = "select count(distinct row_group_id) from pragma_storage_info('objects')"
        row = tx.row(sql)
    assert row is not None
    return int(row[0])


def test_what_is_staged_is_merged_even_if_the_log_is_empty_by_then(
    ours: Workspace, engine: str
) -> None:
    if engine != "duckdb":
        pytest.skip("only DuckDB has a log and merges")
    access = ours.access
    with filling(access.engine, access.organisation_id, largest=2_000, together=20_000):
        for number in range(10):
            with access.engine.write() as tx:
                objects.put(tx, access.organisation_id, [Content(f"{number} {'long ' * 400}")])
            with access.engine.read() as tx:
                tx.execute("checkpoint")  # as DuckDB does it after each 16 MiB
        assert row_groups(ours) > 1
    assert row_groups(ours) == 1, "the next writer would merge them, in as much memory as there is"


def test_the_memory_of_a_merge_is_that_of_the_largest_contents_in_a_row() -> None:
    assert staging.most_together([1, 5, 5, 1, 9], 2) == 10
    assert staging.most_together([1, 5, 5], 2_048) == 11
    assert staging.most_together([7], 1) == 7
