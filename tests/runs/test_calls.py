"""Calls: every kind of function, several at a time, and whatever it raises."""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from anvil_nb.errors import NotFoundError
from tests.runs.calling import (
    PATIENCE,
    AsyncModel,
    Model,
    called,
    fail,
    fail_later,
    outputs,
    shout,
    shout_later,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from anvil_nb.results.prompt import Rendered


class Promise:
    """Awaitable, and no coroutine."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __await__(self) -> Generator[Any, None, str]:
        yield from asyncio.sleep(0).__await__()
        return self.value


def promised(prompt: Rendered) -> Awaitable[str]:
    return Promise(prompt.text + "!")


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(functools.partial(shout, "!"), id="partial of a function"),
        pytest.param(functools.partial(shout_later, "!"), id="partial of a coroutine function"),
        pytest.param(Model(), id="object"),
        pytest.param(Model().answer, id="method"),
        pytest.param(AsyncModel(), id="object with an asynchronous call"),
        pytest.param(functools.partial(AsyncModel()), id="partial of such an object"),
        pytest.param(lambda prompt: shout("!", prompt), id="lambda"),
        pytest.param(lambda prompt: shout_later("!", prompt), id="lambda to a coroutine"),
        pytest.param(promised, id="function to an awaitable"),
    ],
)
def test_anything_that_can_be_called_is_called_and_awaited(
    call: Callable[[Rendered], object],
) -> None:
    assert outputs(call) == ["0!", "1!", "2!"]


def test_no_prompts_are_no_calls() -> None:
    assert called(shout_later, 0) == []  # type: ignore[arg-type]  # is never called


def test_an_output_is_kept_as_it_is() -> None:
    answer = object()
    assert outputs(lambda _: answer, 1)[0] is answer


def test_outcomes_are_in_the_order_of_the_prompts_whichever_ends_first() -> None:
    ended = [threading.Event() for _ in range(5)]
    ended[4].set()

    def after_the_next(prompt: Rendered) -> str:
        at = int(prompt.text)
        assert at == 4 or ended[at + 1].wait(PATIENCE)
        ended[at].set()
        return prompt.text

    assert outputs(after_the_next, 5, concurrency=5) == ["0", "1", "2", "3", "4"]


class Gauge:
    """Counts who is inside at the same time."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.inside -= 1


def test_as_many_functions_run_at_a_time_as_are_allowed_and_no_more() -> None:
    gauge, meeting = Gauge(), threading.Barrier(3)

    def meet(prompt: Rendered) -> str:
        with gauge:
            meeting.wait(PATIENCE)
            return prompt.text

    outputs(meet, 9, concurrency=3)
    assert gauge.most == 3


def test_as_many_coroutines_run_at_a_time_as_are_allowed_and_no_more() -> None:
    gauge, waiting = Gauge(), []

    async def meet(prompt: Rendered) -> str:
        with gauge:
            mine = asyncio.Event()
            waiting.append(mine)
            if len(waiting) == 3:
                for one in waiting:
                    one.set()
                waiting.clear()
            await asyncio.wait_for(mine.wait(), PATIENCE)
            return prompt.text

    outputs(meet, 9, concurrency=3)
    assert gauge.most == 3


def test_more_threads_than_usual_run_when_allowed() -> None:
    meeting = threading.Barrier(60)
    outputs(lambda _: meeting.wait(PATIENCE), 60, concurrency=60)


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("failing", [fail, fail_later])
@pytest.mark.parametrize(
    ("error", "described"),
    [
        (ValueError("no such model"), "ValueError: no such model"),
        (TimeoutError(), "TimeoutError"),
        (SystemExit(3), "SystemExit: 3"),
        (asyncio.CancelledError("by itself"), "CancelledError: by itself"),
        (GeneratorExit(), "GeneratorExit"),
        (BaseExceptionGroup("two", [SystemExit(1)]), "BaseExceptionGroup: two (1 sub-exception)"),
        (UnspeakableError(), "UnspeakableError"),
        (NotFoundError("there is no prompt", "Try: anvil ls"), "NotFoundError: there is no prompt"),
    ],
)
def test_whatever_a_call_raises_is_its_outcome(
    failing: Callable[[BaseException], Callable[[Rendered], object]],
    error: BaseException,
    described: str,
) -> None:
    failed = failing(error)

    def call(prompt: Rendered) -> object:
        return failed(prompt) if prompt.text == "1" else prompt.text

    first, second, third = called(call, 3)
    assert (first.output, first.error) == ("0", None)
    assert (second.output, second.error) == (None, described)
    assert (third.output, third.error) == ("2", None)


def test_the_end_of_an_iterator_is_named_as_what_it_is() -> None:
    answers = iter(["only one"])
    outcomes = called(lambda _: next(answers), 2, concurrency=1)
    assert [one.error for one in outcomes] == [None, "StopIteration"]


def test_a_task_that_cancels_itself_fails_alone() -> None:
    async def call(prompt: Rendered) -> str:
        if prompt.text == "1":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        await asyncio.sleep(0)
        return prompt.text

    outcomes = called(call, 4, concurrency=2)
    assert [one.output for one in outcomes] == ["0", None, "2", "3"]
    assert [one.error for one in outcomes] == [None, "CancelledError", None, None]


def test_a_timeout_inside_a_call_is_an_error_of_that_call() -> None:
    async def call(_: Rendered) -> None:
        with anyio.fail_after(0.01):
            await asyncio.Event().wait()

    assert [one.error for one in called(call, 2)] == ["TimeoutError", "TimeoutError"]


def test_the_duration_is_that_of_the_call_alone() -> None:
    def busy(_: Rendered) -> None:
        until = time.perf_counter() + 0.02
        while time.perf_counter() < until:
            pass

    first, second = called(busy, 2, concurrency=1)
    assert first.seconds >= 0.02
    assert second.seconds >= 0.02

    def busy_for_nothing(prompt: Rendered) -> float:
        busy(prompt)
        return 1 / 0

    (failed,) = called(busy_for_nothing)
    assert failed.error == "ZeroDivisionError: division by zero"
    assert failed.seconds >= 0.02
