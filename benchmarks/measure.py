"""How a figure is taken: repeated, its median and best kept, with the memory it took.

Every measurement runs in a process of its own (``run.py`` sees to that), so that the peak memory
beside a figure is that of what was measured and of nothing else.
"""

from __future__ import annotations

import math
import resource
import statistics
import sys
import time
import timeit
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

UNITS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6}
"""What one of each unit of time is in seconds."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Args:
        what: What was measured.
        value: The figure that is held against the bar, in ``unit``.
        unit: ``s``, ``ms``, ``µs``, ``times``, ``cases`` or ``MB``.
        bar: The most that ``value`` may be; ``None`` where there is no bar.
        best: The best of the repeats, in the same unit.
        repeats: How many there were.
        note: What else belongs to it.
        memory: Peak memory in bytes; that of the measuring process when ``None``.
    """

    what: str
    value: float
    unit: str
    bar: float | None = None
    best: float | None = None
    repeats: int = 1
    note: str = ""
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """The seconds that each repeat took."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median."""
        return statistics.median(self.seconds)

    @property
    def best(self) -> float:
        """The shortest."""
        return min(self.seconds)

    def percentile(self, percent: float) -> float:
        """The time that ``percent`` of the repeats did not exceed (nearest rank)."""
        ordered = sorted(self.seconds)
        return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]

    def figure(self, what: str, unit: str, *, bar: float | None = None, note: str = "") -> Figure:
        """Return the median as a line of the table."""
        one = UNITS[unit]
        return Figure(what, self.median / one, unit, bar, self.best / one, len(self.seconds), note)


def taken(call: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def each(call: Callable[[int], object], repeats: int, *, warm: int = 3) -> Sample:
    """Time calls one by one; ``call`` is handed the number of the call, warm-up included."""
    for number in range(warm):
        call(number)
    seconds = []
    for number in range(warm, warm + repeats):
        started = time.perf_counter()
        call(number)
        seconds.append(time.perf_counter() - started)
    return Sample(tuple(seconds))


def batches(statement: str, names: Mapping[str, Any], *, number: int, repeats: int) -> Sample:
    """Time a statement too short for the clock: ``number`` in a row, ``repeats`` times."""
    timer = timeit.Timer(statement, globals=dict(names))
    timer.timeit(number // 10 + 1)
    return Sample(tuple(whole / number for whole in timer.repeat(repeats, number)))


def in_turns(
    statements: Sequence[str], names: Mapping[str, Any], *, number: int, repeats: int
) -> list[Sample]:
    """Time statements against each other: a batch of each in turn, so that noise hits them all."""
    timers = [timeit.Timer(statement, globals=dict(names)) for statement in statements]
    for timer in timers:
        timer.timeit(number // 10 + 1)
    rounds = [[timer.timeit(number) / number for timer in timers] for _ in range(repeats)]
    return [Sample(column) for column in zip(*rounds, strict=True)]


def peak_memory(who: int = resource.RUSAGE_SELF) -> int:
    """Return the peak resident memory of this process, or of its largest child, in bytes."""
    peak = resource.getrusage(who).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
