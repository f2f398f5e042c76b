"""Functions to call with prompts, and what comes of calling them."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import anyio

from anvil_nb.results.prompt import Rendered
from anvil_nb.runs.calls import call_each

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.runs.calls import Outcome

PATIENCE = 30
"""Seconds until something that never happens is given up."""


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


def fail(error: BaseException) -> Callable[[Rendered], object]:
    def call(_: Rendered) -> object:
        raise error

    return call


def fail_later(error: BaseException) -> Callable[[Rendered], object]:
    async def call(_: Rendered) -> object:
        await asyncio.sleep(0)
        raise error

    return call


def finish(name: str) -> None:
    """Wait until no thread of that name runs any more."""
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(PATIENCE)
            assert not thread.is_alive()
