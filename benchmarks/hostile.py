"""Hostile templates, each in a process of its own: what each costs, in CPU time and memory.

``python benchmarks/hostile.py [NAME…]`` prints a line for each case, and what it was told. A case
that costs more than the bar, or an honest one that is refused, ends it with 1. Measured is the
whole way that a caller goes: parse, follow the partials, check the values, render.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))  # as in run.py

from benchmarks.hostile_parsing import PARSING  # noqa: E402 - see above
from benchmarks.hostile_rendering import FILTERS, LOOPS  # noqa: E402 - see above
from benchmarks.hostile_values import ABUSED, HONEST  # noqa: E402 - see above
from benchmarks.measure import Figure, peak_memory  # noqa: E402 - see above

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 1.0
MEBIBYTES = 200.0
PATIENCE_SECONDS = 60
ADDRESS_SPACE = 6 * 1024**3
"""Most memory that a case may ask the system for, so that a finding does not take the machine."""
CASES = {**PARSING, **LOOPS, **FILTERS, **ABUSED, **HONEST}
_MEBIBYTE = 1024 * 1024
_SHOWN = 90


@dataclass(frozen=True, slots=True)
class Cost:
    """What one case took.

    Args:
        seconds: CPU time.
        mebibytes: Peak memory beyond what the process had with the case built.
        outcome: The length of the text, or the error.
        passed: Within the bar; and rendered, if it is an honest one.
    """

    seconds: float
    mebibytes: float
    outcome: str
    passed: bool


def attack(name: str) -> Cost:
    """Run one case in this process."""
    from datetime import UTC, datetime

    from anvil_nb.domain.prompt import Content
    from anvil_nb.domain.renderer import Renderer
    from anvil_nb.errors import AnvilError

    now = datetime(2026, 1, 2, tzinfo=UTC)
    # Warm, so that importing the parser and the date library is not counted.
    Renderer(Content("{{ 'May 1' | date: '%Y' }}{{ a | json }}"), {}).render({"a": [1]}, now)
    case = CASES[name]()
    values = case.values
    before, started = peak_memory(), time.process_time()
    refused = ""
    try:
        partials = {key: Content(text) for key, text in case.partials.items()}
        renderer = Renderer(Content(case.source), partials)
        absent = dict.fromkeys(renderer.uses)
        assert renderer.agreement.matched == ()
        text, messages = renderer.render({**absent, **values}, now)
        outcome = f"{len(text):,} characters" + f", {len(messages):,} messages" * bool(messages)
    except AnvilError as error:
        refused = type(error).__name__
        outcome = f"{refused}: {error.message}"
        assert len(outcome) < 1_000, f"a message of {len(outcome):,} characters"  # noqa: PLR2004 - readable
    seconds = time.process_time() - started
    mebibytes = (peak_memory() - before) / _MEBIBYTE
    passed = seconds <= SECONDS and mebibytes <= MEBIBYTES and not (case.honest and refused)
    return Cost(seconds, mebibytes, outcome, passed)


def run(name: str) -> Cost:
    """Run one case in a process of its own."""
    command = (sys.executable, __file__, "--one", name)
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Cost(float(PATIENCE_SECONDS), 0, "stopped: it took too long", passed=False)
    if done.returncode:
        said = (done.stderr.strip() or f"ended by signal {-done.returncode}").splitlines()[-1]
        return Cost(0, 0, f"failed: {said[:_SHOWN]}", passed=False)
    return Cost(**json.loads(done.stdout))


def templates(*, quick: bool) -> Iterator[Figure]:
    """Run all cases; tell the worst time and the worst memory, and each case over the bar."""
    names = [name for number, name in enumerate(CASES) if not quick or number % 4 == 0]
    costs = {name: run(name) for name in names}
    for name, cost in costs.items():
        if not cost.passed:
            print(f"over the bar: {line(name, cost)}", file=sys.stderr)
    slowest = max(names, key=lambda name: costs[name].seconds)
    largest = max(names, key=lambda name: costs[name].mebibytes)
    failed = [name for name in names if not costs[name].passed]
    memory = round(costs[largest].mebibytes * _MEBIBYTE)
    yield Figure(
        "hostile templates, CPU time of the worst", costs[slowest].seconds, "s", SECONDS,
        repeats=len(names), note=slowest, memory=memory,
    )  # fmt: skip
    yield Figure(
        "hostile templates, memory of the worst", costs[largest].mebibytes, "MB", MEBIBYTES,
        repeats=len(names), note=largest, memory=memory,
    )  # fmt: skip
    yield Figure(
        "hostile templates over a bar, honest ones refused", len(failed), "cases", 0,
        repeats=len(names), note=", ".join(failed), memory=memory,
    )  # fmt: skip


def line(name: str, cost: Cost) -> str:
    """Return one case as a line."""
    flag = "" if cost.passed else "  <<<<<"
    return (
        f"{name:48} {cost.seconds:6.2f} s {cost.mebibytes:6.0f} MB  {cost.outcome[:_SHOWN]}{flag}"
    )


def main() -> int:
    """Run the cases that are named, or all; return the exit code."""
    if sys.argv[1:2] == ["--one"]:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        cost = attack(sys.argv[2])
        print(json.dumps({name: getattr(cost, name) for name in Cost.__slots__}))
        return 0
    names = [
        name for name in CASES if not sys.argv[1:] or any(word in name for word in sys.argv[1:])
    ]
    failed = 0
    for name in names:
        cost = run(name)
        print(line(name, cost), flush=True)
        failed += not cost.passed
    print(f"{len(names)} cases, {failed} over the bar")
    return 1 if failed else 0


MEASUREMENTS = (templates,)

if __name__ == "__main__":
    sys.exit(main())
