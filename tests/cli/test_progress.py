"""Progress is shown when it is worth a line, at a pace a person can read."""

from __future__ import annotations

import io
import re

import pytest

from anvil_nb.cli.progress import DELAY, INTERVAL, Progress, on_terminal
from anvil_nb.results.moving import Moving


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_done_quickly_is_not_shown() -> None:
    clock, lines = Clock(), list[tuple[str, bool]]()
    with Progress(lambda line, last: lines.append((line, last)), clock) as progress:
        clock.now += DELAY / 2
        progress(5, 5)
    assert lines == []


def test_it_is_shown_ten_times_a_second_at_most_and_stays_as_one_line() -> None:
    clock, lines = Clock(), list[tuple[str, bool]]()
    with Progress(lambda line, last: lines.append((line, last)), clock) as progress:
        for done in range(1_001):
            clock.now += 0.005
            progress(done, 1_000)
    shown = [line for line, last in lines if not last]
    assert 0.9 * (5 - DELAY) / INTERVAL <= len(shown) <= (5 - DELAY) / INTERVAL + 2
    assert [last for _, last in lines].index(True) == len(lines) - 1
    assert "█" * 20 + " 1000/1000" in lines[-1][0]


def test_the_last_line_stays_when_it_ends_early() -> None:
    clock, lines = Clock(), list[tuple[str, bool]]()

    def interrupted() -> None:
        with Progress(lambda line, last: lines.append((line, last)), clock) as progress:
            clock.now += 1
            progress(3, 12)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert lines[-1][1]
    assert "3/12" in lines[-1][0]


def test_nothing_at_all_to_do_is_no_division_by_zero() -> None:
    clock, lines = Clock(), list[str]()
    with Progress(lambda line, _: lines.append(line), clock) as progress:
        clock.now += 1
        progress(0, 0)
    assert "0/0" in lines[-1]


def test_a_terminal_shows_it_in_place_and_goes_on_below() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(on_terminal(stream), clock) as progress:
        clock.now += 1
        progress(1, 2)
        clock.now += 1
        progress(2, 2)
    written = stream.getvalue()
    assert written.count("\n") == 1
    assert written.endswith("\x1b[K\n")
    assert re.findall(r"\d+/\d+", written) == ["1/2", "2/2", "2/2"]


def test_an_import_shows_items_and_bytes_of_each_step() -> None:
    clock, lines = Clock(), list[str]()
    with Progress(lambda line, _: lines.append(line), clock) as progress:
        for now in (
            Moving("checked", 66_000, 66_000, 45_000_000, 45_000_000),
            Moving("stored", 1_000, 50_000, 1_048_576, 33_554_432),
            Moving("stored", 0, 0, 0, 0),
        ):
            clock.now += 1
            progress.moved(now)
    full, part, nothing = lines[:3]
    assert full.startswith("█" * 20 + " checked 66,000 of 66,000 items, 42.9 MiB of 42.9 MiB")
    assert part.startswith("█" + "░" * 19 + " stored 1,000 of 50,000 items, 1.0 MiB of 32.0 MiB")
    assert nothing.startswith("█" * 20 + " stored 0 of 0 items")
    assert lines[-1] == nothing
