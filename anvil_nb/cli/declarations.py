"""What a command line declares: parameters, from files and from options."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from shlex import quote
from typing import TYPE_CHECKING, Any

from anvil_nb.errors import DeclarationError, InvalidInputError, SourceError, ValueTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anvil_nb.domain.parameters import Parameter

_YAML = frozenset({".yaml", ".yml"})
_DECLARED = re.compile(
    r"(?P<name>[^:=]+)(?::(?P<type>[^=]*))?(?P<mark>=)?(?P<default>.*)", re.DOTALL
)

Declarations = dict[str, Any]


def read_declarations(source: str) -> Any:
    """Return the declarations in a JSON or YAML file; ``-`` is JSON on standard input.

    Raises:
        SourceError: when it cannot be read as what its ending says.
        DeclarationError: for YAML that is not sound.
    """
    from anvil_nb.files import read_json_file, read_text_file  # noqa: PLC0415 - late, on purpose

    if PurePath(source).suffix.lower() not in _YAML:
        return read_json_file(source)
    from anvil_nb.domain.yaml_reader import read_mapping  # noqa: PLC0415 - it imports PyYAML

    found = read_mapping(read_text_file(source))
    if found is None:
        msg = f"{source} holds no mapping of parameters by name"
        raise SourceError(msg, "For example: customer: {type: string, description: …}")
    return found


def declared(text: str, read: Callable[[Parameter, str], object]) -> tuple[str, Declarations]:
    """Return the name and the declaration that ``name[:type][=default]`` writes.

    Args:
        text: For example ``tone:string=friendly``; what has a default is optional.
        read: Reads a default for a parameter.

    Raises:
        InvalidInputError: when it is not of that form.
        DeclarationError: for an unknown type, or a default that does not fit.
    """
    from anvil_nb.domain.parameters import Parameter  # noqa: PLC0415 - late, on purpose

    match = _DECLARED.fullmatch(text)
    if match is None:
        msg = f"a parameter is declared as name:type or name:type=default, found '{text}'"
        raise InvalidInputError(msg, "For example: --param customer:string")
    name, kind = match["name"].strip(), (match["type"] or "").strip() or None
    parameter = Parameter(name, kind)
    fields: Declarations = {"type": kind} if kind else {}
    if match["mark"]:
        try:
            fields["default"] = read(parameter, match["default"])
        except ValueTypeError as error:
            hint = f"For example: --param {name}:{kind}={quote(error.written[0])}"
            raise DeclarationError(f"the default does not fit: {error.message}", hint) from error
    return name, fields


def merged(said: Sequence[tuple[str, Declarations]], found: Any) -> Any:
    """Return the declarations of a file, with those of options over them."""
    if not said:
        return found
    return {**_by_name(found), **dict(said)}


def _by_name(found: Any) -> Mapping[str, Any]:
    if isinstance(found, dict):
        return found
    return {one["name"]: one for one in found or () if isinstance(one, dict) and "name" in one}


def setting(text: str, *, quoted: bool = False) -> object:
    """Return the value that a setting's text writes: JSON, or the text where it is none.

    Args:
        text: As it was typed.
        quoted: Whether quotes around it are the typist's own, as on a notebook's line.
    """
    try:
        value: object = json.loads(text)
    except ValueError:
        return _unquoted(text) if quoted else text
    return value


def _unquoted(text: str) -> object:
    if text[:1] not in {"'", '"'}:
        return text
    from ast import literal_eval  # noqa: PLC0415 - rarely needed

    try:
        value: object = literal_eval(text)
    except (SyntaxError, ValueError):
        return text
    return value
