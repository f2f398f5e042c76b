"""Progress is shown when it is worth a line, at a pace a person can read."""

from __future__ import annotations

import io
import re

import pytest

from anvil_nb.cli.progress import DELAY, INTERVAL, Progress, on_terminal


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
