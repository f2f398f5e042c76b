"""What is said when something is refused: one shape, whatever went wrong.

::

    {"error": {"type", "code", "message", "hint", "details": [{"field", "message"}],
               "context": {…}, "request_id"}}

``type`` says which kind of reaction fits, ``code`` is the stable name of the error, ``details``
name fields, and ``context`` has what this kind of error knows besides: both sides of a conflict,
the place in a template.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import compile_path

from anvil_nb import errors as tree
from anvil_nb.errors import AnvilError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

_STATUSES: dict[type[AnvilError], tuple[int, str]] = {
    tree.UnauthorisedError: (401, "authentication_error"),
    tree.ForbiddenError: (403, "authorization_error"),
    tree.NotFoundError: (404, "not_found_error"),
    tree.TooManyRequestsError: (429, "rate_limit_error"),
    tree.MovedSinceError: (412, "precondition_error"),
    tree.DraftConflictError: (412, "precondition_error"),
    tree.ConflictError: (409, "conflict_error"),
    tree.RefusedError: (409, "conflict_error"),
    tree.ArchiveLimitError: (413, "too_large_error"),
    tree.TooLargeError: (413, "too_large_error"),
    tree.BundleError: (422, "validation_error"),
    tree.InvalidInputError: (422, "validation_error"),
    tree.RenderError: (422, "validation_error"),
    tree.StoreBusyError: (503, "server_error"),
    tree.StoreUnavailableError: (503, "server_error"),
    AnvilError: (500, "server_error"),
}
_FIELDS: dict[type[AnvilError], str] = {
    tree.TemplateSyntaxError: "template",
    tree.VersionSyntaxError: "version",
    tree.AddressError: "address",
    tree.RenderError: "variables",
}
_HTTP_TYPES = {
    401: "authentication_error",
    403: "authorization_error",
    404: "not_found_error",
    409: "conflict_error",
    412: "precondition_error",
    413: "too_large_error",
    422: "validation_error",
    429: "rate_limit_error",
}
_HTTP_CODES = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "content-too-large",
    415: "unsupported-media-type",
    416: "range-not-satisfiable",
}
_HTTP_SAID = {
    404: ("there is nothing at this path", "See /docs for what there is."),
    405: ("this path does not take that method", "See the header Allow."),
    413: ("the body is longer than this server takes", "Send less at a time."),
}
_HIDDEN = "the server could not do it"
_STORE_SAID: dict[type[AnvilError], str] = {
    tree.StoreBusyError: "the server's store is busy",
    tree.StoreUnavailableError: (
        "the server's store cannot be read or written now, perhaps for want of room on its disk; "
        "the server's log says why"
    ),
}
_RETRY_SECONDS = 1


def add_handlers(app: FastAPI) -> None:
    """Let an application answer every error in the one shape."""
    app.add_exception_handler(AnvilError, _anvil)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def status_of(error: AnvilError) -> tuple[int, str]:
    """Return the status and the type that an error is answered with."""
    return next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)


def answer(
    request_id: str,
    status: int,
    kind: str,
    code: str,
    message: str,
    hint: str = "",
    *,
    details: list[dict[str, str]] | None = None,
    context: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error as it is answered."""
    said = {
        "type": kind,
        "code": code,
        "message": message,
        "hint": hint,
        "details": details or [],
        "context": dict(context or {}),
        "request_id": request_id,
    }
    return JSONResponse({"error": said}, status, dict(headers or {}))


def of_anvil(request: Request, error: AnvilError) -> Response:
    """Return what is answered to an error of the tree."""
    return _anvil(request, error)


def unexpected(request_id: str) -> Response:
    """Return what is answered where the program is at fault; the log says more."""
    hint = "Tell the operator the request_id; the log of the server has it."
    return answer(request_id, 500, "server_error", "unexpected", _HIDDEN, hint)


def too_long(request_id: str) -> Response:
    """Return what is answered to a body that is too long."""
    message, hint = _HTTP_SAID[413]
    return answer(request_id, 413, "too_large_error", "content-too-large", message, hint)


def _anvil(request: Request, error: Exception) -> Response:
    assert isinstance(error, AnvilError)
    status, kind = status_of(error)
    headers: dict[str, str] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="anvil"'
    if isinstance(error, tree.TooManyRequestsError):
        headers["Retry-After"] = str(error.retry_after)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # What is wrong with the store, and where that is, is the operator's to know.
        request.state.fault = error
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers["Retry-After"] = str(_RETRY_SECONDS)
        said = (_STORE_SAID[one] for one in type(error).__mro__ if one in _STORE_SAID)
        message, hint = next(said, _HIDDEN), "Try again in a moment."
        return answer(_id(request), status, kind, error.code, message, hint, headers=headers)
    field = next((_FIELDS[kind] for kind in type(error).__mro__ if kind in _FIELDS), "")
    details = [{"field": field, "message": error.message}] if field else []
    return answer(
        _id(request),
        status,
        kind,
        error.code,
        error.message,
        error.hint,
        details=details,
        context=error.details(),
        headers=headers,
    )


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        message, hint = "the body is not JSON", "See that quotes and brackets are closed."
        return answer(_id(request), 400, "invalid_request_error", "malformed-json", message, hint)
    # Without what was sent: it may be anything, and an error may end up in somebody's log.
    details = [
        {"field": ".".join(map(str, one["loc"])), "message": str(one["msg"])} for one in found
    ]
    message = "; ".join(f"{one['field']}: {one['message']}" for one in details)
    hint = "See /docs for what this takes."
    said = (_id(request), 422, "validation_error", "invalid-request", message, hint)
    return answer(*said, details=details)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    phrase = HTTPStatus(status).phrase
    kind = _HTTP_TYPES.get(status, "invalid_request_error")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind = "server_error"
    message, hint = _HTTP_SAID.get(status, (str(error.detail or phrase), ""))
    code = _HTTP_CODES.get(status, f"http-{status}")
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request)) or headers.get("Allow", "")
    return answer(_id(request), status, kind, code, message, hint, headers=headers)


def _methods(request: Request) -> list[str]:
    """Return what a path takes, as the specification has it; routing tells of one route alone.

    Where a path is a word and fits the pattern of another one besides, as ``blobs/fetch`` that of
    ``blobs/{checksum}``, it takes what the word does.
    """
    place = request.url.path.removeprefix(request.scope.get("root_path", ""))
    paths = request.app.openapi()["paths"]
    found = [path for path in paths if compile_path(path)[0].match(place)]
    if not found:
        return []
    return sorted(method.upper() for method in paths[min(found, key=_placeholders)])


def _placeholders(path: str) -> int:
    return path.count("{")


def _id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))
