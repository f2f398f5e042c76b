"""Strict JSON: one document from a stranger, in which every reader must see the same value.

It owns the rules of docs/bundle-format.md (F10) that JSON itself leaves open: what two readers may
take for different values is refused, and so is what cannot be kept. The size of a document is the
matter of whoever reads it from its file.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn

from anvil_nb.domain.naming import shown
from anvil_nb.domain.visible import visible
from anvil_nb.errors import InvalidInputError

DEPTH = 32
"""How deep objects and lists may be nested in each other (F9)."""

_MOST = 2**53 - 1
_MOST_DIGITS = len(str(_MOST)) + 1
_LONGEST_SHOWN = 20
_BYTE_ORDER_MARK = "\ufeff"
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def strict_json(data: bytes, *, depth: int = DEPTH) -> Any:
    """Return the value of the one JSON document that ``data`` is.

    Args:
        data: UTF-8.
        depth: How deep objects and lists may be nested in each other; 0 allows neither.

    Raises:
        InvalidInputError: for what is not one JSON document in UTF-8, and for a byte-order mark,
            a key that an object has twice, ``NaN`` and ``Infinity``, a number that overflows, an
            integer beyond ±(2**53 - 1), half of a surrogate pair, and nesting that is too deep.
    """
    try:
        text = data.decode("utf-8")
        if text.startswith(_BYTE_ORDER_MARK):
            raise _fault("it begins with a byte-order mark")
        value = _DECODER.decode(text)
        if _ESCAPED_SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise _fault(f"the bytes from {error.start} on are not UTF-8") from error
    except UnicodeEncodeError as error:
        raise _fault("it holds half of a surrogate pair, which is no text") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _fault(f"it is not JSON at {place}: {error.msg}") from error
    except RecursionError as error:
        raise _too_deep(depth) from error
    if text.count("[") + text.count("{") > depth and is_deeper(value, depth):
        raise _too_deep(depth)
    return value


def is_deeper(value: object, depth: int) -> bool:
    """Tell whether there is an object or a list inside ``depth`` others."""
    level: list[Any] = [value] if type(value) in _CONTAINERS else []
    for _ in range(depth):
        level = [
            child
            for one in level
            for child in (one.values() if type(one) is dict else one)
            if type(child) in _CONTAINERS
        ]
        if not level:
            return False
    return bool(level)


_CONTAINERS = frozenset({dict, list})
"""What a decoder makes, and no classes derived from these."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = Counter(key for key, _ in pairs)
        twice = visible(keys.most_common(1)[0][0], keep="")
        raise _fault(f"an object has the key {shown(twice)} twice")
    return made


def _integer(digits: str) -> int:
    # Counted first: Python reads no more than 4,300 digits, and would take long for those.
    if len(digits) > _MOST_DIGITS or not -_MOST <= (number := int(digits)) <= _MOST:
        raise _fault(f"the integer {_shortened(digits)} is beyond ±(2**53 - 1)")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _fault(f"the number {_shortened(digits)} is too large")
    return number


def _shortened(digits: str) -> str:
    return digits if len(digits) <= _LONGEST_SHOWN else f"{digits[:_LONGEST_SHOWN]}…"


def _constant(name: str) -> NoReturn:
    raise _fault(f"{name} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_float, parse_constant=_constant
)


def _too_deep(depth: int) -> InvalidInputError:
    return _fault(f"it nests deeper than {depth}")


def _fault(what: str) -> InvalidInputError:
    return InvalidInputError(f"this JSON document is refused: {what}", "Ask its maker for another.")
