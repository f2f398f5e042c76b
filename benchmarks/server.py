"""The server: a prompt by its address, over HTTP, beside a bare ASGI route under the same uvicorn.

The server runs in a process of its own and so do the clients, sixteen connections in one event
loop that each ask again as soon as they are answered. On few cores the clients take their share
of them, which is the same for the bare route.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from benchmarks.listening import listening, served
from benchmarks.measure import Figure, Sample, peak_memory
from benchmarks.stores import ENGINES, location, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

MEDIAN_BAR, P99_BAR = 2.7, 20.0
CLIENTS = 16
PATH = "/api/v1/prompts/by_address/desk/emails/welcome"
BARE = """
import sys, uvicorn
body = b"x" * int(sys.argv[1])
async def app(scope, receive, send):
    if scope["type"] == "http":
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
import asyncio, socket
listener = socket.create_server(("127.0.0.1", 0))
print('{"url": "http://127.0.0.1:%d"}' % listener.getsockname()[1], flush=True)
uvicorn.Server(config).run(sockets=[listener])
"""
ASKING = """
import asyncio, json, sys, time
host, port, path, token, clients, requests, known = sys.argv[1:8]
request = (f"GET {path} HTTP/1.1\\r\\nHost: {host}\\r\\nAuthorization: Bearer {token}\\r\\n"
           + f"If-None-Match: {known}\\r\\n" * bool(known) + "\\r\\n").encode()
expected = b"HTTP/1.1 304" if known else b"HTTP/1.1 200"
taken = []
async def ask(number):
    reader, writer = await asyncio.open_connection(host, int(port))
    for _ in range(number):
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\\r\\n\\r\\n")
        assert head.startswith(expected), head
        if not known:
            length = head.lower().partition(b"content-length: ")[2].partition(b"\\r\\n")[0]
            await reader.readexactly(int(length))
        taken.append(time.perf_counter() - started)
    writer.close()
async def all_of_them(number):
    await asyncio.gather(*(ask(number) for _ in range(int(clients))))
asyncio.run(all_of_them(20))
taken.clear()
began = time.perf_counter()
asyncio.run(all_of_them(int(requests) // int(clients)))
print(json.dumps({"taken": taken, "seconds": time.perf_counter() - began}))
"""


def duckdb(*, quick: bool) -> Iterator[Figure]:
    """Time a server over a DuckDB file."""
    yield from _served("duckdb", quick=quick)


def postgres(*, quick: bool) -> Iterator[Figure]:
    """Time one over PostgreSQL."""
    yield from _served("postgres", quick=quick)


def _served(engine: str, *, quick: bool) -> Iterator[Figure]:
    requests = 4_000 if quick else 20_000
    with location(engine) as store:
        with opened(store) as ws:
            ws.save("desk/emails/welcome", "Hello {{ name }}, welcome. " * 10)
            ws.publish("desk/emails")
            token = ws.create_token("benchmark", ["read:prompts"]).secret
        with served(store) as url, listening(BARE, "700") as bare:
            alone, _ = _asked(url, PATH, token, 1, requests // 10)
            many, seconds = _asked(url, PATH, token, CLIENTS, requests)
            tag = _tag(url, token)
            unchanged, unchanged_seconds = _asked(url, PATH, token, CLIENTS, requests, tag)
            simple, bare_seconds = _asked(bare, PATH, token, CLIENTS, requests)
    asked = f"GET of a prompt by address, {ENGINES[engine]}"
    each_second = f"{len(many.seconds) / seconds:,.0f} requests a second"
    beside = (
        f"{each_second}; a bare ASGI route: median {simple.median * 1000:.2f} ms, "
        f"{len(simple.seconds) / bare_seconds:,.0f} a second"
    )
    memory = peak_memory(resource.RUSAGE_CHILDREN)
    yield replace(alone.figure(f"{asked}, one client", "ms", bar=MEDIAN_BAR), memory=memory)
    yield replace(
        many.figure(f"{asked}, {CLIENTS} clients, median", "ms", note=beside), memory=memory
    )
    note = f"{len(unchanged.seconds) / unchanged_seconds:,.0f} requests a second"
    what = f"the same with If-None-Match, answered 304, {CLIENTS} clients, median"
    yield replace(unchanged.figure(what, "ms", note=note), memory=memory)
    p99 = many.percentile(99) * 1000
    what = f"{asked}, {CLIENTS} clients, p99"
    yield Figure(what, p99, "ms", P99_BAR, many.best * 1000, len(many.seconds), memory=memory)


def _tag(url: str, token: str) -> str:
    """Return the entity tag of the prompt."""
    headers = {"Authorization": f"Bearer {token}"}
    request = Request(url + PATH, headers=headers)  # noqa: S310 - the URL of our own server
    with urlopen(request) as answer:  # noqa: S310 - see above
        return str(answer.headers["etag"])


def _asked(  # noqa: PLR0913, PLR0917 - what a client is to do
    url: str, path: str, token: str, clients: int, requests: int, known: str = ""
) -> tuple[Sample, float]:
    at = urlsplit(url)
    done = subprocess.run(
        [sys.executable, "-c", ASKING, str(at.hostname), str(at.port), path, token, str(clients),
         str(requests), known],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    return Sample(tuple(told["taken"])), told["seconds"]


MEASUREMENTS = (duckdb, postgres)
