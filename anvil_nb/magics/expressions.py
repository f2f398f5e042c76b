"""Reading what was written on a magic's line as Python, in the notebook's namespace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_BRACED = re.compile(r"(?:\{{1,2}\s*|\$\{?)(?P<name>[^\W\d][\w.]*)\s*\}{0,2}")


@dataclass(frozen=True, slots=True)
class Namespace:
    """Where expressions find their names.

    Args:
        user: The notebook's own names.
        local: Those of the function that the magic is called in, if it is.
    """

    user: dict[str, Any]
    local: Mapping[str, Any]

    def evaluate(self, expression: str, where: str) -> Any:
        """Return the value of an expression.

        Args:
            expression: Python.
            where: What it is for, for messages: ``--var rows``.

        Raises:
            InvalidInputError: when it does not parse, or raises; the cause is chained.
        """
        try:
            code = compile(expression.strip(), f"<{where}>", "eval")
            # Expressions with a scope of their own (comprehensions) see globals only.
            value = eval(code, {**self.user, **self.local})  # noqa: S307 - the user's own code, in the user's own notebook
        except SyntaxError as error:
            msg = f"{where}: '{_shown(expression)}' is no Python expression: {error.msg}"
            raise InvalidInputError(msg, _hint(expression, where)) from error
        except Exception as error:
            msg = f"{where}: '{_shown(expression)}' raised {type(error).__name__}: {error}"
            raise InvalidInputError(msg, _hint(expression, where)) from error
        if isinstance(value, set) and _BRACED.fullmatch(expression.strip()):
            msg = f"{where}: '{_shown(expression)}' is a Python set: nothing is expanded in braces"
            raise InvalidInputError(msg, _hint(expression, where))
        return value


def _hint(expression: str, where: str) -> str:
    if braced := _BRACED.fullmatch(expression.strip()):
        # As `%magic {name}` and `%magic $name` are written for magics that expand their line.
        option, _, name = where.partition(" ")
        said = f"{name}={braced['name']}" if name else braced["name"]
        return f"A magic's values are Python as it stands. Write: {option} {said}"
    if expression.strip().isidentifier():
        return f"Assign {expression.strip()} in a cell first, or write text in quotes."
    return "Text stands in quotes; an expression with blanks in parentheses: (a + b)."


def _shown(expression: str, most: int = 60) -> str:
    return expression if len(expression) <= most else expression[: most - 1] + "…"
