"""The methods of a view that the page may call."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anvil_nb.domain.digest import Json

Method = TypeVar("Method", bound="Callable[..., Any]")

_CALL, _WORK, _TURN = "_anvil_call", "_anvil_work", "_anvil_turn"


class Binary(Protocol):
    """Bytes as a message brings them."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...


@dataclass(frozen=True, slots=True)
class WithBytes:
    """What a call returns that hands bytes to the page, beside a JSON value."""

    value: Json
    data: tuple[bytes, ...]


def call(method: Method) -> Method:
    """Let the page call this method, and wait for it: a matter of milliseconds.

    Its arguments are keywords with JSON values; what it returns is JSON. Bytes that came with the
    message are passed as ``buffers`` where the method takes that.
    """
    setattr(method, _CALL, True)
    return method


def work(method: Method) -> Method:
    """Let the page start this method in a thread of its own: it may take long.

    It takes the job that it is as its first argument, tells it how far it is, and ends early when
    the page cancels: ``job.progress(…)`` raises then.
    """
    setattr(method, _CALL, True)
    setattr(method, _WORK, True)
    return method


def in_turn(method: Method) -> Method:
    """Let this work of a view begin when all that was called before it in turn has ended.

    What is clicked last is then done last, whatever each of the two takes.
    """
    setattr(method, _TURN, True)
    return method


def is_in_turn(method: object) -> bool:
    """Tell whether work waits for what was called before it."""
    return bool(getattr(method, _TURN, False))


def is_work(method: object) -> bool:
    """Tell whether a method runs in a thread of its own."""
    return bool(getattr(method, _WORK, False))


def method_of(view: object, name: object) -> Callable[..., Any]:
    """Return the method that the page calls by ``name``.

    Raises:
        InvalidInputError: when there is none, or the page may not call it.
    """
    found = getattr(view, name, None) if isinstance(name, str) and name[:1] != "_" else None
    if found is None or not getattr(found, _CALL, False):
        msg = f"this view takes no call {name!r}"
        raise InvalidInputError(msg, "The page is older than the kernel: run the cell again.")
    method: Callable[..., Any] = found
    return method


def bound(
    method: Callable[..., Any], said: Mapping[str, Any], buffers: Sequence[Binary]
) -> dict[str, Any]:
    """Return the keywords to call ``method`` with.

    Raises:
        InvalidInputError: for an argument that is missing or that it does not take.
    """
    keywords = dict(said)
    takes = inspect.signature(method).parameters
    if "buffers" in takes:
        keywords["buffers"] = buffers
    try:
        inspect.signature(method).bind(*[None] * is_work(method), **keywords)
    except TypeError as error:
        msg = f"{method.__name__}: {error}"
        raise InvalidInputError(
            msg, "The page is older than the kernel: run the cell again."
        ) from error
    return keywords
