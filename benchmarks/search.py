"""Finding among 10,000 prompts: searching text, and listing a page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.measure import Figure, Sample, each, taken
from benchmarks.stores import ENGINES, PROMPTS, SET, workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERIES = {"a word that all have": "answer", "two words": "refund warranty", "a number": "4711"}


def duckdb(*, quick: bool) -> Iterator[Figure]:
    """Search and list on DuckDB."""
    yield from _finding("duckdb", quick=quick)


def postgres(*, quick: bool) -> Iterator[Figure]:
    """Search and list on PostgreSQL."""
    yield from _finding("postgres", quick=quick)


def _finding(engine: str, *, quick: bool) -> Iterator[Figure]:
    repeats = 5 if quick else 30
    with workspace(engine, prompts=PROMPTS) as ws:
        for called, query in QUERIES.items():
            found = len(ws.search(query))
            assert found
            sample = Sample(tuple(taken(partial(ws.search, query)) for _ in range(repeats)))
            yield sample.figure(
                f"search {PROMPTS:,} prompts, {called}, {ENGINES[engine]}", "ms",
                note=f"{found} on the first page",
            )  # fmt: skip
        listed = each(lambda _: ws.ls(f"{SET}/"), repeats)
        yield listed.figure(f"list the first of {PROMPTS:,} prompts, {ENGINES[engine]}", "ms")
        page = ws.ls(f"{SET}/", limit=1000)
        later = each(lambda _: ws.ls(f"{SET}/", cursor=page.cursor), repeats)
        yield later.figure(f"list a page further on, {ENGINES[engine]}", "ms")


MEASUREMENTS = (duckdb, postgres)
