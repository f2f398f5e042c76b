"""Ids: UUID version 7 (RFC 9562, section 5.7), in order of making within a process.

A clock that goes backwards does not put a new id before an older one: the last time is kept and
the counter in the random part goes on.
"""

from __future__ import annotations

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last: list[int] = [0]

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_BITS = 62
_COUNTER_BITS = 12


def new_id() -> uuid.UUID:
    """Return a new id: 48 bits of milliseconds, 12 bits of counter, 62 random bits."""
    # The millisecond and the counter are one number, so that they carry into each other.
    moment = (time.time_ns() // 1_000_000) << _COUNTER_BITS
    with _lock:
        _last[0] = moment = max(moment, _last[0] + 1)
    milliseconds, counter = moment >> _COUNTER_BITS, moment & ((1 << _COUNTER_BITS) - 1)
    random = int.from_bytes(os.urandom(8)) & ((1 << _RANDOM_BITS) - 1)
    return uuid.UUID(int=(milliseconds << 80) | _VERSION | (counter << 64) | _VARIANT | random)
