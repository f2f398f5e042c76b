"""Running an application: its address, TLS, signals, logs, and an end that drops nothing."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import logging
import signal
import socket
import ssl
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from anvil_nb.errors import RefusedError, SettingsError
from anvil_nb.server.requests import JsonLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from types import FrameType

    from starlette.types import ASGIApp


_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LOGGERS = {"anvil_nb.server": logging.INFO, "uvicorn.error": logging.INFO}
_BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a server listens, and how.

    Args:
        host, port: A port of 0 takes a free one.
        certificate, key: PEM files for TLS; clear text where there are none.
        insecure: Serve in clear text beyond this machine, too.
        grace: Seconds that requests which were taken have to be finished in at the end.
    """

    host: str = "127.0.0.1"
    port: int = 8321
    certificate: Path | None = None
    key: Path | None = None
    insecure: bool = False
    grace: int = 30


def _nothing() -> None:
    """Do nothing."""


def serve(
    make: Callable[[], ASGIApp],
    binding: Binding,
    announce: Callable[[str], None],
    *,
    ending: Callable[[], None] = _nothing,
    loggers: Mapping[str, int] | None = None,
) -> str:
    """Serve until the process is interrupted or terminated.

    What was taken is finished first; who asks twice does not wait for that.

    Args:
        make: Returns the application; called once its address is taken.
        binding: Where to listen.
        announce: Is told the URL once requests are served.
        ending: Is called when the end begins, in the event loop: streams that nobody would end
            are to end then.
        loggers: Other loggers whose records go to the log, with the lowest level of each.

    Returns:
        The URL.

    Raises:
        RefusedError: when tokens would travel in clear text beyond this machine.
        SettingsError: when the address, or the certificate, cannot be used.
        StoreError: when the store cannot be opened.
    """
    check_binding(binding)
    with _bound(binding) as listener:
        url = _url(binding, listener)
        config = uvicorn.Config(
            make(),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=binding.grace,
            ssl_certfile=binding.certificate,
            ssl_keyfile=binding.key,
            backlog=_BACKLOG,
        )
        with _logging({**_LOGGERS, **(loggers or {})}):
            try:
                _Server(config, lambda: announce(url), ending).run(sockets=[listener])
            finally:
                gc.unfreeze()  # else what hangs together is left behind at the end
    return url


def check_binding(binding: Binding) -> None:
    """Refuse what would let others on the way read tokens, and certificates that are none.

    Raises:
        RefusedError: for clear text beyond this machine without ``insecure``.
        SettingsError: for a certificate or key that cannot be used.
    """
    if binding.certificate is not None:
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
                binding.certificate, binding.key
            )
        except (OSError, ssl.SSLError) as error:
            msg = f"the certificate {binding.certificate} and its key cannot be used: {error}"
            hint = "Both are PEM files: --tls-cert FILE --tls-key FILE"
            raise SettingsError(msg, hint) from error
        return
    if binding.key is not None:
        msg = "a key for TLS was given, and no certificate"
        raise SettingsError(msg, "Give both: --tls-cert FILE --tls-key FILE")
    if not binding.insecure and not is_loopback(binding.host):
        msg = f"tokens would travel to {binding.host} in clear text, for others to read"
        hint = "Use --tls-cert FILE --tls-key FILE, or --insecure behind a proxy that does TLS."
        raise RefusedError(msg, hint)


def is_loopback(host: str) -> bool:
    """Tell whether a host, a name or an address, means this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@contextmanager
def _bound(binding: Binding) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in binding.host else socket.AF_INET
    try:
        listener = socket.create_server(
            (binding.host, binding.port), family=family, backlog=_BACKLOG
        )
    except (OSError, OverflowError) as error:
        msg = f"cannot listen at {binding.host} port {binding.port}: {error}"
        raise SettingsError(msg, "Choose another --port; 0 takes a free one.") from error
    with listener:
        yield listener


def _url(binding: Binding, listener: socket.socket) -> str:
    scheme = "http" if binding.certificate is None else "https"
    host = f"[{binding.host}]" if ":" in binding.host else binding.host
    return f"{scheme}://{host}:{listener.getsockname()[1]}"


@contextmanager
def _logging(loggers: Mapping[str, int]) -> Iterator[None]:
    """Write the log to standard error, one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name, level in loggers.items():
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
    try:
        yield
    finally:
        for name in loggers:
            logging.getLogger(name).removeHandler(handler)


class _Server(uvicorn.Server):
    """A server that says when it serves, and ends as asked without dying of the signal."""

    def __init__(
        self, config: uvicorn.Config, announce: Callable[[], None], ending: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._announce = announce
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            # What is there now stays: collecting it again and again would hold requests up.
            gc.collect()
            gc.freeze()
            await asyncio.to_thread(self._announce)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Not uvicorn's own: sse-starlette puts another in its place, which cuts off every stream,
        # that of a call which is being answered, too.
        del frame
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that end a server, for as long as it serves."""

        def end(number: int, frame: FrameType | None) -> None:
            self.handle_exit(number, frame)

        before = {number: signal.signal(number, end) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
