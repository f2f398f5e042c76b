"""The filters a template may use: python-liquid's standard ones, metered, and ``json``.

A metered filter pays for the size of what goes in before it runs, refuses what would come out
too large, turns whatever its arguments provoke into a Liquid error that names it, and hands text
filters text (so that ``{{ true | append: '!' }}`` says ``true!``, not ``True!``).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from liquid.exceptions import FilterArgumentError, LiquidError, ResourceLimitError
from liquid.filter import with_context
from liquid.undefined import Undefined

from anvil_nb.domain.liquid.budget import MAX_ARRAY, MAX_ITEMS, MAX_TEXT
from anvil_nb.domain.liquid.context import Context, check_range, least_text
from anvil_nb.domain.liquid.text import to_json, to_text
from anvil_nb.domain.values import MAX_BITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from liquid import Environment

# What each filter does to text it is given; anything else is handed to it as text.
_TEXT = frozenset(
    "append base64_decode base64_encode base64_url_safe_decode base64_url_safe_encode capitalize "
    "downcase escape escape_once lstrip newline_to_br prepend remove remove_first remove_last "
    "replace replace_first replace_last rstrip split squish strip strip_html strip_newlines "
    "truncate truncatewords upcase url_decode url_encode".split()
)
_LIBRARY = _TEXT | frozenset(
    "abs at_least at_most ceil compact concat default divided_by find find_index first floor has "
    "join last map minus modulo plus reject reverse round size slice sort sort_natural sum times "
    "uniq where".split()
)

# A step for each so many characters or items, where a filter costs more or less than most.
_CHARACTERS_A_STEP = {
    "date": 1,
    "escape_once": 32,
    "newline_to_br": 64,
    "squish": 64,
    "strip_html": 4,
    "strip_newlines": 64,
    "url_decode": 16,
    "url_encode": 16,
}
_ITEMS_A_STEP = {
    "find": 4,
    "find_index": 4,
    "has": 4,
    "join": 8,
    "map": 4,
    "reject": 4,
    "sort": 4,
    "sort_natural": 4,
    "sum": 2,
    "where": 4,
}
_PIECES_A_STEP = 64  # where JSON is indented, which takes ten times as long
_FLAT = frozenset("default first last size".split())  # cost the same whatever the size
_MAX_FORMAT = 100
_MAX_STRIPPED = 64 * 1024
_MAX_INDENT = 8
_WIDTH = re.compile(r"%[^a-zA-Z%]*[0-9]")


class Metered:
    """A filter that pays for what it does.

    Args:
        name: Its name in templates.
        function: What does the work.
        environment: Passed to ``function`` where it asks for one.
    """

    __slots__ = (
        "characters", "flat", "function", "items", "keywords", "name", "text", "wants_context",
    )  # fmt: skip

    def __init__(self, name: str, function: Callable[..., Any], environment: Environment) -> None:
        self.name = name
        self.function = function
        self.text = name in _TEXT
        self.flat = name in _FLAT
        self.characters = _CHARACTERS_A_STEP.get(name, 256)
        self.items = _ITEMS_A_STEP.get(name, 16)
        self.wants_context = bool(getattr(function, "with_context", False))
        wants_environment = getattr(function, "with_environment", False)
        self.keywords: dict[str, Any] = {"environment": environment} if wants_environment else {}

    def __call__(self, context: Context, left: object, *args: object, **keywords: object) -> object:
        """Apply the filter to ``left``."""
        if not self.flat:
            context.budget.spend(1 + sum(self._cost(context, value) for value in (left, *args)))
        if self.text:
            left = left if type(left) is str else context.text_of(left)
            args = tuple(_argument(context, value) for value in args)
        _EXPANSIONS.get(self.name, _no_expansion)(context, left, *args)
        if self.wants_context:
            keywords["context"] = context
        try:
            made = self.function(left, *args, **keywords, **self.keywords)
        except LiquidError:
            raise
        except (ArithmeticError, ValueError, TypeError, LookupError, AttributeError) as error:
            raise FilterArgumentError(f"{self.name}: {_reason(error)}", token=None) from error
        return _bounded(self.name, made)

    def _cost(self, context: Context, value: object) -> int:
        kind = type(value)
        if kind is str:
            return len(value) // self.characters  # type: ignore[arg-type]
        if kind is list or kind is tuple or kind is dict:
            items = _count(value)  # type: ignore[arg-type]
            # uniq compares every item with every other
            steps = items * items // 64 if self.name == "uniq" else items // self.items
            return steps + context.size_of(value) // self.characters
        if kind is range:
            check_range(value)  # type: ignore[arg-type]
            return len(value) // self.items  # type: ignore[arg-type]
        return 0


def _count(items: list[object] | tuple[object, ...] | dict[str, object]) -> int:
    """Return how many items a filter goes through: arrays in an array are flattened for it."""
    count = len(items)
    if type(items) is not dict:
        count += sum(_count(item) for item in items if type(item) is list or type(item) is tuple)
    return count


def _argument(context: Context, value: object) -> object:
    """Return what a text filter is to see: numbers stay numbers, for they count characters."""
    if value is None or type(value) in (str, int, float) or isinstance(value, Undefined):
        return value
    return context.text_of(value)


def _reason(error: Exception) -> str:
    """Return what an error says for itself; the decimal ones say only what class they are."""
    said = str(error)
    return said if said and not said.startswith("[<class") else type(error).__name__


def _bounded(name: str, made: object) -> object:
    kind = type(made)
    if kind is str and len(made) > MAX_TEXT:  # type: ignore[arg-type]
        _too_large(name, f"{MAX_TEXT:,} characters")
    elif (kind is list or kind is tuple) and len(made) > MAX_ITEMS:  # type: ignore[arg-type]
        _too_large(name, f"{MAX_ITEMS:,} items")
    elif kind is int and made.bit_length() > MAX_BITS:  # type: ignore[attr-defined]
        _too_large(name, f"an integer of {MAX_BITS:,} bits")
    return made


def _too_large(name: str, what: str) -> None:
    msg = f"{name}: the result is larger than {what}"
    raise ResourceLimitError(msg, token=None)


# What a filter would make is reckoned before it is made, where it may be far larger than what
# went in.


def _no_expansion(*_: object) -> None:
    pass


def _replace(_: Context, left: str, old: object = "", new: object = "") -> None:
    old, new = to_text(old), to_text(new)
    count = left.count(old) if old else len(left) + 1
    if len(left) + count * (len(new) - len(old)) > MAX_TEXT:
        _too_large("replace", f"{MAX_TEXT:,} characters")


def _split(_: Context, left: str, separator: object = None) -> None:
    separator = to_text(separator)
    if (left.count(separator) if separator else len(left)) > MAX_ITEMS:
        _too_large("split", f"{MAX_ITEMS:,} items")


def _join(context: Context, left: object, separator: object = " ") -> None:
    kind = type(left)
    if kind is list or kind is tuple:
        items: list[object] = list(left)  # type: ignore[call-overload]
        nested = [item for item in items if type(item) in (list, tuple, dict)]
        context.budget.spend(len(nested))
        size = sum(len(item) for item in items if isinstance(item, str))
        size += sum(least_text(context.size_of(item)) for item in nested)
        if size + len(items) * len(to_text(separator)) > MAX_TEXT:
            _too_large("join", f"{MAX_TEXT:,} characters")


def _concat(context: Context, left: object, right: object = None) -> None:
    # What is in an array once may be in the next one twice, so this is where arrays explode.
    if context.size_of(left) + context.size_of(right) > MAX_ARRAY:
        _too_large("concat", f"{MAX_ARRAY:,} characters")


def _whole_json(context: Context, left: object, *_: object) -> None:
    if least_text(context.size_of(left)) > MAX_TEXT:
        _too_large("json", f"{MAX_TEXT:,} characters")


def _strip_html(_: Context, left: str) -> None:
    if len(left) > _MAX_STRIPPED:
        msg = f"strip_html: the text is longer than {_MAX_STRIPPED:,} characters"
        raise ResourceLimitError(msg, token=None)


_EXPANSIONS: dict[str, Callable[..., None]] = {
    "replace": _replace,
    "split": _split,
    "join": _join,
    "concat": _concat,
    "json": _whole_json,
    "strip_html": _strip_html,
}


def _json(left: object, indent: object = None, *, context: Context) -> str:
    """Return ``left`` as JSON, indented by so many spaces where ``indent`` is given."""
    if indent is None:
        return to_json(left)
    if type(indent) is not int or not 0 <= indent <= _MAX_INDENT:
        msg = f"json: expected an indent from 0 to {_MAX_INDENT}, found {to_text(indent)!r}"
        raise FilterArgumentError(msg, token=None)
    context.budget.spend(context.size_of(left) // _PIECES_A_STEP)
    return to_json(left, indent)


with_context(_json)


def _date(left: object, fmt: object = None, *, context: Context) -> str:
    """Return a date as text: ``'now'`` is the time given to the render, numbers are UTC seconds."""
    moment = _moment(left, context.now)
    if moment is None or fmt is None:
        return to_text(left)
    fmt = to_text(fmt)
    if len(fmt) > _MAX_FORMAT or _WIDTH.search(fmt):
        msg = f"date: expected a format of at most {_MAX_FORMAT} characters without field widths"
        raise FilterArgumentError(msg, token=None)
    return moment.strftime(fmt.replace("%s", str(int(moment.timestamp()))))


with_context(_date)


def _moment(left: object, now: datetime | None) -> datetime | None:
    if isinstance(left, datetime):
        return left
    if isinstance(left, date):
        return datetime.combine(left, time.min, UTC)
    if type(left) is int or type(left) is float:
        return datetime.fromtimestamp(left, UTC)
    if type(left) is not str:
        return None
    return _parsed(left, now)


def _parsed(text: str, now: datetime | None) -> datetime | None:
    if text in ("now", "today"):
        return now
    if len(text) > _MAX_FORMAT or not text.strip():
        return None
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    from dateutil import parser  # noqa: PLC0415 - a tenth of python-liquid's import time

    # A date without all its parts is completed from the time given, never from the clock.
    complete = now or datetime(1970, 1, 1, tzinfo=UTC)
    default = complete.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return parser.parse(text, default=default)
    except (parser.ParserError, OverflowError):
        return None


def _texts(left: object) -> object:
    """Return the items of an array as text, for ``join``."""
    if type(left) is list or type(left) is tuple:
        return [item if type(item) is str else to_text(item) for item in left]
    return left


def register(environment: Environment) -> None:
    """Meter the standard filters of ``environment``, drop the others, add ours."""
    library = environment.filters
    joined = library["join"]

    def join(left: object, separator: object = " ") -> object:
        return joined(_texts(left), to_text(separator), environment=environment)

    functions = {name: library[name] for name in _LIBRARY}
    functions |= {"json": _json, "date": _date, "join": join}
    environment.filters = {
        name: Metered(name, function, environment) for name, function in functions.items()
    }
