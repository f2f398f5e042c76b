"""Calls: every kind of function, several at a time, from any loop, and stopped at any time."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from anvil_nb.errors import NotFoundError
from anvil_nb.results.prompt import Rendered
from anvil_nb.runs.calls import POLL_SECONDS, Outcome, _Calls, call_each

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from pathlib import Path

PATIENCE = 30
"""Seconds until something that never happens is given up."""

whose: ContextVar[str] = ContextVar("whose", default="nobody's")


def prompts(number: int) -> list[Rendered]:
    return [Rendered(str(at), (), "desk/emails/welcome@1.0.0", "sha256:0") for at in range(number)]


def called(call: Callable[[Rendered], object], number: int = 1, **options: Any) -> list[Outcome]:
    return call_each(call, prompts(number), **{"concurrency": 4, "tell": lambda _: None, **options})


def outputs(call: Callable[[Rendered], object], number: int = 3, **options: Any) -> list[object]:
    outcomes = called(call, number, **options)
    assert [one.error for one in outcomes] == [None] * number
    return [one.output for one in outcomes]


def shout(sign: str, prompt: Rendered) -> str:
    return prompt.text + sign


async def shout_later(sign: str, prompt: Rendered) -> str:
    await anyio.lowlevel.checkpoint()
    return prompt.text + sign


class Model:
    def __call__(self, prompt: Rendered) -> str:
        return prompt.text + "!"

    def answer(self, prompt: Rendered) -> str:
        return prompt.text + "!"


class AsyncModel:
    async def __call__(self, prompt: Rendered) -> str:
        await asyncio.sleep(0)
        return prompt.text + "!"


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


def fail(error: BaseException) -> Callable[[Rendered], object]:
    def call(_: Rendered) -> object:
        raise error

    return call


def fail_later(error: BaseException) -> Callable[[Rendered], object]:
    async def call(_: Rendered) -> object:
        await asyncio.sleep(0)
        raise error

    return call


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


@pytest.mark.parametrize("kind", ["function", "coroutine"])
def test_a_call_sees_the_context_of_its_caller_and_changes_only_its_own(kind: str) -> None:
    def look(prompt: Rendered) -> str:
        seen = whose.get()
        whose.set(f"call {prompt.text}'s")
        return seen

    async def look_later(prompt: Rendered) -> str:
        await asyncio.sleep(0)
        return look(prompt)

    mine = whose.set("mine")
    try:
        seen = outputs(look if kind == "function" else look_later, 3, concurrency=1)
        assert seen == ["mine"] * 3
        assert whose.get() == "mine"
    finally:
        whose.reset(mine)


def test_a_call_is_not_told_that_the_loop_of_its_caller_runs() -> None:
    library: ContextVar[str | None] = ContextVar("current_async_library_cvar", default=None)
    token = library.set("asyncio")
    try:
        assert outputs(lambda _: library.get(), 1) == [None]
    finally:
        library.reset(token)


def run_a_loop(prompt: Rendered) -> str:
    return asyncio.run(shout_later("!", prompt))


@pytest.mark.parametrize("call", [run_a_loop, functools.partial(shout_later, "!")])
@pytest.mark.parametrize("loop", [asyncio.run, anyio.run], ids=["asyncio", "anyio"])
def test_a_running_loop_is_no_obstacle(
    call: Callable[[Rendered], object], loop: Callable[..., list[object]]
) -> None:
    async def cell() -> list[object]:
        return outputs(call)

    assert loop(cell() if loop is asyncio.run else cell) == ["0!", "1!", "2!"]


def test_a_call_may_run_calls_itself() -> None:
    assert outputs(lambda _: outputs(AsyncModel(), 2), 2) == [["0!", "1!"]] * 2


def test_many_threads_may_run_calls_at_the_same_time() -> None:
    together = threading.Barrier(5)

    def in_a_thread(_: int) -> list[object]:
        together.wait(PATIENCE)
        return outputs(AsyncModel(), 20)

    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(in_a_thread, range(5)))
    assert found == [[f"{at}!" for at in range(20)]] * 5


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


def finish(name: str) -> None:
    """Wait until no thread of that name runs any more."""
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(PATIENCE)
            assert not thread.is_alive()


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


async def which_loop(_: Rendered) -> object:
    await asyncio.sleep(0)
    return asyncio.get_running_loop()


def test_a_connection_that_one_run_opened_serves_the_next() -> None:
    connections: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        async def ask(prompt: Rendered) -> str:
            if not connections:
                connections.append(await asyncio.open_connection(*server.getsockname()))
                accepted.append(server.accept()[0])
            reader, writer = connections[0]
            accepted[0].sendall(f"answer {prompt.text}\n".encode())
            answer = await asyncio.wait_for(reader.readline(), PATIENCE)
            if prompt.text == "last":
                writer.close()
            return answer.decode()

        accepted: list[socket.socket] = []
        assert outputs(ask, 1) == ["answer 0\n"]
        assert outputs(ask, 1) == ["answer 0\n"]
        last = [Rendered("last", (), "", "")]
        (end,) = call_each(ask, last, concurrency=1, tell=lambda _: None)
        assert end.output == "answer last\n"
        accepted[0].close()


def test_a_run_within_a_run_has_a_loop_of_its_own() -> None:
    async def nested(prompt: Rendered) -> list[object]:
        return [await which_loop(prompt), *outputs(which_loop, 1)]

    (found,) = outputs(nested, 1)
    assert isinstance(found, list)
    assert found[0] is not found[1]


def test_a_task_that_is_left_behind_is_cancelled_and_its_loop_not_used_again() -> None:
    left: list[asyncio.Task[bool]] = []

    async def leave(prompt: Rendered) -> object:
        left.append(asyncio.create_task(asyncio.Event().wait()))
        return await which_loop(prompt)

    (loop,) = outputs(leave, 1)
    assert left[0].cancelled()
    assert isinstance(loop, asyncio.AbstractEventLoop)
    assert loop.is_closed()
    assert outputs(which_loop, 1) != [loop]


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


FORKING = """
import os, sys
from anvil_nb.results.prompt import Rendered
from anvil_nb.runs.calls import call_each

async def call_later(prompt):
    return "done"

def run(who):
    for call in (call_later, lambda prompt: "done"):
        (one,) = call_each(call, [Rendered("", (), "", "")], concurrency=1, tell=lambda done: None)
        print(who, one.output, flush=True)

run("before")
child = os.fork()
if not child:
    run("child")
    sys.exit()
os.waitpid(child, 0)
run("parent")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_does_not_share_the_loop_that_is_kept(repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING],
        check=True,
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (
        done.stdout.split()
        == ["before", "done"] * 2 + ["child", "done"] * 2 + ["parent", "done"] * 2
    )
    assert done.stderr == ""


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
