"""Values that stand in for parameters in a preview, where nobody gave any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anvil_nb.domain.parameters import ABSENT, EXAMPLES, Absent
from anvil_nb.domain.reading import read_value

if TYPE_CHECKING:
    from anvil_nb.domain.liquid.shapes import Shape
    from anvil_nb.domain.parameters import Parameter

_ITEMS = 2
"""How many items an array gets; one inside another array."""
_OF_ARRAYS = ("first", "last", "size")
"""What can be asked of an array, as if these were fields."""


def stand_in(one: Parameter, shape: Shape | None) -> tuple[Any, str]:
    """Return a value for a parameter and where it is from.

    Args:
        one: The parameter.
        shape: What the template does with it, where it uses it.

    Returns:
        The value, ``ABSENT`` for one that may be left out; and ``example``, ``default``, ``enum``,
        ``absent`` or ``placeholder``.
    """
    if not isinstance(one.example, Absent) and one.example is not None:
        return one.example, "example"
    if not isinstance(one.default, Absent):
        return one.default, "default"
    if one.enum:
        return one.enum[0], "enum"
    return (_placeholder(one, shape), "placeholder") if one.required else (ABSENT, "absent")


def _placeholder(one: Parameter, shape: Shape | None) -> Any:
    if shape is not None and one.type in {None, "array", "object"}:
        value = _made(one.name, shape, one.type)
        if value is not None:
            return value
    if one.type is None or one.type == "string":
        return f"[{one.name}]"
    return read_value(one, EXAMPLES[one.type][0])


def _made(name: str, shape: Shape, kind: str | None) -> Any:
    """Return an array or an object as it is used; ``None`` where its use tells nothing."""
    fields = {key for key in shape.fields if key != "size"}
    if kind == "array" or (kind is None and shape.item is not None):
        return _array(name, shape, _ITEMS) if _says(shape) else None
    return _object(name, shape) if fields else None


def _says(shape: Shape) -> bool:
    """Tell whether the items of an array are more than texts."""
    items = [shape.item, *(shape.fields.get(name) for name in ("first", "last"))]
    return any(one is not None and (one.fields or one.item) for one in items)


def _value(name: str, shape: Shape) -> Any:
    if shape.item is not None:
        return _array(name, shape, 1)
    return _object(name, shape) if shape.fields.keys() - {"size"} else f"[{name}]"


def _array(name: str, shape: Shape, count: int) -> list[Any]:
    """Return items that have all fields that any of them is asked for."""
    kinds = [shape.item, *(shape.fields.get(one) for one in _OF_ARRAYS[:2])]
    found = [_value(name, one) for one in kinds if one is not None]
    objects = [one for one in found if isinstance(one, dict)]
    item = {key: value for one in objects for key, value in one.items()} if objects else found[0]
    return [item] * count


def _object(name: str, shape: Shape) -> dict[str, Any]:
    return {key: _value(f"{name}.{key}", one) for key, one in shape.fields.items()}
