"""Reading a prompt: again from memory, for the first time from the store, after another's write."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.measure import Figure, Sample, batches, each, taken
from benchmarks.stores import ENGINES, PROMPTS, SET, name, opened, workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.workspace import Workspace

SEEN_BAR = 100
STORED_BARS = {"duckdb": 1.0, "postgres": 0.4}
# A second process that saves when told to, and tells when the save was acknowledged. The clock
# is the machine's: processes read the same one.
WRITER = """
import sys, time
from benchmarks.stores import opened
with opened(sys.argv[1]) as ws:
    print("ready", flush=True)
    for line in sys.stdin:
        ws.save("desk/emails/welcome", line)
        print(time.monotonic(), flush=True)
"""


def again_duckdb(*, quick: bool) -> Iterator[Figure]:
    """Time a repeated get on DuckDB."""
    yield _again("duckdb", quick=quick)


def again_postgres(*, quick: bool) -> Iterator[Figure]:
    """Time a repeated get on PostgreSQL."""
    yield _again("postgres", quick=quick)


def _again(engine: str, *, quick: bool) -> Figure:
    with workspace(engine) as ws:
        ws.save("desk/emails/welcome", "Hello {{ customer }}!")
        ws.publish("desk/emails")
        address = "desk/emails/welcome@^1"
        first = ws.get(address)
        number, repeats = (20_000, 9) if quick else (100_000, 25)
        names = {"ws": ws, "address": address}
        sample = batches("ws.get(address)", names, number=number, repeats=repeats)
        assert ws.get(address) is first
    return sample.figure(
        f"ws.get(address) again, {ENGINES[engine]}", "µs", bar=1.2,
        note=f"{repeats} batches of {number:,}",
    )  # fmt: skip


def seen_duckdb(*, quick: bool) -> Iterator[Figure]:
    """Time until another process's write is seen on DuckDB."""
    yield _seen("duckdb", quick=quick)


def seen_postgres(*, quick: bool) -> Iterator[Figure]:
    """Time until another process's write is seen on PostgreSQL."""
    yield _seen("postgres", quick=quick)


def _seen(engine: str, *, quick: bool) -> Figure:
    with workspace(engine) as ws:
        ws.save("desk/emails/welcome", "first")
        writer = subprocess.Popen(
            (sys.executable, "-c", WRITER, _store(ws)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert writer.stdin is not None
        assert writer.stdout is not None
        with writer:
            assert writer.stdout.readline().strip() == "ready"
            seconds = []
            for number in range(10 if quick else 50):
                writer.stdin.write(f"text {number}\n")
                writer.stdin.flush()
                while ws.get("desk/emails/welcome@draft").template != f"text {number}\n":
                    pass
                seen = time.monotonic()
                seconds.append(max(0.0, seen - float(writer.stdout.readline())))
            writer.stdin.close()
    sample = Sample(tuple(seconds))
    what = f"another process's write is seen after, worst, {ENGINES[engine]}"
    note = f"median {sample.median * 1000:.1f} ms; asked without pause"
    return Figure(what, max(seconds) * 1000, "ms", SEEN_BAR, sample.best * 1000, len(seconds), note)


def _store(ws: Workspace) -> str:
    return ws.settings.store


def stored_duckdb(*, quick: bool) -> Iterator[Figure]:
    """Time gets that are not in memory on DuckDB, the store open and by itself."""
    yield from _stored("duckdb", quick=quick)


def stored_postgres(*, quick: bool) -> Iterator[Figure]:
    """Time gets that are not in memory on PostgreSQL, on one connection and by themselves."""
    yield from _stored("postgres", quick=quick)


def _stored(engine: str, *, quick: bool) -> Iterator[Figure]:
    repeats = 300 if quick else 3_000
    with workspace(engine, prompts=PROMPTS) as ws:
        step = 7  # prompts that are stored apart, each read once
        with ws.burst():
            sample = each(lambda n: ws.get(f"{SET}/{name(n * step % PROMPTS)}"), repeats, warm=20)
        yield sample.figure(
            f"get by address, store open, not cached, {ENGINES[engine]}", "ms",
            bar=STORED_BARS[engine], note=f"of {PROMPTS:,} prompts",
        )  # fmt: skip
        lone = each(
            lambda n: ws.get(f"{SET}/{name(n * step % PROMPTS)}@1.0.0"), repeats // 10, warm=5
        )
        yield lone.figure(f"the same outside a burst, {ENGINES[engine]}", "ms")


def opening(*, quick: bool) -> Iterator[Figure]:
    """Time opening and closing a workspace whose store is there."""
    repeats = 10 if quick else 40
    for engine, called in ENGINES.items():
        with workspace(engine, prompts=100) as ws:
            store = _store(ws)
            ws.close()
            sample = Sample(tuple(taken(partial(_open_and_close, store)) for _ in range(repeats)))
            yield sample.figure(f"anvil.open() and close, {called}", "ms")


def _open_and_close(store: str) -> None:
    opened(store).close()


MEASUREMENTS = (
    again_duckdb,
    again_postgres,
    seen_duckdb,
    seen_postgres,
    stored_duckdb,
    stored_postgres,
    opening,
)
