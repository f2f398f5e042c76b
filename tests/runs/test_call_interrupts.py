"""Calls that are stopped: by an interrupt, a failure, or the end of the program."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.runs.calls import POLL_SECONDS, _Calls
from tests.runs.calling import (
    PATIENCE,
    AsyncModel,
    Model,
    called,
    fail,
    fail_later,
    finish,
    outputs,
    prompts,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.results.prompt import Rendered


def test_progress_is_told_in_this_thread_now_and_then() -> None:
    told: list[tuple[int, float]] = []
    threads = set()
    enough = threading.Event()

    def tell(done: int) -> None:
        told.append((done, time.monotonic()))
        threads.add(threading.get_ident())
        if len(told) == 3:
            enough.set()

    def call(prompt: Rendered) -> bool:
        return prompt.text == "0" or enough.wait(PATIENCE)

    assert outputs(call, 2, tell=tell) == [True, True]
    assert threads == {threading.get_ident()}
    assert [done for done, _ in told] == [1, 1, 1]
    # The clock of the wait is as coarse as a millisecond on some systems.
    assert told[2][1] - told[0][1] >= 2 * POLL_SECONDS - 0.01


def test_nothing_begins_after_progress_failed() -> None:
    begun: list[str] = []
    over = threading.Event()

    def call(prompt: Rendered) -> bool:
        begun.append(prompt.text)
        return over.wait(PATIENCE)

    def tell(_: int) -> None:
        msg = "the bar is broken"
        raise ValueError(msg)

    with pytest.raises(ValueError, match="the bar is broken"):
        called(call, 10, concurrency=2, tell=tell)
    over.set()
    finish("anvil-run")
    assert sorted(begun) == ["0", "1"]


def test_an_interrupt_is_raised_at_once_and_nothing_more_begins() -> None:
    begun: list[str] = []
    turns = count()
    over = threading.Event()

    def call(prompt: Rendered) -> bool:
        begun.append(prompt.text)
        if next(turns) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return over.wait(PATIENCE)

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        called(call, 10, concurrency=2)
    assert time.monotonic() - started < PATIENCE / 2
    finish("anvil-run")  # although both calls still run
    over.set()
    assert sorted(begun) == ["0", "1"]


def test_an_interrupt_before_the_first_call_is_in_time() -> None:
    begun: list[object] = []
    calls = _Calls(begun.append, prompts(3), 1)
    calls.cancel()
    calls.start()
    assert calls.finished.wait(PATIENCE)
    assert begun == []


def test_an_interrupt_cancels_the_coroutines_that_run() -> None:
    begun: list[str] = []
    cancelled: list[str] = []

    async def call(prompt: Rendered) -> None:
        begun.append(prompt.text)
        try:
            if len(begun) == 2:
                os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(prompt.text)
            raise

    with pytest.raises(KeyboardInterrupt):
        called(call, 10, concurrency=2)
    finish("anvil-run")
    assert sorted(begun) == sorted(cancelled) == ["0", "1"]


def test_a_coroutine_that_comes_too_late_is_not_left_behind() -> None:
    begun, over = threading.Event(), threading.Event()
    made: list[Any] = []

    async def answer() -> None:
        """Never begun: Python would warn of it, and warnings are errors here."""

    def call(_: Rendered) -> object:
        begun.set()
        over.wait(PATIENCE)
        made.append(answer())
        return made[0]

    def tell(_: int) -> None:
        if begun.is_set():
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        called(call, tell=tell)
    over.set()
    finish("AnyIO worker thread")
    assert made[0].cr_frame is None


@pytest.mark.parametrize("failing", [fail, fail_later])
def test_an_interrupt_that_a_call_raises_ends_the_run(
    failing: Callable[[BaseException], Callable[[Rendered], object]],
) -> None:
    begun: list[str] = []
    interrupted = failing(KeyboardInterrupt())

    def call(prompt: Rendered) -> object:
        begun.append(prompt.text)
        return interrupted(prompt)

    with pytest.raises(KeyboardInterrupt):
        called(call, 10, concurrency=1)
    finish("anvil-run")
    assert begun == ["0"]


def test_nothing_is_left_running_after_a_run() -> None:
    outputs(AsyncModel())
    outputs(Model())
    finish("anvil-run")
    finish("AnyIO worker thread")


def test_an_interrupted_run_leaves_a_loop_that_works() -> None:
    over = threading.Event()

    def call(_: Rendered) -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        return over.wait(PATIENCE)

    with pytest.raises(KeyboardInterrupt):
        called(call, 3, concurrency=1)
    finish("anvil-run")
    assert outputs(AsyncModel(), 3) == ["0!", "1!", "2!"]
    over.set()
    finish("AnyIO worker thread")
    assert outputs(AsyncModel(), 3) == ["0!", "1!", "2!"]


PROGRAM = """
import threading
from anvil_nb.results.prompt import Rendered
from anvil_nb.runs.calls import call_each

def call(prompt):
    print("begun", flush=True)
    threading.Event().wait()

async def call_later(prompt):
    call(prompt)

prompt = Rendered("", (), "", "")
call_each({call}, [prompt] * 3, concurrency=1, tell=lambda done: None)
"""


@pytest.mark.parametrize("call", ["call", "call_later"])
def test_a_program_ends_by_an_interrupt_although_a_call_never_returns(
    call: str, repository: Path
) -> None:
    program = PROGRAM.format(call=call)
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=repository,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGINT
    assert errors.splitlines()[-1] == "KeyboardInterrupt"
