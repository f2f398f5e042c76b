"""The event loop that runs call asynchronous functions in, kept from one run to the next.

A client of a model keeps its connections, and these belong to the loop in which they were opened.
Were every run to have a new loop, the second run of a notebook's cell would meet the connections
of the first and fail with "Event loop is closed". So one loop is kept when nobody runs it; no
thread is, for a loop may run in one thread today and in another tomorrow.
"""

from __future__ import annotations

import asyncio
import atexit
import os
from contextvars import Context
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_idle: list[asyncio.Runner] = []
"""One, or none: while it is used, and where it was never needed."""

_lock = Lock()


def run_in_loop(main: Callable[[], Awaitable[None]]) -> None:
    """Run a coroutine function to its end: in the loop that is kept, or a new one when it is taken.

    The loop is kept afterwards unless tasks are left in it: these are cancelled, and it is closed.

    Args:
        main: What to run. It begins with an empty context.
    """
    runner = _take()
    kept = False
    try:
        if runner.run(_leaves_nothing(main), context=Context()):
            kept = _keep(runner)
    finally:
        if not kept:
            runner.close()


async def _leaves_nothing(main: Callable[[], Awaitable[None]]) -> bool:
    await main()
    return asyncio.all_tasks() == {asyncio.current_task()}


def _take() -> asyncio.Runner:
    with _lock:
        return _idle.pop() if _idle else asyncio.Runner()


def _keep(runner: asyncio.Runner) -> bool:
    with _lock:
        if not _idle:
            _idle.append(runner)
            return True
    return False


def _forget() -> None:
    """Close the loop that is kept, from any thread: even one that runs another loop."""
    with _lock:
        _close_idle()


def _before_fork() -> None:
    # A child would share what the system keeps for the loop, and closing it there would deafen it.
    _lock.acquire()  # until after the fork: a child must not find it taken for ever
    _close_idle()


def _close_idle() -> None:
    if _idle:
        _idle.pop().get_loop().close()


atexit.register(_forget)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_lock.release, after_in_child=_lock.release
    )
