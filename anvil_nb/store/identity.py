"""Ids: UUID version 7 (RFC 9562, section 5.7), in order of making within a process.

A clock that goes backwards does not put a new id before an older one: the last time is kept and
the counter in the random part goes on.
"""

from __future__ import annotations

import os
import struct
import threading
import time
import uuid

_lock = threading.Lock()
_last: list[int] = [0]

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_BITS = 62
_COUNTER_BITS = 12
_MOST_RANDOM = (1 << _RANDOM_BITS) - 1
_MOST_COUNTED = (1 << _COUNTER_BITS) - 1


def new_id() -> uuid.UUID:
    """Return a new id: 48 bits of milliseconds, 12 bits of counter, 62 random bits."""
    return new_ids(1)[0]


def new_ids(number: int) -> list[uuid.UUID]:
    """Return new ids, in order."""
    return [uuid.UUID(int=one) for one in _new_numbers(number)]


def new_id_texts(number: int) -> list[str]:
    """Return new ids as both engines read them, 32 hex digits, in order.

    For thousands of rows whose ids nobody but the store sees: to make ids of them, and the store
    to take these apart, takes three times as long.
    """
    return [f"{one:032x}" for one in _new_numbers(number)]


def _new_numbers(number: int) -> list[int]:
    # The millisecond and the counter are one number, so that they carry into each other.
    moment = (time.time_ns() // 1_000_000) << _COUNTER_BITS
    with _lock:
        first = max(moment, _last[0] + 1)
        _last[0] = first + number - 1
    random = os.urandom(8 * number)
    return [
        _written(moment, chance)
        for moment, chance in enumerate(struct.unpack(f">{number}Q", random), first)
    ]


def _written(moment: int, random: int) -> int:
    milliseconds, counter = moment >> _COUNTER_BITS, moment & _MOST_COUNTED
    high = (milliseconds << 80) | _VERSION | (counter << 64)
    return high | _VARIANT | (random & _MOST_RANDOM)
