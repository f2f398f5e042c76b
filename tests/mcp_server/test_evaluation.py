"""The evaluation: each task in plain words ends right, mistakes and all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mcp_server.agents import agent
from tests.mcp_server.tasks import TASKS

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.mcp_server.server import AnvilServer
    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of keys of this test's own."""
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "keys"))


@pytest.mark.parametrize("name", list(TASKS))
async def test_a_task_ends_right(server: AnvilServer, ws: Workspace, name: str, era: str) -> None:
    task = TASKS[name]
    task.prepare(ws)
    async with agent(server, era) as one:
        said = await task.work(one)
    assert task.succeeded(ws, said), (task.words, said, one.calls)


def test_no_task_counts_as_done_before_it_is_worked_on(ws: Workspace) -> None:
    for name, task in TASKS.items():
        if name == "hostile":  # which is about what is left alone
            continue
        assert not _holds(task, ws), name


def _holds(task: object, ws: Workspace) -> bool:
    try:
        return bool(task.succeeded(ws, ""))  # type: ignore[attr-defined]  # a task
    except Exception:  # noqa: BLE001 - what is not there yet raises in its own way
        return False
