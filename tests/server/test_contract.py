"""The API against its own specification, asked by a client that nobody here wrote.

`schemathesis` reads the specification of a running server and sends what it allows and what it
forbids; ``contract/schemathesis.toml`` says how, and why where a check is told more.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.server.conftest import GENEROUS

if TYPE_CHECKING:
    from tests.server.conftest import Starter

CONTRACT = Path(__file__).parent / "contract"
PHASES = ("examples,coverage", "fuzzing,stateful")


@pytest.mark.parametrize("store", ["duckdb"], indirect=True)
@pytest.mark.parametrize("phases", PHASES)
def test_a_client_made_from_the_specification_finds_no_fault(
    start: Starter, tmp_path: Path, phases: str
) -> None:
    server = start(GENEROUS)
    ws = server.workspaces["acme"]
    for project in ("desk", "shop", "lab"):
        for prompt_set in ("emails", "letters"):
            for prompt in ("welcome", "refund"):
                ws.save(f"{project}/{prompt_set}/{prompt}", "Hello {{ customer }}!")
            ws.publish(f"{project}/{prompt_set}", message="First")
            ws.label(f"{project}/{prompt_set}@1.0.0", "production")
    ws.save_skill("mail", {"description": "Writes mails", "instructions": "Write."})
    made = ws.create_token("contract", ["admin"])
    client = server.ask("sync")
    blob = f"cloud/tenants/acme/blobs/{hashlib.sha256(b'foo').hexdigest()}"
    assert client.put(blob, content=b"foo").status_code == 200
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", CONTRACT / "schemathesis.toml"),
            *("run", f"{server.url}/openapi.json", "--no-color", "--phases", phases),
            *("--header", f"Authorization: Bearer {made.secret}"),
        ],
        cwd=tmp_path,  # it keeps what it found in a folder
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": str(CONTRACT / "hooks.py"),
            "ANVIL_TOKEN_ID": str(made.token.id),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "64/64" in done.stdout
