"""Model settings: what a model is to be called with.

Those that nearly every model has are typed, so that a slip is told where it is written and not by
the model that is called. All other keys are free: they are some model's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.digest import canonical_json
from anvil_nb.domain.values import described, plain, type_name
from anvil_nb.errors import DeclarationError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.domain.digest import Json


def check_setting(key: object, value: object) -> Json:
    """Return the value of a setting as plain data.

    Args:
        key: Its name.
        value: Data of any kind; for ``model``, ``temperature``, ``max_tokens`` and
            ``response_schema`` of theirs.

    Raises:
        DeclarationError: for what is no data, or not what the setting takes.
    """
    if not isinstance(key, str) or not key:
        msg = f"a setting's name is text, found {key!r}"
        raise DeclarationError(msg, "For example: temperature: 0.2")
    try:
        made, _ = plain(value)
        canonical_json({key: made})  # type: ignore[dict-item]  # dates are refused here
    except InvalidInputError as error:
        raise DeclarationError(f"setting '{key}': {error.message}", error.hint) from error
    known = _KNOWN.get(key)
    if known is not None and not known[0](made):
        _, expected, example = known
        msg = f"setting '{key}' is {expected}, found {described(made)}"
        raise DeclarationError(msg, f"For example: {key}: {example}")
    return made  # type: ignore[return-value]


def _is_temperature(value: object) -> bool:
    # No upper bound: how far it goes is the model's own.
    return type_name(value) in ("integer", "number") and value >= 0  # type: ignore[operator]  # a number


def _is_count(value: object) -> bool:
    return type_name(value) == "integer" and value > 0  # type: ignore[operator]  # an integer


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_schema(value: object) -> bool:
    return isinstance(value, Mapping)


_KNOWN: Final[dict[str, tuple[Callable[[object], bool], str, str]]] = {
    "model": (_is_text, "the name of a model", "gpt-5-mini"),
    "temperature": (_is_temperature, "a number from 0", "0.2"),
    "max_tokens": (_is_count, "an integer from 1", "500"),
    "response_schema": (_is_schema, "a JSON Schema, which is an object", '{"type": "object"}'),
}
"""Of each known setting whether a value is one, what it is in words, and an example."""
