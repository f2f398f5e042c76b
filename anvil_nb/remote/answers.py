"""What an answer means: the value it carries, or the error that it is.

An answer is taken only for what the API gives. A proxy's page, nothing at all, a 304 that nobody
asked for, JSON that was cut off or compressed twice: each is an error that says so.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from anvil_nb.domain.strict_json import strict_json
from anvil_nb.domain.visible import visible
from anvil_nb.errors import (
    InvalidInputError,
    RemoteAnswerError,
    RemoteBusyError,
    RemoteError,
    RemoteForbiddenError,
    RemoteMovedError,
    RemoteNotFoundError,
    RemoteTooLargeError,
    RemoteUnauthorisedError,
)
from anvil_nb.remote.retrying import BUSY, asked_wait

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from anvil_nb.remote.http import Answer

PROXY: Final = "Look whether a proxy stands between, or the address is another program's."
_GZIP: Final = b"\x1f\x8b"
_LONGEST_SHOWN: Final = 300
_LONGEST_ERROR: Final = 1 << 20

_KINDS: Final[dict[int, tuple[type[RemoteError], str]]] = {
    401: (
        RemoteUnauthorisedError,
        "Make a token there (anvil token create NAME --scope sync) and give it to this workspace.",
    ),
    403: (RemoteForbiddenError, "Make a token there whose scopes allow it."),
    404: (RemoteNotFoundError, "Check the address of the instance, and the tenant's name."),
    409: (RemoteMovedError, "Plan again, and look at what changed there."),
    412: (RemoteMovedError, "Plan again, and look at what changed there."),
    413: (RemoteTooLargeError, "Send less at once, or leave the largest files out."),
}


def object_of(answer: Answer, place: str) -> dict[str, Any]:
    """Return the JSON object that an answer of success is.

    Args:
        answer: With a status below 300.
        place: Who answered, for messages.

    Raises:
        RemoteAnswerError: when it is anything else.
    """
    value = json_of(answer, place)
    if not isinstance(value, dict):
        raise _not_ours(answer, place, "with JSON of another shape than asked for")
    return value


def json_of(answer: Answer, place: str) -> Any:
    """Return the JSON that an answer of success is.

    Raises:
        RemoteAnswerError: when it is anything else.
    """
    body = answer.body
    if answer.status == HTTPStatus.NOT_MODIFIED:
        raise _not_ours(answer, place, "that nothing has changed (304), which was not the question")
    if not body:
        raise _not_ours(answer, place, f"{answer.status} with nothing")
    if body.startswith(_GZIP):
        raise _not_ours(answer, place, "with bytes that are compressed twice")
    if _is_page(answer):
        raise _not_ours(answer, place, "with a web page")
    try:
        return strict_json(body)
    except InvalidInputError as error:
        message = f"with what is not JSON, or was cut off ({error.message})"
        raise _not_ours(answer, place, message) from error


def texts(said: dict[str, Any], name: str, place: str) -> list[str]:
    """Return a list of texts that an answer has under a name.

    Raises:
        RemoteAnswerError: when it has none.
    """
    value = said.get(name)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise RemoteAnswerError(f"{place} answers without the list '{name}'", PROXY)
    return value


def error_of(answer: Answer, place: str, now: datetime) -> RemoteError:
    """Return the error that an answer is whose status is no success.

    Args:
        answer: What came back; the API's one error shape, or anything.
        place: Who answered, for messages.
        now: For dates in ``Retry-After``.
    """
    said = _said(answer)
    message = str(said.get("message") or _phrase(answer, place))
    if said.get("message"):
        message = f"{place} says: {_shown(message)}"
    told: dict[str, Any] = {
        "status": answer.status,
        "remote_code": _text(said.get("code")),
        "request_id": _text(said.get("request_id")) or answer.headers.get("x-request-id"),
        "remote_details": tuple(one for one in _list(said.get("details")) if isinstance(one, dict)),
    }
    remote_hint = _shown(str(said.get("hint") or ""))
    if answer.status in BUSY:
        wait = asked_wait(answer.headers.get("retry-after"), now)
        hint = f"Try again in {wait:.0f} s." if wait else "Try again later."
        return RemoteBusyError(message, hint, retry_after=wait, **told)
    if not said and answer.status < HTTPStatus.BAD_REQUEST:
        return _not_ours(answer, place, f"{answer.status}, which is no answer to this")
    kind, hint = _KINDS.get(answer.status, (RemoteError, ""))
    if kind is RemoteNotFoundError and not said:
        hint = PROXY
    return kind(message, hint if kind is RemoteUnauthorisedError else remote_hint or hint, **told)


def _said(answer: Answer) -> dict[str, Any]:
    """Return what the API's one error shape says; nothing for any other answer."""
    if _is_page(answer) or len(answer.body) > _LONGEST_ERROR:
        return {}
    try:
        value = strict_json(answer.body)
    except InvalidInputError:
        return {}
    error = value.get("error") if isinstance(value, dict) else None
    return cast("dict[str, Any]", error) if isinstance(error, dict) else {}


def _phrase(answer: Answer, place: str) -> str:
    try:
        phrase = HTTPStatus(answer.status).phrase.lower()
    except ValueError:
        phrase = "a status that nobody knows"
    return f"{place} answers {answer.status} ({phrase})"


def _is_page(answer: Answer) -> bool:
    kind = answer.headers.get("content-type", "")
    return "html" in kind.lower() or answer.body[:100].lstrip()[:1] == b"<"


def _not_ours(answer: Answer, place: str, what: str) -> RemoteAnswerError:
    msg = f"{place} answers {what}"
    return RemoteAnswerError(msg, PROXY, status=answer.status, request_id=_id_of(answer.headers))


def _id_of(headers: Mapping[str, str]) -> str | None:
    return headers.get("x-request-id")


def _shown(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _text(value: object) -> str | None:
    return _shown(value) if isinstance(value, str) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
