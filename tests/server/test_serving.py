"""``anvil serve`` as a process: its first line, its log, TLS, and an end that drops nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import httpx
import pytest

from anvil_nb.errors import RefusedError, RemoteUnreachableError, SettingsError
from anvil_nb.files.uploads import Uploads
from anvil_nb.remote.connecting import connected
from anvil_nb.remote.http import CERTIFICATES, Request
from anvil_nb.server.serving import Binding, check_binding, is_loopback
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.server.certificates import certified
from tests.server.conftest import API, PROMPT

if TYPE_CHECKING:
    from collections.abc import Iterator

ANVIL = [sys.executable, "-c", "from anvil_nb.cli import main; main()"]


@dataclass
class Process:
    """A server in a process of its own.

    Args:
        process: It; its log goes to ``log``.
        url: Where it is.
        log: The file of its standard error.
    """

    process: subprocess.Popen[str]
    url: str
    log: Path

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """End it; return its exit code, and the rest of its output."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        return self.process.returncode, rest

    def lines(self) -> list[dict[str, object]]:
        """Return its log."""
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]


class Serve(Protocol):
    """Starts ``anvil serve`` on a store."""

    def __call__(self, store: str, *arguments: str) -> Process: ...


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start servers; those that still run when the test ends are killed."""
    with ExitStack() as started:

        def serve(store: str, *arguments: str) -> Process:
            log = tmp_path / f"log-{time.monotonic_ns()}"
            process = subprocess.Popen(
                [*ANVIL, "--store", store, "--actor", "ada", "serve", "--port", "0", "--json",
                 *arguments],
                stdout=subprocess.PIPE,
                stderr=started.enter_context(log.open("w")),
                env={**os.environ, "ANVIL_ORGANISATION": "acme"},
                text=True,
            )  # fmt: skip
            started.enter_context(process)
            started.callback(process.kill)
            assert process.stdout is not None
            first = json.loads(process.stdout.readline() or log.read_text("utf-8"))
            assert first["pid"] == process.pid
            return Process(process, first["url"], log)

        yield serve


@pytest.fixture
def token(store: str) -> str:
    """A token that may everything."""
    with Workspace(Settings(None, store, "acme", "ada")) as ws:
        ws.save("desk/emails/welcome", "Hello {{ name }}")
        return ws.create_token("test", ["admin"]).secret


def client_of(url: str, token: str, **said: object) -> httpx.Client:
    """Return a client."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=url + API, headers=headers, timeout=30, **said)  # type: ignore[arg-type]


def test_a_server_says_where_it_is_serves_and_stops(serve: Serve, store: str, token: str) -> None:
    running = serve(store)
    with client_of(running.url, token) as client:
        assert client.get(PROMPT, params={"at": "draft"}).status_code == 200
    code, rest = running.stop()
    assert code == 0
    assert json.loads(rest)["url"] == running.url
    # The last use is recorded at the end, at the latest.
    with Workspace(Settings(None, store, "acme", "ada")) as ws:
        assert ws.tokens().tokens[0].last_used_at is not None


def test_no_token_ever_gets_into_the_log(serve: Serve, store: str, token: str) -> None:
    running = serve(store)
    with client_of(running.url, token) as client:
        client.get(f"projects/{token}", params={"cursor": token})
        client.get(f"nothing/{token}/x")
        client.put(PROMPT, content=token.encode(), headers={"Content-Type": "application/json"})
        made = client.post("tokens", json={"name": "ci", "scopes": ["sync"]}).json()["token"]
        client.get("organisation", headers={"X-Request-Id": token})
    running.stop(signal.SIGINT)
    text = running.log.read_text("utf-8")
    for secret in (token, made):
        assert secret not in text
        assert secret.removeprefix("ank_") not in text
    requests = [line for line in running.lines() if line["message"] == "request"]
    assert len(requests) == 5
    assert {"request_id", "method", "path", "status", "ms", "client", "token_id"} <= {*requests[0]}
    assert requests[0]["organisation"] == "acme"


def test_what_was_taken_is_finished_before_a_server_stops(
    serve: Serve, store: str, token: str
) -> None:
    running = serve(store)
    host, port = running.url.removeprefix("http://").split(":")
    body = json.dumps({"template": "x" * 5_000}).encode()
    with socket.create_connection((host, int(port)), timeout=60) as taken:
        head = (
            f"PUT {API}/{PROMPT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        taken.sendall(head.encode() + body[:100])
        with client_of(running.url, token) as client:
            client.get("organisation")  # so that the other one was taken before
        running.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionError):
            while True:  # until no more are taken
                socket.create_connection((host, int(port)), timeout=60).close()
        assert running.process.poll() is None
        taken.sendall(body[100:])
        answer = taken.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200")
    assert running.process.wait(60) == 0
    with Workspace(Settings(None, store, "acme", "ada")) as ws:
        assert ws.get("desk/emails/welcome@draft").template == "x" * 5_000


def test_a_server_that_is_killed_loses_nothing_that_it_answered(
    serve: Serve, store: str, token: str
) -> None:
    running = serve(store)
    acknowledged: set[str] = set()

    def write(worker: int) -> None:
        with client_of(running.url, token) as client:
            for number in range(10_000):
                text = f"{worker}-{number}"
                path = PROMPT.replace("welcome", f"p{worker}")
                try:
                    answer = client.put(path, json={"template": text})
                except httpx.HTTPError:
                    return
                if answer.status_code in {200, 201}:
                    acknowledged.add(text)
                if len(acknowledged) > 40:
                    running.process.kill()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    running.process.wait(60)
    with Workspace(Settings(None, store, "acme", "ada")) as ws:
        kept = {
            ws.get(f"desk/emails/p{worker}@{change.digest}").template
            for worker in range(4)
            for change in ws.draft_log(f"desk/emails/p{worker}", limit=1000)
        }
        entries = sum(entry.action == "save" for entry in ws.audit(limit=1000))
    assert acknowledged <= kept
    assert entries == len(kept)


def test_two_servers_serve_one_database(serve: Serve, postgres_url: str) -> None:
    with Workspace(Settings(None, postgres_url, "acme", "ada")) as ws:
        token = ws.create_token("test", ["admin"]).secret
    one, two = serve(postgres_url), serve(postgres_url)
    with client_of(one.url, token) as first, client_of(two.url, token) as second:

        def save(number: int) -> int:
            client = (first, second)[number % 2]
            path = PROMPT.replace("welcome", f"p{number % 3}")
            return client.put(path, json={"template": f"{number}"}).status_code

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(save, range(40))) <= {200, 201}
        assert first.get("search?q=desk").json() == second.get("search?q=desk").json()
        key = {"Idempotency-Key": "k"}
        made = first.post("projects", json={"name": "new"}, headers=key)
        again = second.post("projects", json={"name": "new"}, headers=key)
        assert (made.status_code, again.content) == (201, made.content)
        # A token that is revoked at one ends at the other, within 100 ms.
        other = first.post("tokens", json={"name": "ci", "scopes": ["admin"]}).json()
        with client_of(two.url, other["token"]) as revoked:
            assert revoked.get("organisation").status_code == 200
            first.delete(f"tokens/{other['id']}")
            deadline = time.monotonic() + 5
            while revoked.get("organisation").status_code == 200:
                assert time.monotonic() < deadline
    assert one.stop()[0] == two.stop()[0] == 0


def test_a_notebook_and_a_server_share_one_file(serve: Serve, tmp_path: Path) -> None:
    store = str(tmp_path / "shared.duckdb")
    with Workspace(Settings(None, store, "acme", "ada")) as ws:
        token = ws.create_token("test", ["admin"]).secret
        running = serve(store)
        with client_of(running.url, token) as client:
            for number in range(5):
                ws.save("desk/emails/welcome", f"{number}")
                deadline = time.monotonic() + 5
                while client.get(PROMPT, params={"at": "draft"}).json()["template"] != f"{number}":
                    assert time.monotonic() < deadline
                client.put(PROMPT, json={"template": f"theirs {number}"})
                while ws.get("desk/emails/welcome@draft").template != f"theirs {number}":
                    assert time.monotonic() < deadline


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, and its key."""
    return certified(tmp_path)


def test_a_server_with_a_certificate_speaks_tls_alone(
    serve: Serve, store: str, token: str, certificate: tuple[Path, Path]
) -> None:
    running = serve(store, "--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1]))
    assert running.url.startswith("https://127.0.0.1:")
    trusting = ssl.create_default_context(cafile=str(certificate[0].with_name("ca.pem")))
    with client_of(running.url, token, verify=trusting) as client:
        assert client.get("organisation").json()["slug"] == "acme"
    with httpx.Client() as anybody, pytest.raises(httpx.HTTPError):
        anybody.get(running.url.replace("https", "http") + "/health")


@pytest.mark.parametrize("variable", CERTIFICATES)
def test_a_client_trusts_the_authority_that_the_environment_names_on_this_machine_too(
    serve: Serve,
    store: str,
    token: str,
    certificate: tuple[Path, Path],
    variable: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    running = serve(store, "--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1]))
    for name in CERTIFICATES:
        monkeypatch.delenv(name, raising=False)
    # A proxy that is not there, and not asked: nobody stands between this machine and itself.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    stranger = connected(running.url, "acme", token).calls.connection
    unknown = pytest.raises(RemoteUnreachableError, match="CERTIFICATE_VERIFY_FAILED")
    with closing(stranger), unknown:
        stranger.ask(Request("GET", "/health"))
    (tmp_path / "others").mkdir()
    certified(tmp_path / "others", "another authority")
    named = {"SSL_CERT_FILE": "ca.pem", "SSL_CERT_DIR": "authorities"}
    monkeypatch.setenv(variable, str(certificate[0].with_name(named.pop(variable))))
    for name, others in [("", ""), *named.items()]:
        if name:  # the other variable names others, and takes nothing away
            monkeypatch.setenv(name, str(tmp_path / "others" / others))
        with closing(connected(running.url, "acme", token).calls.connection) as trusting:
            assert trusting.ask(Request("GET", "/health")).status == 200


def test_certificates_that_cannot_be_read_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(SettingsError, match="that SSL_CERT_FILE names cannot be read"):
        connected("https://127.0.0.1:9", "acme", "ank_x")
    with closing(connected("http://127.0.0.1:9", "acme", "ank_x").calls.connection):
        pass


def test_tokens_are_not_served_in_clear_text_beyond_this_machine(
    certificate: tuple[Path, Path],
) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "anvil.example"):  # noqa: S104 - refused
        with pytest.raises(RefusedError, match="clear text"):
            check_binding(Binding(host))
        check_binding(Binding(host, insecure=True))
        check_binding(Binding(host, certificate=certificate[0], key=certificate[1]))
    for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"):
        assert is_loopback(host)
        check_binding(Binding(host))


def test_a_certificate_that_is_none_is_refused(certificate: tuple[Path, Path]) -> None:
    for binding in (
        Binding(certificate=certificate[1], key=certificate[0]),
        Binding(certificate=Path("missing.pem"), key=certificate[1]),
        Binding(key=certificate[1]),
    ):
        with pytest.raises(SettingsError):
            check_binding(binding)


def test_a_port_that_is_taken_is_told(store: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*ANVIL, "--store", store, "serve", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "cannot listen" in done.stderr


def test_the_uploads_of_a_server_that_was_killed_are_removed(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\n"
        "from anvil_nb.files.uploads import Uploads\n"
        "with Uploads(Path(sys.argv[1])) as own:\n"
        "    (own.folder / 'half').write_bytes(b'x' * 1000)\n"
        "    print(own.folder, flush=True)\n"
        "    time.sleep(600)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        with Uploads(tmp_path) as own:
            assert left.is_dir()  # its server runs
            assert own.folder != left
        assert not own.folder.exists()
        process.kill()
    with Uploads(tmp_path):
        assert not left.exists()
