"""The table of figures, for a terminal or as Markdown."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.measure import Figure

HEADER = ("what", "figure", "best", "bar", "", "repeats", "peak memory", "")
_MEBIBYTE = 1024 * 1024


def surroundings() -> str:
    """Return one line on when and where this was measured."""
    day = datetime.now(UTC).date().isoformat()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    cores = f"{os.cpu_count()} cores ({_processor()})"
    load = f"load {os.getloadavg()[0]:.1f} at the start"
    return f"{day}, {python}, {platform.system()}, {cores}, {load}"


def _processor() -> str:
    """Return the processor's name, as well as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def row(figure: Figure) -> tuple[str, ...]:
    """Return the cells of one figure."""
    return (
        figure.what,
        _amount(figure.value, figure.unit),
        _amount(figure.best, figure.unit),
        "" if figure.bar is None else f"≤ {_amount(figure.bar, figure.unit)}",
        "" if figure.bar is None else ("met" if met(figure) else "NOT MET"),
        f"{figure.repeats:,}",
        "" if figure.memory is None else f"{figure.memory / _MEBIBYTE:,.0f} MB",
        figure.note,
    )


def met(figure: Figure) -> bool:
    """Tell whether a figure is within its bar, or has none."""
    return figure.bar is None or figure.value <= figure.bar


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3  # noqa: PLR2004 - three digits that count
    text = f"{value:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as aligned columns."""
    widths = [max(map(len, column)) for column in zip(HEADER, *rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(one, widths, strict=True)).rstrip()
        for one in (HEADER, tuple("-" * width for width in widths), *rows)
    )


def markdown(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a Markdown table, without the column that says what was met twice over."""
    lines = ["| what | figure | best | bar | repeats | peak memory |", "|---|---|---|---|---|---|"]
    for what, value, best, bar, verdict, repeats, memory, note in rows:
        said = f"{what}<br>{note}" if note else what
        held = f"{bar} ({verdict})" if verdict == "NOT MET" else bar
        lines.append(f"| {said} | {value} | {best} | {held} | {repeats} | {memory} |")
    return "\n".join(lines)
