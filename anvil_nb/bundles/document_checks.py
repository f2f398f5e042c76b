"""What every document of a bundle must be: one JSON object (F10) that keeps to its schema (F11)."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from anvil_nb.bundles.documents import AGAIN
from anvil_nb.bundles.written_form import is_as_written, schema
from anvil_nb.domain.strict_json import strict_json
from anvil_nb.errors import AnvilError, BundleError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def checked_document(kind: str, member: str, data: bytes) -> dict[str, Any]:
    """Return what a document of ``data/`` says.

    Args:
        kind: The name of its schema.
        member: Where it lies, for errors.
        data: Its bytes.

    Raises:
        BundleError: when it breaks a rule of all documents, or its schema.
    """
    if is_as_written(kind, data):
        found: dict[str, Any] = json.loads(data.decode())
        return found
    found = json_object(member, data)
    check_schema(kind, member, found)
    return found


def json_object(member: str, data: bytes) -> dict[str, Any]:
    """Return the JSON object that a document is (F10).

    Raises:
        BundleError: when it is none.
    """
    try:
        found = strict_json(data)
    except AnvilError as error:
        raise BundleError(f"{member} is not sound: {error.message}", AGAIN) from error
    if not isinstance(found, dict):
        raise BundleError(f"{member} is no JSON object", AGAIN)
    return found


def check_schema(name: str, member: str, found: Mapping[str, Any]) -> None:
    """Check a document against the schema of this name (F11).

    Raises:
        BundleError: when it does not keep to it.
    """
    from fastjsonschema import JsonSchemaValueException  # noqa: PLC0415 - see below

    try:
        _compiled(name)(found)
    except JsonSchemaValueException as error:
        where = error.message.replace("data", member, 1)
        raise BundleError(f"it does not keep to the format: {where[:300]}", AGAIN) from error


@cache
def _compiled(name: str) -> Callable[[Any], Any]:
    import fastjsonschema  # noqa: PLC0415 - compiles the schema, so only when one is needed

    compiled: Callable[[Any], Any] = fastjsonschema.compile(schema(name), use_formats=False)
    return compiled
