"""A proxy on loopback that does what proxies and bad lines do, as each test says."""

from __future__ import annotations

import socket
import struct
import threading
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 1024
KEEP = b"Connection: keep-alive\r\n"


@dataclass(frozen=True)
class Say:
    """Answer with these bytes, and hang up."""

    answer: bytes


@dataclass(frozen=True)
class Cut:
    """Pass so many bytes of the answer, or of the request, and hang up."""

    down: int | None = None
    up: int | None = None


@dataclass(frozen=True)
class Gather:
    """Take a request in before any of it goes on, as some proxies do; hang up on a longer one."""

    most: int


Fault = Say | Cut | Gather | None


@dataclass
class FaultyProxy:
    """Stands before a server. Each connection meets the next fault; then the usual one.

    Args:
        target: Port of the server; it may be changed to that of another one.
    """

    target: int | None = None
    faults: deque[Fault] = field(default_factory=deque)
    usual: Fault = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    up_bytes: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, client: socket.socket) -> None:
        self.connections += 1
        fault = self.faults.popleft() if self.faults else self.usual
        with client:
            if isinstance(fault, Say):
                self.requests.append(whole_request(client))
                with suppress(OSError):
                    client.sendall(fault.answer)
                return
            if isinstance(fault, Gather):
                request = whole_request(client)
                if len(request) > fault.most:
                    reset(client)
                else:
                    line, _, rest = request.partition(b"\r\n")
                    closing = line + b"\r\nConnection: close\r\n" + rest.replace(KEEP, b"", 1)
                    self._pass_on(client, Cut(), closing)
                return
            self._pass_on(client, fault or Cut())

    def _pass_on(self, client: socket.socket, cut: Cut, before: bytes = b"") -> None:
        assert self.target is not None
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            reset(client)
            return
        with server:
            server.sendall(before)
            up = threading.Thread(
                target=self._pump, args=(client, server, cut.up), kwargs={"up": True}
            )
            up.start()
            self._pump(server, client, cut.down)
            up.join()

    def _pump(
        self, source: socket.socket, sink: socket.socket, most: int | None, *, up: bool = False
    ) -> None:
        left = most
        with suppress(OSError):
            while data := source.recv(_PIECE if left is None else min(_PIECE, left)):
                if up:
                    self.up_bytes += len(data)
                sink.sendall(data)
                if left is not None:
                    left -= len(data)
                    if left <= 0:
                        reset(source)
                        reset(sink)
                        return
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def reset(connection: socket.socket) -> None:
    """Hang up as a line that breaks."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def whole_request(client: socket.socket) -> bytes:
    """Return a request with its body."""
    data = b""
    client.settimeout(5)
    with suppress(OSError):
        while b"\r\n\r\n" not in data:
            more = client.recv(65536)
            if not more:
                return data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            more = client.recv(65536)
            if not more:
                break
            body += more
        return head + b"\r\n\r\n" + body
    return data


@contextmanager
def faulty_proxy(target: int | None = None) -> Iterator[FaultyProxy]:
    """Run a proxy for the time of a block."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    proxy = FaultyProxy(target, port=listener.getsockname()[1])
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=proxy.serve, args=(client,), daemon=True)
            thread.start()
            threads.append(thread)

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield proxy
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(5)


def answer(
    body: bytes = b"", status: str = "200 OK", kind: str = "application/json", **headers: str
) -> Say:
    """Return an answer written by hand."""
    lines = [f"HTTP/1.1 {status}", "Connection: close"]
    if kind:
        lines.append(f"Content-Type: {kind}")
    headers.setdefault("content_length", str(len(body)))
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value]
    return Say("\r\n".join([*lines, "", ""]).encode() + body)
