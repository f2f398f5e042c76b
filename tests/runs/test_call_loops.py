"""Calls and event loops: from any loop and thread, and on one that is kept between runs."""

from __future__ import annotations

import asyncio
import functools
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import TYPE_CHECKING

import anyio
import pytest

from anvil_nb.results.prompt import Rendered
from anvil_nb.runs.calls import call_each
from tests.runs.calling import PATIENCE, AsyncModel, outputs, shout_later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

whose: ContextVar[str] = ContextVar("whose", default="nobody's")


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
