"""Bytes to and from a real server, over lines that break every few KB."""

from __future__ import annotations

import hashlib
import random
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf
from anvil_nb.domain.frames import Frame
from anvil_nb.errors import (
    RemoteAnswerError,
    RemoteBusyError,
    RemoteNotFoundError,
    RemoteUnreachableError,
)
from anvil_nb.remote.api import Api
from anvil_nb.remote.calls import Calls
from anvil_nb.remote.http import Connection
from anvil_nb.remote.retrying import Retries
from anvil_nb.server import create_app
from tests.remote.faulty import Cut, FaultyProxy, Gather, answer
from tests.server.conftest import GENEROUS, Server, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.remote.conftest import Waits

MIB = 1 << 20


def token_of(server: Server, organisation: str = "acme") -> str:
    client = server.ask("sync", organisation=organisation)
    return str(client.headers["authorization"]).removeprefix("Bearer ")


@pytest.fixture
def behind(server: Server, proxy: FaultyProxy) -> FaultyProxy:
    """A proxy before a real server."""
    proxy.target = int(server.url.rpartition(":")[2])
    return proxy


@pytest.fixture
def api(server: Server, behind: FaultyProxy, retries: Retries) -> Iterator[Api]:
    """A tenant's API through the proxy."""
    connection = Connection(behind.url, token_of(server))
    yield Api(Calls(connection, retries), "acme")
    connection.close()


class Again(Protocol):
    """Gives the same API over connections that are new."""

    def __call__(self) -> Api: ...


@pytest.fixture
def again(api: Api) -> Iterator[Again]:
    with ExitStack() as opened:

        def made() -> Api:
            headers: Any = api.calls.connection._client.headers
            token = str(headers["authorization"]).removeprefix("Bearer ")
            connection = Connection(api.calls.connection.url, token)
            opened.callback(connection.close)
            return Api(Calls(connection, api.calls.retries), api.tenant)

        yield made


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - bytes that do not pack


def some(number: int, size: int = 3000, seed: int = 1) -> dict[str, bytes]:
    made = [
        noise(seed + n, size) if n % 2 else b"%06d text " % n * (size // 12) for n in range(number)
    ]
    return {digest_of_bytes(data): data for data in made}


def test_blobs_go_there_and_come_back(api: Api) -> None:
    blobs = some(50)
    assert api.blobs.missing(blobs) == list(blobs)
    api.blobs.send(blobs.items())
    assert api.blobs.missing(blobs) == []
    wanted = [(digest, len(data)) for digest, data in blobs.items()]
    assert list(api.blobs.fetch([*wanted, wanted[0]])) == [
        *blobs.values(),
        next(iter(blobs.values())),
    ]


def test_what_is_not_there_is_said(api: Api) -> None:
    with pytest.raises(RemoteNotFoundError):
        list(api.blobs.fetch([("sha256:" + "0" * 64, 5)]))


def test_blobs_get_there_over_a_line_that_is_cut_every_few_kb(
    api: Api, behind: FaultyProxy
) -> None:
    blobs = some(40, 5000)
    behind.usual = Cut(up=9000)
    api.blobs.send(blobs.items())
    behind.usual = None
    assert api.blobs.missing(blobs) == []


def test_a_blob_larger_than_what_gets_through_at_once_gets_there(
    server: Server, behind: FaultyProxy
) -> None:
    """With real waits: what was cut off is at work in the server for a moment yet."""
    data = noise(2, 200_000)
    behind.usual = Cut(up=40_000)
    with closing(Connection(behind.url, token_of(server))) as connection:
        api = Api(Calls(connection, Retries()), "acme")
        api.blobs.send([(digest_of_bytes(data), data)])
        behind.usual = None
        assert list(api.blobs.fetch([(digest_of_bytes(data), len(data))])) == [data]


def test_a_blob_gets_there_through_what_passes_only_short_requests(
    api: Api, behind: FaultyProxy
) -> None:
    data = noise(3, 200_000)
    behind.usual = Gather(40_000)
    api.blobs.send([(digest_of_bytes(data), data)])
    behind.usual = None
    assert list(api.blobs.fetch([(digest_of_bytes(data), len(data))])) == [data]


def test_blobs_come_back_over_a_line_that_is_cut_every_few_kb(
    api: Api, behind: FaultyProxy, again: Again
) -> None:
    blobs = some(30, 5000)
    api.blobs.send(blobs.items())
    behind.usual = Cut(down=7000)
    assert list(again().blobs.fetch([(one, len(data)) for one, data in blobs.items()])) == list(
        blobs.values()
    )


def test_a_manifest_longer_than_what_gets_through_at_once_arrives(
    api: Api, behind: FaultyProxy, again: Again
) -> None:
    data = b"text"
    api.blobs.send([(digest_of_bytes(data), data)])
    leaves = [Leaf(f"agents/{n:04}.yaml", digest_of_bytes(data), 4) for n in range(300)]
    api.change_files(api.files().digest, leaves, [])
    behind.usual = Cut(down=8000)
    found = again().files()
    assert list(found.files.values()) == leaves


def test_a_large_blob_goes_in_pieces_and_is_gone_on_with(api: Api, behind: FaultyProxy) -> None:
    data = noise(3, 9 * MIB)
    behind.faults.append(Cut(up=5 * MIB))
    sent = api.blobs.send([(digest_of_bytes(data), data)])
    assert sent <= len(data)
    assert behind.up_bytes < len(data) + 5 * MIB, "it did not begin anew"
    assert list(api.blobs.fetch([(digest_of_bytes(data), len(data))])) == [data]


def test_a_server_that_restarts_in_the_middle_of_an_upload_gets_all_of_it(
    start: Any, store: str, clock: Any, proxy: FaultyProxy, retries: Retries, tmp_path: Path
) -> None:
    from dataclasses import replace

    data = noise(4, 10 * MIB)
    digest = digest_of_bytes(data)
    for kept in (tmp_path / "uploads", None):  # the folder lasts, or goes with the server
        data, digest = data + b"x", digest_of_bytes(data + b"x")
        options = replace(GENEROUS, uploads=kept)
        first = start(options)
        token = token_of(first)
        with ExitStack() as servers:
            proxy.target = int(first.url.rpartition(":")[2])
            restarted: list[int] = []

            def restart(_: float, options: Any = options, servers: ExitStack = servers) -> None:
                if not restarted:
                    first.app.state.instance.close()
                    url = servers.enter_context(listening(create_app(store, options, clock=clock)))
                    proxy.target = int(url.rpartition(":")[2])
                    restarted.append(1)

            proxy.faults.append(Cut(up=6 * MIB))
            patient = replace(retries, sleep=restart)
            connection = Connection(proxy.url, token)
            api = Api(Calls(connection, patient), "acme")
            api.blobs.send([(digest, data)])
            assert restarted
            assert list(api.blobs.fetch([(digest, len(data))])) == [data]
            connection.close()


def test_damaged_frames_are_not_taken(proxy: FaultyProxy, again: Again) -> None:
    lie = Frame("sha256:" + hashlib.sha256(b"good").hexdigest(), "none", b"evil").to_bytes()
    proxy.usual = answer(lie, kind="application/vnd.anvil.blobs")
    with pytest.raises(RemoteAnswerError, match="damaged"):
        list(again().blobs.fetch([("sha256:" + hashlib.sha256(b"good").hexdigest(), 4)]))


def test_other_blobs_than_asked_for_are_not_taken(proxy: FaultyProxy, again: Again) -> None:
    other = Frame(digest_of_bytes(b"evil"), "none", b"evil").to_bytes()
    proxy.usual = answer(other, kind="application/vnd.anvil.blobs")
    with pytest.raises(RemoteAnswerError, match="other bytes"):
        list(again().blobs.fetch([(digest_of_bytes(b"good"), 4)]))


def test_fewer_blobs_than_asked_for_are_noticed(proxy: FaultyProxy, again: Again) -> None:
    one = Frame(digest_of_bytes(b"good"), "none", b"good").to_bytes()
    proxy.usual = answer(one, kind="application/vnd.anvil.blobs")
    wanted = [(digest_of_bytes(data), 4) for data in (b"good", b"gone")]
    with pytest.raises((RemoteUnreachableError, RemoteAnswerError)):
        list(again().blobs.fetch(wanted))


def test_a_manifest_that_is_not_what_its_checksum_says_is_not_taken(
    proxy: FaultyProxy, again: Again
) -> None:
    body = (
        b'{"files":[{"path":"a.md","checksum":"%s","size":1,"executable":false}],'
        b'"checksum":"%s","revision":1}' % (b"0" * 64, b"1" * 64)
    )
    proxy.usual = answer(body)
    with pytest.raises(RemoteAnswerError, match="checksum"):
        again().files()


@pytest.mark.parametrize("path", ["../evil", "/etc/passwd", ".git/config", "a\\\\b"])
def test_a_manifest_with_a_path_that_leads_elsewhere_is_not_taken(
    proxy: FaultyProxy, again: Again, path: str
) -> None:
    body = b'{"files":[{"path":"%s","checksum":"%s","size":1}],"checksum":"%s","revision":1}' % (
        path.encode(),
        b"0" * 64,
        b"1" * 64,
    )
    proxy.usual = answer(body)
    with pytest.raises(RemoteAnswerError, match="path"):
        again().files()


def test_what_a_server_never_takes_is_not_tried_for_as_long_as_its_square(
    api: Api, proxy: FaultyProxy, waits: Waits, again: Again
) -> None:
    api.blobs.send(some(1).items())
    full = answer(b"", "503 Service Unavailable")
    missing = f'{{"missing": ["{next(iter(some(2, seed=9))).removeprefix("sha256:")}"]}}'.encode()
    fresh = again()
    proxy.faults.append(full)
    for _ in range(40):
        proxy.faults += [answer(missing), answer(b"", "404 Not Found"), full]
    with pytest.raises(RemoteBusyError):
        fresh.blobs.send(list(some(2, seed=9).items())[:1])
    assert len(waits.seconds) == 5
