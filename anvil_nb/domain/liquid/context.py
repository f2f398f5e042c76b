"""The context of one render: the values, the time, the partials, and the budget.

Differences from python-liquid's own context: there is no ``now`` and no ``today`` that read the
clock, every look-up draws on the budget by the size of what it finds, and variables are
accounted for one by one, as they are assigned.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from liquid import RenderContext
from liquid.exceptions import ResourceLimitError, UnknownFilterError
from liquid.undefined import UNDEFINED
from liquid.utils import ReadOnlyChainMap

from anvil_nb.domain.liquid.budget import MAX_ITEMS, MAX_OUTPUT, Budget, Buffer
from anvil_nb.domain.liquid.text import to_text
from anvil_nb.domain.values import PIECE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from io import StringIO
    from typing import TextIO

    from liquid import BoundTemplate, Token

_CHARACTERS_A_STEP = 512
_NUMBERS_A_STEP = 128
_SEGMENTS_A_STEP = 4
_NESTING = (list, tuple, dict)


class Context(RenderContext):
    """A render context that pays for what it does.

    Args:
        template: The template that is rendered.
        globals: The values by name.
        budget, partials, now, sizes: What one render shares among its contexts; taken from
            ``parent_context`` when there is one. ``sizes`` has the size of arrays and objects
            among the values, by ``id``.
    """

    __slots__ = ("budget", "messages", "now", "partials", "sizes")

    budget: Budget
    messages: list[tuple[str, str]]
    now: datetime | None
    partials: Mapping[str, BoundTemplate]
    sizes: Mapping[int, int]

    def __init__(  # noqa: PLR0913 - the library's signature, and the render's own
        self,
        template: BoundTemplate,
        *,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - the library's name
        disabled_tags: list[str] | None = None,
        copy_depth: int = 0,
        parent_context: RenderContext | None = None,
        loop_iteration_carry: int = 1,
        local_namespace_size_carry: int = 0,
        budget: Budget | None = None,
        partials: Mapping[str, BoundTemplate] | None = None,
        now: datetime | None = None,
        sizes: Mapping[int, int] | None = None,
    ) -> None:
        # Written out rather than inherited: this runs at every render, and three of the
        # original's attributes would be built only to be replaced.
        self.env = template.env
        self.template = template
        self.locals = {}
        self.globals = globals or {}
        self.counters = {}
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        self.tag_namespace = {"cycles": {}, "ifchanged": "", "stopindex": {}, "extends": {}}
        self.loops = []
        self.disabled_tags = disabled_tags or []
        self.autoescape = False
        self._copy_depth = copy_depth
        self.parent_context = parent_context
        self.loop_iteration_carry = loop_iteration_carry
        self.local_namespace_size_carry = local_namespace_size_carry
        if isinstance(parent_context, Context):
            self.budget = parent_context.budget
            self.partials = parent_context.partials
            self.messages = parent_context.messages
            self.now = parent_context.now
            self.sizes = parent_context.sizes
        else:
            self.budget = budget or Budget()
            self.partials = partials or {}
            self.messages = []
            self.now = now
            self.sizes = sizes or {}

    def get(
        self, path: list[object], *, token: Token | None, default: object = UNDEFINED
    ) -> object:
        """Resolve ``path``, and pay for what it finds."""
        name = path[0]
        if len(path) == 1 and type(name) is str:
            try:
                found = self.scope[name]
            except KeyError:
                found = super().get(path, token=token, default=default)
        else:
            self.budget.spend(len(path) // _SEGMENTS_A_STEP)
            found = super().get(path, token=token, default=default)
        kind = type(found)
        if kind is str:
            self.budget.spend(len(found) // _CHARACTERS_A_STEP)  # type: ignore[arg-type]
        elif kind is list or kind is dict or kind is tuple:
            # All of it, for it may be compared or written, and that goes to the bottom.
            self.budget.spend(self.size_of(found) // _CHARACTERS_A_STEP)
        elif kind is range:
            self.pay_range(found)  # type: ignore[arg-type]
        return found

    def size_of(self, value: object) -> int:
        """Return the size of a value, as ``values.plain`` reckons it."""
        kind = type(value)
        if kind is str:
            return PIECE + len(value)  # type: ignore[arg-type]
        if kind is not list and kind is not tuple and kind is not dict:
            return PIECE
        known = self.sizes.get(id(value))
        if known is not None:
            return known
        # An array that a filter made: what is in it is text, or an array or object of a value.
        if isinstance(value, dict):
            pairs = value.items()
            return PIECE + sum(PIECE + len(key) + self.size_of(item) for key, item in pairs)
        return PIECE + sum(map(self.size_of, value))  # type: ignore[call-overload]

    def pay_range(self, items: range) -> None:
        """Pay for what may be done to a range: skipping, reversing or searching it.

        Raises:
            ResourceLimitError: when it is longer than an array may be.
        """
        check_range(items)
        self.budget.spend(len(items) // _NUMBERS_A_STEP)

    def text_of(self, value: object) -> str:
        """Return a value as text, unless it comes to more than a render may write.

        Raises:
            ResourceLimitError: when it would.
        """
        if type(value) in _NESTING and least_text(self.size_of(value)) > MAX_OUTPUT:
            msg = f"this value comes to more than {MAX_OUTPUT:,} characters"
            raise ResourceLimitError(msg, token=None)
        return to_text(value)

    def assign(self, key: str, val: Any) -> None:
        """Bind ``key`` in this template, and account for the difference in size."""
        self.budget.hold(_size(val) - _size(self.locals.get(key)) + len(key))
        self.locals[key] = val

    def get_size_of_locals(self) -> int:
        """Return 0: variables are accounted for as they are assigned."""
        return 0

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """Return the metered filter ``name``, bound to this context."""
        try:
            metered: Any = self.env.filters[name]
        except KeyError as error:
            msg = f"unknown filter '{name}'"
            raise UnknownFilterError(msg, token=token) from error
        return partial(metered, self)

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        """Return a buffer that draws on the same budget."""
        del buf
        return Buffer(self.budget)


def check_range(items: range) -> None:
    """Refuse a range that is longer than an array may be.

    Raises:
        ResourceLimitError: always then.
    """
    if items.stop - items.start > MAX_ITEMS:
        msg = f"the range has more than {MAX_ITEMS:,} items"
        raise ResourceLimitError(msg, token=None)


def least_text(size: int) -> int:
    """Return the fewest characters that an array or object of a size comes to as JSON."""
    return size * 2 // PIECE  # an array with nothing in it, in an array with nothing else


def _size(value: object) -> int:
    kind = type(value)
    if kind is str:
        return len(value)  # type: ignore[arg-type]
    if kind is list or kind is tuple or kind is dict:
        # what a short text costs in memory, for that is what arrays are made of
        return 64 * len(value)  # type: ignore[arg-type]
    return 8
