"""Calls: a function called on many prompts, several at a time, from any thread and any loop.

The calls run in an event loop that is not the caller's (`loop`), in a thread of its own, so that
it does not matter whether the caller has a loop running, as every notebook does. Asynchronous
functions are awaited there; others run in worker threads. The caller waits, tells of progress,
and can be interrupted at any time: all threads here are daemons, so that neither it nor the end
of the program waits for a call that does not return.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

import anyio
from anyio.to_thread import run_sync

from anvil_nb.errors import AnvilError
from anvil_nb.runs.loop import run_in_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anvil_nb.results.prompt import Rendered

POLL_SECONDS = 0.1
"""How often the caller is told of progress, and on some systems how soon an interrupt is seen."""

# sniffio, which says which kind of event loop runs: true of the caller's thread, not of ours.
_OF_THE_CALLERS_LOOP = "current_async_library_cvar"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one call.

    Args:
        output: What it returned, awaited.
        error: ``TypeName: message`` when it failed instead.
        seconds: How long it took.
    """

    output: object
    error: str | None
    seconds: float


def call_each(
    call: Callable[[Rendered], object],
    prompts: Sequence[Rendered],
    *,
    concurrency: int,
    tell: Callable[[int], None],
) -> list[Outcome]:
    """Call a function on each prompt and return what came of it, in the order of the prompts.

    Whatever a call raises is its outcome. An interrupt cancels what has not begun and is raised
    at once; calls in threads, which nothing can stop, run on and are forgotten.

    Args:
        call: A function, or an object that can be called, synchronous or not.
        prompts: What to call it on.
        concurrency: The most calls at a time.
        tell: Called from this thread with the number of calls that are done, ten times a second.

    Raises:
        KeyboardInterrupt: when the caller is interrupted, or a call raises it.
    """
    calls = _Calls(call, prompts, concurrency)
    try:
        calls.start()
        while not calls.finished.wait(POLL_SECONDS):
            tell(calls.done)
    finally:
        calls.cancel()
    return calls.outcomes()


class _Calls:
    """All calls of one run, and the thread and the loop they run in."""

    def __init__(
        self, call: Callable[[Rendered], object], prompts: Sequence[Rendered], concurrency: int
    ) -> None:
        self._call = call
        self._is_async = _is_async(call)
        self._prompts = prompts
        self._concurrency = concurrency
        self._context = copy_context()
        self._outcomes: list[Outcome | None] = [None] * len(prompts)
        self._cancelled = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scope: anyio.CancelScope | None = None
        self._failure: BaseException | None = None
        self.done = 0
        self.finished = Event()

    def start(self) -> None:
        """Begin, in a thread of its own."""
        Thread(target=self._work, name="anvil-run", daemon=True).start()

    def cancel(self) -> None:
        """Begin no more calls and stop awaiting those that run. Does not wait for anything."""
        self._cancelled.set()
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: all is done
                self._loop.call_soon_threadsafe(self._stop)

    def outcomes(self) -> list[Outcome]:
        """Return what came of all calls, once finished."""
        if self._failure is not None:
            raise self._failure
        return [one for one in self._outcomes if one is not None]

    def _work(self) -> None:
        try:
            run_in_loop(self._main)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            self._failure = self._failure or error
        finally:
            self.finished.set()

    async def _main(self) -> None:
        for variable, value in self._context.items():
            if variable.name != _OF_THE_CALLERS_LOOP:
                variable.set(value)
        slots = anyio.Semaphore(self._concurrency)
        threads = anyio.CapacityLimiter(self._concurrency)
        async with anyio.create_task_group() as group:
            self._scope = group.cancel_scope
            self._loop = asyncio.get_running_loop()
            for at in range(len(self._prompts)):
                await slots.acquire()
                # Asked after the loop is there: whoever cancels sets this first and stops then.
                if self._cancelled.is_set():
                    break
                group.start_soon(self._one, at, slots, threads)
        self._scope = None

    def _stop(self) -> None:
        # The loop may be running something else by now.
        if self._scope is not None:
            self._scope.cancel()

    async def _one(self, at: int, slots: anyio.Semaphore, threads: anyio.CapacityLimiter) -> None:
        try:
            self._outcomes[at] = await self._outcome(self._prompts[at], threads)
            self.done += 1
        finally:
            slots.release()

    async def _outcome(self, prompt: Rendered, threads: anyio.CapacityLimiter) -> Outcome:
        started = time.perf_counter()
        output, failed = None, None
        try:
            output, raised = await self._begun(prompt, threads)
            if raised is not None:
                raise raised  # noqa: TRY301 - beyond this frame a StopIteration is no more
            if inspect.isawaitable(output):
                output = await output
        except BaseException as error:  # noqa: BLE001 - whatever a call raises is its outcome
            if isinstance(error, KeyboardInterrupt):
                self._failure = error
                self.cancel()
                self.finished.set()
            output, failed = None, _described(error)
        return Outcome(output, failed, time.perf_counter() - started)

    async def _begun(
        self, prompt: Rendered, threads: anyio.CapacityLimiter
    ) -> tuple[object, BaseException | None]:
        if self._is_async:
            return self._call(prompt), None
        return await run_sync(self._in_thread, prompt, abandon_on_cancel=True, limiter=threads)

    def _in_thread(self, prompt: Rendered) -> tuple[object, BaseException | None]:
        # An error is handed over, not raised: on its way through a future some become others.
        try:
            output = self._call(prompt)
        except BaseException as error:  # noqa: BLE001 - raised again in the loop
            return None, error
        if self._cancelled.is_set() and inspect.iscoroutine(output):
            output.close()  # nobody is there any more to await it
        return output, None


def _is_async(call: object) -> bool:
    """Whether calling it makes a coroutine and does no work yet."""
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)


def _described(error: BaseException) -> str:
    name = type(error).__name__
    try:
        message = error.message if isinstance(error, AnvilError) else str(error)
    except Exception:  # noqa: BLE001 - an error of the user's that cannot say what it is
        return name
    return f"{name}: {message}" if message.strip() else name
