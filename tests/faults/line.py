"""A line between clients and a server, on loopback, with weather: it cuts, stalls and breaks."""

from __future__ import annotations

import random
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.remote.faulty import reset

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 1024
_NEVER = 1 << 60


@dataclass(frozen=True)
class Weather:
    """What a line does to what passes.

    Args:
        cut: Bytes of either direction after which a connection breaks, at least and at most.
        stall: How likely a piece waits, and for how many seconds at most.
    """

    cut: tuple[int, int] = (_NEVER, _NEVER)
    stall: tuple[float, float] = (0.0, 0.0)


FAIR = Weather()
WEATHERS = (
    FAIR,
    Weather(cut=(1_000, 12_000)),
    Weather(cut=(200, 3_000)),
    Weather(stall=(0.05, 0.3)),
    Weather(cut=(4_000, 60_000), stall=(0.02, 0.5)),
)


@dataclass
class Line:
    """A line to a server, which may move to another port.

    Args:
        target: Port of the server.
        chance: Decides where it cuts and stalls.
        port: Where it listens.
        weather: What it does to what passes; it may change while something does.
        cuts: How many connections it cut.
        stalls: How often something waited.
        sent: Bytes that clients sent.
    """

    target: int
    chance: random.Random
    port: int = 0
    weather: Weather = FAIR
    cuts: int = 0
    stalls: int = 0
    sent: int = 0
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """What a client is told."""
        return f"http://127.0.0.1:{self.port}"

    def drop(self) -> None:
        """Break all connections."""
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def serve(self, client: socket.socket) -> None:
        """Pass on what one client and the server say."""
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            reset(client)
            return
        ends = (client, server)
        with self._lock:
            self._open.update(ends)
        with client, server:
            up = threading.Thread(target=self._pump, args=(client, server, True), daemon=True)
            up.start()
            self._pump(server, client)
            up.join()
        with self._lock:
            self._open.difference_update(ends)

    def _pump(
        self,
        source: socket.socket,
        sink: socket.socket,
        up: bool = False,  # noqa: FBT001, FBT002 - of two ways
    ) -> None:
        weather, left = None, _PIECE
        with suppress(OSError):
            while data := source.recv(min(_PIECE, left)):
                if weather is not self.weather:
                    weather = self.weather
                    left = self.chance.randint(*weather.cut)
                if self.chance.random() < weather.stall[0]:
                    self.stalls += 1
                    time.sleep(self.chance.uniform(0, weather.stall[1]))
                sink.sendall(data)
                if up:
                    self.sent += len(data)
                left -= len(data)
                if left <= 0:
                    self.cuts += 1
                    reset(source)
                    reset(sink)
                    return
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(target: int, seed: int) -> Iterator[Line]:
    """Lay a line for the time of a block."""
    with ExitStack() as opened:
        listener = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100))
        chance = random.Random(seed)  # noqa: S311 - no secret
        line = Line(target, chance, listener.getsockname()[1])
        opened.callback(line.drop)
        opened.callback(listener.shutdown, socket.SHUT_RDWR)  # wakes who waits in accept

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=line.serve, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield line
