"""What a template may cost, and the account that a render draws on.

The limits are numbers of things, not seconds, so that the same render succeeds or fails the same
way everywhere. They are set so that a template that reaches one of them has cost less than a
second and 200 MB on a small machine (``benchmarks/hostile.py`` tries to prove the contrary).
"""

from __future__ import annotations

from io import StringIO

from liquid.exceptions import ResourceLimitError

MAX_SOURCE = 1024 * 1024
"""Longest template, in bytes of UTF-8."""
MAX_MARKUP = 10_000
"""Most tags and outputs in one template."""
MAX_EXPRESSION = 4_000
"""Longest tag or output, in characters; a ``{% liquid %}`` tag counts line by line."""
MAX_MARKUP_TEXT = 120_000
"""Most characters in all tags and outputs of one template together."""
MAX_BLANKS = 100
"""Longest run of white space inside a tag: longer ones make the lexer's patterns slow."""
MAX_NESTING = 30
"""Deepest nesting of blocks, and of partials."""
MAX_STEPS = 100_000
"""Most work in one render; a step is a node, an expression, or so many characters touched."""
MAX_OUTPUT = 2 * 1024 * 1024
"""Most characters a render may write, captured text included."""
MAX_TEXT = 1024 * 1024
"""Longest text a filter may make, in characters."""
MAX_ITEMS = 50_000
"""Longest array or range, in items."""
MAX_LOCALS = 16 * 1024 * 1024
"""Most characters and items held by assigned variables together."""
MAX_ARRAY = 4 * 1024 * 1024
"""Largest array that ``concat`` may make, in characters and ``values.PIECE`` for each value."""


class Budget:
    """The account of one render: steps, output and held text left."""

    __slots__ = ("held", "output", "steps")

    def __init__(self) -> None:
        self.steps = MAX_STEPS
        self.output = MAX_OUTPUT
        self.held = MAX_LOCALS

    def spend(self, steps: int) -> None:
        """Draw ``steps``.

        Raises:
            ResourceLimitError: when there are not so many left.
        """
        self.steps -= steps
        if self.steps < 0:
            msg = f"the template asks for more than {MAX_STEPS:,} steps of work"
            raise ResourceLimitError(msg, token=None)

    def hold(self, size: int) -> None:
        """Account for ``size`` characters or items more (or less) held by variables."""
        self.held -= size
        if self.held < 0:
            msg = f"the template's variables hold more than {MAX_LOCALS:,} characters"
            raise ResourceLimitError(msg, token=None)


class Buffer(StringIO):
    """Where a template writes: a list of parts that draws on the budget."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self.budget = budget
        self.parts: list[str] = []

    def write(self, text: str, /) -> int:
        """Take ``text``, and its length from the budget."""
        size = len(text)
        budget = self.budget
        budget.output -= size
        if budget.output < 0:
            msg = f"the template writes more than {MAX_OUTPUT:,} characters"
            raise ResourceLimitError(msg, token=None)
        self.parts.append(text)
        return size

    def getvalue(self) -> str:
        """Return all that was written."""
        return "".join(self.parts)
