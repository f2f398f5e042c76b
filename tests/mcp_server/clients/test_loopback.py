"""What the tests start with Node stays on this machine."""

from __future__ import annotations

import http.server
import threading
from typing import TYPE_CHECKING

import pytest

from tests.mcp_server.clients.programs import Node

if TYPE_CHECKING:
    from pathlib import Path

# Set aside for documentation (RFC 5737), so nothing is reached where the guard fails.
OUTSIDE = [
    "fetch('http://192.0.2.1:8080')",
    "fetch('http://nowhere.invalid')",
    "new Promise((done) => require('node:net').connect(9, '192.0.2.1').on('error', done))",
    "new Promise((done) => require('node:tls').connect(9, '192.0.2.1').on('error', done))",
]


@pytest.mark.parametrize("reaching", OUTSIDE)
def test_a_program_that_reaches_outside_fails_its_test(reaching: str, tmp_path: Path) -> None:
    caught = f"(async () => {reaching})().catch(() => 0).finally(() => process.exit())"
    with pytest.raises(AssertionError, match="it connected to another machine"):
        Node(tmp_path)("--eval", caught)


def test_a_program_reaches_this_machine(tmp_path: Path) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        done = Node(tmp_path)("--eval", f"fetch('{url}').then((one) => console.log(one.status))")
        thread.join()
    assert done.stdout.strip() == "501", done.stderr
