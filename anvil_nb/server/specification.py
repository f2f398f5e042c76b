"""The specification of the API, as ``/openapi.json`` has it: where FastAPI's says too much.

FastAPI writes what Python takes for a parameter that may be left out: a text, or null. In a query
or a header there is no null, and a client made from the specification would send the word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

_NULL = {"type": "null"}


def corrected(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Return what tells the specification of an application, for its ``openapi``."""
    told = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = told()
            for operations in found["paths"].values():
                for operation in operations.values():
                    for parameter in operation.get("parameters", ()):
                        parameter["schema"] = _without_null(parameter["schema"])
            app.openapi_schema = found
        return app.openapi_schema

    return openapi


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter without the alternative that cannot be sent."""
    left = [one for one in schema.get("anyOf", ()) if one != _NULL]
    if len(left) != 1:
        return schema
    return {**left[0], **{name: said for name, said in schema.items() if name != "anyOf"}}
