"""Writing: saving a draft, loading a table, publishing a large set, and the room it all takes."""

from __future__ import annotations

import itertools
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from anvil_nb.store.rollback_journal import RollbackJournal
from benchmarks.measure import Figure, Sample, each, taken
from benchmarks.stores import ENGINES, PROMPTS, SET, opened, table, text, workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anvil_nb.workspace import Workspace

BURST_BAR = 3.9
ALONE_BAR = 25
LOAD_BAR = 2
_MEBIBYTE = 1024 * 1024


def saving_duckdb(*, quick: bool) -> Iterator[Figure]:
    """Time saves on DuckDB."""
    yield from _saving("duckdb", quick=quick)


def saving_postgres(*, quick: bool) -> Iterator[Figure]:
    """Time saves on PostgreSQL, for information."""
    yield from _saving("postgres", quick=quick)


def _saving(engine: str, *, quick: bool) -> Iterator[Figure]:
    repeats = 50 if quick else 400
    held = engine == "duckdb"
    with workspace(engine) as ws:
        with ws.burst():
            burst = each(lambda number: _save(ws, number), repeats)
        yield burst.figure(
            f"save one draft, committed, within a burst, {ENGINES[engine]}", "ms",
            bar=BURST_BAR if held else None,
        )  # fmt: skip
        lone = each(lambda number: _save(ws, repeats + number), repeats // 4)
        yield lone.figure(
            f"the same alone, {'open, write, close, ' * held}{ENGINES[engine]}", "ms",
            bar=ALONE_BAR if held else None,
        )  # fmt: skip
        store = ws.settings.store
        ws.close()
        whole = each(lambda number: _whole(store, 2 * repeats + number), repeats // 8)
        yield whole.figure(
            f"anvil.open(), save, close, {ENGINES[engine]}", "ms", note="the driver imported"
        )


def _save(ws: Workspace, number: int) -> None:
    ws.save(f"desk/emails/prompt-{number % 10}", text(number))


def _whole(store: str, number: int) -> None:
    with opened(store) as ws:
        _save(ws, number)


def keeping(*, quick: bool) -> Iterator[Figure]:
    """Time a save alone over one that keeps nothing of what DuckDB overwrites."""
    repeats = 50 if quick else 200
    with workspace("duckdb") as ws:
        save = partial(_next_save, ws, itertools.count())
        pairs = [(taken(save), _without(save)) for _ in range(repeats)]
    kept, bare = (Sample(column) for column in zip(*pairs, strict=True))
    yield Figure(
        "save one draft alone, over the same without a rollback journal, DuckDB",
        kept.median / bare.median, "times", best=kept.best / bare.best, repeats=repeats,
        note=f"{(kept.median - bare.median) * 1000:.2f} ms",
    )  # fmt: skip


def _next_save(ws: Workspace, numbers: Iterator[int]) -> None:
    _save(ws, next(numbers))


def _without(save: Callable[[], None]) -> float:
    """Time it with nothing kept."""
    with patch.object(RollbackJournal, "keep", lambda *_: None):
        return taken(save)


def loading_plain(*, quick: bool) -> Iterator[Figure]:
    """Time loading 10,000 plain prompts, on both engines."""
    for engine, called in ENGINES.items():
        yield _loading(engine, f"load 10,000 prompts, plain, {called}", liquid=False, quick=quick)


def loading_liquid(*, quick: bool) -> Iterator[Figure]:
    """Time loading 10,000 templates, on both engines."""
    for engine, called in ENGINES.items():
        yield _loading(engine, f"load 10,000 prompts, Liquid, {called}", liquid=True, quick=quick)


def _loading(engine: str, what: str, *, liquid: bool, quick: bool) -> Figure:
    with tempfile.TemporaryDirectory(prefix="anvil-bench-") as folder:
        seconds: list[float] = []
        for number in range(2 if quick else 5):
            # Other texts each time: a template that was parsed before is remembered.
            path = table(Path(folder), PROMPTS, first=number * PROMPTS)
            with workspace(engine) as ws:
                seconds.append(taken(partial(ws.load, path, SET, liquid=liquid)))
                assert len(ws.load(path, SET, liquid=liquid).rows) == PROMPTS
    return Sample(tuple(seconds)).figure(what, "s", bar=LOAD_BAR)


def publishing(*, quick: bool) -> Iterator[Figure]:
    """Time publishing a set of 10,000 prompts: at first, and with one of them changed."""
    del quick
    for engine, called in ENGINES.items():
        with (
            tempfile.TemporaryDirectory(prefix="anvil-bench-") as folder,
            workspace(engine) as ws,
        ):
            ws.load(table(Path(folder), PROMPTS), SET, liquid=True)
            first = Sample((taken(partial(ws.publish, SET)),))
            yield first.figure(f"publish a set of 10,000 prompts, {called}", "s")
            seconds: list[float] = []
            for number in range(3):
                ws.save(f"{SET}/prompt-5", f"changed {number}")
                seconds.append(taken(partial(ws.publish, SET)))
            yield Sample(tuple(seconds)).figure(
                f"publish it again with one prompt changed, {called}", "s"
            )


def storing(*, quick: bool) -> Iterator[Figure]:
    """Tell what the file of a store takes: empty, with 10,000 prompts, after many saves."""
    saves = 200 if quick else 1_000
    with workspace("duckdb") as ws:
        yield _file(ws, "store file, empty")
        with tempfile.TemporaryDirectory(prefix="anvil-bench-") as folder:
            source = table(Path(folder), PROMPTS)
            ws.load(source, SET, liquid=True)
            note = f"from a CSV of {source.stat().st_size / _MEBIBYTE:.1f} MB"
        yield _file(ws, "store file, 10,000 prompts in a draft", note)
        ws.publish(SET)
        yield _file(ws, "store file, published too")
    with workspace("duckdb") as ws:
        for number in range(saves):
            _save(ws, number)
        written = sum(len(text(number)) for number in range(saves)) / _MEBIBYTE
        yield _file(ws, f"store file, after {saves:,} saves alone", f"{written:.1f} MB of text")


def _file(ws: Workspace, what: str, note: str = "") -> Figure:
    size = Path(ws.settings.store).stat().st_size
    return Figure(what, size / _MEBIBYTE, "MB", note=note)


MEASUREMENTS = (
    saving_duckdb,
    saving_postgres,
    keeping,
    loading_plain,
    loading_liquid,
    publishing,
    storing,
)
