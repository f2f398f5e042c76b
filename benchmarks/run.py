"""``make bench``: take the figures of ``docs/performance.md`` and hold them against their bars.

Each measurement runs in a process of its own, one after the other. Ends with 1 when a bar is not
met. ``python benchmarks/run.py reading writing.saving`` narrows it to groups and measurements;
``--quick`` repeats less; ``--markdown`` prints the table for the page.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))  # to import the other modules by the names mypy knows

from benchmarks import report  # noqa: E402 - see above
from benchmarks.measure import Figure, peak_memory  # noqa: E402 - see above

GROUPS = (
    "startup",
    "reading",
    "rendering",
    "writing",
    "search",
    "processes",
    "hostile",
    "bundles",
    "sync",
    "server",
    "cloud",
    "agents",
    "widgets",
)


def main() -> int:
    """Measure what was asked for and print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(GROUPS)}")
    parser.add_argument("--quick", action="store_true", help="repeat less")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--one", metavar="NAME", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps([asdict(one) for one in measured(arguments.one, quick=arguments.quick)]))
        return 0
    chosen = names(arguments.names)
    if not chosen:
        parser.error(f"nothing is called that; there are: {', '.join(names([]))}")
    return table(chosen, quick=arguments.quick, markdown=arguments.markdown)


def names(wanted: Sequence[str]) -> list[str]:
    """Return the measurements that ``wanted`` names, by group or one by one; all for none."""
    known = [f"{group}.{name}" for group in GROUPS for name in measurements(group)]
    return [one for one in known if not wanted or {one, one.partition(".")[0]} & set(wanted)]


def measurements(group: str) -> dict[str, Callable[..., Iterator[Figure]]]:
    """Return the measurements of a group by name."""
    module = importlib.import_module(f"benchmarks.{group}")
    return {one.__name__: one for one in module.MEASUREMENTS}


def measured(name: str, *, quick: bool) -> list[Figure]:
    """Take the figures of one measurement, in this process."""
    group, _, one = name.partition(".")
    taken = list(measurements(group)[one](quick=quick))
    return [one if one.memory is not None else replace(one, memory=peak_memory()) for one in taken]


def table(chosen: Sequence[str], *, quick: bool, markdown: bool) -> int:
    """Take the figures, each measurement in its own process; print the table."""
    where = report.surroundings()
    figures: list[Figure] = []
    failed: list[str] = []
    for name in chosen:
        print(f"… {name}", file=sys.stderr, flush=True)
        command = [sys.executable, __file__, "--one", name, *(["--quick"] if quick else [])]
        done = subprocess.run(
            command, env=surrounding(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            failed.append(f"{name}: {(done.stderr.strip() or 'killed').splitlines()[-1]}")
            continue
        figures += [Figure(**one) for one in json.loads(done.stdout)]
    rows = [report.row(one) for one in figures]
    print(f"{where}\n\n{report.markdown(rows) if markdown else report.table(rows)}")
    missed = [one.what for one in figures if not report.met(one)]
    for what in (*missed, *failed):
        print(f"{'not met' if what in missed else 'failed'}: {what}", file=sys.stderr)
    return 1 if missed or failed else 0


def surrounding() -> dict[str, str]:
    """Return the environment of a measurement: this one, less what would change its figures.

    That is a workspace of the user's, and the wish that no byte code is kept: modules would be
    compiled at each start.
    """
    left_out = ("ANVIL_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    folders = [str(REPOSITORY), *filter(None, [kept.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(folders)}


if __name__ == "__main__":
    sys.exit(main())
