"""Answers that no instance gives, and those that say no: each is an error that says so."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

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
    RemoteUnreachableError,
)
from anvil_nb.remote.http import Connection, Request
from tests.remote.conftest import TOKEN
from tests.remote.faulty import FaultyProxy, Say, answer

if TYPE_CHECKING:
    from anvil_nb.remote.calls import Calls
    from tests.remote.conftest import Waits

PAGE = b"<!doctype html><html><title>Log in to the network</title></html>"


def error_body(**said: Any) -> bytes:
    return json.dumps({"error": said}).encode()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (answer(PAGE, kind="text/html"), "web page"),
        (answer(PAGE), "web page"),
        (answer(b""), "200 with nothing"),
        (answer(b"", "304 Not Modified"), "304"),
        (answer(gzip.compress(b'{"a": 1}')), "compressed twice"),
        (
            answer(gzip.compress(gzip.compress(b'{"a": 1}')), content_encoding="gzip"),
            "compressed twice",
        ),
        (answer(b"not gzip at all", content_encoding="gzip"), "cannot be decompressed"),
        (answer(gzip.compress(b'{"a": 1}' * 99)[:-9], content_encoding="gzip"), "not JSON|cut"),
        (answer(b'{"a": '), "not JSON"),
        (answer(b'{"a": ', content_length=""), "not JSON"),
        (answer(b"[1]"), "another shape"),
        (answer(b"", "204 No Content"), "204"),
        (answer(b"", "302 Found", location="https://elsewhere.example/"), "302"),
    ],
)
def test_what_no_instance_answers_is_said_in_words(
    proxy: FaultyProxy, calls: Calls, fault: Say, words: str
) -> None:
    proxy.usual = fault
    with pytest.raises(RemoteAnswerError, match=words) as caught:
        calls.read_json("/api/v1/thing")
    assert caught.value.hint
    assert proxy.connections == 1, "asking again does not help"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", RemoteUnauthorisedError),
        ("403 Forbidden", RemoteForbiddenError),
        ("404 Not Found", RemoteNotFoundError),
        ("409 Conflict", RemoteMovedError),
        ("412 Precondition Failed", RemoteMovedError),
        ("413 Content Too Large", RemoteTooLargeError),
        ("422 Unprocessable", RemoteError),
        ("500 Internal", RemoteError),
        ("418 Teapot", RemoteError),
        ("799 What", RemoteError),
    ],
)
@pytest.mark.parametrize("page", ["", "html"])
def test_each_refusal_is_an_error_of_its_own(
    proxy: FaultyProxy, calls: Calls, status: str, kind: type[RemoteError], page: str
) -> None:
    body = PAGE if page else error_body(code="x-y", message="it is so", hint="do that")
    proxy.usual = answer(body, status, kind="text/html" if page else "application/json")
    with pytest.raises(RemoteError) as caught:
        calls.read_json("/api/v1/thing")
    error = caught.value
    assert type(error) is kind
    assert error.status == int(status[:3])
    assert error.remote_code == (None if page else "x-y")
    assert "<" not in error.message
    assert page or "it is so" in error.message
    assert error.to_json()["status"] == error.status


def test_a_404_of_something_else_points_at_the_address(proxy: FaultyProxy, calls: Calls) -> None:
    proxy.usual = answer(PAGE, "404 Not Found", kind="text/html")
    with pytest.raises(RemoteNotFoundError) as caught:
        calls.read_json("/x")
    assert "another program" in caught.value.hint


def test_details_and_request_id_are_kept(proxy: FaultyProxy, calls: Calls) -> None:
    detail = {"field": "body.put.0.path", "message": "too long"}
    body = error_body(code="c", message="m", hint="h", request_id="r-1", details=[detail, 5])
    proxy.usual = answer(body, "422 Unprocessable")
    with pytest.raises(RemoteError) as caught:
        calls.read_json("/x")
    assert caught.value.request_id == "r-1"
    assert caught.value.remote_details == (detail,)


def test_what_drives_terminals_is_not_shown(proxy: FaultyProxy, calls: Calls) -> None:
    proxy.usual = answer(error_body(code="c", message="\x1b[2Jhello" + "x" * 5000), "400 Bad")
    with pytest.raises(RemoteError) as caught:
        calls.read_json("/x")
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 500


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_not_now_is_asked_again_until_it_is_answered(
    proxy: FaultyProxy, calls: Calls, waits: Waits, status: int
) -> None:
    busy = answer(PAGE, f"{status} Busy", kind="text/html")
    proxy.faults.extend([busy, busy, answer(b'{"ok": true}')])
    assert calls.read_json("/x") == {"ok": True}
    assert waits.seconds == [0.25, 0.5]


def test_retry_after_is_honoured_and_never_sooner(
    proxy: FaultyProxy, calls: Calls, waits: Waits
) -> None:
    proxy.faults.extend(
        [
            answer(b"", "429 Slow", retry_after="8"),
            answer(b"", "503 Busy", retry_after="Sun, 01 Mar 2026 12:00:20 GMT"),
            answer(b"", "503 Busy", retry_after="nonsense"),
            answer(b'{"ok": 1}'),
        ]
    )
    calls.read_json("/x")
    assert waits.seconds == [10.0, 25.0, 1.0]


def test_a_wait_that_is_too_long_is_left_to_the_caller(
    proxy: FaultyProxy, calls: Calls, waits: Waits
) -> None:
    proxy.usual = answer(b"", "429 Slow", retry_after="3600")
    with pytest.raises(RemoteBusyError) as caught:
        calls.read_json("/x")
    assert caught.value.retry_after == 3600
    assert not waits.seconds


def test_it_gives_up_in_the_end(proxy: FaultyProxy, calls: Calls, waits: Waits) -> None:
    proxy.usual = answer(b"", "503 Busy")
    with pytest.raises(RemoteBusyError):
        calls.read_json("/x")
    assert proxy.connections == 6
    assert len(waits.seconds) == 5


def test_lost_connections_are_asked_again(proxy: FaultyProxy, calls: Calls) -> None:
    proxy.faults.extend(
        [Say(b""), Say(b"HTTP/1.1 20"), answer(b'{"cut": true}', content_length="90")]
    )
    proxy.usual = answer(b'{"ok": 1}')
    assert calls.read_json("/x") == {"ok": 1}
    assert proxy.connections == 4


def test_nobody_there_is_said_so(retries: Any) -> None:
    from anvil_nb.remote.calls import Calls as Made

    connection = Connection("http://127.0.0.1:9", TOKEN)
    with closing(connection), pytest.raises(RemoteUnreachableError, match="cannot be reached"):
        Made(connection, retries).read_json("/x")


def test_a_write_keeps_its_idempotency_key_when_it_is_sent_again(
    proxy: FaultyProxy, calls: Calls
) -> None:
    proxy.faults.extend([Say(b""), answer(b"", "503 Busy"), answer(b'{"ok": 1}')])
    calls.write("POST", "/x", {"a": 1})
    keys = {
        line
        for request in proxy.requests
        for line in request.split(b"\r\n")
        if line.lower().startswith(b"idempotency-key")
    }
    assert len(proxy.requests) == 3
    assert len(keys) == 1


def test_two_writes_have_two_keys(proxy: FaultyProxy, calls: Calls) -> None:
    proxy.usual = answer(b'{"ok": 1}')
    calls.write("POST", "/x", {})
    calls.write("POST", "/x", {})
    one, other = (
        next(line for line in request.split(b"\r\n") if line.lower().startswith(b"idempotency"))
        for request in proxy.requests
    )
    assert one != other


def test_what_may_not_arrive_twice_is_sent_once(proxy: FaultyProxy, calls: Calls) -> None:
    proxy.usual = answer(b"", "503 Busy")
    with pytest.raises(RemoteBusyError):
        calls.ask(Request("POST", "/x", {}, b"{}"), repeatable=False)
    assert proxy.connections == 1


def test_a_redirect_does_not_carry_the_token_elsewhere(proxy: FaultyProxy, calls: Calls) -> None:
    proxy.faults.append(answer(b"", "307 Elsewhere", location=f"{proxy.url}/stolen"))
    with pytest.raises(RemoteAnswerError):
        calls.read_json("/x")
    assert proxy.connections == 1


def test_the_token_is_in_the_request_and_in_nothing_that_is_shown(
    proxy: FaultyProxy, connection: Connection, calls: Calls
) -> None:
    proxy.usual = answer(PAGE, "401 Unauthorized")
    with pytest.raises(RemoteUnauthorisedError) as caught:
        calls.read_json("/x")
    assert TOKEN.encode() in proxy.requests[0]
    shown = f"{connection!r}{calls!r}{caught.value}{caught.value.to_json()}{vars(caught.value)}"
    assert TOKEN not in shown


@pytest.mark.parametrize(
    "url",
    ["anvil.example.org", "ftp://x", "https://", "http://u:p@x", "https://x?y", "http://x:99999"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError):
        Connection(url, TOKEN)


def test_a_token_does_not_travel_in_clear_beyond_this_machine() -> None:
    with pytest.raises(InvalidInputError, match="in clear"):
        Connection("http://anvil.example.org", TOKEN)
    Connection("http://anvil.example.org", None).close()
    Connection("http://anvil.example.org", TOKEN, insecure=True).close()
    Connection("http://localhost:80", TOKEN).close()


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "é"])
def test_what_is_no_token_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Connection("https://x", token)
    assert not token or token not in caught.value.message


def test_an_answer_larger_than_asked_for_is_not_taken(
    proxy: FaultyProxy, connection: Connection
) -> None:
    proxy.usual = answer(gzip.compress(bytes(5_000_000)), content_encoding="gzip")
    with pytest.raises(RemoteAnswerError, match="more than 1,000 bytes"):
        connection.ask(Request("GET", "/x"), most=1000)


def test_environment_proxies_are_not_used_unless_asked_for(
    proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.usual = answer(b"{}")
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    plain = Connection("http://127.0.0.1:9", TOKEN)
    with closing(plain), pytest.raises(RemoteUnreachableError):
        plain.ask(Request("GET", "/x"))
    with closing(Connection("http://127.0.0.1:9", TOKEN, environment=True)) as asked:
        assert asked.ask(Request("GET", "/x")).status == 200
