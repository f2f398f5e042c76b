"""HTTP: the one module that knows which library speaks it.

A request goes out, and an answer comes back whole or in pieces; every way in which that fails is
a ``RemoteUnreachableError`` or a ``RemoteAnswerError``. What an answer means, and whether to ask
again, is said elsewhere (``answers``, ``retrying``).

Nothing is taken from the environment unless asked for: no proxy, no ``.netrc``. Redirects are not
followed, since they would carry the token elsewhere. The token is in no message and no ``repr``.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx

from anvil_nb import __version__
from anvil_nb.errors import (
    InvalidInputError,
    RemoteAnswerError,
    RemoteUnreachableError,
    SettingsError,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator, Mapping

MOST_WHOLE: Final = 1 << 30
"""The largest answer (bytes) that is taken whole."""

CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""The variables that name certificates to trust: a file of them, or a folder."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds: for a connection, and for each next piece of an answer."""

    connect: float = 10.0
    read: float = 60.0
    write: float = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Args:
        method: ``GET`` and the like.
        path: Below the address of the instance, with its query.
        headers: Beside those that every request has.
        body: Bytes, or pieces of them; pieces go out as they come.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back whole. The names of ``headers`` are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """What is coming back. ``pieces`` are its body, without its content coding."""

    status: int
    headers: Mapping[str, str]
    pieces: Iterator[bytes] = field(repr=False)


class Connection:
    """Speaks with one instance, on as few connections as it takes. Threads may share it.

    Args:
        url: Where it is, for example ``https://anvil.example.org``.
        token: Sent with each request.
        timeouts: How long to wait.
        environment: Whether the usual variables name proxies and certificates.
        direct: Whether to go round proxies all the same.
        verify: Certificates to trust in place of the system's.
        insecure: Whether a token may go out in clear beyond this machine.

    Raises:
        InvalidInputError: for what is no address of an instance, or one that is not safe.
        SettingsError: when the variables name certificates that cannot be read.
    """

    def __init__(  # noqa: PLR0913 - how to speak with it, each with its usual value
        self,
        url: str,
        token: str | None,
        *,
        timeouts: Timeouts | None = None,
        environment: bool = False,
        direct: bool = False,
        verify: ssl.SSLContext | None = None,
        insecure: bool = False,
    ) -> None:
        self.url = _address(url, insecure=insecure or token is None)
        waits = timeouts or Timeouts()
        headers = {"user-agent": f"anvil-nb/{__version__}", "accept-encoding": "gzip"}
        if token is not None:
            headers["authorization"] = f"Bearer {_token(token)}"
        self._client = httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=httpx.Timeout(
                connect=waits.connect, read=waits.read, write=waits.write, pool=waits.read
            ),
            follow_redirects=False,
            trust_env=environment and not direct,
            verify=_certificates(self.url, environment, direct) if verify is None else verify,
        )

    def __repr__(self) -> str:
        """The address alone."""
        return f"<Connection {self.url}>"

    def ask(self, request: Request, *, most: int = MOST_WHOLE) -> Answer:
        """Send a request and return its answer.

        Args:
            request: What is asked for.
            most: How many bytes the answer may have.

        Raises:
            RemoteAnswerError: when the answer is damaged or too large.
            RemoteUnreachableError: when none comes, or only a part.
        """
        with self.open(request) as answer:
            body = bytearray()
            for piece in answer.pieces:
                body += piece
                if len(body) > most:
                    msg = f"{self.url} answers with more than {most:,} bytes"
                    raise RemoteAnswerError(msg, "Ask for less at once.", status=answer.status)
            return Answer(answer.status, answer.headers, bytes(body))

    @contextmanager
    def open(self, request: Request) -> Iterator[OpenAnswer]:
        """Send a request and hand out its answer as it comes.

        Raises:
            RemoteAnswerError: when the answer is damaged.
            RemoteUnreachableError: when none comes, or only a part.
        """
        with self._faults(), self._sent(request) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            # The faults of what comes later show inside the caller's block, and so pass here.
            yield OpenAnswer(response.status_code, headers, response.iter_bytes())

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    @contextmanager
    def _sent(self, request: Request) -> Iterator[httpx.Response]:
        with self._client.stream(
            request.method, request.path, headers=dict(request.headers), content=request.body
        ) as response:
            yield response

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            msg = f"{self.url} does not answer in time"
            raise RemoteUnreachableError(msg, "Try again later.") from error
        except httpx.DecodingError as error:
            msg = f"the answer of {self.url} is damaged: it cannot be decompressed"
            raise RemoteAnswerError(msg, _PROXY) from error
        except httpx.ConnectError as error:
            msg = f"{self.url} cannot be reached: {_words(error)}"
            raise RemoteUnreachableError(msg, _IS_IT_UP) from error
        except (httpx.TransportError, httpx.StreamError) as error:
            msg = f"the connection to {self.url} broke off: {_words(error)}"
            raise RemoteUnreachableError(msg, "Try again.") from error


_PROXY: Final = "Look whether a proxy stands between; if so, go round it."
_IS_IT_UP: Final = "Check the address, and that `anvil serve` runs there. Then try again."


def is_loopback(url: str) -> bool:
    """Tell whether an address is this machine's own."""
    return urlsplit(url).hostname in _LOOPBACK


def _address(url: str, *, insecure: bool) -> str:
    try:
        parts = urlsplit(url)
        named = parts.port is None or parts.port > 0
    except ValueError:
        named = False
    if not named or parts.scheme not in {"http", "https"} or not parts.hostname:
        msg = f"'{url}' is not the address of an instance"
        raise InvalidInputError(msg, "Write it like https://anvil.example.org")
    if parts.username is not None or parts.query or parts.fragment:
        msg = "the address of an instance has no user, no password and no query"
        raise InvalidInputError(msg, "Write it like https://anvil.example.org")
    if parts.scheme == "http" and not insecure and parts.hostname not in _LOOPBACK:
        msg = f"a token would travel in clear to {url}"
        raise InvalidInputError(msg, f"Use https:{url.partition(':')[2]}")
    return url.rstrip("/")


def _certificates(url: str, environment: bool, direct: bool) -> ssl.SSLContext:  # noqa: FBT001 - as the connection was told
    """Return what to trust: nothing where nobody will ask, since to load it all takes 20 ms.

    Without TLS at the other end, and no proxy that may have it, there are no certificates to see.
    """
    import ssl  # noqa: PLC0415 - see above

    if url.startswith("http://") and (direct or not environment):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    file, folder = (os.environ.get(one) if environment else None for one in CERTIFICATES)
    if not file and not folder:
        return httpx.create_ssl_context(trust_env=False)
    try:  # of both, what either has, as OpenSSL does it
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    except OSError as error:
        name = CERTIFICATES[0] if file else CERTIFICATES[1]
        msg = f"the certificates that {name} names cannot be read: {error.strerror or error}"
        raise SettingsError(msg, f"Correct it, or take it out: unset {name}") from error


def _token(token: str) -> str:
    if not token.isascii() or not token.isprintable() or not token or " " in token:
        msg = "the token has characters that no token has"
        raise InvalidInputError(msg, "Copy it again from where `anvil token create` showed it.")
    return token


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
