"""Six processes on one DuckDB file: four that save and two that read, as fast as they can.

Every call goes to the store; what is remembered in memory would make the readers look good.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.measure import Figure, Sample, peak_memory
from benchmarks.stores import ENGINES, location, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

BAR = 200
WRITERS = 4
READERS = 2
# Told "go", works for so many seconds, and tells how long each call took.
WORKER = """
import json, sys, time
from anvil_nb.catalog.lookup import get_in
from anvil_nb.domain.address import Address
from benchmarks.stores import opened, text
store, kind, number, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
address = Address.parse("desk/emails/prompt-0@draft")
taken = []
with opened(store) as ws:
    print("ready", flush=True)
    sys.stdin.readline()
    end = time.monotonic() + seconds
    while (started := time.monotonic()) < end:
        if kind == "writer":
            ws.save(f"desk/emails/prompt-{number}", text(1000 * number + len(taken)))
        else:
            with ws.access.engine.read() as tx:
                get_in(ws.access, tx, address)
        taken.append(time.monotonic() - started)
print(json.dumps(taken))
"""


def duckdb(*, quick: bool) -> Iterator[Figure]:
    """Time calls of four writers and two readers on one DuckDB file."""
    yield from _together("duckdb", BAR, quick=quick)


def postgres(*, quick: bool) -> Iterator[Figure]:
    """Time the same on PostgreSQL, for information."""
    yield from _together("postgres", None, quick=quick)


def _together(engine: str, bar: float | None, *, quick: bool) -> Iterator[Figure]:
    seconds = 3 if quick else 10
    with location(engine) as store:
        with opened(store) as ws:
            for number in range(WRITERS):
                ws.save(f"desk/emails/prompt-{number}", "first")
        kinds = ["writer"] * WRITERS + ["reader"] * READERS
        workers = [
            subprocess.Popen(
                (sys.executable, "-c", WORKER, store, kind, str(number), str(seconds)),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for number, kind in enumerate(kinds)
        ]  # fmt: skip
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline().strip() == "ready"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        taken: dict[str, list[float]] = {"writer": [], "reader": []}
        for worker, kind in zip(workers, kinds, strict=True):
            taken[kind] += json.loads(worker.communicate()[0])
            assert worker.returncode == 0
    for kind, called in (("writer", "saves"), ("reader", "reads")):
        sample = Sample(tuple(taken[kind]))
        note = (
            f"median {sample.median * 1000:.1f} ms, worst {max(sample.seconds) * 1000:.0f} ms, "
            f"{len(sample.seconds) / seconds:.0f} a second"
        )
        figure = Figure(
            f"four writing and two reading processes, p95 of {called}, {ENGINES[engine]}",
            sample.percentile(95) * 1000, "ms", bar, sample.best * 1000, len(sample.seconds), note,
        )  # fmt: skip
        yield replace(figure, memory=peak_memory(resource.RUSAGE_CHILDREN))


MEASUREMENTS = (duckdb, postgres)
