"""Programs that are asked over HTTP: a server of ours in a process of its own, and what counts."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = "from anvil_nb.cli import main; main()"
"""Our program, as Python runs it."""
_PIECE = 1 << 16


@contextmanager
def served(store: str) -> Iterator[str]:
    """Serve a store, to whoever asks as often as they like; yields the URL."""
    rates = [one for name in ("rate", "write-rate") for one in (f"--{name}", "9999999/minute")]
    with listening(PROGRAM, "--store", store, "serve", "--port", "0", "--json", *rates) as url:
        yield url


@contextmanager
def listening(program: str, *arguments: str) -> Iterator[str]:
    """Run a Python program that first prints its URL, as JSON; yields that."""
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


@dataclass
class Relay:
    """Passes on what clients and a server say to each other, and counts it.

    Args:
        url: Where it listens.
        sent: Bytes that clients sent.
        received: Bytes that they got.
    """

    url: str
    sent: int = 0
    received: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, *, sent: int = 0, received: int = 0) -> None:
        """Count bytes."""
        with self._lock:
            self.sent, self.received = self.sent + sent, self.received + received


@contextmanager
def relayed(url: str) -> Iterator[Relay]:
    """Listen before a server; what passes is counted, with all that HTTP says around it."""
    at = urlsplit(url)
    with ExitStack() as opened:
        listener = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        opened.callback(listener.shutdown, socket.SHUT_RDWR)  # wakes who waits in accept
        relay = Relay(f"http://127.0.0.1:{listener.getsockname()[1]}")

        def pass_on(source: socket.socket, to: socket.socket, way: str) -> None:
            with suppress(OSError):
                while piece := source.recv(_PIECE):
                    relay.count(**{way: len(piece)})
                    to.sendall(piece)
            with suppress(OSError):
                to.shutdown(socket.SHUT_WR)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    near, _ = listener.accept()
                    far = socket.create_connection((str(at.hostname), at.port or 80))
                    for one in (near, far):
                        opened.callback(one.close)
                        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    for ends in ((near, far, "sent"), (far, near, "received")):
                        threading.Thread(target=pass_on, args=ends, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield relay
