"""Parameters: what a prompt declares it needs, and how values are held to it.

A value is never coerced: ``"3"`` is no integer and ``True`` is no number. What a template uses
without declaring it is a parameter of any type, required unless every use of it stands under a
``default`` filter. An absent optional parameter is nil.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, NoReturn

from anvil_nb.domain.digest import Json, canonical_json
from anvil_nb.domain.values import described, literal, plain, type_name
from anvil_nb.errors import DeclarationError, InvalidInputError, MissingValueError, ValueTypeError

TYPES = ("string", "number", "integer", "boolean", "array", "object")
"""The types a parameter may declare, as JSON Schema names them."""

EXAMPLES: Final[dict[str, tuple[str, ...]]] = {
    "string": ("text",),
    "integer": ("3",),
    "number": ("2.5",),
    "boolean": ("true", "false"),
    "array": ('["a", "b"]',),
    "object": ('{"key": "value"}',),
}
"""Values of each type, as they are written in text."""

MAX_NAME = 64
_SAID = 5
"""The most values of an enum that a hint writes out."""
_NAME = re.compile(r"\w[\w-]*\??")
_FIELDS = frozenset(("name", "type", "description", "required", "default", "example", "enum"))


class Absent:
    """The type of ``ABSENT``, which stands for a default or example that is not given."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a prompt.

    Args:
        name: As the template spells it.
        type: One of ``TYPES``, or ``None`` for any.
        required: Whether a render fails without it.
        default: What stands in for it when absent; then it is not required.
        description, example: For people.
        enum: The only values it may have.
        declared: ``False`` for one that the template uses and nobody declared.

    Raises:
        DeclarationError: when these contradict each other.
    """

    name: str
    type: str | None = None
    required: bool = True
    default: Json | Absent = ABSENT
    description: str = ""
    enum: tuple[Json, ...] | None = None
    example: Json | Absent = ABSENT
    declared: bool = field(default=True, compare=False)

    def __post_init__(self) -> None:
        if len(self.name) > MAX_NAME or not _NAME.fullmatch(self.name):
            msg = f"a parameter's name is a word of at most {MAX_NAME} letters, digits, '_' and '-'"
            shown = self.name if len(self.name) <= MAX_NAME else f"{self.name[:MAX_NAME]}…"
            _refuse(f"{msg}, found {shown!r}", "For example: customer_name")
        if self.type is not None and self.type not in TYPES:
            near = get_close_matches(self.type, TYPES, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Types are: {', '.join(TYPES)}"
            _refuse(f"parameter '{self.name}': unknown type {self.type!r}", hint)
        if self.required and self.default is not ABSENT:
            _refuse(
                f"parameter '{self.name}' is required and has a default",
                "Leave out one of the two.",
            )
        for label, value in (("default", self.default), ("example", self.example)):
            if not isinstance(value, Absent) and value is not None:
                self._check_declared(label, value)
        for value in self.enum or ():
            if not _is_of(value, self.type):
                self._check_declared("enum value", value)
        if self.enum is not None and not self.enum:
            _refuse(f"parameter '{self.name}': the enum is empty", "Give it a value, or remove it.")

    def _check_declared(self, label: str, value: Json) -> None:
        try:
            self.check(value)
        except ValueTypeError as error:
            hint = f"Correct the {label}, or the type of '{self.name}'."
            _refuse(f"the {label} does not fit: {error.message}", hint)

    def check(self, value: object) -> None:
        """Hold a plain value to the type and the enum.

        Raises:
            ValueTypeError: names the parameter, what was expected and what was found.
        """
        if not _is_of(value, self.type):
            msg = f"parameter '{self.name}' expects {_article(self.type)}, got {described(value)}"
            raise ValueTypeError(
                msg,
                _conversion(self.name, self.type, value),
                parameter=self.name,
                written=_texts(self.type, value),
            )
        if self.enum is not None and not any(_same(value, allowed) for allowed in self.enum):
            allowed = ", ".join(map(literal, self.enum))
            msg = f"parameter '{self.name}' expects one of {allowed}, got {described(value)}"
            by_text = {_text(one): one for one in self.enum}
            near = get_close_matches(_text(value), by_text, 1)  # type: ignore[arg-type]  # it is data
            hint = f"Choose one of: {allowed}"
            if near:
                hint = f"Did you mean {literal(by_text[near[0]])}?"
            raise ValueTypeError(
                msg, hint, parameter=self.name, written=tuple(near or by_text)[:_SAID]
            )

    def to_json(self) -> dict[str, Json]:
        """Return the declaration as a JSON object, without what is not given."""
        made: dict[str, Json] = {"name": self.name}
        if self.type is not None:
            made["type"] = self.type
        if self.description:
            made["description"] = self.description
        if isinstance(self.default, Absent):
            made["required"] = self.required
        else:
            made["default"] = self.default
        if self.enum is not None:
            made["enum"] = list(self.enum)
        if not isinstance(self.example, Absent):
            made["example"] = self.example
        return made

    def schema(self) -> dict[str, Json]:
        """Return the parameter as JSON Schema (draft 2020-12)."""
        made: dict[str, Json] = {}
        if self.type is not None:
            made["type"] = self.type if self.required else [self.type, "null"]
        if self.description:
            made["description"] = self.description
        if self.enum is not None:
            made["enum"] = list(self.enum) if self.required else [*self.enum, None]
        if not isinstance(self.default, Absent):
            made["default"] = self.default
        if not isinstance(self.example, Absent):
            made["examples"] = [self.example]
        return made


def parameter_from_json(declared: object, name: str | None = None) -> Parameter:
    """Return the parameter that a JSON object, or just a type, declares.

    Args:
        declared: An object of the fields of ``Parameter``, a type name, or ``None`` for any type.
        name: The name, where it stands outside the object.

    Raises:
        DeclarationError: for an unknown field or a value that does not fit it.
    """
    if declared is None or isinstance(declared, str):
        declared = {"type": declared} if declared else {}
    if not isinstance(declared, Mapping):
        _refuse(
            f"a parameter is declared by an object, found {type_name(declared)}",
            'For example: {"name": "customer", "type": "string"}',
        )
    fields = dict(declared)
    if name is not None and fields.setdefault("name", name) != name:
        _refuse(f"parameter '{name}' is named {fields['name']!r} inside", "Use one name.")
    _check_fields(fields)
    has_default = "default" in fields
    enum = fields.get("enum")
    return Parameter(
        name=fields["name"],
        type=fields.get("type"),
        required=fields.get("required", not has_default),
        default=_json(fields["default"]) if has_default else ABSENT,
        description=fields.get("description") or "",
        enum=tuple(_json(value) for value in enum) if enum is not None else None,
        example=_json(fields["example"]) if "example" in fields else ABSENT,
    )


def _check_fields(fields: dict[str, object]) -> None:
    name = fields.get("name")
    if not isinstance(name, str):
        _refuse("a parameter has no name", 'For example: {"name": "customer", "type": "string"}')
    for key in fields:
        if key not in _FIELDS:
            near = get_close_matches(str(key), _FIELDS, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(_FIELDS))}"
            _refuse(f"parameter '{name}': unknown field {key!r}", hint)
    for key, kind in (("type", str), ("description", str), ("required", bool), ("enum", Sequence)):
        value = fields.get(key)
        if value is not None and (
            not isinstance(value, kind) or (kind is Sequence and isinstance(value, str))
        ):
            expected = {str: "text", bool: "true or false", Sequence: "a list"}[kind]
            _refuse(
                f"parameter '{name}': {key} is {expected}, found {described(value)}",
                f"Change {key} of '{name}'.",
            )
    if fields.get("required") is None:
        fields.pop("required", None)


def parameters_from_json(declared: object) -> tuple[Parameter, ...]:
    """Return the parameters that a list of objects, or an object by name, declares.

    Raises:
        DeclarationError: for anything else, or a name that is declared twice.
    """
    if isinstance(declared, Mapping):
        made = [parameter_from_json(value, str(name)) for name, value in declared.items()]
    elif isinstance(declared, Sequence) and not isinstance(declared, str):
        made = [one if isinstance(one, Parameter) else parameter_from_json(one) for one in declared]
    else:
        _refuse(
            f"parameters are a list or an object, found {type_name(declared)}",
            'For example: [{"name": "customer", "type": "string"}]',
        )
    names = [one.name for one in made]
    for name, times in Counter(names).items():
        if times > 1:
            _refuse(f"parameter '{name}' is declared twice", "Remove one of the declarations.")
    return tuple(made)


class Signature:
    """The parameters a render takes, ready to bind values to.

    Args:
        parameters: Declared ones and those found in the template, each name once.
    """

    __slots__ = ("_by_name", "parameters")

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self.parameters = tuple(parameters)
        self._by_name = {one.name: one for one in self.parameters}

    def bind(self, values: Mapping[str, object]) -> tuple[dict[str, object], dict[int, int]]:
        """Return every parameter's value by name, and the size of each array and object.

        The sizes are by ``id``, for as long as the values are there; see ``values.plain``.

        Raises:
            MissingValueError: names all required parameters without a value.
            ValueTypeError: for a value of the wrong type.
            InvalidInputError: for a name that is no parameter, or a value that is not data.
        """
        bound: dict[str, object] = {}
        sizes: dict[int, int] = {}
        given = 0
        for one in self.parameters:
            name = one.name
            value = values.get(name, ABSENT)
            if value is ABSENT:
                bound[name] = self._default(one, sizes)
                if one.required:
                    self._missing(values)
                continue
            given += 1
            if type(value) is not str:
                value = self._plain(name, value, sizes)
                if value is None and not one.required:
                    bound[name] = self._default(one, sizes)
                    continue
            if one.type is not None or one.enum is not None:
                one.check(value)
            bound[name] = value
        if given != len(values):
            self._unknown(values)
        return bound, sizes

    @staticmethod
    def _default(one: Parameter, sizes: dict[int, int]) -> object:
        if type(one.default) in (list, dict):
            return plain(one.default, sizes)[0]
        return None if isinstance(one.default, Absent) else one.default

    def _plain(self, name: str, value: object, sizes: dict[int, int]) -> object:
        try:
            return plain(value, sizes)[0]
        except InvalidInputError as error:
            msg = f"parameter '{name}': {error.message}"
            raise ValueTypeError(msg, error.hint) from error

    def _missing(self, values: Mapping[str, object]) -> None:
        self._unknown(values)  # a misspelt name is the likelier cause
        missing = [one.name for one in self.parameters if one.required and one.name not in values]
        names = ", ".join(f"'{name}'" for name in missing)
        msg = f"no value for the required parameter{'s' * (len(missing) > 1)} {names}"
        raise MissingValueError(msg, f"Pass {', '.join(f'{name}=…' for name in missing)}")

    def _unknown(self, values: Mapping[str, object]) -> None:
        for name in values:
            if name not in self._by_name:
                if not isinstance(name, str):
                    msg = f"values are named by text, found the name {described(name)}"
                    raise InvalidInputError(msg, "Name them after the prompt's parameters.")
                near = get_close_matches(name, self._by_name, 1)
                known = ", ".join(self._by_name) or "none"
                hint = f"Did you mean '{near[0]}'?" if near else f"The parameters are: {known}"
                msg = f"there is no parameter '{name}'"
                raise InvalidInputError(msg, hint)

    def schema(self) -> dict[str, Json]:
        """Return JSON Schema (draft 2020-12) for the object of all values."""
        properties: dict[str, Json] = {one.name: one.schema() for one in self.parameters}
        required: list[Json] = [one.name for one in self.parameters if one.required]
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }


def _is_of(value: object, kind: str | None) -> bool:
    if kind is None:
        return True
    found = type_name(value)
    return found == kind or (kind == "number" and found == "integer")


def _same(one: object, other: object) -> bool:
    return type_name(one) == type_name(other) and one == other


def _json(value: object) -> Json:
    try:
        made, _ = plain(value)
        canonical_json(made)  # type: ignore[arg-type]  # dates are refused here
    except InvalidInputError as error:
        raise DeclarationError(error.message, error.hint) from error
    return made  # type: ignore[return-value]


def _article(kind: str | None) -> str:
    return f"{'an' if kind and kind[0] in 'aeio' else 'a'} {kind}"


def _texts(kind: str | None, value: object) -> tuple[str, ...]:
    """Return values of a type as they are written in text; ``value`` itself where it can be."""
    if kind == "string" and isinstance(value, int | float):
        return (json.dumps(value),)
    return EXAMPLES.get(kind or "", ())


def _text(value: Json) -> str:
    return value if isinstance(value, str) else literal(value)


def _conversion(name: str, kind: str | None, value: object) -> str:
    if isinstance(value, str) and kind in ("integer", "number"):
        python = {"integer": "int", "number": "float"}[kind]
        return f"Convert it first: {name}={python}(…)"
    if kind == "string":
        return f"Convert it first: {name}=str(…)"
    return f"Pass {_article(kind)} for {name}."


def _refuse(message: str, hint: str) -> NoReturn:
    raise DeclarationError(message, hint)
